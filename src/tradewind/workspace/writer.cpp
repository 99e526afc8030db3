// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/writer.hpp"

#include <algorithm>
#include <unordered_map>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/version.hpp"
#include "tradewind/workspace/consensus_internal.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/writer_internal.hpp"

namespace tradewind::workspace {
namespace {

Status check_metrics(const std::vector<std::string>& names) {
  std::set<std::string_view> seen(fixed_columns().begin(), fixed_columns().end());
  for (const std::string& name : names)
    if (!seen.insert(name).second || name.starts_with("param.") || name.empty())
      return Error(Errc::usage, "'" + printable(name) + "' cannot be a metric's name: it is taken", {}, "name it otherwise");
  return {};
}

/// Whether the run was written under the conditions given, as far as both name them.
Status check_conditions(const RunMetadata& run, const std::map<std::string, std::string>& wanted, const Path& folder) {
  std::string differences;
  for (const auto& [name, value] : wanted) {
    auto held = run.conditions.find(name);
    // "fill SPY": runs of before have one "fill" for all symbols.
    if (held == run.conditions.end()) held = run.conditions.find(name.substr(0, name.find(' ')));
    if (held == run.conditions.end() || held->second == value) continue;
    differences +=
        (differences.empty() ? "" : "; ") + name + ": the run has " + printable(held->second, 80) + ", now it is " + printable(value, 80);
  }
  if (differences.empty()) return {};
  return Error(Errc::invalid_config, "what would be written cannot stand beside what run '" + run.run_id + "' holds: " + differences,
               (folder / "metadata.json").string(), "write a new run (--run-id), or use the data and execution the run was started with");
}

/// An execution with the symbols that only the other one has behind its own.
RunExecution with_data_of(RunExecution execution, const RunExecution& other) {
  for (const SymbolPrices& data : other.data)
    if (execution.find(data.symbol) == nullptr) execution.data.push_back(data);
  return execution;
}

/// The metadata of a run that other writers have described before.
RunMetadata united(const RunMetadata& run, RunMetadata mine, const std::string& writer, bool first) {
  RunMetadata out = std::move(mine);
  const auto add_symbols = [](std::vector<std::string>& to, const std::vector<std::string>& from) {
    for (const std::string& symbol : from)
      if (std::find(to.begin(), to.end(), symbol) == to.end()) to.push_back(symbol);
  };
  std::vector<std::string> symbols = first ? out.symbols : run.symbols;
  add_symbols(symbols, first ? run.symbols : out.symbols);
  out.symbols = std::move(symbols);
  if (run.start_date != 0) out.start_date = std::min(out.start_date, run.start_date);
  out.end_date = std::max(out.end_date, run.end_date);
  if (!first)
    out.execution = run.execution.data.empty() ? out.execution : with_data_of(run.execution, out.execution);
  else
    out.execution = with_data_of(std::move(out.execution), run.execution);
  out.periods_per_year = std::max(out.periods_per_year, run.periods_per_year);
  out.data_hashes.insert(run.data_hashes.begin(), run.data_hashes.end());
  out.data_files.insert(run.data_files.begin(), run.data_files.end());
  out.conditions.insert(run.conditions.begin(), run.conditions.end());
  out.configs.insert(run.configs.begin(), run.configs.end());
  if (first) return out;
  out.configs[writer] = out.config;
  out.created_at = run.created_at;
  out.workflow_type = run.workflow_type;
  if (!run.config.empty()) out.config = run.config;
  return out;
}

std::string catalog_name(const std::string& writer, int number) { return writer + "-" + std::to_string(number) + ".arrow"; }

}  // namespace

Status sync_folders(const Path& folder, const Checksums& files) {
  std::set<Path> folders;
  for (const auto& [path, sum] : files) folders.insert((folder / path).parent_path());
  constexpr std::size_t kMany = 16;
  if (folders.size() > kMany) return sync_file_system(folder);
  for (const Path& each : folders) TRADEWIND_TRY(sync_path(each));
  folders.erase(folder / kSegmentFolder);  // made durable when it was created
  return folders.empty() ? Status() : sync_path(folder / "signals");
}

std::vector<std::string> segment_sizes(std::span<const CatalogTable> tables) {
  std::vector<std::string> out;
  for (const CatalogTable& table : tables) out.push_back(split_segment_name(table.name()).first + " " + std::to_string(table.rows()));
  return out;
}

std::vector<std::string> superseding(std::span<const CatalogTable> tables) {
  std::set<std::string> names;
  for (const CatalogTable& table : tables) {
    names.insert(table.name());
    names.insert(table.supersedes().begin(), table.supersedes().end());
  }
  return {names.begin(), names.end()};
}

int next_number(std::span<const CatalogTable> tables, const std::string& writer) {
  int next = 0;
  const auto see = [&](const std::string& name) {
    const auto [owner, number] = split_segment_name(name);
    if (owner == writer) next = std::max(next, number + 1);
  };
  for (const CatalogTable& table : tables) {
    see(table.name());
    for (const std::string& name : table.supersedes()) see(name);
  }
  return next;
}

RunWriter::RunWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
RunWriter::RunWriter(RunWriter&&) noexcept = default;
RunWriter& RunWriter::operator=(RunWriter&&) noexcept = default;
RunWriter::~RunWriter() = default;

namespace {

template <class State>
Result<std::unique_ptr<State>> start(const Path& root, const std::string& run_id, RunWriterOptions options, bool resume) {
  TRADEWIND_TRY(check_id("run_id", run_id));
  TRADEWIND_TRY(check_metrics(options.metric_columns));
  const Path folder = root / run_id;
  std::error_code ignored;
  TRADEWIND_TRY(refuse_links(folder));
  if (!resume && std::filesystem::exists(folder / "metadata.json", ignored) && !std::filesystem::exists(folder / "catalog", ignored))
    return Error(Errc::already_exists, "run '" + run_id + "' is there already", folder.string(), "choose another --run-id");
  if (std::filesystem::exists(folder / "metadata.json", ignored)) {
    TRADEWIND_ASSIGN(const RunMetadata known, read_run_metadata(root, run_id));
    TRADEWIND_TRY(check_conditions(known, options.conditions, folder));
  }
  auto claim = resume ? Claim::resume(folder / "catalog", options.writer, options.strategies)
                      : Claim::create(folder / "catalog", options.writer, options.strategies);
  if (!claim) return claim.error().with_context("run '" + run_id + "'");
  auto state = std::make_unique<State>(std::move(*claim));
  state->folder = folder;
  state->run_id = run_id;
  state->metric_columns = std::make_shared<const std::vector<std::string>>(options.metric_columns);
  state->options = std::move(options);
  std::sort(state->options.strategies.begin(), state->options.strategies.end());
  if (const auto loaded = state->load(); !loaded) return loaded.error().with_context("run '" + run_id + "'");
  return state;
}

}  // namespace

Result<RunWriter> RunWriter::create(const Path& root, const std::string& run_id, RunWriterOptions options) {
  TRADEWIND_ASSIGN(auto state, start<State>(root, run_id, std::move(options), false));
  return RunWriter(std::move(state));
}

Result<RunWriter> RunWriter::resume(const Path& root, const std::string& run_id, RunWriterOptions options) {
  TRADEWIND_ASSIGN(auto state, start<State>(root, run_id, std::move(options), true));
  return RunWriter(std::move(state));
}

const std::unordered_set<std::uint64_t>& RunWriter::committed() const noexcept { return state_->committed; }
const std::unordered_set<std::uint64_t>& RunWriter::with_signals() const noexcept { return state_->with_signals; }
const Path& RunWriter::folder() const noexcept { return state_->folder; }

SegmentBuilder RunWriter::new_segment() const {
  auto state = std::make_unique<SegmentBuilder::State>();
  state->folder = state_->folder;
  state->layout = state_->options.layout;
  state->metric_columns = state_->metric_columns;
  state->first_ordinal = state_->claim.block() * kMaxOrdinal;
  const int number = state_->builders.fetch_add(1);
  state->marker = "." + state_->options.writer + "-" + std::to_string(number);
  if (state->layout == Layout::packed)
    state->temporary = state_->folder / kSegmentFolder / (state_->options.writer + "-" + std::to_string(number) + ".parquet.tmp");
  return SegmentBuilder(std::move(state));
}

Status RunWriter::State::take(SegmentBuilder&& segment, bool attach) {
  TRADEWIND_ASSERT(segment.state_ && segment.state_->folder == folder, "a segment belongs to the writer that made it");
  TRADEWIND_TRY(segment.close());
  auto& rows = segment.state_->rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string& id = rows[i].metadata.strategy_id;
    if (attach ? ids.contains(id) : ids.insert(id).second) continue;
    if (!attach)
      for (std::size_t j = 0; j < i; ++j) ids.erase(rows[j].metadata.strategy_id);
    return Error(attach ? Errc::not_found : Errc::already_exists,
                 "strategy '" + id + (attach ? "' has no row to attach signals to" : "' is in the run twice"), folder.string());
  }
  if (const auto reserved = attach ? Status() : reserve(rows); !reserved) {
    for (const CatalogRow& row : rows) ids.erase(row.metadata.strategy_id);
    return reserved;
  }
  if (segment.state_->writer)
    segment.state_->segment_path = std::string(kSegmentFolder) + "/" + options.writer + "-" + std::to_string(next_segment++) + ".parquet";
  (attach ? attached : pending).push_back(std::move(segment.state_));
  return {};
}

