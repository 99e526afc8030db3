// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_map>

#include <arrow/util/base64.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/version.hpp"
#include "tradewind/workspace/adopt_internal.hpp"
#include "tradewind/workspace/arrow_internal.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/upkeep.hpp"
#include "tradewind/workspace/upkeep_internal.hpp"
#include "tradewind/workspace/writer_internal.hpp"

namespace tradewind::workspace {
namespace {

const std::set<std::string, std::less<>> kFooterKeys{
    "tradewind.format",   "tradewind.catalog", "strategy_id",       "strategy_type", "symbol",      "parameters",
    "total_signals",      "signal_changes",    "compression_ratio", "total_trades",  "total_fills", "rejected_orders",
    "regime_performance", "undefined",         "parameter_hash",    "data_hash",     "ordinal"};

/// Rebuilds the rows of a run from what its Parquet files say about themselves.
class Reindexing {
 public:
  explicit Reindexing(Path folder) : folder_(std::move(folder)) {}

  Status collect() {
    for (const std::string& name : names_in(folder_ / kSegmentFolder))
      if (name.ends_with(".parquet")) TRADEWIND_TRY(add_segment(std::string(kSegmentFolder) + "/" + name));
    for (const std::string& id : names_in(folder_ / "signals")) {
      std::error_code none;
      if (!check_id("strategy_id", id) || !std::filesystem::is_regular_file(folder_ / "signals" / id / "signals.parquet", none)) continue;
      TRADEWIND_TRY(add_file(id));
    }
    return finish();
  }

  std::vector<CatalogRow> rows;
  std::vector<std::string> metric_columns;
  Checksums sums;

 private:
  static std::set<std::string> names_in(const Path& folder) {
    std::set<std::string> out;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none)) out.insert(entry.path().filename().string());
    return out;
  }

  std::size_t metric(const std::string& name) {
    const auto it = std::find(metric_columns.begin(), metric_columns.end(), name);
    const auto index = static_cast<std::size_t>(it - metric_columns.begin());
    if (index == metric_columns.size()) metric_columns.push_back(name);
    return index;
  }

  static void set(SignalMetadata& m, std::size_t column, double value) {
    if (m.values.size() <= column) m.values.resize(column + 1, std::numeric_limits<double>::quiet_NaN());
    m.values[column] = value;
  }

  Status add_segment(const std::string& path) {
    TRADEWIND_ASSIGN(sums[path], sha256_file(folder_ / path));
    TRADEWIND_ASSIGN(const SignalReader reader, SignalReader::open(folder_ / path));
    for (const auto& [key, value] : reader.key_values())
      if (key == kEmbeddedCatalog) {
        TRADEWIND_ARROW_ASSIGN(std::string bytes, arrow::util::base64_decode(value), folder_ / path, Errc::corrupt);
        return add_embedded(path, std::move(bytes));
      }
    return add_foreign_segment(path, reader);
  }

  Status add_embedded(const std::string& path, std::string bytes) {
    TRADEWIND_ASSIGN(const CatalogTable table, CatalogTable::from_bytes(std::move(bytes), folder_ / path));
    std::vector<CatalogRow> found;
    TRADEWIND_TRY(table.read(found));
    for (CatalogRow& row : found) {
      const std::vector<double> values = std::exchange(row.metadata.values, {});
      for (std::size_t i = 0; i < values.size(); ++i) set(row.metadata, metric(table.metric_columns()[i]), values[i]);
      row.signals_path = path;
      rows.push_back(std::move(row));
    }
    return {};
  }

  /// A packed file of another tool: one strategy per value of `strategy`, its rows together within a row group.
  Status add_foreign_segment(const std::string& path, const SignalReader& reader) {
    if (!reader.is_packed())
      return Error(Errc::corrupt, "a file in " + std::string(kSegmentFolder) + " has no column 'strategy'", (folder_ / path).string(),
                   "move it to signals/<strategy_id>/signals.parquet");
    std::vector<std::int32_t> strategy;
    std::set<std::int32_t> seen;
    for (int g = 0; g < reader.groups(); ++g) {
      TRADEWIND_TRY(reader.read_strategy(g, strategy));
      for (std::size_t begin = 0; begin < strategy.size();) {
        const auto end = static_cast<std::size_t>(std::find_if(strategy.begin() + static_cast<std::ptrdiff_t>(begin), strategy.end(),
                                                               [&](std::int32_t s) { return s != strategy[begin]; }) -
                                                  strategy.begin());
        if (!seen.insert(strategy[begin]).second)
          return Error(Errc::corrupt, "strategy " + std::to_string(strategy[begin]) + " is spread over several row groups",
                       (folder_ / path).string(), "sort by strategy and keep each one within a row group");
        CatalogRow row;
        row.metadata.strategy_id = Path(path).stem().string() + "." + std::to_string(strategy[begin]);
        row.metadata.strategy_type = "import";
        row.metadata.signal_changes = row.metadata.total_signals = static_cast<std::int64_t>(end - begin);
        row.metadata.compression_ratio = 1;
        row.ordinal = -1;
        row.signals_path = path;
        row.row_group = g;
        row.first_row = static_cast<std::int64_t>(begin);
        rows.push_back(std::move(row));
        begin = end;
      }
    }
    return {};
  }

