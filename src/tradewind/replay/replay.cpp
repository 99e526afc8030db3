// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/replay.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/trade_path.hpp"

namespace tradewind::replay {
namespace {

using metrics::Metric;
using metrics::PositionChange;
using metrics::TradeTables;

Status check_weights(const SignalReplayConfig& config) {
  if (config.strategies.empty()) return Error(Errc::usage, "nothing to replay: no strategy is named");
  double sum = 0;
  for (const ReplayStrategy& strategy : config.strategies) {
    if (!(strategy.weight > 0)) return Error(Errc::usage, fmt::format("weight {} is not above 0", number_text(strategy.weight)), strategy.strategy_id);
    sum += strategy.weight;
  }
  if (sum > 1 + 1e-9) return Error(Errc::usage, fmt::format("the weights sum to {}, at most 1 can be invested", number_text(sum)), {}, "scale them down; what is left of 1 stays cash");
  return {};
}

/// Stored signals as changes by bar number.
Result<std::vector<PositionChange>> changes_of(const workspace::Signals& signals, const market::Bars& bars, const std::string& strategy) {
  std::vector<PositionChange> changes;
  changes.reserve(signals.timestamp.size());
  auto from = bars.timestamp.begin();
  for (std::size_t i = 0; i < signals.timestamp.size(); ++i) {
    from = std::lower_bound(from, bars.timestamp.end(), signals.timestamp[i]);
    if (from == bars.timestamp.end() || *from != signals.timestamp[i])
      return Error(Errc::invalid_data, fmt::format("a signal of {} stands at {}, where {} has no bar", strategy, format_time(signals.timestamp[i]), bars.symbol), strategy,
                   "replay over the data the signals were made on");
    changes.push_back({static_cast<std::int32_t>(from - bars.timestamp.begin()), signals.signal[i]});
  }
  return changes;
}

/// Adds a member's share to the ensemble's equity at every timestamp; before its first bar it is cash.
void add_share(const std::vector<UnixNanos>& timeline, const market::Bars& bars, const std::vector<double>& equity, double weight, std::vector<double>& total) {
  std::size_t bar = 0;
  double held = 1;
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    while (bar < bars.size() && bars.timestamp[bar] <= timeline[i]) held = equity[bar++];
    total[i] += weight * held;
  }
}

std::vector<UnixNanos> union_of(std::span<const ReplaySeries> series) {
  std::vector<UnixNanos> timeline;
  std::vector<const market::Bars*> seen;
  for (const ReplaySeries& one : series) {
    if (std::find(seen.begin(), seen.end(), one.bars) != seen.end()) continue;
    seen.push_back(one.bars);
    std::vector<UnixNanos> merged;
    std::set_union(timeline.begin(), timeline.end(), one.bars->timestamp.begin(), one.bars->timestamp.end(), std::back_inserter(merged));
    timeline = std::move(merged);
  }
  return timeline;
}

std::vector<double> returns_of(const std::vector<double>& equity) {
  std::vector<double> returns;
  double before = 1;
  for (const double value : equity) {
    returns.push_back(before > 0 ? value / before - 1 : 0);
    before = value;
  }
  return returns;
}

/// Metrics of the whole: returns decide the ratios, the members' closed trades the counts.
Result<metrics::PerformanceMetrics> combined(const ReplayResult& result, const metrics::ReturnOptions& options) {
  TRADEWIND_ASSIGN(metrics::PerformanceMetrics net, metrics::calculate_metrics(result.returns, options));
  TRADEWIND_ASSIGN(const metrics::PerformanceMetrics gross, metrics::calculate_metrics(returns_of(result.gross_equity), options));
  double costs = 0;
  for (const MemberResult& member : result.members) {
    net.total_fills += member.performance.total_fills;
    net.total_trades += member.performance.total_trades;
    net.won_trades += member.performance.won_trades;
    net.lost_trades += member.performance.lost_trades;
    net.flat_trades += member.performance.flat_trades;
    if (member.performance.total_fills > 0) costs += member.strategy.weight * member.performance[Metric::total_costs];
  }
  if (net.total_fills == 0) return net;
  const auto copy = [&](Metric to, const metrics::PerformanceMetrics& from, Metric of) {
    if (from.why(of) == metrics::Undefined::defined) net.set(to, from[of]);
    else net.set_undefined(to, from.why(of));
  };
  copy(Metric::net_return, net, Metric::total_return);
  copy(Metric::net_sharpe, net, Metric::sharpe_ratio);
  copy(Metric::gross_return, gross, Metric::total_return);
  copy(Metric::gross_sharpe, gross, Metric::sharpe_ratio);
  net.set(Metric::total_costs, costs);
  net.set(Metric::cost_per_trade, costs / static_cast<double>(net.total_fills));
  if (net.why(Metric::gross_sharpe) == metrics::Undefined::defined && net.why(Metric::net_sharpe) == metrics::Undefined::defined)
    net.set(Metric::cost_impact, net[Metric::gross_sharpe] - net[Metric::net_sharpe]);
  return net;
}

/// Trade tables of the series met so far.
class TableCache {
 public:
  explicit TableCache(const TradeTables::Options& options) : options_(options) {}
  Result<const TradeTables*> of(const market::Bars& bars) {
    auto& table = tables_[&bars];
    if (!table) {
      TRADEWIND_ASSIGN(TradeTables made, TradeTables::make(bars.open, bars.close, options_));
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

Result<ReturnTable> strategy_returns(const SignalReplayConfig& config, std::span<const workspace::Signals> signals, std::span<const ReplaySeries> series) {
  TRADEWIND_ASSERT(signals.size() == config.strategies.size() && series.size() == config.strategies.size(), "a replay has signals and prices for every strategy");
  ReturnTable table;
  table.timestamp = union_of(series);
  TableCache tables(config.execution);
  for (std::size_t i = 0; i < config.strategies.size(); ++i) {
    const std::string& name = config.strategies[i].strategy_id;
    const market::Bars& bars = *series[i].bars;
    TRADEWIND_ASSIGN(const std::vector<PositionChange> changes, changes_of(signals[i], bars, name));
    TRADEWIND_ASSIGN(const TradeTables* trades, tables.of(bars));
    table.names.push_back(name);
    table.returns.push_back(placed(metrics::equity_path(*trades, changes).returns, bars, table.timestamp));
  }
  return table;
}

Result<ReplayResult> replay_signals(const SignalReplayConfig& config, std::span<const workspace::Signals> signals, std::span<const ReplaySeries> series) {
  TRADEWIND_ASSERT(signals.size() == config.strategies.size() && series.size() == config.strategies.size(), "a replay has signals and prices for every strategy");
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
    TRADEWIND_ASSIGN(const TradeTables* table, tables.of(bars));
    MemberResult member{strategy, bars.symbol, metrics::account_metrics(*table, changes), 0};
    const metrics::EquityPath net = metrics::equity_path(*table, changes);
    const metrics::EquityPath gross = metrics::equity_path(*table, changes, true);
    member.profit = strategy.weight * (net.equity.back() - 1);
    add_share(result.timestamp, bars, net.equity, strategy.weight, result.equity);
    add_share(result.timestamp, bars, gross.equity, strategy.weight, result.gross_equity);
    result.members.push_back(std::move(member));
  }
  result.returns = returns_of(result.equity);
  const bool alone = result.members.size() == 1 && cash == 0;
  if (alone) {
    result.performance = result.members.front().performance;
    return result;
  }
  metrics::ReturnOptions options;
  options.periods_per_year = config.execution.periods_per_year;
  options.risk_free = config.execution.risk_free;
  TRADEWIND_ASSIGN(result.performance, combined(result, options));
  return result;
}

}  // namespace tradewind::replay