Status RunWriter::add(SegmentBuilder&& segment) { return state_->take(std::move(segment), false); }
Status RunWriter::attach(SegmentBuilder&& segment) { return state_->take(std::move(segment), true); }

/// The writer's committed rows with the attached locations, what they supersede and their checksums; nothing when nothing is attached.
Result<std::vector<CatalogRow>> RunWriter::State::with_attached(std::vector<std::string>& supersedes, Checksums& sums) {
  std::vector<CatalogRow> rows;
  if (attached.empty()) return rows;
  TRADEWIND_ASSIGN(auto tables, open_catalog(folder));
  std::erase_if(tables, [&](const CatalogTable& table) { return split_segment_name(table.name()).first != options.writer; });
  for (const CatalogTable& table : tables) {
    TRADEWIND_TRY(table.read(rows));
    TRADEWIND_ASSIGN(Checksums known, read_checksums(table.file()));
    known.erase("catalog/" + table.name());
    sums.merge(known);
  }
  supersedes = superseding(tables);
  std::unordered_map<std::string_view, const CatalogRow*> found;
  for (const auto& segment : attached)
    for (const CatalogRow& row : segment->rows) found.emplace(row.metadata.strategy_id, &row);
  for (CatalogRow& row : rows) {
    const auto it = found.find(row.metadata.strategy_id);
    if (it == found.end()) continue;
    row.signals_path = it->second->signals_path;
    row.row_group = it->second->row_group;
    row.first_row = it->second->first_row;
  }
  return rows;
}

