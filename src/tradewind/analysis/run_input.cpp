// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/run_input.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/replay/signal_pricing.hpp"
#include "tradewind/workspace/scan.hpp"

namespace tradewind::analysis {

namespace {

Error no_data(const std::string& run_id) {
  return {Errc::invalid_data, fmt::format("run '{}' does not say on which prices its signals are", run_id), "metadata.json: execution",
          fmt::format("say it by `tradewind reindex {} --data SYMBOL=FILE`, with the costs of its trades", run_id)};
}

std::vector<std::string> ids_of(std::span<const replay::ReplayStrategy> held) {
  std::vector<std::string> ids;
  for (const auto& one : held) ids.push_back(one.strategy_id);
  return ids;
}

}  // namespace

Result<RunInput> RunInput::open(const std::string& run_id, RunData data, const Path& root) {
  TRADEWIND_ASSIGN(workspace::Run run, workspace::Run::open(root, run_id));
  if (run.metadata().execution.data.empty()) return no_data(run_id);
  RunInput input(std::move(run), std::move(data));
  TRADEWIND_TRY(input.read_execution());
  return input;
}

/// The run's own words for fills and slippage as what they mean.
Status RunInput::read_execution() {
  const workspace::RunExecution& stored = metadata().execution;
  const auto unknown = [&](const char* what, const std::string& name) {
    return Error(Errc::corrupt, fmt::format("the run's metadata have an unknown {} '{}'", what, printable(name)), metadata().run_id,
                 "`tradewind verify RUN` names the damaged file");
  };
  const auto fill = enum_from_name<metrics::FillModel>(stored.fill);
  if (!fill) return unknown("fill", stored.fill);
  const auto slippage = enum_from_name<metrics::SlippageModel>(stored.slippage_model);
  if (!slippage) return unknown("slippage model", stored.slippage_model);
  const auto is_rate = [](double rate) { return rate >= 0 && rate <= 1; };
  if (!is_rate(stored.commission_rate) || !is_rate(stored.slippage_rate)) return unknown("cost", number_text(stored.commission_rate));
  execution_ = {*fill, {stored.commission_rate, *slippage, stored.slippage_rate}, metadata().periods_per_year, stored.risk_free};
  for (const workspace::SymbolPrices& one : stored.data) {
    if (!(one.periods_per_year > 0)) return unknown("number of bars per year of", one.symbol);
    if (one.fill.empty() || one.fill == stored.fill) continue;
    const auto own = enum_from_name<metrics::FillModel>(one.fill);
    if (!own) return unknown("fill", one.fill);
    fills_[one.symbol] = *own;
  }
  return {};
}

metrics::TradeTables::Options RunInput::execution_of(const std::string& symbol) const {
  metrics::TradeTables::Options own = execution_;
  if (const auto* stored = metadata().execution.find(symbol)) own.periods_per_year = stored->periods_per_year;
  if (const auto fill = fills_.find(symbol); fill != fills_.end()) own.fill = fill->second;
  return own;
}

Result<metrics::TradeTables::Options> RunInput::execution_over(std::span<const std::string> strategy_ids) const {
  TRADEWIND_ASSIGN(const auto rows, run_.strategies(strategy_ids));
  metrics::TradeTables::Options over = execution_;
  over.periods_per_year = 0;
  for (const auto& row : rows) over.periods_per_year = std::max(over.periods_per_year, execution_of(row.symbol).periods_per_year);
  return over;
}

replay::ReplaySeries RunInput::series_of(const std::string& symbol, const market::Bars& bars) const {
  const metrics::TradeTables::Options own = execution_of(symbol);
  return {&bars, own.fill, own.periods_per_year};
}

/// The price series the run was made on, checked against the stored hash.
Result<const market::Bars*> RunInput::series(const std::string& symbol) {
  if (const auto held = bars_.find(symbol); held != bars_.end()) return &held->second;
  const auto& known = metadata().symbols;
  if (std::find(known.begin(), known.end(), symbol) == known.end())  // its bars would stand on none of timeline()'s places
    return Error(Errc::corrupt, fmt::format("the run's metadata does not list the symbol '{}'", printable(symbol)), metadata().run_id,
                 "`tradewind verify RUN` names the damaged file");
  const workspace::SymbolPrices* source = metadata().execution.find(symbol);
  if (source == nullptr)
    return Error(Errc::invalid_data, fmt::format("run '{}' does not say where the prices of {} are", metadata().run_id, symbol),
                 "metadata.json: execution", fmt::format("say it by `tradewind reindex RUN --data {}=FILE`", symbol));
  TRADEWIND_ASSIGN(const market::ReadOptions read, replay::read_options_of(*source));
  Path path = source->path;
  if (const Path own = run_.folder() / "data" / path.filename();
      path.parent_path().filename() == "data" && !is_there(path) && is_there(own))
    path = own;  // the prices lie in the run, and the run was moved
  if (const auto given = data_.files.find(symbol); given != data_.files.end()) path = given->second;
  auto import = market::read_bars(path, read);
  if (!import)
    return import.error().with_context("reading the data of " + symbol).with_hint("say where it is by --data " + symbol + "=FILE");
  if (!import->accepted)
    return Error(Errc::invalid_data, fmt::format("{} bad rows in the data of {}", import->rejected_total, symbol), path.string());
  if (!data_.allow_changed && !source->sha256.empty() && source->sha256 != import->sha256)
    return Error(Errc::invalid_data,
                 fmt::format("the data of {} is not what run '{}' was made on (SHA-256 {}… instead of {}…)", symbol, metadata().run_id,
                             import->sha256.substr(0, 12), source->sha256.substr(0, 12)),
                 path.string(), "restore the file, name it by --data, or accept the difference by --allow-changed-data");
  hashes_[symbol] = import->sha256;
  clocks_[symbol] = std::move(import->offsets);
  return &bars_.emplace(symbol, std::move(import->bars)).first->second;
}

std::vector<market::UtcOffset> RunInput::clock_of(const std::string& symbol) const {
  const auto found = clocks_.find(symbol);
  return found == clocks_.end() ? std::vector<market::UtcOffset>() : found->second;
}

std::string RunInput::apart(std::span<const std::string> symbols) const {
  const auto never_meet = [](const market::Bars& a, const market::Bars& b) {
    if (a.timestamp.empty() || b.timestamp.empty()) return false;
    const bool overlap = a.timestamp.front() < b.timestamp.back() && b.timestamp.front() < a.timestamp.back();
    std::vector<UnixNanos> common;
    std::ranges::set_intersection(a.timestamp, b.timestamp, std::back_inserter(common));
    return overlap && common.empty();
  };
  for (std::size_t i = 0; i < symbols.size(); ++i)
    for (std::size_t j = i + 1; j < symbols.size(); ++j) {
      const auto a = bars_.find(symbols[i]), b = bars_.find(symbols[j]);
      if (symbols[i] == symbols[j] || a == bars_.end() || b == bars_.end() || !never_meet(a->second, b->second)) continue;
      return fmt::format(
          "{} and {} never have a bar at the same time, so together each counts as still in the bars of the other: their correlation is "
          "near 0 "
          "and the volatility of both too low; write their files with the same time of day (for daily bars: the date alone)",
          symbols[i], symbols[j]);
    }
  return {};
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
    result.series.push_back(series_of(row.symbol, *bars));
  }
  return result;
}

