// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/reader.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "tradewind/base/text.hpp"
#include "tradewind/workspace/catalog_internal.hpp"
#include "tradewind/workspace/consensus_internal.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/parquet_internal.hpp"
#include "tradewind/workspace/signal_file.hpp"

namespace tradewind::workspace {
namespace {

bool is_folder(const Path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

/// What the workspace holds as runs; other folders in it (`_live`, files of the user's) are none.
std::set<std::string> run_names(const Path& root, std::error_code& failure) {
  std::set<std::string> names;
  for (auto it = std::filesystem::directory_iterator(root, failure); !failure && it != std::filesystem::directory_iterator();
       it.increment(failure)) {
    const std::string name = it->path().filename().string();
    if (check_id("run_id", name) && name.front() != '.' && (is_there(it->path() / "metadata.json") || is_there(it->path() / "catalog")))
      names.insert(name);
  }
  return names;
}

Error no_run(const Path& root, const std::string& run_id) {
  std::error_code ignored;
  const auto names = run_names(root, ignored);
  const std::vector<std::string> known(names.begin(), names.end());
  return {Errc::not_found, "run '" + printable(run_id) + "' is not there", root.string(), suggestion(run_id, known)};
}

/// Where a strategy's rows are.
struct Place {
  std::size_t table = 0;
  std::size_t row = 0;
  std::int32_t ordinal = 0;
};

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
  parsed->metadata.run_id = run_id;  // a run is called what its folder is called, whatever the file says
  return std::move(parsed->metadata);
}

Result<std::vector<RunEntry>> list_runs(const Path& root) {
  if (!is_folder(root))
    return Error(Errc::not_found, "the workspace is not there", root.string(),
                 "run a sweep first, or name another folder (--workspace DIR)");
  std::error_code failure;
  const auto names = run_names(root, failure);
  if (failure) return Error(Errc::storage, "cannot list the workspace: " + failure.message(), root.string());
  std::vector<RunEntry> out;
  for (const std::string& name : names) {
    RunEntry entry{name, {}, std::nullopt};
    auto metadata = read_run_metadata(root, name);
    if (metadata)
      entry.metadata = std::move(*metadata);
    else
      entry.fault = metadata.error();
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
    TRADEWIND_TRY(table.pages().check_all());
    for (const std::string& name : table.metric_columns())
      if (std::find(state->metric_columns.begin(), state->metric_columns.end(), name) == state->metric_columns.end())
        state->metric_columns.push_back(name);
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
  return Error(Errc::not_found, "run '" + folder.filename().string() + "' has no strategy '" + printable(strategy_id) + "'",
               folder.string(), suggestion(strategy_id, known));
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

namespace {

/// One strategy to read, in the order of files and row groups so that each is opened and decoded once.
struct Visit {
  std::string_view path;
  int group;
  std::int64_t first;
  std::int64_t rows;
  std::string_view id;
  std::size_t index;  ///< in the caller's order
};

SignalView part(const Signals& all, std::int64_t first, std::int64_t rows) {
  const auto from = static_cast<std::size_t>(first);
  const auto count = static_cast<std::size_t>(rows);
  return {std::span(all.timestamp).subspan(from, count), std::span(all.signal).subspan(from, count),
          std::span(all.confidence).subspan(from, count)};
}

/// Reads strategies one after the other, keeping the file and the row group of the last one.
class VisitReader {
 public:
  explicit VisitReader(const Path& folder) : folder_(folder) {}

  /// `alone`: no neighbour needs the same row group, so only the strategy's own rows are kept.
  Result<SignalView> read(const Visit& visit, bool alone) {
    if (!is_signals_path(visit.path))
      return Error(Errc::corrupt, "the catalog points outside the run: '" + printable(visit.path) + "'", folder_.string());
    if (visit.group < 0) {
      TRADEWIND_ASSIGN(SignalFile file, read_signal_file(folder_ / visit.path));
      rows_ = std::move(file.signals);
      group_ = -1;
      if (static_cast<std::int64_t>(rows_.timestamp.size()) != visit.rows) return wrong_rows(visit);
      return part(rows_, 0, visit.rows);
    }
    if (visit.rows == 0) return SignalView{};
    if (!reader_ || path_ != visit.path) {
      reader_.reset();
      group_ = -1;
      TRADEWIND_ASSIGN(reader_, SignalReader::open(folder_ / visit.path));
      path_ = visit.path;
    }
    if (visit.group >= reader_->groups()) return wrong_rows(visit);
    if (alone) {
      group_ = -1;
      TRADEWIND_TRY(reader_->read(visit.group, visit.first, visit.rows, rows_));
      return checked(visit, part(rows_, 0, visit.rows));
    }
    if (group_ != visit.group) {
      group_ = -1;
      TRADEWIND_TRY(reader_->read(visit.group, 0, reader_->group_rows(visit.group), rows_));
      group_ = visit.group;
    }
    const auto held = static_cast<std::int64_t>(rows_.timestamp.size());
    if (visit.first < 0 || visit.rows < 0 || visit.first > held - visit.rows) return wrong_rows(visit);
    return checked(visit, part(rows_, visit.first, visit.rows));
  }

 private:
  /// A row range that begins or ends inside another strategy's rows is seen by its times.
  Result<SignalView> checked(const Visit& visit, const SignalView& view) const {
    if (const auto good = check_signals(view); !good)
      return Error(Errc::corrupt, "the signals of strategy '" + printable(visit.id) + "' are damaged: " + good.error().message(),
                   (folder_ / visit.path).string() + ", " + good.error().where(), "`tradewind verify RUN` names the damaged file");
    return view;
  }
  Error wrong_rows(const Visit& visit) const {
    return {Errc::corrupt, "the file does not hold the rows the catalog says for strategy '" + printable(visit.id) + "'",
            (folder_ / visit.path).string(), "`tradewind verify RUN` names the damaged file"};
  }
  const Path& folder_;
  std::optional<SignalReader> reader_;
  std::string_view path_;
  int group_ = -1;
  Signals rows_;
};

Visit visit_of(const CatalogTable& table, std::size_t row, std::size_t index) {
  return {table.text(table.find("signals_path"), row), static_cast<int>(table.integer(table.find("row_group"), row)),
          table.integer(table.find("first_row"), row), table.integer(table.find("signal_changes"), row),
          table.text(table.find("strategy_id"), row),  index};
}

}  // namespace

namespace {

Error no_signals(const RunMetadata& run, const std::string& id, const Path& folder) {
  if (run.is_replay())
    return {Errc::not_found, "'" + printable(id) + "' combines the strategies of the replay and has no signals of its own", folder.string(),
            "name strategies; tradewind replay " + run.run_id + " makes the combination again"};
  return {Errc::not_found, "the signals of strategy '" + printable(id) + "' were not kept", folder.string(),
          "sweep again with --keep-signals all"};
}

}  // namespace

Result<std::vector<Signals>> Run::load_signals(std::span<const std::string> ids) const {
  std::vector<Visit> visits;
  visits.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    TRADEWIND_ASSIGN(const std::size_t at, state_->find(ids[i]));
    const Place& place = state_->places[at];
    visits.push_back(visit_of(state_->tables[place.table], place.row, i));
    if (visits.back().path.empty()) return no_signals(state_->metadata, ids[i], state_->folder);
  }
  std::stable_sort(visits.begin(), visits.end(), [](const Visit& a, const Visit& b) {
    return a.path != b.path ? a.path < b.path : a.group != b.group ? a.group < b.group : a.first < b.first;
  });
  std::vector<Signals> out(ids.size());
  VisitReader reader(state_->folder);
  const auto shares = [&](std::size_t a, std::size_t b) { return visits[a].path == visits[b].path && visits[a].group == visits[b].group; };
  for (std::size_t v = 0; v < visits.size(); ++v) {
    const bool alone = !(v > 0 && shares(v, v - 1)) && !(v + 1 < visits.size() && shares(v, v + 1));
    TRADEWIND_ASSIGN(const SignalView view, reader.read(visits[v], alone));
    Signals& target = out[visits[v].index];
    target.timestamp.assign(view.timestamp.begin(), view.timestamp.end());
    target.signal.assign(view.signal.begin(), view.signal.end());
    target.confidence.assign(view.confidence.begin(), view.confidence.end());
  }
  return out;
}

Status Run::visit_signals(const SignalVisitor& visit) const {
  const State& state = *state_;
  VisitReader reader(state.folder);
  for (const CatalogTable& table : state.tables) {
    const int path = table.find("signals_path");
    for (std::size_t r = 0; r < table.rows(); ++r) {
      if (table.is_null(path, r)) continue;
      const Visit each = visit_of(table, r, r);
      TRADEWIND_ASSIGN(const SignalView view, reader.read(each, false));
      TRADEWIND_TRY(visit(each.id, view));
    }
  }
  return {};
}

namespace {

/// What a classifier's folder says about itself: it must be of the classifier the folder is named after.
Result<ClassifierMetadata> read_classifier(const Path& folder) {
  const Path path = folder / "metadata.json";
  TRADEWIND_ASSIGN(const std::string text, read_file(path));
  auto parsed = parse_classifier(text);
  if (!parsed) return parsed.error().with_where(path.string());
  if (parsed->classifier_id != folder.filename().string())
    return Error(Errc::corrupt, "it describes classifier '" + printable(parsed->classifier_id) + "'", path.string(),
                 "restore the file from a copy, or write the run again");
  return parsed;
}

}  // namespace

Result<std::vector<ClassifierMetadata>> Run::classifiers() const {
  std::set<Path> folders;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(state_->folder / "classifiers", none))
    if (is_there(entry.path() / "metadata.json")) folders.insert(entry.path());
  std::vector<ClassifierMetadata> out;
  for (const Path& folder : folders) {
    TRADEWIND_ASSIGN(out.emplace_back(), read_classifier(folder));
  }
  return out;
}

Result<std::vector<ClassifierMetadata>> Run::consensus() const {
  TRADEWIND_ASSIGN(const auto parts, consensus_parts(state_->folder));
  std::vector<ClassifierMetadata> out;
  for (const auto& [symbol, place] : parts) out.push_back(place.second.metadata);
  return out;
}

Result<ConsensusRegimes> Run::load_consensus(const std::string& symbol) const {
  TRADEWIND_ASSIGN(const auto parts, consensus_parts(state_->folder));
  const auto found = parts.find(symbol);
  if (found != parts.end()) return read_consensus(found->second.first, found->second.second);
  std::vector<std::string> known;
  for (const auto& [name, place] : parts) known.push_back(name);
  return Error(Errc::not_found, "run '" + state_->folder.filename().string() + "' has no consensus of '" + printable(symbol) + "'",
               state_->folder.string(), known.empty() ? "a sweep with two classifiers or more writes one" : suggestion(symbol, known));
}

Result<States> Run::load_states(const std::string& classifier_id) const {
  TRADEWIND_TRY(check_id("classifier_id", classifier_id));
  constexpr std::string_view kSuffix = ".consensus";
  if (classifier_id.ends_with(kSuffix) && !is_there(state_->folder / "classifiers" / classifier_id)) {
    std::string symbol = classifier_id.substr(0, classifier_id.size() - kSuffix.size());
    TRADEWIND_ASSIGN(const auto parts, consensus_parts(state_->folder));
    for (const auto& [name, place] : parts)
      if (consensus_id(name) == classifier_id) symbol = name;
    TRADEWIND_ASSIGN(const auto consensus, load_consensus(symbol));
    States sparse;
    for (std::size_t i = 0; i < consensus.state.size(); ++i) {
      if (consensus.state[i] == (sparse.state.empty() ? -1 : sparse.state.back())) continue;
      sparse.timestamp.push_back(consensus.timestamp[i]);
      sparse.state.push_back(consensus.state[i]);
    }
    return sparse;
  }
  const Path folder = state_->folder / "classifiers" / classifier_id;
  TRADEWIND_ASSIGN(const ClassifierMetadata metadata, read_classifier(folder));
  TRADEWIND_ASSIGN(auto file, read_state_file(folder / "states.parquet", metadata.labels.size()));
  return States{std::move(file.timestamp), std::move(file.state)};
}

}  // namespace tradewind::workspace
