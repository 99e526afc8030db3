// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/replay.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/metrics/trade_path.hpp"
#include "tradewind/replay/replay_internal.hpp"

namespace tradewind::replay {
namespace {

using metrics::Metric;
using metrics::PositionChange;
using metrics::TradeTables;

Status check_weights(const SignalReplayConfig& config) {
  if (config.strategies.empty()) return Error(Errc::usage, "nothing to replay: no strategy is named");
  double sum = 0;
  for (const ReplayStrategy& strategy : config.strategies) {
    if (!(strategy.weight > 0))
      return Error(Errc::usage, fmt::format("weight {} is not above 0", number_text(strategy.weight)), strategy.strategy_id);
    sum += strategy.weight;
  }
  if (sum > 1 + 1e-9)
    return Error(Errc::usage, fmt::format("the weights sum to {}, at most 1 can be invested", number_text(sum)), {},
                 "scale them down; what is left of 1 stays cash");
  return {};
}

/// Adds a member's share to the ensemble's equity at every timestamp; before its first bar it is cash.
void add_share(const std::vector<UnixNanos>& timeline, const market::Bars& bars, const std::vector<double>& equity, double weight,
               std::vector<double>& total) {
  std::size_t bar = 0;
  double held = 1;
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    while (bar < bars.size() && bars.timestamp[bar] <= timeline[i]) held = equity[bar++];
    total[i] += weight * held;
  }
}

/// Metrics of the whole: returns decide the ratios, the members' closed trades the counts.
Result<metrics::PerformanceMetrics> combined(const ReplayResult& result, const TradeTables::Options& execution) {
  TradeCounts counts;
  for (const MemberResult& member : result.members) {
    counts.fills += member.performance.total_fills;
    counts.won += member.performance.won_trades;
    counts.lost += member.performance.lost_trades;
    counts.flat += member.performance.flat_trades;
    if (member.performance.total_fills > 0) counts.costs += member.strategy.weight * member.performance[Metric::total_costs];
  }
  return metrics_of_whole(result.returns, metrics::returns_of_equity(result.gross_equity), counts, execution);
}

/// Trade tables of the series met so far.
class TableCache {
 public:
  explicit TableCache(const TradeTables::Options& options) : options_(options) {}
  Result<const TradeTables*> of(const ReplaySeries& series) {
    const market::Bars& bars = *series.bars;
    auto& table = tables_[&bars];
    if (!table) {
      TRADEWIND_ASSIGN(TradeTables made, TradeTables::make(bars.open, bars.close, series.execution(options_)));
      table = std::make_unique<TradeTables>(std::move(made));
    }
    return table.get();
  }

 private:
  const TradeTables::Options& options_;
  std::map<const market::Bars*, std::unique_ptr<TradeTables>> tables_;
};

/// Returns of a series' bars at their places in the timeline, 0 elsewhere.
std::vector<double> placed(const std::vector<double>& returns, const market::Bars& bars, const std::vector<UnixNanos>& timeline) {
  if (bars.size() == timeline.size()) return returns;
  std::vector<double> result(timeline.size(), 0.0);
  auto at = timeline.begin();
  for (std::size_t bar = 0; bar < bars.size(); ++bar) {
    at = std::lower_bound(at, timeline.end(), bars.timestamp[bar]);
    result[static_cast<std::size_t>(at - timeline.begin())] = returns[bar];
  }
  return result;
}

}  // namespace

Result<ReturnTable> strategy_returns(const SignalReplayConfig& config, std::span<const workspace::Signals> signals,
                                     std::span<const ReplaySeries> series) {
  TRADEWIND_ASSERT(signals.size() == config.strategies.size() && series.size() == config.strategies.size(),
                   "a replay has signals and prices for every strategy");
  ReturnTable table;
  table.timestamp = union_of(series);
  TableCache tables(config.execution);
  for (std::size_t i = 0; i < config.strategies.size(); ++i) {
    const std::string& name = config.strategies[i].strategy_id;
    const market::Bars& bars = *series[i].bars;
    TRADEWIND_ASSIGN(const std::vector<PositionChange> changes, changes_of(signals[i], bars, name));
    TRADEWIND_ASSIGN(const TradeTables* trades, tables.of(series[i]));
    table.names.push_back(name);
    table.returns.push_back(placed(metrics::equity_path(*trades, changes).returns, bars, table.timestamp));
  }
  return table;
}

Result<ReplayResult> replay_signals(const SignalReplayConfig& config, std::span<const workspace::Signals> signals,
                                    std::span<const ReplaySeries> series) {
  TRADEWIND_ASSERT(signals.size() == config.strategies.size() && series.size() == config.strategies.size(),
                   "a replay has signals and prices for every strategy");
  TRADEWIND_TRY(check_weights(config));
  ReplayResult result;
  result.timestamp = union_of(series);
  double cash = 1;
  for (const ReplayStrategy& strategy : config.strategies) cash -= strategy.weight;
  cash = std::max(0.0, cash);
  result.equity.assign(result.timestamp.size(), cash);
  result.gross_equity.assign(result.timestamp.size(), cash);

  TableCache tables(config.execution);
  for (std::size_t i = 0; i < config.strategies.size(); ++i) {
    const ReplayStrategy& strategy = config.strategies[i];
    const market::Bars& bars = *series[i].bars;
    TRADEWIND_ASSIGN(const std::vector<PositionChange> changes, changes_of(signals[i], bars, strategy.strategy_id));
    TRADEWIND_ASSIGN(const TradeTables* table, tables.of(series[i]));
    MemberResult member{strategy, bars.symbol, metrics::account_metrics(*table, changes), 0};
    const metrics::EquityPath net = metrics::equity_path(*table, changes);
    const metrics::EquityPath gross = metrics::equity_path(*table, changes, true);
    member.profit = strategy.weight * (net.equity.back() - 1);
    add_share(result.timestamp, bars, net.equity, strategy.weight, result.equity);
    add_share(result.timestamp, bars, gross.equity, strategy.weight, result.gross_equity);
    result.members.push_back(std::move(member));
  }
  result.returns = metrics::returns_of_equity(result.equity);
  const bool alone = result.members.size() == 1 && cash == 0;
  if (alone) {
    result.performance = result.members.front().performance;
    return result;
  }
  TRADEWIND_ASSIGN(result.performance, combined(result, config.execution));
  return result;
}

}  // namespace tradewind::replay
