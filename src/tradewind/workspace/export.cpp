// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <vector>

#include <arrow/c/bridge.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <parquet/arrow/writer.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/workspace/arrow_internal.hpp"
#include "tradewind/workspace/scan.hpp"
#include "tradewind/workspace/scan_arrow_internal.hpp"

namespace tradewind::workspace {
namespace {

std::string csv_text(const Cell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&cell)) return number_text(*number);
  const auto* text = std::get_if<std::string>(&cell);
  if (text == nullptr) return {};
  if (text->find_first_of(",\"\r\n") == std::string::npos) return *text;
  std::string quoted = "\"";
  for (const char c : *text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string csv(const ScanResult& result) {
  std::string out;
  for (std::size_t i = 0; i < result.columns.size(); ++i) out += (i > 0 ? "," : "") + csv_text(Cell(result.columns[i].name()));
  out += "\n";
  for (std::size_t row = 0; row < result.rows; ++row) {
    for (std::size_t i = 0; i < result.columns.size(); ++i) out += (i > 0 ? "," : "") + csv_text(result.cell(row, i));
    out += "\n";
  }
  return out;
}

std::string json(const ScanResult& result) {
  auto out = Json::array();
  for (std::size_t row = 0; row < result.rows; ++row) {
    auto object = Json::object();
    for (const ScanColumn& column : result.columns) {
      auto& slot = object[column.name()];
      const Cell cell = column.cell(row);
      if (const auto* integer = std::get_if<std::int64_t>(&cell))
        slot = *integer;
      else if (const auto* number = std::get_if<double>(&cell))
        slot = *number;
      else if (const auto* text = std::get_if<std::string>(&cell))
        slot = *text;
    }
    out.push_back(std::move(object));
  }
  return dump_json(out, 1) + "\n";
}

/// The result as Arrow takes it, without a copy: it is read before the caller lets go of it.
Result<std::shared_ptr<arrow::RecordBatch>> batch_of(const ScanResult& result, const Path& file) {
  ArrowArray array;
  ArrowSchema schema;
  const std::shared_ptr<const std::vector<ScanColumn>> kept(std::shared_ptr<void>(), &result.columns);
  TRADEWIND_TRY(share_arrow(kept, result.rows, &array, &schema));
  TRADEWIND_ARROW_ASSIGN(auto batch, arrow::ImportRecordBatch(&array, &schema), file, Errc::storage);
  return batch;
}

Result<std::string> parquet_bytes(const ScanResult& result, const Path& file) {
  return guarded(file, Errc::storage, [&]() -> Result<std::string> {
    TRADEWIND_ASSIGN(const auto batch, batch_of(result, file));
    TRADEWIND_ARROW_ASSIGN(const auto table, arrow::Table::FromRecordBatches({batch}), file, Errc::storage);
    TRADEWIND_ARROW_ASSIGN(const auto sink, arrow::io::BufferOutputStream::Create(), file, Errc::storage);
    const auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->created_by("tradewind")->build();
    TRADEWIND_ARROW_TRY(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink, std::int64_t{1} << 17, properties), file,
                        Errc::storage);
    TRADEWIND_ARROW_ASSIGN(const auto bytes, sink->Finish(), file, Errc::storage);
    return bytes->ToString();
  });
}

}  // namespace

Status export_rows(const ScanResult& result, const Path& file) {
  const std::string kind = lower(file.extension().string());
  if (kind == ".csv") return write_file_durable(file, csv(result));
  if (kind == ".json") return write_file_durable(file, json(result));
  if (kind != ".parquet")
    return Error(Errc::usage, "cannot export to '" + printable(kind) + "' files", file.string(),
                 "name a file that ends in .csv, .json or .parquet");
  TRADEWIND_ASSIGN(const std::string bytes, parquet_bytes(result, file));
  return write_file_durable(file, bytes);
}

}  // namespace tradewind::workspace
