// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>

#include "tradewind/base/text.hpp"
#include "tradewind/workspace/arrow_internal.hpp"
#include "tradewind/workspace/import_internal.hpp"
#include "tradewind/workspace/parquet_internal.hpp"

namespace tradewind::workspace {
namespace {

/// A row group may unpack to this much; more is a bomb.
constexpr std::int64_t kMaxGroupBytes = std::int64_t{4} << 30;

template <class Array>
double as_double(const arrow::Array& array, std::int64_t row) {
  return static_cast<double>(static_cast<const Array&>(array).Value(row));
}

/// NaN for types that hold no numbers.
double number_at(const arrow::Array& array, std::int64_t row) {
  if (array.IsNull(row)) return std::numeric_limits<double>::quiet_NaN();
  switch (array.type_id()) {
    case arrow::Type::INT8: return as_double<arrow::Int8Array>(array, row);
    case arrow::Type::INT16: return as_double<arrow::Int16Array>(array, row);
    case arrow::Type::INT32: return as_double<arrow::Int32Array>(array, row);
    case arrow::Type::INT64: return as_double<arrow::Int64Array>(array, row);
    case arrow::Type::UINT8: return as_double<arrow::UInt8Array>(array, row);
    case arrow::Type::FLOAT: return as_double<arrow::FloatArray>(array, row);
    case arrow::Type::DOUBLE: return as_double<arrow::DoubleArray>(array, row);
    case arrow::Type::BOOL: return as_double<arrow::BooleanArray>(array, row);
    default: return std::numeric_limits<double>::quiet_NaN();
  }
}

std::optional<std::string_view> text_at(const arrow::Array& array, std::int64_t row) {
  if (array.IsNull(row)) return std::nullopt;
  if (array.type_id() == arrow::Type::STRING) return static_cast<const arrow::StringArray&>(array).GetView(row);
  if (array.type_id() == arrow::Type::LARGE_STRING) return static_cast<const arrow::LargeStringArray&>(array).GetView(row);
  if (array.type_id() != arrow::Type::DICTIONARY) return std::nullopt;
  const auto& dictionary = static_cast<const arrow::DictionaryArray&>(array);
  return text_at(*dictionary.dictionary(), dictionary.GetValueIndex(row));
}

std::optional<UnixNanos> time_at(const arrow::Array& array, std::int64_t row) {
  if (array.IsNull(row)) return std::nullopt;
  const auto scaled = [](std::int64_t value, std::int64_t unit) -> std::optional<UnixNanos> {
    UnixNanos out = 0;
    if (__builtin_mul_overflow(value, unit, &out)) return std::nullopt;
    return out;
  };
  switch (array.type_id()) {
    case arrow::Type::TIMESTAMP: {
      static constexpr std::int64_t kUnits[] = {kNanosPerSecond, 1'000'000, 1'000, 1};
      const auto unit = static_cast<const arrow::TimestampType&>(*array.type()).unit();
      return scaled(static_cast<const arrow::TimestampArray&>(array).Value(row), kUnits[static_cast<int>(unit)]);
    }
    case arrow::Type::DATE32: return scaled(static_cast<const arrow::Date32Array&>(array).Value(row), kNanosPerDay);
    case arrow::Type::DATE64: return scaled(static_cast<const arrow::Date64Array&>(array).Value(row), 1'000'000);
    default: break;
  }
  const auto text = text_at(array, row);
  const auto parsed = text ? parse_time(*text) : std::nullopt;
  return parsed ? std::optional(parsed->nanos) : std::nullopt;
}

/// What a row group says it unpacks to, before any of it is read.
Status check_size(const parquet::FileMetaData& metadata, const std::vector<int>& wanted, const Path& file) {
  if (metadata.num_rows() < 0 || metadata.num_rows() > kMaxRows)
    return Error(Errc::too_large,
                 "the file says it has " + std::to_string(metadata.num_rows()) + " rows, at most " + std::to_string(kMaxRows) + " are read",
                 file.string());
  for (int g = 0; g < metadata.num_row_groups(); ++g) {
    const auto group = metadata.RowGroup(g);
    std::int64_t bytes = 0;
    for (const int column : wanted) {
      const std::int64_t packed = group->ColumnChunk(column)->total_uncompressed_size();
      const std::int64_t wide = group->num_rows() >= 0 && group->num_rows() <= kMaxRows ? group->num_rows() * 16 : kMaxGroupBytes + 1;
      bytes += std::max(packed, wide);
      if (packed < 0 || bytes > kMaxGroupBytes)
        return Error(
            Errc::too_large,
            "row group " + std::to_string(g + 1) + " of " + std::to_string(group->num_rows()) + " rows would unpack to more than 4 GiB",
            file.string(), "write it with smaller row groups");
    }
  }
  return {};
}

/// A row of a batch that holds the columns wanted of the file only.
class ParquetCells final : public SignalCells {
 public:
  /// `place[c]`: where column c of the file stands in the batch.
  ParquetCells(const arrow::RecordBatch& batch, const std::vector<int>& place) : place_(place), columns_(batch.columns()) {}
  void go_to(std::int64_t row) { row_ = row; }

  bool is_empty(int column) const override {
    const double value = array(column).IsNull(row_) ? std::nan("") : number_at(array(column), row_);
    return array(column).IsNull(row_) || (is_floating(array(column)) && std::isnan(value));
  }
  std::optional<UnixNanos> time(int column) const override { return time_at(array(column), row_); }
  std::optional<double> number(int column) const override {
    const double value = number_at(array(column), row_);
    return std::isnan(value) ? std::nullopt : std::optional(value);
  }
  std::optional<std::string> text(int column) const override {
    if (const auto text = text_at(array(column), row_)) return std::string(*text);
    const auto value = number(column);
    return value ? std::optional(number_text(*value)) : std::nullopt;
  }
  std::string fault(int column, std::string_view expected) const override {
    if (array(column).IsNull(row_)) return "the cell is empty";
    if (is_floating(array(column))) return "not a number is not " + std::string(expected);
    return "a value of type " + printable(array(column).type()->ToString()) + " cannot be used here";
  }

 private:
  static bool is_floating(const arrow::Array& array) {
    return array.type_id() == arrow::Type::DOUBLE || array.type_id() == arrow::Type::FLOAT;
  }
  const arrow::Array& array(int column) const { return *columns_[static_cast<std::size_t>(place_[static_cast<std::size_t>(column)])]; }
  const std::vector<int>& place_;
  const std::vector<std::shared_ptr<arrow::Array>>& columns_;
  std::int64_t row_ = 0;
};

std::vector<std::string> names_of_columns(const parquet::SchemaDescriptor& schema) {
  std::vector<std::string> names;
  for (int i = 0; i < schema.num_columns(); ++i) names.push_back(schema.Column(i)->path()->ToDotString());
  return names;
}

std::map<std::string, std::string> footer_of(const parquet::FileMetaData& metadata) {
  std::map<std::string, std::string> footer;
  if (const auto& pairs = metadata.key_value_metadata())
    for (std::int64_t i = 0; i < pairs->size(); ++i) footer[pairs->key(i)] = pairs->value(i);
  return footer;
}

}  // namespace

Status visit_parquet(const Path& file, const ParquetOpened& opened, const ParquetRow& row) {
  return guarded(file, Errc::invalid_data, [&]() -> Status {
    TRADEWIND_ARROW_ASSIGN(const auto source, arrow::io::MemoryMappedFile::Open(file.string(), arrow::io::FileMode::READ), file,
                           Errc::storage);
    Expansion expansion = Expansion::of(file);
    ArrowPool pool(arrow::default_memory_pool(), expansion.allowed());
    auto parquet_reader = parquet::ParquetFileReader::Open(source, parquet::ReaderProperties(&pool));
    const auto metadata = parquet_reader->metadata();
    const auto names = names_of_columns(*metadata->schema());
    TRADEWIND_ASSIGN(const std::vector<int> wanted, opened(names, footer_of(*metadata)));
    std::vector<int> place(names.size(), -1);
    for (std::size_t i = 0; i < wanted.size(); ++i) place[static_cast<std::size_t>(wanted[i])] = static_cast<int>(i);
    TRADEWIND_TRY(check_size(*metadata, wanted, file));
    const int groups = parquet_reader->metadata()->num_row_groups();
    TRADEWIND_ARROW_ASSIGN(const auto reader, parquet::arrow::FileReader::Make(&pool, std::move(parquet_reader)), file, Errc::invalid_data);
    reader->set_use_threads(false);
    std::int64_t first = 0;
    for (int g = 0; g < groups; ++g) {
      TRADEWIND_ARROW_ASSIGN(const auto table, reader->ReadRowGroup(g, wanted), file, Errc::invalid_data);
      arrow::TableBatchReader batches(*table);
      // The reader gives columns in file order, which is that of `wanted`.
      for (std::shared_ptr<arrow::RecordBatch> batch;;) {
        TRADEWIND_ARROW_TRY(batches.ReadNext(&batch), file, Errc::invalid_data);
        if (!batch) break;
        TRADEWIND_ARROW_TRY(batch->ValidateFull(), file, Errc::invalid_data);
        ParquetCells cells(*batch, place);
        for (std::int64_t r = 0; r < batch->num_rows(); ++r) {
          cells.go_to(r);
          TRADEWIND_TRY(row(cells, first + r + 1));
        }
        first += batch->num_rows();
      }
    }
    return {};
  });
}

Status read_signal_parquet(const Path& file, SignalFormat format, SignalRowSink& sink) {
  SignalColumns columns;
  const auto opened = [&](const std::vector<std::string>& names,
                          const std::map<std::string, std::string>& footer) -> Result<std::vector<int>> {
    TRADEWIND_ASSIGN(columns, signal_columns(names, format, file));
    sink.describe(footer);
    return columns.wanted();
  };
  return visit_parquet(file, opened,
                       [&](const SignalCells& cells, std::int64_t number) { return give_row(columns, cells, number, file, sink); });
}

}  // namespace tradewind::workspace
