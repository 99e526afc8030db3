// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_set>

#include "tradewind/base/hash.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/upkeep.hpp"
#include "tradewind/workspace/upkeep_internal.hpp"
#include "tradewind/workspace/writer_internal.hpp"

namespace tradewind::workspace {
namespace {

constexpr std::size_t kBatch = 2048;
constexpr const char* kWriter = "upkeep";

/// First number after every segment of that name, dead or alive.
int free_number(const Path& folder) {
  int next = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const auto [owner, number] = split_segment_name(entry.path().filename().string());
    if (owner == kWriter) next = std::max(next, number + 1);
  }
  return next;
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

}  // namespace

Status rewrite_metadata(const Path& folder, std::span<const CatalogRow> rows, std::span<const std::string> metric_columns) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder / "metadata.json", ignored)) return {};
  TRADEWIND_ASSIGN(const std::string text, read_file(folder / "metadata.json"));
  TRADEWIND_ASSIGN(ParsedRunMetadata parsed, parse_run_metadata(text));
  const Documents documents = summaries(folder, rows, metric_columns, parsed.metadata);
  TRADEWIND_ASSIGN(const auto live, open_catalog(folder));
  parsed.metadata.catalog = segment_sizes(live);
  return commit_documents(folder, parsed.metadata, parsed.checksums, documents);
}

/// Moves strategies of a run between the layouts: new data files, then one catalog segment that supersedes all others, then the old files
/// go.
struct Repacking {
  Path folder;
  std::vector<CatalogTable> tables;
  std::vector<std::string> metric_columns;
  std::vector<CatalogRow> rows;  ///< by ordinal
  Checksums sums;

  Status load(const Path& run_folder) {
    folder = run_folder;
    TRADEWIND_ASSIGN(tables, open_catalog(folder));
    TRADEWIND_ASSIGN(rows, read_rows(tables, metric_columns));
    for (const CatalogTable& table : tables) {
      TRADEWIND_ASSIGN(Checksums known, read_checksums(table.file()));
      known.erase("catalog/" + table.name());
      sums.merge(known);
    }
    return {};
  }

  /// Rewrites the signals of `chosen` (indices of rows, ascending) in a layout.
  Status move(const Run& run, const std::vector<std::size_t>& chosen, Layout layout) {
    int number = free_number(folder / kSegmentFolder);
    const auto columns = std::make_shared<const std::vector<std::string>>(metric_columns);
    std::set<std::string> before;
    for (const CatalogRow& row : rows)
      if (!row.signals_path.empty()) before.insert(row.signals_path);
    for (std::size_t begin = 0; begin < chosen.size(); begin += kBatch) {
      const std::span batch(chosen.data() + begin, std::min(kBatch, chosen.size() - begin));
      SegmentBuilder::State segment;
      segment.folder = folder;
      segment.layout = layout;
      segment.metric_columns = columns;
      segment.marker = std::string(".") + kWriter;
      if (layout == Layout::packed) {
        segment.segment_path = std::string(kSegmentFolder) + "/" + kWriter + "-" + std::to_string(number++) + ".parquet";
        segment.temporary = folder / (segment.segment_path + ".tmp");
      }
      TRADEWIND_TRY(fill(run, batch, segment));
      TRADEWIND_TRY(sync_folders(folder, segment.files));
      for (std::size_t i = 0; i < batch.size(); ++i) rows[batch[i]] = segment.rows[i];
      for (const auto& [path, sum] : segment.files) sums[path] = sum;
    }
    return commit(before);
  }