  Status add_file(const std::string& id) {
    const std::string base = "signals/" + id + "/";
    TRADEWIND_ASSIGN(const SignalReader reader, SignalReader::open(folder_ / (base + "signals.parquet")));
    CatalogRow row;
    SignalMetadata& m = row.metadata;
    m.strategy_id = id;
    m.strategy_type = "import";
    m.signal_changes = m.total_signals = reader.rows();
    row.ordinal = -1;
    row.signals_path = base + "signals.parquet";
    for (const auto& [key, value] : reader.key_values()) read_key(row, key, value);
    if (m.strategy_id != id)
      return Error(Errc::corrupt, "the file says it belongs to strategy '" + printable(m.strategy_id) + "'",
                   (folder_ / row.signals_path).string(), "rename its folder");
    if (m.signal_changes != reader.rows())
      return Error(Errc::corrupt,
                   "the footer says " + std::to_string(m.signal_changes) + " rows, the file has " + std::to_string(reader.rows()),
                   (folder_ / row.signals_path).string());
    if (m.compression_ratio == 0)
      m.compression_ratio = static_cast<double>(m.total_signals) / static_cast<double>(std::max<std::int64_t>(1, m.signal_changes));
    rows.push_back(std::move(row));
    return {};
  }

  void read_key(CatalogRow& row, const std::string& key, const std::string& value) {
    SignalMetadata& m = row.metadata;
    const auto number = parse_number(value);
    const auto integer = number && std::abs(*number) < 9.0e15 ? static_cast<std::int64_t>(*number) : 0;
    if (key == "strategy_id")
      m.strategy_id = value;
    else if (key == "strategy_type")
      m.strategy_type = value;
    else if (key == "symbol")
      m.symbol = value;
    else if (key == "parameters") {
      if (auto parsed = parse_parameters(value)) m.parameters = std::move(*parsed);
    } else if (key == "total_signals")
      m.total_signals = integer;
    else if (key == "signal_changes")
      m.signal_changes = integer;
    else if (key == "compression_ratio")
      m.compression_ratio = number.value_or(0);
    else if (key == "total_trades")
      m.total_trades = integer;
    else if (key == "total_fills")
      m.total_fills = integer;
    else if (key == "rejected_orders")
      m.rejected_orders = integer;
    else if (key == "undefined")
      m.undefined = value;
    else if (key == "data_hash")
      m.data_hash = value;
    else if (key == "parameter_hash")
      m.parameter_hash = std::strtoull(value.c_str(), nullptr, 10);
    else if (key == "ordinal")
      row.ordinal = integer >= 0 && integer <= std::numeric_limits<std::int32_t>::max() ? static_cast<std::int32_t>(integer) : -1;
    else if (number && !kFooterKeys.contains(key) && !key.starts_with("ARROW") && key.find("param.") != 0)
      set(m, metric(key), *number);
    else if (value == "null" && !kFooterKeys.contains(key))
      set(m, metric(key), std::numeric_limits<double>::quiet_NaN());
    // What a footer leaves out is undefined and still a column.
    if (key == "undefined")
      for (const std::string& item : split(value, ';'))
        if (const auto colon = item.rfind(':'); colon != std::string::npos)
          set(m, metric(item.substr(0, colon)), std::numeric_limits<double>::quiet_NaN());
  }

