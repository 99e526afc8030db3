// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/run_input.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/config/value.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/workspace/scan.hpp"

namespace tradewind::analysis {

RunInput::RunInput(workspace::Run run, sweep::SweepConfig config, RunData data)
    : run_(std::move(run)), config_(std::move(config)), data_(std::move(data)) {
  execution_ = {config_.fill, config_.costs, run_.metadata().periods_per_year, config_.risk_free};
}

Result<RunInput> RunInput::open(const std::string& run_id, RunData data, const Path& root) {
  TRADEWIND_ASSIGN(workspace::Run run, workspace::Run::open(root, run_id));
  const std::string& stored = run.metadata().config;
  TRADEWIND_ASSIGN(const config::Value document, config::parse_config(stored.empty() ? "{}" : stored, "metadata.json: config"));
  // A replay and a live session say on which data their signals are, but list no strategies to sweep.
  const bool has_data_only = document.find("replay") != nullptr || document.find("live") != nullptr;
  if (document.find("strategies") == nullptr && !has_data_only)
    return Error(Errc::invalid_data, fmt::format("run '{}' was not made by a sweep: it does not say on which data its signals are", run_id),
                 {}, "use runs of the sweep command");
  TRADEWIND_ASSIGN(sweep::SweepConfig config,
                   sweep::read_sweep_config(document, ".", "metadata.json: config",
                                            has_data_only ? sweep::ConfigParts::data_and_execution : sweep::ConfigParts::all));
  return RunInput(std::move(run), std::move(config), std::move(data));
}

/// The price series the run was made on, checked against the stored hash.
Result<const market::Bars*> RunInput::series(const std::string& symbol) {
  if (const auto held = bars_.find(symbol); held != bars_.end()) return &held->second;
  const auto& known = metadata().symbols;
  if (std::find(known.begin(), known.end(), symbol) == known.end())  // its bars would stand on none of timeline()'s places
    return Error(Errc::corrupt, fmt::format("the run's metadata does not list the symbol '{}'", printable(symbol)), metadata().run_id,
                 "`tradewind verify RUN` names the damaged file");
  const auto source = std::find_if(config_.data.begin(), config_.data.end(), [&](const auto& one) { return one.symbol == symbol; });
  if (source == config_.data.end())
    return Error(Errc::corrupt, fmt::format("the run's configuration has no data for {}", symbol), metadata().run_id);
  market::ReadOptions read;
  read.symbol = source->symbol;
  read.zone = source->zone;
  Path path = source->path;
  if (const auto found = metadata().data_files.find(symbol); found != metadata().data_files.end()) path = found->second;
  if (const auto given = data_.files.find(symbol); given != data_.files.end()) path = given->second;
  auto import = market::read_bars(path, read);
  if (!import)
    return import.error().with_context("reading the data of " + symbol).with_hint("say where it is by --data " + symbol + "=FILE");
  if (!import->accepted)
    return Error(Errc::invalid_data, fmt::format("{} bad rows in the data of {}", import->rejected_total, symbol), path.string());
  const auto stored = metadata().data_hashes.find(source->configured);
  if (!data_.allow_changed && stored != metadata().data_hashes.end() && stored->second != import->sha256)
    return Error(Errc::invalid_data,
                 fmt::format("the data of {} is not what run '{}' was made on (SHA-256 {}… instead of {}…)", symbol, metadata().run_id,
                             import->sha256.substr(0, 12), stored->second.substr(0, 12)),
                 path.string(), "restore the file, name it by --data, or accept the difference by --allow-changed-data");
  hashes_[symbol] = import->sha256;
  return &bars_.emplace(symbol, std::move(import->bars)).first->second;
}

std::string RunInput::data_hash(const std::string& symbol) const {
  const auto found = hashes_.find(symbol);
  return found == hashes_.end() ? std::string() : found->second;
}

Result<RunInput::Replayable> RunInput::replayable(std::span<const std::string> strategy_ids) {
  Replayable result;
  TRADEWIND_ASSIGN(const auto rows, run_.strategies(strategy_ids));
  TRADEWIND_ASSIGN(result.signals, run_.load_signals(strategy_ids));
  for (const auto& row : rows) {
    TRADEWIND_ASSIGN(const market::Bars* bars, series(row.symbol));
    result.series.push_back({bars});
  }
  return result;
}

Result<replay::ReturnTable> RunInput::returns(std::span<const std::string> strategy_ids) {
  TRADEWIND_ASSIGN(const Replayable input, replayable(strategy_ids));
  replay::SignalReplayConfig config;
  config.execution = execution_;
  for (const std::string& id : strategy_ids) config.strategies.push_back({metadata().run_id, id, 1});
  return replay::strategy_returns(config, input.signals, input.series);
}

Result<std::span<const UnixNanos>> RunInput::timeline() {
  if (!timeline_.empty()) return std::span<const UnixNanos>(timeline_);
  for (const std::string& symbol : metadata().symbols) {
    TRADEWIND_ASSIGN(const market::Bars* bars, series(symbol));
    std::vector<UnixNanos> merged;
    std::set_union(timeline_.begin(), timeline_.end(), bars->timestamp.begin(), bars->timestamp.end(), std::back_inserter(merged));
    timeline_ = std::move(merged);
  }
  return std::span<const UnixNanos>(timeline_);
}

Result<replay::ReturnTable> RunInput::returns_on_timeline(std::span<const std::string> strategy_ids) {
  TRADEWIND_ASSIGN(const auto times, timeline());
  TRADEWIND_ASSIGN(replay::ReturnTable table, returns(strategy_ids));
  if (table.timestamp.size() == times.size()) return table;
  std::vector<std::size_t> place;
  for (const UnixNanos time : table.timestamp)
    place.push_back(static_cast<std::size_t>(std::lower_bound(times.begin(), times.end(), time) - times.begin()));
  for (auto& series : table.returns) {
    std::vector<double> placed(times.size(), 0.0);
    for (std::size_t i = 0; i < place.size(); ++i) placed[place[i]] = series[i];
    series = std::move(placed);
  }
  table.timestamp.assign(times.begin(), times.end());
  return table;
}

Result<std::vector<workspace::ClassifierMetadata>> RunInput::classifiers() const {
  TRADEWIND_ASSIGN(auto all, run_.classifiers());
  TRADEWIND_ASSIGN(const auto consensus, run_.consensus());
  all.insert(all.end(), consensus.begin(), consensus.end());
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.classifier_id < b.classifier_id; });
  return all;
}