  /// Adds or replaces metric columns; `values[c][i]` belongs to `names[c]` and rows[i].
  Status set_columns(std::span<const std::string> names, std::span<const std::vector<double>> values) {
    for (std::size_t c = 0; c < names.size(); ++c) {
      auto at = std::find(metric_columns.begin(), metric_columns.end(), names[c]);
      if (at == metric_columns.end()) at = metric_columns.insert(metric_columns.end(), names[c]);
      const auto column = static_cast<std::size_t>(at - metric_columns.begin());
      // What was found out is not replaced by nothing: a column without one defined value leaves the stored one alone.
      const bool known = std::any_of(values[c].begin(), values[c].end(), [](double value) { return std::isfinite(value); });
      for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].metadata.values.resize(metric_columns.size(), std::numeric_limits<double>::quiet_NaN());
        if (known) rows[i].metadata.values[column] = values[c][i];
      }
    }
    std::set<std::string> held;
    for (const CatalogRow& row : rows)
      if (!row.signals_path.empty()) held.insert(row.signals_path);
    return commit(held);
  }

  /// Removes what our own writers left and no row points to, and writes the totals anew: what a call that was killed did not come to.
  Status settle() {
    std::error_code ignored;
    std::set<std::string> live;
    for (const CatalogRow& row : rows) {
      live.insert(row.signals_path);
      if (row.is_packed() && check_id("strategy_id", row.metadata.strategy_id))
        std::filesystem::remove_all(folder / "signals" / row.metadata.strategy_id, ignored);
    }
    std::set<std::string> writers = {kWriter};
    for (const auto& entry : std::filesystem::directory_iterator(folder / "catalog", ignored))
      if (entry.path().extension() == ".writer")
        writers.insert(entry.path().filename().string().substr(0, entry.path().filename().string().find('.')));
    std::vector<Path> dead;
    for (const auto& entry : std::filesystem::directory_iterator(folder / kSegmentFolder, ignored)) {
      const std::string name = entry.path().filename().string();
      if (writers.contains(split_segment_name(name).first) && !live.contains(std::string(kSegmentFolder) + "/" + name))
        dead.push_back(entry.path());
    }
    for (const Path& path : dead) std::filesystem::remove(path, ignored);
    return rewrite_metadata(folder, rows, metric_columns);
  }

 private:
  Status fill(const Run& run, std::span<const std::size_t> batch, SegmentBuilder::State& segment) {
    std::vector<std::string> ids;
    for (const std::size_t i : batch) ids.push_back(rows[i].metadata.strategy_id);
    TRADEWIND_ASSIGN(const auto signals, run.load_signals(ids));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const SignalView view{signals[i].timestamp, signals[i].signal, signals[i].confidence};
      const CatalogRow& row = rows[batch[i]];
      TRADEWIND_TRY(segment.layout == Layout::packed ? segment.append_packed(row, view) : segment.append_files(row, view));
    }
    TRADEWIND_TRY(segment.close());
    return segment.place();
  }

  Status commit(const std::set<std::string>& before) {
    std::set<std::string> after;
    for (const CatalogRow& row : rows)
      if (!row.signals_path.empty()) after.insert(row.signals_path);
    std::set<std::string> folders;
    for (const std::string& path : after) folders.insert(folder_of(path));
    std::erase_if(sums, [&](const auto& entry) {
      const bool segment = entry.first.starts_with(kSegmentFolder);
      return segment ? !after.contains(entry.first) : !folders.contains(folder_of(entry.first));
    });
    const auto supersedes = superseding(tables);
    const std::string name = std::string(kWriter) + "-" + std::to_string(next_number(tables, kWriter)) + ".arrow";
    TRADEWIND_ASSIGN(const std::string bytes, encode_catalog(rows, metric_columns, supersedes));
    TRADEWIND_TRY(commit_catalog(folder, name, bytes, sums));
    remove_superseded(folder, supersedes);
    for (const std::string& path : before) {
      if (after.contains(path)) continue;
      std::error_code ignored;
      if (path.starts_with(kSegmentFolder))
        std::filesystem::remove(folder / path, ignored);
      else if (path.starts_with("signals/"))
        std::filesystem::remove_all(folder / folder_of(path), ignored);
    }
    return settle();
  }
};