Status RunWriter::commit() {
  State& state = *state_;
  if (state.pending.empty() && state.attached.empty()) return {};
  Checksums sums;
  for (auto* list : {&state.pending, &state.attached})
    for (auto& segment : *list) {
      TRADEWIND_TRY(segment->place());
      sums.insert(segment->files.begin(), segment->files.end());
    }
  TRADEWIND_TRY(sync_folders(state.folder, sums));
  std::vector<std::string> supersedes;
  TRADEWIND_ASSIGN(std::vector<CatalogRow> rows, state.with_attached(supersedes, sums));
  for (const auto& segment : state.pending) rows.insert(rows.end(), segment->rows.begin(), segment->rows.end());
  TRADEWIND_ASSIGN(const std::string bytes, encode_catalog(rows, *state.metric_columns, supersedes));
  TRADEWIND_TRY(commit_catalog(state.folder, catalog_name(state.options.writer, state.next_catalog), bytes, sums));
  ++state.next_catalog;
  remove_superseded(state.folder, supersedes);
  for (auto* list : {&state.pending, &state.attached}) {
    for (const auto& segment : *list)
      for (const CatalogRow& row : segment->rows) {
        state.committed.insert(row.metadata.parameter_hash);
        if (!row.signals_path.empty()) state.with_signals.insert(row.metadata.parameter_hash);
      }
    list->clear();
  }
  return {};
}

Status RunWriter::State::compact() {
  TRADEWIND_ASSIGN(auto tables, open_catalog(folder));
  std::erase_if(tables, [&](const CatalogTable& table) { return split_segment_name(table.name()).first != options.writer; });
  if (tables.size() < 2) return {};
  std::vector<CatalogRow> rows;
  Checksums sums;
  for (const CatalogTable& table : tables) {
    TRADEWIND_TRY(table.read(rows));
    TRADEWIND_ASSIGN(Checksums known, read_checksums(table.file()));
    known.erase("catalog/" + table.name());
    sums.merge(known);
  }
  std::stable_sort(rows.begin(), rows.end(), [](const CatalogRow& a, const CatalogRow& b) { return a.ordinal < b.ordinal; });
  const auto supersedes = superseding(tables);
  TRADEWIND_ASSIGN(const std::string bytes, encode_catalog(rows, *metric_columns, supersedes));
  TRADEWIND_TRY(commit_catalog(folder, catalog_name(options.writer, next_catalog), bytes, sums));
  ++next_catalog;
  remove_superseded(folder, supersedes);
  return {};
}