  /// One row per strategy (a file of its own goes before a segment), ordinals for those that had none, checksums of all files.
  Status finish() {
    std::set<std::string> own;
    for (const CatalogRow& row : rows)
      if (!row.is_packed()) own.insert(row.metadata.strategy_id);
    std::erase_if(rows, [&](const CatalogRow& row) { return row.is_packed() && own.contains(row.metadata.strategy_id); });
    std::int64_t next = 0;
    for (const CatalogRow& row : rows) next = std::max(next, std::int64_t{row.ordinal} + 1);
    for (CatalogRow& row : rows) {
      if (row.ordinal < 0) {
        if (next > std::numeric_limits<std::int32_t>::max())
          return Error(Errc::corrupt, "a file's ordinal leaves no number for strategy '" + printable(row.metadata.strategy_id) + "'",
                       folder_.string(), "move foreign files to a run of their own");
        row.ordinal = static_cast<std::int32_t>(next++);
      }
      row.metadata.values.resize(metric_columns.size(), std::numeric_limits<double>::quiet_NaN());
    }
    std::stable_sort(rows.begin(), rows.end(), [](const CatalogRow& a, const CatalogRow& b) { return a.ordinal < b.ordinal; });
    std::set<std::string> ids;
    for (const CatalogRow& row : rows)
      if (!ids.insert(row.metadata.strategy_id).second)
        return Error(Errc::corrupt, "strategy '" + row.metadata.strategy_id + "' is in two files", folder_.string(), "remove one of them");
    for (const CatalogRow& row : rows) {
      if (row.is_packed()) continue;
      const std::string base = "signals/" + row.metadata.strategy_id + "/";
      TRADEWIND_ASSIGN(sums[base + "signals.parquet"], sha256_file(folder_ / (base + "signals.parquet")));
      for (const auto& [name, text] : {std::pair{"metadata.json", signal_metadata_json(row.metadata, metric_columns)},
                                       std::pair{"performance.json", performance_json(row.metadata, metric_columns)}}) {
        TRADEWIND_TRY(write_file_durable(folder_ / (base + name), text));
        sums[base + name] = sha256_hex(text);
      }
    }
    return {};
  }

  Path folder_;
};

/// Values the catalog has and the files do not (psr, dsr, selection_sharpe …), as long as the file still holds what they were found for.
void keep_what_analyses_found(std::vector<CatalogRow>& rows, const std::vector<CatalogRow>& known, std::size_t columns) {
  std::unordered_map<std::string_view, const SignalMetadata*> by_id;
  for (const CatalogRow& row : known) by_id.emplace(row.metadata.strategy_id, &row.metadata);
  for (CatalogRow& row : rows) {
    SignalMetadata& m = row.metadata;
    m.values.resize(columns, std::numeric_limits<double>::quiet_NaN());
    const auto found = by_id.find(m.strategy_id);
    if (found == by_id.end()) continue;
    const SignalMetadata& before = *found->second;
    if (before.parameter_hash != m.parameter_hash || before.data_hash != m.data_hash || before.signal_changes != m.signal_changes) continue;
    for (std::size_t i = 0; i < columns; ++i)
      if (std::isnan(m.values[i])) m.values[i] = before.values[i];
    if (m.undefined.empty()) m.undefined = before.undefined;
  }
}

/// Prices are given to a run that has none, for all the symbols it names.
Status check_completion(const Path& folder, const RunMetadata& described) {
  const auto text = read_file(folder / "metadata.json");
  const auto run = text ? parse_unchecked_run_metadata(*text) : Result<ParsedRunMetadata>(text.error());
  if (!run) return {};
  const std::string name = "run '" + folder.filename().string() + "'";
  if (!run->metadata.execution.data.empty())
    return Error(Errc::usage, name + " says already on which prices its signals are", "--data",
                 "where a file has moved, say so to the command that needs it: replay RUN --data SYMBOL=FILE");
  for (const std::string& symbol : run->metadata.symbols)
    if (std::find(described.symbols.begin(), described.symbols.end(), symbol) == described.symbols.end())
      return Error(Errc::invalid_data, name + " names the symbol " + printable(symbol) + ", for which there are no prices", "--data",
                   "say where they are: --data " + printable(symbol) + "=FILE");
  return {};
}

/// What prices and trading make of a run's metadata.
void complete_metadata(RunMetadata& run, const RunMetadata& described) {
  run.execution = described.execution;
  run.symbols = described.symbols;
  run.periods_per_year = described.periods_per_year;
  run.commission_model = described.commission_model;
  run.slippage_model = described.slippage_model;
  run.start_date = described.start_date;
  run.end_date = described.end_date;
  run.data_files = described.data_files;
  run.data_hashes.insert(described.data_hashes.begin(), described.data_hashes.end());
}