namespace {

struct Opened {
  std::vector<Claim> claims;
  Run run;
  Repacking work;
};

Result<Opened> open_for_upkeep(const Path& root, const std::string& run_id) {
  TRADEWIND_TRY(check_id("run_id", run_id));
  TRADEWIND_TRY(read_run_metadata(root, run_id));
  TRADEWIND_TRY(refuse_links(root / run_id));
  TRADEWIND_ASSIGN(auto claims, Claim::all(root / run_id / "catalog"));
  TRADEWIND_ASSIGN(Run run, Run::open(root, run_id));
  Opened out{std::move(claims), std::move(run), {}};
  TRADEWIND_TRY(out.work.load(root / run_id));
  return out;
}

/// Rows to unpack: those named, else the best by sharpe_ratio, else all with signals.
Result<std::vector<std::size_t>> choose(const Repacking& work, std::span<const std::string> ids, std::optional<std::size_t> top) {
  std::vector<std::size_t> chosen;
  std::unordered_set<std::string> named(ids.begin(), ids.end());
  for (std::size_t i = 0; i < work.rows.size(); ++i) {
    const CatalogRow& row = work.rows[i];
    if (!ids.empty() && named.erase(row.metadata.strategy_id) == 0) continue;
    if (!row.signals_path.empty())
      chosen.push_back(i);
    else if (!ids.empty())
      return Error(Errc::not_found, "the signals of strategy '" + row.metadata.strategy_id + "' were not kept", work.folder.string(),
                   "sweep again with --keep-signals all");
  }
  if (!named.empty())
    return Error(Errc::not_found, "no strategy '" + *std::min_element(named.begin(), named.end()) + "'", work.folder.string());
  if (!ids.empty() || !top || *top >= chosen.size()) return chosen;
  const auto at = std::find(work.metric_columns.begin(), work.metric_columns.end(), "sharpe_ratio");
  if (at == work.metric_columns.end())
    return Error(Errc::unknown_name, "the run has no sharpe_ratio to choose the best by", work.folder.string(), "name the strategies");
  const auto column = static_cast<std::size_t>(at - work.metric_columns.begin());
  std::stable_sort(chosen.begin(), chosen.end(), [&](std::size_t a, std::size_t b) {
    const double x = work.rows[a].metadata.values[column], y = work.rows[b].metadata.values[column];
    if (std::isnan(x) != std::isnan(y)) return std::isnan(y);
    return x != y && !std::isnan(x) ? x > y : work.rows[a].metadata.strategy_id < work.rows[b].metadata.strategy_id;
  });
  chosen.resize(*top);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace

Result<std::int64_t> pack(const Path& root, const std::string& run_id) {
  TRADEWIND_ASSIGN(Opened opened, open_for_upkeep(root, run_id));
  std::vector<std::size_t> chosen;
  std::int64_t moved = 0;
  for (std::size_t i = 0; i < opened.work.rows.size(); ++i) {
    const CatalogRow& row = opened.work.rows[i];
    if (row.signals_path.empty()) continue;
    chosen.push_back(i);  // packed ones too: their old segments may hold rows of strategies unpacked since
    moved += row.is_packed() ? 0 : 1;
  }
  TRADEWIND_TRY(moved > 0 ? opened.work.move(opened.run, chosen, Layout::packed) : opened.work.settle());
  return moved;
}

Status set_columns(const Path& root, const std::string& run_id, std::span<const CatalogColumn> columns) {
  TRADEWIND_ASSIGN(Opened opened, open_for_upkeep(root, run_id));
  std::vector<std::string> names;
  std::vector<std::vector<double>> values;
  for (const CatalogColumn& column : columns) {
    names.push_back(column.name);
    auto& filled = values.emplace_back();
    for (const CatalogRow& row : opened.work.rows) {
      const auto found = column.values.find(row.metadata.strategy_id);
      filled.push_back(found == column.values.end() ? std::numeric_limits<double>::quiet_NaN() : found->second);
    }
  }
  return opened.work.set_columns(names, values);
}

namespace {

/// Reads, changes and replaces a run's metadata.json, with documents.
template <class Change>
Status update_metadata(const Path& root, const std::string& run_id, const Documents& documents, Change change) {
  TRADEWIND_TRY(check_id("run_id", run_id));
  const Path folder = root / run_id;
  TRADEWIND_TRY(refuse_links(folder));
  TRADEWIND_ASSIGN(const auto claims, Claim::all(folder / "catalog"));
  TRADEWIND_ASSIGN(const std::string text, read_file(folder / "metadata.json"));
  TRADEWIND_ASSIGN(ParsedRunMetadata parsed, parse_run_metadata(text));
  change(parsed.metadata);
  return commit_documents(folder, parsed.metadata, parsed.checksums, documents);
}

}  // namespace

Status write_documents(const Path& root, const std::string& run_id, const std::map<std::string, std::string>& documents) {
  return update_metadata(root, run_id, documents, [](RunMetadata&) {});
}

Status write_document(const Path& root, const std::string& run_id, const std::string& path, std::string_view text) {
  return write_documents(root, run_id, {{path, std::string(text)}});
}

Status write_event_documents(const Path& root, const std::string& run_id, std::int64_t events, const std::string& trace_file,
                             const std::map<std::string, std::string>& documents) {
  return update_metadata(root, run_id, documents, [&](RunMetadata& metadata) {
    metadata.total_events = events;
    metadata.event_trace_file = trace_file;
  });
}

Result<std::int64_t> unpack(const Path& root, const std::string& run_id, std::span<const std::string> ids, std::optional<std::size_t> top) {
  TRADEWIND_ASSIGN(Opened opened, open_for_upkeep(root, run_id));
  TRADEWIND_ASSIGN(std::vector<std::size_t> chosen, choose(opened.work, ids, top));
  std::erase_if(chosen, [&](std::size_t i) { return !opened.work.rows[i].is_packed(); });
  TRADEWIND_TRY(chosen.empty() ? opened.work.settle() : opened.work.move(opened.run, chosen, Layout::files));
  return static_cast<std::int64_t>(chosen.size());
}

}  // namespace tradewind::workspace