Result<RunInput::StatesOn> RunInput::states_on(const std::string& classifier_id, std::span<const UnixNanos> timeline) const {
  TRADEWIND_ASSIGN(const auto all, classifiers());
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.classifier_id == classifier_id; });
  if (found == all.end()) {
    std::vector<std::string> known;
    for (const auto& one : all) known.push_back(one.classifier_id);
    return Error(Errc::unknown_name, fmt::format("run '{}' has no classifier '{}'", metadata().run_id, printable(classifier_id)),
                 "--regimes", known.empty() ? "sweep with classifiers to have some" : fmt::format("known: {}", fmt::join(known, "  ")));
  }
  TRADEWIND_ASSIGN(const workspace::States states, run_.load_states(classifier_id));
  StatesOn result{found->labels, {}};
  std::int8_t held = -1;
  std::size_t next = 0;
  for (const UnixNanos bar : timeline) {
    for (; next < states.timestamp.size() && states.timestamp[next] <= bar; ++next) held = states.state[next];
    result.state.push_back(held);
  }
  return result;
}

Result<std::vector<std::string>> best_strategies(const std::string& run_id, const std::string& where, const std::string& sort,
                                                 std::size_t limit, const Path& root) {
  workspace::ScanQuery query;
  query.where = where;
  query.sort = sort;
  query.limit = limit;
  query.columns = {"strategy_id"};
  const std::vector<std::string> runs = {run_id};
  TRADEWIND_ASSIGN(const auto best, workspace::scan(root, runs, query));
  if (best.matched == 0)
    return Error(Errc::nothing_matched, fmt::format("no strategy of {} in run '{}' matches", best.scanned, run_id), where);
  std::vector<std::string> ids;
  for (std::size_t row = 0; row < best.rows; ++row) ids.emplace_back(best.columns.front().text(row));
  return ids;
}

}  // namespace tradewind::analysis
