// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>
#include <arrow/util/key_value_metadata.h>
#include <nlohmann/json.hpp>

#include "tradewind/base/text.hpp"
#include "tradewind/workspace/arrow_internal.hpp"
#include "tradewind/workspace/catalog_internal.hpp"
#include "tradewind/workspace/json_internal.hpp"

namespace tradewind::workspace {
namespace {

/// Text of a row's value; nullopt stores null.
using Text = std::optional<std::string_view>;

std::shared_ptr<arrow::Buffer> buffer_of(std::string bytes) { return arrow::Buffer::FromString(std::move(bytes)); }

/// Columns of the batch being built, one append per column.
class BatchBuilder {
 public:
  explicit BatchBuilder(std::span<const CatalogRow> rows) : rows_(rows) {}

  /// NaN becomes null and stays in the value slot, so that a scan need not look at validity.
  template <class Value>
  void doubles(const std::string& name, Value&& value) {
    std::string bytes(rows_.size() * sizeof(double), '\0');
    std::string valid(validity_bytes(), '\0');
    std::int64_t nulls = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const double number = value(rows_[i]);
      std::memcpy(bytes.data() + i * sizeof(double), &number, sizeof number);
      if (std::isnan(number))
        ++nulls;
      else
        set_valid(valid, i);
    }
    add(name, arrow::float64(), {nulls > 0 ? buffer_of(std::move(valid)) : nullptr, buffer_of(std::move(bytes))}, nulls);
  }

  template <class T, class Value>
  void integers(const std::string& name, std::shared_ptr<arrow::DataType> type, Value&& value) {
    std::string bytes(rows_.size() * sizeof(T), '\0');
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const T number = value(rows_[i]);
      std::memcpy(bytes.data() + i * sizeof(T), &number, sizeof number);
    }
    add(name, std::move(type), {nullptr, buffer_of(std::move(bytes))}, 0);
  }

  template <class Value>
  void texts(const std::string& name, Value&& value) {
    std::vector<std::optional<std::string>> cells;
    cells.reserve(rows_.size());
    for (const CatalogRow& row : rows_) cells.emplace_back(value(row));
    auto [buffers, nulls] = text_buffers(cells);
    add(name, arrow::utf8(), std::move(buffers), nulls);
  }

  /// Few distinct texts: indices into a dictionary in order of first appearance.
  template <class Value>
  void dictionary(const std::string& name, Value&& value) {
    std::unordered_map<std::string, std::int32_t> seen;
    std::vector<std::optional<std::string>> distinct;
    std::string bytes(rows_.size() * sizeof(std::int32_t), '\0');
    std::string valid(validity_bytes(), '\0');
    std::int64_t nulls = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const std::optional<std::string> text = value(rows_[i]);
      std::int32_t index = 0;
      if (text) {
        const auto [it, fresh] = seen.try_emplace(*text, static_cast<std::int32_t>(distinct.size()));
        if (fresh) distinct.push_back(text);
        index = it->second;
        set_valid(valid, i);
      } else {
        ++nulls;
      }
      std::memcpy(bytes.data() + i * sizeof index, &index, sizeof index);
    }
    auto [buffers, unused] = text_buffers(distinct);
    auto words = arrow::ArrayData::Make(arrow::utf8(), static_cast<std::int64_t>(distinct.size()), std::move(buffers), unused);
    add(name, arrow::dictionary(arrow::int32(), arrow::utf8()),
        {nulls > 0 ? buffer_of(std::move(valid)) : nullptr, buffer_of(std::move(bytes))}, nulls);
    data_.back()->dictionary = std::move(words);
  }

  std::shared_ptr<arrow::RecordBatch> finish(std::shared_ptr<const arrow::KeyValueMetadata> metadata) {
    return arrow::RecordBatch::Make(arrow::schema(std::move(fields_), std::move(metadata)), static_cast<std::int64_t>(rows_.size()),
                                    std::move(data_));
  }

 private:
  std::size_t validity_bytes() const { return (rows_.size() + 7) / 8; }
  static void set_valid(std::string& bits, std::size_t i) {
    bits[i / 8] = static_cast<char>(static_cast<unsigned char>(bits[i / 8]) | (1U << (i % 8)));
  }

  static std::pair<std::vector<std::shared_ptr<arrow::Buffer>>, std::int64_t> text_buffers(
      const std::vector<std::optional<std::string>>& cells) {
    std::string valid((cells.size() + 7) / 8, '\0');
    std::string offsets((cells.size() + 1) * sizeof(std::int32_t), '\0');
    std::string bytes;
    std::int64_t nulls = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i]) {
        bytes += *cells[i];
        set_valid(valid, i);
      } else {
        ++nulls;
      }
      const auto end = static_cast<std::int32_t>(bytes.size());
      std::memcpy(offsets.data() + (i + 1) * sizeof end, &end, sizeof end);
    }
    return {{nulls > 0 ? buffer_of(std::move(valid)) : nullptr, buffer_of(std::move(offsets)), buffer_of(std::move(bytes))}, nulls};
  }

  void add(const std::string& name, std::shared_ptr<arrow::DataType> type, std::vector<std::shared_ptr<arrow::Buffer>> buffers,
           std::int64_t nulls) {
    fields_.push_back(arrow::field(name, type));
    data_.push_back(arrow::ArrayData::Make(std::move(type), static_cast<std::int64_t>(rows_.size()), std::move(buffers), nulls));
  }

  std::span<const CatalogRow> rows_;
  std::vector<std::shared_ptr<arrow::Field>> fields_;
  std::vector<std::shared_ptr<arrow::ArrayData>> data_;
};

