// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/io/memory.h>
#include <arrow/table.h>
#include <parquet/arrow/writer.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/workspace/arrow_internal.hpp"
#include "tradewind/workspace/scan.hpp"

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
  for (std::size_t i = 0; i < result.columns.size(); ++i) out += (i > 0 ? "," : "") + csv_text(Cell(result.columns[i]));
  out += "\n";
  for (const auto& row : result.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) out += (i > 0 ? "," : "") + csv_text(row[i]);
    out += "\n";
  }
  return out;
}

std::string json(const ScanResult& result) {
  auto out = nlohmann::ordered_json::array();
  for (const auto& row : result.rows) {
    auto object = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      auto& slot = object[result.columns[i]];
      if (const auto* integer = std::get_if<std::int64_t>(&row[i]))
        slot = *integer;
      else if (const auto* number = std::get_if<double>(&row[i]))
        slot = *number;
      else if (const auto* text = std::get_if<std::string>(&row[i]))
        slot = *text;
    }
    out.push_back(std::move(object));
  }
  return dump_json(out, 1) + "\n";
}

template <class Builder, class Append>
arrow::Result<std::shared_ptr<arrow::Array>> build(const ScanResult& result, std::size_t column, Append&& append) {
  Builder builder;
  for (const auto& row : result.rows) {
    if (std::holds_alternative<std::monostate>(row[column]))
      ARROW_RETURN_NOT_OK(builder.AppendNull());
    else
      ARROW_RETURN_NOT_OK(append(builder, row[column]));
  }
  return builder.Finish();
}

arrow::Result<std::shared_ptr<arrow::Array>> column_array(const ScanResult& result, std::size_t column) {
  bool any_text = false, any_double = false, any_integer = false;
  for (const auto& row : result.rows) {
    any_text |= std::holds_alternative<std::string>(row[column]);
    any_double |= std::holds_alternative<double>(row[column]);
    any_integer |= std::holds_alternative<std::int64_t>(row[column]);
  }
  if (any_text)
    return build<arrow::StringBuilder>(result, column, [](auto& builder, const Cell& cell) {
      const auto* text = std::get_if<std::string>(&cell);
      return builder.Append(text != nullptr ? *text : csv_text(cell));
    });
  if (any_integer && !any_double)
    return build<arrow::Int64Builder>(result, column,
                                      [](auto& builder, const Cell& cell) { return builder.Append(std::get<std::int64_t>(cell)); });
  return build<arrow::DoubleBuilder>(result, column, [](auto& builder, const Cell& cell) {
    const auto* number = std::get_if<double>(&cell);
    return builder.Append(number != nullptr ? *number : static_cast<double>(std::get<std::int64_t>(cell)));
  });
}

Result<std::string> parquet_bytes(const ScanResult& result, const Path& file) {
  return guarded(file, Errc::storage, [&]() -> Result<std::string> {
    std::vector<std::shared_ptr<arrow::Field>> fields;
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    for (std::size_t i = 0; i < result.columns.size(); ++i) {
      TRADEWIND_ARROW_ASSIGN(auto array, column_array(result, i), file, Errc::storage);
      fields.push_back(arrow::field(result.columns[i], array->type()));
      arrays.push_back(std::move(array));
    }
    const auto table = arrow::Table::Make(arrow::schema(fields), arrays, static_cast<std::int64_t>(result.rows.size()));
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
