// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <limits>
#include <set>

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/workspace/arrow_internal.hpp"
#include "tradewind/workspace/catalog_internal.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/json_internal.hpp"

namespace tradewind::workspace {
namespace {

constexpr std::string_view kSuffix = ".arrow";

Error damaged(const Path& file, const std::string& why) {
  return {Errc::corrupt, "catalog segment: " + why, file.string(), "`tradewind reindex RUN` rebuilds the catalog from the signal files"};
}

std::vector<std::string> list_from(const arrow::KeyValueMetadata& metadata, const std::string& key) {
  const auto value = metadata.Get(key);
  if (!value.ok()) return {};
  const auto json = read_json(*value);
  std::vector<std::string> out;
  if (json.is_array())
    for (const auto& item : json)
      if (item.is_string()) out.push_back(item.get<std::string>());
  return out;
}

Result<std::shared_ptr<arrow::RecordBatch>> read_batch(const std::shared_ptr<arrow::io::RandomAccessFile>& source, const Path& file) {
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = false;
  TRADEWIND_ARROW_ASSIGN(const auto reader, arrow::ipc::RecordBatchFileReader::Open(source, options), file, Errc::corrupt);
  if (reader->num_record_batches() != 1)
    return damaged(file, "holds " + std::to_string(reader->num_record_batches()) + " record batches, expected 1");
  TRADEWIND_ARROW_ASSIGN(auto batch, reader->ReadRecordBatch(0), file, Errc::corrupt);
  // Sizes of buffers against lengths; values are checked where they are used.
  TRADEWIND_ARROW_TRY(batch->Validate(), file, Errc::corrupt);
  return batch;
}

std::string_view utf8_at(const arrow::ArrayData& data, std::int64_t row) {
  if (row < 0 || row >= data.length || data.buffers.size() < 3 || !data.buffers[1]) return {};
  std::int32_t begin = 0;
  std::int32_t end = 0;
  const auto* offsets = data.buffers[1]->data() + (row + data.offset) * static_cast<std::int64_t>(sizeof begin);
  std::memcpy(&begin, offsets, sizeof begin);
  std::memcpy(&end, offsets + sizeof begin, sizeof end);
  const std::int64_t size = data.buffers[2] ? data.buffers[2]->size() : 0;
  if (begin < 0 || end < begin || end > size) return {};
  if (begin == end) return {};
  return {reinterpret_cast<const char*>(data.buffers[2]->data()) + begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

Result<CatalogTable> CatalogTable::check(CatalogTable table) {
  const auto& schema = *table.batch_->schema();
  const auto metadata = schema.metadata();
  const auto format = metadata ? metadata->Get("tradewind.format") : arrow::Result<std::string>(arrow::Status::KeyError(""));
  if (!format.ok()) return damaged(table.file_, "does not say its format version");
  const auto version = parse_number(*format);
  if (!version || *version < 1) return damaged(table.file_, "says format version '" + printable(*format) + "'");
  if (*version > kFormatVersion)
    return Error(Errc::newer_format, "catalog in format " + *format + ", this version reads up to " + std::to_string(kFormatVersion),
                 table.file_.string(), "use a newer tradewind");
  table.supersedes_ = list_from(*metadata, "tradewind.supersedes");
  table.metric_columns_ = list_from(*metadata, "tradewind.metrics");
  using arrow::Type;
  const auto require = [&](std::string_view name, Type::type type) {
    const int at = table.find(name);
    return at >= 0 && schema.field(at)->type()->id() == type;
  };
  bool good = true;
  for (const auto* name : {"total_signals", "signal_changes", "total_trades", "total_fills", "rejected_orders", "first_row"})
    good &= require(name, Type::INT64);
  for (const auto* name : {"strategy_id", "undefined", "parameters"}) good &= require(name, Type::STRING);
  for (const auto* name : {"symbol", "strategy_type", "signals_path", "data_hash"}) good &= require(name, Type::DICTIONARY);
  for (const auto* name : {"ordinal", "row_group"}) good &= require(name, Type::INT32);
  for (const auto& name : table.metric_columns_) good &= require(name, Type::DOUBLE);
  good &= require("parameter_hash", Type::UINT64) && require("compression_ratio", Type::DOUBLE);
  for (const auto& field : schema.fields())
    if (field->type()->id() == Type::DICTIONARY) {
      const auto& dictionary = static_cast<const arrow::DictionaryType&>(*field->type());
      good &= dictionary.index_type()->id() == Type::INT32 && dictionary.value_type()->id() == Type::STRING;
    } else {
      const auto id = field->type()->id();
      good &= id == Type::DOUBLE || id == Type::STRING || id == Type::INT64 || id == Type::INT32 || id == Type::UINT64;
    }
  if (!good) return damaged(table.file_, "columns are not those of a catalog");
  return table;
}

Result<CatalogTable> CatalogTable::open(const Path& file) {
  return guarded(file, Errc::corrupt, [&]() -> Result<CatalogTable> {
    std::error_code missing;
    if (!std::filesystem::exists(file, missing)) return Error(Errc::not_found, "catalog segment is not there", file.string());
    const auto before = state_of(file);
    CatalogTable table;
    table.file_ = file;
    TRADEWIND_ARROW_ASSIGN(const auto source, arrow::io::MemoryMappedFile::Open(file.string(), arrow::io::FileMode::READ), file,
                           Errc::storage);
    TRADEWIND_ASSIGN(table.batch_, read_batch(source, file));
    TRADEWIND_ARROW_ASSIGN(const auto size, source->GetSize(), file, Errc::storage);
    TRADEWIND_ARROW_ASSIGN(const auto bytes, source->ReadAt(0, size), file, Errc::storage);  // mapped: nothing is copied
    TRADEWIND_ASSIGN(CatalogTable checked, check(std::move(table)));  // the version first: a newer one may have other checksums
    TRADEWIND_ASSIGN(*checked.pages_, CatalogPages::open(*checked.batch_, std::string_view(*bytes), file, before));
    return checked;
  });
}

Result<CatalogTable> CatalogTable::from_bytes(std::string bytes, const Path& origin) {
  return guarded(origin, Errc::corrupt, [&]() -> Result<CatalogTable> {
    CatalogTable table;
    table.file_ = origin;
    TRADEWIND_ASSIGN(table.batch_,
                     read_batch(std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(std::move(bytes))), origin));
    return check(std::move(table));
  });
}

std::size_t CatalogTable::rows() const { return static_cast<std::size_t>(batch_->num_rows()); }

int CatalogTable::find(std::string_view column) const { return batch_->schema()->GetFieldIndex(std::string(column)); }

bool CatalogTable::is_text(int column) const {
  const auto id = batch_->column_data(column)->type->id();
  return id == arrow::Type::STRING || id == arrow::Type::DICTIONARY;
}

bool CatalogTable::is_null(int column, std::size_t row) const {
  return batch_->column_data(column)->IsNull(static_cast<std::int64_t>(row));
}

std::string_view CatalogTable::text(int column, std::size_t row) const {
  const auto& data = *batch_->column_data(column);
  const auto at = static_cast<std::int64_t>(row);
  if (data.IsNull(at)) return {};
  if (data.type->id() == arrow::Type::STRING) return utf8_at(data, at);
  return data.dictionary ? utf8_at(*data.dictionary, data.GetValues<std::int32_t>(1)[at]) : std::string_view();
}

std::int64_t CatalogTable::integer(int column, std::size_t row) const {
  const auto& data = *batch_->column_data(column);
  if (data.type->id() == arrow::Type::INT32) return data.GetValues<std::int32_t>(1)[row];
  return data.GetValues<std::int64_t>(1)[row];
}

double CatalogTable::number(int column, std::size_t row) const {
  const auto& data = *batch_->column_data(column);
  switch (data.type->id()) {
    case arrow::Type::DOUBLE: return is_null(column, row) ? std::numeric_limits<double>::quiet_NaN() : data.GetValues<double>(1)[row];
    case arrow::Type::UINT64: return static_cast<double>(data.GetValues<std::uint64_t>(1)[row]);
    case arrow::Type::INT32:
    case arrow::Type::INT64: return static_cast<double>(integer(column, row));
    default: return std::numeric_limits<double>::quiet_NaN();
  }
}

Status CatalogTable::read(std::vector<CatalogRow>& out) const {
  const auto column = [&](const char* name) { return find(name); };
  std::vector<int> metrics;
  for (const std::string& name : metric_columns_) metrics.push_back(find(name));
  const int id = column("strategy_id"), type = column("strategy_type"), symbol = column("symbol"), parameters = column("parameters");
  const int path = column("signals_path"), group = column("row_group"), first = column("first_row"), ordinal = column("ordinal");
  const int signals = column("total_signals"), changes = column("signal_changes"), trades = column("total_trades"),
            fills = column("total_fills");
  const int rejected = column("rejected_orders"), ratio = column("compression_ratio"), hash = column("parameter_hash"),
            data_hash = column("data_hash");
  const int undefined = column("undefined");
  TRADEWIND_TRY(pages_->check_all());
  out.reserve(out.size() + rows());
  for (std::size_t r = 0; r < rows(); ++r) {
    CatalogRow row;
    SignalMetadata& m = row.metadata;
    m.strategy_id = text(id, r);
    if (const auto good = check_id("strategy_id", m.strategy_id); !good)
      return damaged(file_, good.error().message());  // it names a folder
    m.strategy_type = text(type, r);
    m.symbol = text(symbol, r);
    auto parsed = parse_parameters(text(parameters, r));
    if (!parsed) return parsed.error().with_where(file_.string());
    m.parameters = std::move(*parsed);
    m.total_signals = integer(signals, r);
    m.signal_changes = integer(changes, r);
    m.compression_ratio = number(ratio, r);
    m.total_trades = integer(trades, r);
    m.total_fills = integer(fills, r);
    m.rejected_orders = integer(rejected, r);
    m.values.reserve(metrics.size());
    for (const int metric : metrics) m.values.push_back(number(metric, r));
    m.undefined = text(undefined, r);
    m.parameter_hash = static_cast<std::uint64_t>(integer(hash, r));
    m.data_hash = text(data_hash, r);
    row.ordinal = static_cast<std::int32_t>(integer(ordinal, r));
    row.signals_path = text(path, r);
    if (!row.signals_path.empty() && !is_signals_path(row.signals_path))
      return damaged(file_, "signals of '" + m.strategy_id + "' at '" + printable(row.signals_path) + "', which is no place for them");
    row.row_group = static_cast<std::int32_t>(integer(group, r));
    row.first_row = integer(first, r);
    out.push_back(std::move(row));
  }
  return {};
}

bool is_signals_path(std::string_view path) {
  constexpr std::string_view kFolder = "signals/";
  if (!path.starts_with(kFolder) || path.find("..") != std::string_view::npos || path.find('\\') != std::string_view::npos) return false;
  const auto slash = path.find('/', kFolder.size());
  return slash != std::string_view::npos && slash > kFolder.size() && slash + 1 < path.size() &&
         path.find('/', slash + 1) == std::string_view::npos && printable(path, path.size()) == path;
}

std::pair<std::string, int> split_segment_name(std::string_view name) {
  const auto dot = name.find('.');
  const auto dash = name.substr(0, dot).rfind('-');
  if (dot == std::string_view::npos || dash == std::string_view::npos) return {std::string(name), -1};
  const auto digits = name.substr(dash + 1, dot - dash - 1);
  const bool good =
      !digits.empty() && digits.size() < 10 && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return {std::string(name.substr(0, dash)), good ? std::stoi(std::string(digits)) : -1};
}

Result<std::vector<CatalogTable>> open_catalog(const Path& run_folder) {
  const Path folder = run_folder / "catalog";
  for (int attempt = 0;; ++attempt) {
    std::vector<CatalogTable> tables;
    std::optional<Error> fault;
    std::error_code failure;
    for (auto it = std::filesystem::directory_iterator(folder, failure); !failure && it != std::filesystem::directory_iterator();
         it.increment(failure)) {
      if (it->path().extension() != kSuffix || split_segment_name(it->path().filename().string()).second < 0) continue;
      auto table = CatalogTable::open(it->path());
      if (!table) {
        fault = table.error();
        break;
      }
      tables.push_back(std::move(*table));
    }
    // A segment that went away while we looked was superseded: look again.
    if (fault && fault->code() == Errc::not_found && attempt < 10) continue;
    if (fault) return *fault;
    std::set<std::string> dead;
    for (const auto& table : tables) dead.insert(table.supersedes().begin(), table.supersedes().end());
    std::erase_if(tables, [&](const CatalogTable& table) { return dead.contains(table.name()); });
    std::sort(tables.begin(), tables.end(),
              [](const auto& a, const auto& b) { return split_segment_name(a.name()) < split_segment_name(b.name()); });
    return tables;
  }
}

Path checksum_file(const Path& segment) { return Path(segment).replace_extension(".sha256"); }

Result<Checksums> read_checksums(const Path& segment) {
  const Path file = checksum_file(segment);
  TRADEWIND_ASSIGN(const std::string text, read_file(file));
  Checksums out;
  std::size_t line_number = 0;
  for (std::size_t at = 0; at < text.size();) {
    ++line_number;
    const auto end = text.find('\n', at);
    const std::string_view line = std::string_view(text).substr(at, end == std::string::npos ? std::string::npos : end - at);
    const bool good = end != std::string::npos && line.size() > 66 && line.substr(64, 2) == "  " &&
                      std::all_of(line.begin(), line.begin() + 64, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (!good) return Error(Errc::corrupt, "line " + std::to_string(line_number) + " is no checksum line", file.string());
    out.emplace(line.substr(66), line.substr(0, 64));
    at = end + 1;
  }
  return out;
}

Status commit_catalog(const Path& run_folder, const std::string& name, const std::string& bytes, const Checksums& data_files) {
  Checksums all = data_files;
  all["catalog/" + name] = sha256_hex(bytes);
  std::string lines;
  for (const auto& [path, sum] : all) lines += sum + "  " + path + "\n";
  const Path segment = run_folder / "catalog" / name;
  TRADEWIND_TRY(write_file_durable(checksum_file(segment), lines));
  return write_file_durable(segment, bytes);
}

void remove_superseded(const Path& run_folder, std::span<const std::string> names) {
  std::error_code ignored;
  for (const std::string& name : names) {
    if (split_segment_name(name).second < 0 || name.find('/') != std::string::npos) continue;
    std::filesystem::remove(run_folder / "catalog" / name, ignored);
    std::filesystem::remove(checksum_file(run_folder / "catalog" / name), ignored);
  }
}

}  // namespace tradewind::workspace
