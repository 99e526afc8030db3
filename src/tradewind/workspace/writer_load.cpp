// SPDX-License-Identifier: Apache-2.0
// What a writer finds when it opens a run: rows of its own, strategies of others, leftovers of a crash.
#include <algorithm>

#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/writer_internal.hpp"

namespace tradewind::workspace {

Status RunWriter::State::load() {
  TRADEWIND_ASSIGN(const auto tables, open_catalog(folder));
  const std::int32_t first = claim.block() * kMaxOrdinal;
  std::set<std::string> referenced;
  for (const CatalogTable& table : tables) {
    TRADEWIND_TRY(table.pages().check_all());
    const int id = table.find("strategy_id"), path = table.find("signals_path"), ordinal = table.find("ordinal"),
              hash = table.find("parameter_hash");
    for (std::size_t r = 0; r < table.rows(); ++r) {
      const std::string& name = *ids.emplace(table.text(id, r)).first;
      referenced.emplace(table.text(path, r));
      const std::int64_t number = table.integer(ordinal, r) - first;
      if (number < 0 || number >= kMaxOrdinal) {
        // Committed by a writer that reserved nothing: another version's, or files that were indexed.
        if (std::binary_search(options.strategies.begin(), options.strategies.end(), strategy_key(name)))
          return Error(Errc::already_exists, "strategy '" + name + "' is in the run already", folder.string(),
                       "write strategies the run does not have, or choose another --run-id");
        continue;
      }
      committed.insert(static_cast<std::uint64_t>(table.integer(hash, r)));
      if (!table.is_null(path, r)) with_signals.insert(static_cast<std::uint64_t>(table.integer(hash, r)));
    }
    if (split_segment_name(table.name()).first == options.writer && table.metric_columns() != *metric_columns)
      return Error(Errc::invalid_config, "the run holds other metrics than it would be continued with", table.file().string(),
                   "resume it with the configuration it was started with");
  }
  next_catalog = next_number(tables, options.writer);
  std::error_code ignored;
  if (std::filesystem::exists(folder / "metadata.json", ignored)) {
    TRADEWIND_ASSIGN(const std::string text, read_file(folder / "metadata.json"));
    TRADEWIND_ASSIGN(auto parsed, parse_run_metadata(text));
    other_files = std::move(parsed.checksums);
  }
  std::vector<std::string> dead;
  for (const CatalogTable& table : tables) dead.insert(dead.end(), table.supersedes().begin(), table.supersedes().end());
  remove_superseded(folder, dead);
  return remove_leftovers(referenced);
}

Status RunWriter::State::remove_leftovers(const std::set<std::string>& referenced) {
  std::error_code failure;
  const auto mine = [&](const std::string& name) { return split_segment_name(name).first == options.writer; };
  for (const auto& entry : std::filesystem::directory_iterator(folder / kSegmentFolder, failure)) {
    const std::string name = entry.path().filename().string();
    if (!mine(name)) continue;
    if (referenced.contains(std::string(kSegmentFolder) + "/" + name))
      next_segment = std::max(next_segment, split_segment_name(name).second + 1);
    else
      std::filesystem::remove(entry.path(), failure);
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder / "catalog", failure)) {
    const std::string name = entry.path().filename().string();
    const bool orphan =
        entry.path().extension() == ".sha256" && !std::filesystem::exists(Path(entry.path()).replace_extension(".arrow"), failure);
    if (mine(name) && (orphan || entry.path().extension() == ".tmp")) std::filesystem::remove(entry.path(), failure);
  }
  // What follows is shared: counted and removed in turn, so that a writer who joins meanwhile has not begun anything yet.
  TRADEWIND_ASSIGN([[maybe_unused]] const Claim turn, Claim::turn(folder / "catalog"));
  TRADEWIND_TRY(settle_documents(folder, other_files));
  if (Claim::count(folder / "catalog") > 1) return {};  // the rest may be another writer's work in progress
  for (const char* name : {"metadata.json.tmp"}) std::filesystem::remove(folder / name, failure);
  for (const auto& entry : std::filesystem::directory_iterator(folder / "signals", failure)) {
    const std::string id = entry.path().filename().string();
    if (id == "_segments" || id == "combined") continue;
    if (!referenced.contains("signals/" + id + "/signals.parquet")) std::filesystem::remove_all(entry.path(), failure);
  }
  for (const char* part : {"classifiers", "summary", "signals"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / part, failure))
      if (entry.path().extension() == ".tmp") std::filesystem::remove(entry.path(), failure);
  return {};
}

/// Makes the strategies this writer's own that it did not announce at the start.
Status RunWriter::State::reserve(std::span<const CatalogRow> rows) {
  std::vector<std::uint64_t> keys;
  for (const CatalogRow& row : rows) {
    const std::uint64_t key = strategy_key(row.metadata.strategy_id);
    if (!std::binary_search(options.strategies.begin(), options.strategies.end(), key)) keys.push_back(key);
  }
  return claim.reserve(folder / "catalog", options.writer, keys);
}

}  // namespace tradewind::workspace