std::optional<std::string> parameter_text(const ParameterValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  return number_text(std::get<double>(value));
}

bool is_number(const ParameterValue& value) { return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value); }

double number_of(const ParameterValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  return std::get<double>(value);
}

const ParameterValue* find_parameter(const CatalogRow& row, const std::string& name) {
  for (const Parameter& parameter : row.metadata.parameters)
    if (parameter.name == name) return &parameter.value;
  return nullptr;
}

void add_parameters(BatchBuilder& batch, std::span<const CatalogRow> rows) {
  std::vector<std::pair<std::string, bool>> names;  // and whether every value is a number
  for (const CatalogRow& row : rows)
    for (const Parameter& parameter : row.metadata.parameters) {
      auto it = std::find_if(names.begin(), names.end(), [&](const auto& known) { return known.first == parameter.name; });
      if (it == names.end()) it = names.insert(names.end(), {parameter.name, true});
      it->second = it->second && is_number(parameter.value);
    }
  for (const auto& [name, numeric] : names) {
    if (numeric)
      batch.doubles("param." + name, [&name = name](const CatalogRow& row) {
        const ParameterValue* value = find_parameter(row, name);
        return value == nullptr ? std::numeric_limits<double>::quiet_NaN() : number_of(*value);
      });
    else
      batch.texts("param." + name, [&name = name](const CatalogRow& row) -> std::optional<std::string> {
        const ParameterValue* value = find_parameter(row, name);
        return value == nullptr ? std::nullopt : parameter_text(*value);
      });
  }
}

void add_counts(BatchBuilder& batch) {
  const auto count = [&](const char* name, std::int64_t SignalMetadata::* field) {
    batch.integers<std::int64_t>(name, arrow::int64(), [field](const CatalogRow& row) { return row.metadata.*field; });
  };
  count("total_signals", &SignalMetadata::total_signals);
  count("signal_changes", &SignalMetadata::signal_changes);
  count("total_trades", &SignalMetadata::total_trades);
  count("total_fills", &SignalMetadata::total_fills);
  count("rejected_orders", &SignalMetadata::rejected_orders);
  batch.doubles("compression_ratio", [](const CatalogRow& row) { return row.metadata.compression_ratio; });
}