Result<RunInput::Replayable> RunInput::replayable(std::span<const replay::ReplayStrategy> held) {
  TRADEWIND_ASSIGN(Replayable result, replayable(ids_of(held)));
  std::map<std::string, std::pair<std::vector<std::string>, workspace::States>> states;
  for (std::size_t i = 0; i < held.size(); ++i) {
    if (!held[i].gate) continue;
    const std::string& id = held[i].gate->classifier_id;
    if (!states.contains(id)) {
      TRADEWIND_ASSIGN(auto labels, labels_of(id));
      TRADEWIND_ASSIGN(auto said, run_.load_states(id));
      states[id] = {std::move(labels), std::move(said)};
    }
    const auto& [labels, said] = states[id];
    result.signals[i] = replay::gated_signals(result.signals[i], said, labels, *held[i].gate);
  }
  return result;
}

Result<replay::ReturnTable> RunInput::returns(std::span<const std::string> strategy_ids) {
  TRADEWIND_ASSIGN(const Replayable input, replayable(strategy_ids));
  return returns_of(strategy_ids, input);
}

Result<replay::ReturnTable> RunInput::returns_of(std::span<const std::string> strategy_ids, const Replayable& input) const {
  replay::SignalReplayConfig config;
  TRADEWIND_ASSIGN(config.execution, execution_over(strategy_ids));
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
  TRADEWIND_ASSIGN(replay::ReturnTable table, returns(strategy_ids));
  return on_timeline(std::move(table));
}

Result<replay::ReturnTable> RunInput::returns_on_timeline(std::span<const replay::ReplayStrategy> held) {
  TRADEWIND_ASSIGN(const Replayable input, replayable(held));
  TRADEWIND_ASSIGN(replay::ReturnTable table, returns_of(ids_of(held), input));
  return on_timeline(std::move(table));
}

Result<replay::ReturnTable> RunInput::on_timeline(replay::ReturnTable table) {
  TRADEWIND_ASSIGN(const auto times, timeline());
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

Result<std::vector<std::string>> RunInput::labels_of(const std::string& classifier_id) const {
  TRADEWIND_ASSIGN(const auto all, classifiers());
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.classifier_id == classifier_id; });
  if (found == all.end()) {
    std::vector<std::string> known;
    for (const auto& one : all) known.push_back(one.classifier_id);
    return Error(Errc::unknown_name, fmt::format("run '{}' has no classifier '{}'", metadata().run_id, printable(classifier_id)),
                 "--regimes", known.empty() ? "sweep with classifiers to have some" : fmt::format("known: {}", fmt::join(known, "  ")));
  }
  return found->labels;
}

Result<RunInput::StatesOn> RunInput::states_on(const std::string& classifier_id, std::span<const UnixNanos> timeline) const {
  TRADEWIND_ASSIGN(auto labels, labels_of(classifier_id));
  TRADEWIND_ASSIGN(const workspace::States states, run_.load_states(classifier_id));
  StatesOn result{std::move(labels), {}};
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
  if (const auto metadata = workspace::read_run_metadata(root, run_id); metadata && metadata->is_replay())
    query.where = (where.empty() ? std::string() : "(" + where + ") and ") + "strategy_type != 'ensemble' and strategy_type != 'baseline'";
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
