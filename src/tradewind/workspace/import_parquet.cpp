// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
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

struct ParquetColumns {
  int timestamp = -1;
  int signal = -1;
  int confidence = -1;
  int strategy = -1;
  std::vector<int> wanted;  ///< indices in the file
};

Result<ParquetColumns> parquet_columns_of(const parquet::SchemaDescriptor& schema, const Path& file) {
  ParquetColumns out;
  for (int i = 0; i < schema.num_columns(); ++i) {
    const std::string name = schema.Column(i)->path()->ToDotString();
    int* slot = name == "timestamp"                           ? &out.timestamp
                : name == "signal"                            ? &out.signal
                : name == "confidence"                        ? &out.confidence
                : name == "strategy" || name == "strategy_id" ? &out.strategy
                                                              : nullptr;
    if (slot == nullptr || *slot >= 0) continue;
    *slot = static_cast<int>(out.wanted.size());
    out.wanted.push_back(i);
  }
  if (out.timestamp >= 0 && out.signal >= 0) return out;
  return Error(Errc::invalid_data, std::string("there is no column '") + (out.timestamp < 0 ? "timestamp" : "signal") + "'", file.string());
}

/// What a row group says it unpacks to, before any of it is read.
Status check_size(const parquet::FileMetaData& metadata, const ParquetColumns& columns, const Path& file) {
  if (metadata.num_rows() < 0 || metadata.num_rows() > kMaxRows)
    return Error(Errc::too_large,
                 "the file says it has " + std::to_string(metadata.num_rows()) + " rows, at most " + std::to_string(kMaxRows) + " are read",
                 file.string());
  for (int g = 0; g < metadata.num_row_groups(); ++g) {
    const auto group = metadata.RowGroup(g);
    std::int64_t bytes = 0;
    for (const int column : columns.wanted) {
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

Status read_rows_of(const arrow::RecordBatch& batch, const ParquetColumns& columns, const Path& file, std::int64_t first,
                    SignalRowSink& sink) {
  const auto column = [&](int index) { return index < 0 ? nullptr : batch.column(index); };
  const auto time = column(columns.timestamp), signal = column(columns.signal), confidence = column(columns.confidence),
             strategy = column(columns.strategy);
  for (std::int64_t r = 0; r < batch.num_rows(); ++r) {
    const auto fail = [&](const char* name, const arrow::Array& array) {
      return Error(
          Errc::invalid_data,
          array.IsNull(r) ? "the cell is empty" : "a value of type " + printable(array.type()->ToString()) + " cannot be used here",
          file.string() + ": row " + std::to_string(first + r + 1) + ", column " + name);
    };
    SignalRow row;
    const auto at = time_at(*time, r);
    if (!at) return fail("timestamp", *time);
    row.timestamp = *at;
    if (signal->IsNull(r)) return fail("signal", *signal);
    row.signal = number_at(*signal, r);
    if (confidence) {
      if (confidence->IsNull(r)) return fail("confidence", *confidence);
      row.confidence = number_at(*confidence, r);
    }
    std::string number;
    if (strategy) {
      const auto text = text_at(*strategy, r);
      const double value = text ? 0 : number_at(*strategy, r);
      if (!text && !(value == value)) return fail("strategy", *strategy);
      if (!text) number = number_text(value);
      row.strategy = text ? *text : std::string_view(number);
    }
    TRADEWIND_TRY(sink.row(first + r + 1, row));
  }
  return {};
}

}  // namespace

Status read_signal_parquet(const Path& file, SignalRowSink& sink) {
  return guarded(file, Errc::invalid_data, [&]() -> Status {
    TRADEWIND_ARROW_ASSIGN(const auto source, arrow::io::MemoryMappedFile::Open(file.string(), arrow::io::FileMode::READ), file,
                           Errc::storage);
    Expansion expansion = Expansion::of(file);
    ArrowPool pool(arrow::default_memory_pool(), expansion.allowed());
    auto parquet_reader = parquet::ParquetFileReader::Open(source, parquet::ReaderProperties(&pool));
    TRADEWIND_ASSIGN(const ParquetColumns columns, parquet_columns_of(*parquet_reader->metadata()->schema(), file));
    TRADEWIND_TRY(check_size(*parquet_reader->metadata(), columns, file));
    const int groups = parquet_reader->metadata()->num_row_groups();
    TRADEWIND_ARROW_ASSIGN(const auto reader, parquet::arrow::FileReader::Make(&pool, std::move(parquet_reader)), file, Errc::invalid_data);
    reader->set_use_threads(false);
    std::int64_t first = 0;
    for (int g = 0; g < groups; ++g) {
      TRADEWIND_ARROW_ASSIGN(const auto table, reader->ReadRowGroup(g, columns.wanted), file, Errc::invalid_data);
      arrow::TableBatchReader batches(*table);
      // The reader gives columns in file order, which is the order `wanted` was filled in.
      for (std::shared_ptr<arrow::RecordBatch> batch;;) {
        TRADEWIND_ARROW_TRY(batches.ReadNext(&batch), file, Errc::invalid_data);
        if (!batch) break;
        TRADEWIND_ARROW_TRY(batch->ValidateFull(), file, Errc::invalid_data);
        TRADEWIND_TRY(read_rows_of(*batch, columns, file, first, sink));
        first += batch->num_rows();
      }
    }
    return {};
  });
}

}  // namespace tradewind::workspace