void add_texts(BatchBuilder& batch) {
  batch.dictionary("symbol", [](const CatalogRow& row) { return std::optional(row.metadata.symbol); });
  batch.dictionary("strategy_type", [](const CatalogRow& row) { return std::optional(row.metadata.strategy_type); });
  batch.texts("strategy_id", [](const CatalogRow& row) { return std::optional(row.metadata.strategy_id); });
  batch.integers<std::int32_t>("ordinal", arrow::int32(), [](const CatalogRow& row) { return row.ordinal; });
  batch.integers<std::uint64_t>("parameter_hash", arrow::uint64(), [](const CatalogRow& row) { return row.metadata.parameter_hash; });
  batch.dictionary("signals_path",
                   [](const CatalogRow& row) { return row.signals_path.empty() ? std::nullopt : std::optional(row.signals_path); });
  batch.integers<std::int32_t>("row_group", arrow::int32(), [](const CatalogRow& row) { return row.row_group; });
  batch.integers<std::int64_t>("first_row", arrow::int64(), [](const CatalogRow& row) { return row.first_row; });
  batch.dictionary("data_hash", [](const CatalogRow& row) { return std::optional(row.metadata.data_hash); });
  batch.texts("undefined",
              [](const CatalogRow& row) { return row.metadata.undefined.empty() ? std::nullopt : std::optional(row.metadata.undefined); });
  batch.texts("parameters", [](const CatalogRow& row) { return std::optional(parameters_json(row.metadata.parameters)); });
}

}  // namespace

std::span<const std::string_view> fixed_columns() {
  static constexpr std::array<std::string_view, 18> kNames{
      "total_signals", "signal_changes", "total_trades", "total_fills", "rejected_orders", "compression_ratio",
      "symbol",        "strategy_type",  "strategy_id",  "ordinal",     "parameter_hash",  "signals_path",
      "row_group",     "first_row",      "data_hash",    "undefined",   "parameters",      "run_id"};
  return kNames;
}

Result<std::string> encode_catalog(std::span<const CatalogRow> rows, std::span<const std::string> metric_columns,
                                   std::span<const std::string> supersedes, bool compressed) {
  const Path origin = "catalog";
  return guarded(origin, Errc::storage, [&]() -> Result<std::string> {
    BatchBuilder builder(rows);
    for (std::size_t m = 0; m < metric_columns.size(); ++m)
      builder.doubles(metric_columns[m], [m](const CatalogRow& row) { return row.metadata.values[m]; });
    add_counts(builder);
    add_parameters(builder, rows);
    add_texts(builder);
    const auto list = [](std::span<const std::string> items) {
      return nlohmann::json(std::vector<std::string>(items.begin(), items.end())).dump();
    };
    auto batch = builder.finish(arrow::key_value_metadata({"tradewind.format", "tradewind.metrics", "tradewind.supersedes"},
                                                          {std::to_string(kFormatVersion), list(metric_columns), list(supersedes)}));
    if (!compressed) {
      auto metadata = batch->schema()->metadata()->Copy();
      metadata->Append(kPagesKey, page_sums(*batch));
      metadata->Append(kFrameKey, blank_frame());
      batch = batch->ReplaceSchemaMetadata(metadata);
    }
    TRADEWIND_ARROW_ASSIGN(const auto sink, arrow::io::BufferOutputStream::Create(), origin, Errc::storage);
    auto options = arrow::ipc::IpcWriteOptions::Defaults();
    options.use_threads = false;
    if (compressed) {
      TRADEWIND_ARROW_ASSIGN(options.codec, arrow::util::Codec::Create(arrow::Compression::ZSTD), origin, Errc::storage);
    }
    TRADEWIND_ARROW_ASSIGN(const auto writer, arrow::ipc::MakeFileWriter(sink, batch->schema(), options), origin, Errc::storage);
    TRADEWIND_ARROW_TRY(writer->WriteRecordBatch(*batch), origin, Errc::storage);
    TRADEWIND_ARROW_TRY(writer->Close(), origin, Errc::storage);
    TRADEWIND_ARROW_ASSIGN(const auto bytes, sink->Finish(), origin, Errc::storage);
    std::string file = bytes->ToString();
    if (!compressed) {
      const auto view = std::make_shared<arrow::io::BufferReader>(std::make_shared<arrow::Buffer>(std::string_view(file)));
      TRADEWIND_ARROW_ASSIGN(const auto reader, arrow::ipc::RecordBatchFileReader::Open(view), origin, Errc::storage);
      TRADEWIND_ARROW_ASSIGN(const auto written, reader->ReadRecordBatch(0), origin, Errc::storage);
      seal_frame(file, *written);
    }
    return file;
  });
}

}  // namespace tradewind::workspace