Status ensure_metadata(const Path& folder, const std::string& run_id, const RunCompletion* completion) {
  const Path path = folder / "metadata.json";
  const auto text = read_file(path);
  const auto parsed = text ? parse_unchecked_run_metadata(*text) : Result<ParsedRunMetadata>(text.error());
  if (!parsed && parsed.error().code() == Errc::newer_format) return parsed.error();
  const bool foreign = !parsed || is_foreign_document(path);
  // Where the data is, and what the run was made of, stands nowhere else: what can be read of it is kept.
  ParsedRunMetadata run = parsed ? *parsed : ParsedRunMetadata();
  if (!parsed) run.metadata.workflow_type = "import";
  if (foreign) {
    run.metadata.run_id = run_id;
    run.metadata.status = "complete";
    if (run.metadata.created_at == 0) run.metadata.created_at = system_clock().now();
    run.metadata.tradewind_version = TRADEWIND_VERSION;
    if (parsed) TRADEWIND_TRY(keep_original(path));
  }
  if (completion != nullptr) complete_metadata(run.metadata, completion->described);
  TRADEWIND_ASSIGN(const bool adopted, adopt_classifiers(folder, run.metadata.symbols));
  if (parsed && !foreign && completion == nullptr && !adopted && is_intact(*text)) return {};
  std::error_code none;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "classifiers", none)) {
    if ((!foreign && !adopted) || !entry.is_regular_file(none)) continue;
    TRADEWIND_ASSIGN(run.checksums[entry.path().lexically_relative(folder).string()], sha256_file(entry.path()));
  }
  return write_file_durable(path, run_metadata_json(run.metadata, run.checksums));
}

}  // namespace

Result<std::int64_t> reindex(const Path& root, const std::string& run_id, const RunCompletion* completion) {
  TRADEWIND_TRY(check_id("run_id", run_id));
  const Path folder = root / run_id;
  std::error_code none;
  if (!std::filesystem::is_directory(folder, none)) return Error(Errc::not_found, "run '" + run_id + "' is not there", root.string());
  TRADEWIND_TRY(refuse_links(folder));
  if (completion != nullptr) TRADEWIND_TRY(check_completion(folder, completion->described));
  TRADEWIND_TRY(make_directories(folder / "catalog"));
  TRADEWIND_ASSIGN(const auto claims, Claim::all(folder / "catalog"));
  TRADEWIND_TRY(adopt_foreign(folder, completion));
  Reindexing work(folder);
  TRADEWIND_TRY(work.collect());
  // Rows whose signals were not kept are known to the catalog alone: they stay when it can be read.
  const auto tables = open_catalog(folder);
  std::vector<std::string> names = work.metric_columns;
  if (auto rows = tables ? read_rows(*tables, names) : Result<std::vector<CatalogRow>>(tables.error())) {
    std::vector<CatalogRow>& known = *rows;
    std::set<std::string> ids;
    for (const CatalogRow& row : work.rows) ids.insert(row.metadata.strategy_id);
    keep_what_analyses_found(work.rows, known, names.size());
    for (CatalogRow& row : known)
      if (row.signals_path.empty() && !ids.contains(row.metadata.strategy_id)) work.rows.push_back(std::move(row));
    work.metric_columns = names;
    std::stable_sort(work.rows.begin(), work.rows.end(), [](const CatalogRow& a, const CatalogRow& b) { return a.ordinal < b.ordinal; });
  }
  if (work.rows.empty())
    return Error(Errc::invalid_data, "no signals were found in run '" + run_id + "'", (folder / "signals").string(),
                 "they are looked for in signals/STRATEGY/signals.parquet, signals/STRATEGY.parquet and signals/_segments");
  std::set<std::string> dead;
  int next = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "catalog", none)) {
    const std::string name = entry.path().filename().string();
    const auto [owner, number] = split_segment_name(name);
    if (owner == "upkeep") next = std::max(next, number + 1);
    if (name.ends_with(".arrow")) dead.insert(name);
  }
  const std::vector<std::string> supersedes(dead.begin(), dead.end());
  TRADEWIND_ASSIGN(const std::string bytes, encode_catalog(work.rows, work.metric_columns, supersedes));
  // Unreadable segments hide what they supersede, so the old ones go first; their rows are in the files.
  if (!open_catalog(folder)) remove_superseded(folder, supersedes);
  TRADEWIND_TRY(commit_catalog(folder, "upkeep-" + std::to_string(next) + ".arrow", bytes, work.sums));
  remove_superseded(folder, supersedes);
  TRADEWIND_TRY(ensure_metadata(folder, run_id, completion));
  TRADEWIND_TRY(rewrite_metadata(folder, work.rows, work.metric_columns));
  return static_cast<std::int64_t>(work.rows.size());
}

}  // namespace tradewind::workspace