Status RunWriter::write_classifier(const ClassifierMetadata& metadata, const StateView& states) {
  State& state = *state_;
  TRADEWIND_TRY(check_id("classifier_id", metadata.classifier_id));
  if (states.timestamp.size() != states.state.size())
    return Error(Errc::invalid_data, "times and states differ in number", metadata.classifier_id);
  for (std::size_t i = 0; i < states.state.size(); ++i) {
    const bool known = states.state[i] >= -1 && states.state[i] < static_cast<int>(metadata.labels.size());
    if (!known || (i > 0 && states.timestamp[i] <= states.timestamp[i - 1]))
      return Error(Errc::invalid_data,
                   known ? "timestamp is not after the one before" : "state " + std::to_string(states.state[i]) + " has no label",
                   "row " + std::to_string(i + 1));
  }
  const std::string base = "classifiers/" + metadata.classifier_id + "/";
  // Writers of one run that share a classifier write the same bytes to the same names.
  TRADEWIND_ASSIGN([[maybe_unused]] const Claim turn, Claim::turn(state.folder / "catalog"));
  TRADEWIND_TRY(make_directories(state.folder / base));
  const KeyValues key_values{{"tradewind.format", std::to_string(kFormatVersion)}, {"classifier_id", metadata.classifier_id},
                             {"classifier_type", metadata.classifier_type},        {"symbol", metadata.symbol},
                             {"parameters", parameters_json(metadata.parameters)}, {"hindsight", metadata.hindsight ? "true" : "false"}};
  TRADEWIND_ASSIGN(state.other_files[base + "states.parquet"],
                   write_state_file(state.folder / (base + "states.parquet"), states, metadata.labels, key_values));
  std::vector<std::pair<UnixNanos, int>> changes;
  for (std::size_t i = 0; i < states.state.size(); ++i) changes.emplace_back(states.timestamp[i], states.state[i]);
  for (const auto& [name, text] :
       {std::pair{"transitions.json", transitions_json(metadata, changes)}, std::pair{"metadata.json", classifier_json(metadata)}}) {
    TRADEWIND_TRY(write_file_durable(state.folder / (base + name), text));
    state.other_files[base + name] = sha256_hex(text);
  }
  return {};
}

Result<ConsensusBuilder> RunWriter::new_consensus(std::vector<std::string> columns) const {
  const Path path = state_->folder / consensus_path(state_->options.writer, state_->claim.block() == 0);
  TRADEWIND_ASSIGN(auto state, ConsensusBuilder::State::open(path, std::move(columns)));
  return ConsensusBuilder(std::move(state));
}

Status RunWriter::add(ConsensusBuilder&& consensus) {
  const auto state = std::move(consensus.state_);
  TRADEWIND_ASSERT(state && state->path.string().starts_with(state_->folder.string()), "a consensus belongs to the writer that made it");
  TRADEWIND_ASSIGN(state_->other_files[state->path.lexically_relative(state_->folder).string()], state->close());
  return {};
}

Result<RunMetadata> RunWriter::State::learn(RunMetadata metadata) {
  const bool first = claim.block() == 0;
  if (metadata.conditions.empty()) metadata.conditions = options.conditions;
  std::error_code ignored;
  if (!std::filesystem::exists(folder / "metadata.json", ignored)) {
    if (!first) metadata.configs[options.writer] = metadata.config;
    return metadata;
  }
  TRADEWIND_ASSIGN(const std::string text, read_file(folder / "metadata.json"));
  TRADEWIND_ASSIGN(const auto parsed, parse_run_metadata(text));
  TRADEWIND_TRY(check_conditions(parsed.metadata, metadata.conditions, folder));
  for (const auto& [path, sum] : parsed.checksums)
    if (!path.starts_with("classifiers/") || !other_files.contains(path)) other_files[path] = sum;
  return united(parsed.metadata, std::move(metadata), options.writer, first);
}

Status RunWriter::write_metadata(const RunMetadata& metadata) {
  TRADEWIND_ASSIGN([[maybe_unused]] const Claim turn, Claim::turn(state_->folder / "catalog"));
  TRADEWIND_ASSIGN(const RunMetadata whole, state_->learn(metadata));
  return commit_documents(state_->folder, whole, state_->other_files, {});
}

Result<RunMetadata> RunWriter::finish(RunMetadata metadata) {
  State& state = *state_;
  TRADEWIND_TRY(commit());
  TRADEWIND_TRY(state.compact());
  // Writers that finish together take turns at the summaries and metadata.json: the last one sees what all have committed.
  TRADEWIND_ASSIGN([[maybe_unused]] const Claim turn, Claim::turn(state.folder / "catalog"));
  TRADEWIND_ASSIGN(metadata, state.learn(std::move(metadata)));
  TRADEWIND_ASSIGN(const auto tables, open_catalog(state.folder));
  std::vector<std::string> names = *state.metric_columns;
  TRADEWIND_ASSIGN(const auto rows, read_rows(tables, names));
  metadata.run_id = state.run_id;
  if (metadata.tradewind_version.empty()) metadata.tradewind_version = TRADEWIND_VERSION;
  if (metadata.layout.empty()) metadata.layout = state.options.layout == Layout::packed ? "packed" : "files";
  const Documents documents = summaries(state.folder, rows, names, metadata);
  metadata.catalog = segment_sizes(tables);
  TRADEWIND_TRY(commit_documents(state.folder, metadata, state.other_files, documents));
  return metadata;
}

}  // namespace tradewind::workspace
