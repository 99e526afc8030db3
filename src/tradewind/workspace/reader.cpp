// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/reader.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "tradewind/base/text.hpp"
#include "tradewind/workspace/catalog_internal.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/parquet_internal.hpp"

namespace tradewind::workspace {
namespace {

bool is_folder(const Path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

bool is_there(const Path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Error no_run(const Path& root, const std::string& run_id) {
  std::vector<std::string> known;
  std::error_code failure;
  for (auto it = std::filesystem::directory_iterator(root, failure); !failure && it != std::filesystem::directory_iterator(); it.increment(failure))
    known.push_back(it->path().filename().string());
  return {Errc::not_found, "run '" + printable(run_id) + "' is not there", root.string(), suggestion(run_id, known)};
}

/// Where a strategy's rows are.
struct Place {
  std::size_t table = 0;
  std::size_t row = 0;
  std::int32_t ordinal = 0;
};

/// A signals path as the catalog may hold it: inside the run, nothing that leads out of it.
bool is_inside(std::string_view path) {
  return path.starts_with("signals/") && path.find("..") == std::string_view::npos && path.find('\0') == std::string_view::npos;
}

}  // namespace

Result<RunMetadata> read_run_metadata(const Path& root, const std::string& run_id) {
  TRADEWIND_TRY(check_id("run_id", run_id));
  const Path folder = root / run_id;
  if (!is_folder(folder)) return no_run(root, run_id);
  if (!is_there(folder / "metadata.json")) {
    if (!is_there(folder / "catalog")) return Error(Errc::not_found, "the folder holds no run", folder.string());
    RunMetadata metadata;
    metadata.run_id = run_id;
    metadata.status = "interrupted";
    return metadata;
  }
  TRADEWIND_ASSIGN(const std::string text, read_file(folder / "metadata.json", std::uintmax_t{1} << 30));
  auto parsed = parse_run_metadata(text);
  if (!parsed) return parsed.error().with_where((folder / "metadata.json").string());
  return std::move(parsed->metadata);
}

Result<std::vector<RunEntry>> list_runs(const Path& root) {
  if (!is_folder(root)) return Error(Errc::not_found, "the workspace is not there", root.string(), "run a sweep first, or name another folder (--workspace DIR)");
  std::set<std::string> names;
  std::error_code failure;
  for (auto it = std::filesystem::directory_iterator(root, failure); !failure && it != std::filesystem::directory_iterator(); it.increment(failure)) {
    const std::string name = it->path().filename().string();
    if (check_id("run_id", name) && name.front() != '.' && (is_there(it->path() / "metadata.json") || is_there(it->path() / "catalog"))) names.insert(name);
  }
  if (failure) return Error(Errc::storage, "cannot list the workspace: " + failure.message(), root.string());
  std::vector<RunEntry> out;
  for (const std::string& name : names) {
    RunEntry entry{name, {}, std::nullopt};
    auto metadata = read_run_metadata(root, name);
    if (metadata) entry.metadata = std::move(*metadata);
    else entry.fault = metadata.error();
    out.push_back(std::move(entry));
  }
  return out;
}

struct Run::State {
  Path folder;
  RunMetadata metadata;
  std::vector<CatalogTable> tables;
  std::vector<std::string> metric_columns;
  std::vector<Place> places;  ///< by ordinal
  std::unordered_map<std::string_view, std::size_t> by_id;

  std::string_view id(const Place& place) const { return tables[place.table].text(tables[place.table].find("strategy_id"), place.row); }
  Result<std::size_t> find(const std::string& id) const;
};

Run::Run(std::unique_ptr<State> state) : state_(std::move(state)) {}
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;
Run::~Run() = default;

Result<Run> Run::open(const Path& root, const std::string& run_id) {
  auto state = std::make_unique<State>();
  TRADEWIND_ASSIGN(state->metadata, read_run_metadata(root, run_id));
  state->folder = root / run_id;
  TRADEWIND_ASSIGN(state->tables, open_catalog(state->folder));
  for (std::size_t t = 0; t < state->tables.size(); ++t) {
    const CatalogTable& table = state->tables[t];
    for (const std::string& name : table.metric_columns())
      if (std::find(state->metric_columns.begin(), state->metric_columns.end(), name) == state->metric_columns.end()) state->metric_columns.push_back(name);
    const int ordinal = table.find("ordinal");
    for (std::size_t r = 0; r < table.rows(); ++r) state->places.push_back({t, r, static_cast<std::int32_t>(table.integer(ordinal, r))});
  }
  std::stable_sort(state->places.begin(), state->places.end(), [](const Place& a, const Place& b) { return a.ordinal < b.ordinal; });
  state->by_id.reserve(state->places.size());
  std::vector<int> id_columns;
  for (const CatalogTable& table : state->tables) id_columns.push_back(table.find("strategy_id"));
  for (std::size_t i = 0; i < state->places.size(); ++i) {
    const Place& place = state->places[i];
    state->by_id.emplace(state->tables[place.table].text(id_columns[place.table], place.row), i);
  }
  return Run(std::move(state));
}

const Path& Run::folder() const noexcept { return state_->folder; }
const RunMetadata& Run::metadata() const noexcept { return state_->metadata; }
const std::vector<std::string>& Run::metric_columns() const noexcept { return state_->metric_columns; }
std::size_t Run::size() const noexcept { return state_->places.size(); }

std::vector<std::string> Run::strategy_ids() const {
  std::vector<std::string> out;
  out.reserve(size());
  for (const Place& place : state_->places) out.emplace_back(state_->id(place));
  return out;
}

Result<std::size_t> Run::State::find(const std::string& strategy_id) const {
  const auto it = by_id.find(strategy_id);
  if (it != by_id.end()) return it->second;
  std::vector<std::string> known;
  for (const auto& [name, index] : by_id) known.emplace_back(name);
  std::sort(known.begin(), known.end());
  return Error(Errc::not_found, "run '" + folder.filename().string() + "' has no strategy '" + printable(strategy_id) + "'", folder.string(), suggestion(strategy_id, known));
}

Result<std::vector<SignalMetadata>> Run::strategies(std::span<const std::string> ids) const {
  std::vector<std::string> names = state_->metric_columns;
  TRADEWIND_ASSIGN(auto rows, read_rows(state_->tables, names));
  std::vector<SignalMetadata> out;
  if (ids.empty()) {
    for (CatalogRow& row : rows) out.push_back(std::move(row.metadata));
    return out;
  }
  for (const std::string& id : ids) {
    TRADEWIND_ASSIGN(const std::size_t at, state_->find(id));
    out.push_back(rows[at].metadata);
  }
  return out;
}

Result<std::vector<Signals>> Run::load_signals(std::span<const std::string> ids) const {
  std::vector<Signals> out(ids.size());
  std::map<std::string, SignalReader, std::less<>> open_files;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    TRADEWIND_ASSIGN(const std::size_t at, state_->find(ids[i]));
    const Place& place = state_->places[at];
    const CatalogTable& table = state_->tables[place.table];
    const std::string path(table.text(table.find("signals_path"), place.row));
    if (path.empty()) return Error(Errc::not_found, "the signals of strategy '" + ids[i] + "' were not kept", state_->folder.string(), "sweep again with --keep-signals all");
    if (!is_inside(path)) return Error(Errc::corrupt, "the catalog points outside the run: '" + printable(path) + "'", table.file().string());
    const auto group = static_cast<int>(table.integer(table.find("row_group"), place.row));
    const std::int64_t rows = table.integer(table.find("signal_changes"), place.row);
    if (group < 0) {
      TRADEWIND_ASSIGN(SignalFile file, read_signal_file(state_->folder / path));
      out[i] = std::move(file.signals);
    } else if (rows > 0) {
      auto it = open_files.find(path);
      if (it == open_files.end()) {
        TRADEWIND_ASSIGN(SignalReader reader, SignalReader::open(state_->folder / path));
        it = open_files.emplace(path, std::move(reader)).first;
      }
      TRADEWIND_TRY(it->second.read(group, table.integer(table.find("first_row"), place.row), rows, out[i]));
    }
    if (static_cast<std::int64_t>(out[i].timestamp.size()) != rows)
      return Error(Errc::corrupt, "the file holds " + std::to_string(out[i].timestamp.size()) + " signals, the catalog says " + std::to_string(rows), (state_->folder / path).string());
  }
  return out;
}

namespace {

/// Strategies of one row group, or of one file, to be visited from one read.
struct Visit {
  std::string_view path;
  int group;
  std::int64_t first;
  std::int64_t rows;
  std::string_view id;
};

SignalView part(const Signals& all, std::int64_t first, std::int64_t rows) {
  const auto from = static_cast<std::size_t>(first);
  const auto count = static_cast<std::size_t>(rows);
  return {std::span(all.timestamp).subspan(from, count), std::span(all.signal).subspan(from, count), std::span(all.confidence).subspan(from, count)};
}

}  // namespace

Status Run::visit_signals(const SignalVisitor& visit) const {
  const State& state = *state_;
  std::vector<Visit> visits;
  visits.reserve(state.places.size());
  for (const CatalogTable& table : state.tables) {
    const int path = table.find("signals_path"), group = table.find("row_group"), first = table.find("first_row"), rows = table.find("signal_changes"), id = table.find("strategy_id");
    for (std::size_t r = 0; r < table.rows(); ++r)
      if (!table.is_null(path, r))
        visits.push_back({table.text(path, r), static_cast<int>(table.integer(group, r)), table.integer(first, r), table.integer(rows, r), table.text(id, r)});
  }
  std::optional<SignalReader> reader;
  std::string_view open_path;
  int open_group = -1;
  Signals group;
  for (const Visit& each : visits) {
    if (!is_inside(each.path)) return Error(Errc::corrupt, "the catalog points outside the run: '" + printable(each.path) + "'", state.folder.string());
    if (each.group < 0) {
      TRADEWIND_ASSIGN(const SignalFile file, read_signal_file(state.folder / each.path));
      TRADEWIND_TRY(visit(each.id, part(file.signals, 0, static_cast<std::int64_t>(file.signals.timestamp.size()))));
      continue;
    }
    if (each.rows == 0) {
      TRADEWIND_TRY(visit(each.id, {}));
      continue;
    }
    if (!reader || open_path != each.path) {
      reader.reset();
      TRADEWIND_ASSIGN(reader, SignalReader::open(state.folder / each.path));
      open_path = each.path;
      open_group = -1;
    }
    if (open_group != each.group) {
      if (each.group >= reader->groups()) return Error(Errc::corrupt, "the catalog points to rows the file does not have", (state.folder / each.path).string());
      TRADEWIND_TRY(reader->read(each.group, 0, reader->group_rows(each.group), group));
      open_group = each.group;
    }
    const auto held = static_cast<std::int64_t>(group.timestamp.size());
    if (each.first < 0 || each.rows < 0 || each.first > held - each.rows) return Error(Errc::corrupt, "the catalog points to rows the file does not have", (state.folder / each.path).string());
    TRADEWIND_TRY(visit(each.id, part(group, each.first, each.rows)));
  }
  return {};
}

Result<std::vector<ClassifierMetadata>> Run::classifiers() const {
  std::set<Path> folders;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(state_->folder / "classifiers", none))
    if (is_there(entry.path() / "metadata.json")) folders.insert(entry.path());
  std::vector<ClassifierMetadata> out;
  for (const Path& folder : folders) {
    TRADEWIND_ASSIGN(const std::string text, read_file(folder / "metadata.json"));
    auto parsed = parse_classifier(text);
    if (!parsed) return parsed.error().with_where((folder / "metadata.json").string());
    out.push_back(std::move(*parsed));
  }
  return out;
}

Result<States> Run::load_states(const std::string& classifier_id) const {
  TRADEWIND_TRY(check_id("classifier_id", classifier_id));
  TRADEWIND_ASSIGN(auto file, read_state_file(state_->folder / "classifiers" / classifier_id / "states.parquet"));
  return States{std::move(file.timestamp), std::move(file.state)};
}

}  // namespace tradewind::workspace
