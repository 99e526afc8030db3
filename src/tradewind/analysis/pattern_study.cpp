// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/pattern_study.hpp"

#include <algorithm>

#include "tradewind/workspace/events.hpp"

namespace tradewind::analysis {
namespace {

std::vector<EventTrace> events_of(const std::string& run_id, std::span<const std::string> strategies, const Path& root) {
  std::vector<EventTrace> events;
  const auto stored = workspace::read_traces(root, run_id);
  if (!stored) return events;  // none were recorded
  for (const auto& e : *stored)
    if (std::find(strategies.begin(), strategies.end(), e.strategy) != strategies.end())
      events.push_back({e.event_id, e.parent_id, e.time, e.source, e.type, e.strategy, e.payload});
  return events;
}

}  // namespace

std::vector<std::int8_t> dense_signals(const workspace::Signals& signals, const market::Bars& bars) {
  std::vector<std::int8_t> dense;
  dense.reserve(bars.size());
  std::int8_t held = 0;
  std::size_t next = 0;
  for (const UnixNanos bar : bars.timestamp) {
    for (; next < signals.timestamp.size() && signals.timestamp[next] <= bar; ++next) held = signals.signal[next];
    dense.push_back(held);
  }
  return dense;
}

Result<double> occurrence_cost(RunInput& run, const std::string& symbol) {
  TRADEWIND_ASSIGN(const market::Bars* const bars, run.series(symbol));
  metrics::TradeTables::Options execution = run.execution_of(symbol);
  execution.fill = metrics::FillModel::close;  // prices do not matter here, and some series have no opens
  TRADEWIND_ASSIGN(const auto tables, metrics::TradeTables::make({}, bars->close, execution));
  double slippage = 0;
  for (std::int64_t bar = 0; bar < tables.size(); ++bar) slippage += tables.slippage(bar) / static_cast<double>(tables.size());
  if (execution.costs.slippage_model == metrics::SlippageModel::linear) slippage = execution.costs.slippage_bps;
  return 2 * (execution.costs.commission_rate + slippage);
}

Status read_pattern_input(RunInput& run, std::span<const std::string> strategy_ids, const std::string& symbol,
                          const std::string& classifier, const Path& root, PatternInput& into) {
  TRADEWIND_ASSIGN(const market::Bars* bars, run.series(symbol));
  TRADEWIND_ASSIGN(const auto stored, run.run().load_signals(strategy_ids));
  into.symbol = symbol;
  for (const auto& signals : stored) into.signals.push_back(dense_signals(signals, *bars));
  for (std::size_t i = 0; i < strategy_ids.size(); ++i) into.streams.push_back({strategy_ids[i], into.signals[i]});
  into.returns.assign(bars->size(), 0.0);
  for (std::size_t bar = 1; bar < bars->size(); ++bar) into.returns[bar] = bars->close[bar] / bars->close[bar - 1] - 1;
  if (bars->has_volume()) into.around.volume = bars->volume;
  into.around.timestamp = bars->timestamp;
  TRADEWIND_ASSIGN(const auto classifiers, run.classifiers());
  into.classifier = classifier;
  for (const auto& one : classifiers)
    if (into.classifier.empty() && one.symbol == symbol) into.classifier = one.classifier_id;
  if (!into.classifier.empty()) {
    TRADEWIND_ASSIGN(auto states, run.states_on(into.classifier, bars->timestamp));
    into.states = std::move(states.state);
    into.labels = std::move(states.labels);
  }
  into.events = events_of(run.metadata().run_id, strategy_ids, root);
  return {};
}

Result<discovery::ConditionSkill> test_model(std::span<const discovery::SignalStream> streams, std::span<const double> returns,
                                             const discovery::Regimes& regimes, const discovery::MinerOptions& options,
                                             const std::string& lightgbm, const Cancellation* cancellation) {
  TRADEWIND_ASSIGN(const auto conditions, discovery::conditions_of(streams, returns, regimes));
  discovery::ConditionOptions testing;
  testing.permutations = options.permutations;
  testing.block = options.block;
  testing.cost = options.cost;
  testing.lightgbm = lightgbm;
  testing.seed = options.seed;
  testing.threads = options.threads;
  testing.cancellation = cancellation;
  return discovery::test_conditions(conditions, testing);
}

}  // namespace tradewind::analysis
