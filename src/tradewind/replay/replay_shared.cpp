// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "tradewind/metrics/returns.hpp"
#include "tradewind/replay/position_changes.hpp"
#include "tradewind/replay/replay_internal.hpp"

namespace tradewind::replay {

using metrics::Metric;
using metrics::PositionChange;

Result<std::vector<PositionChange>> changes_of(const workspace::Signals& signals, const market::Bars& bars, const std::string& strategy) {
  return position_changes({signals.timestamp, signals.signal, signals.confidence}, bars, strategy);
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

Result<metrics::PerformanceMetrics> metrics_of_whole(std::span<const double> net_returns, std::span<const double> gross_returns,
                                                     const TradeCounts& counts, const metrics::TradeTables::Options& execution) {
  metrics::ReturnOptions options;
  options.periods_per_year = execution.periods_per_year;
  options.risk_free = execution.risk_free;
  TRADEWIND_ASSIGN(metrics::PerformanceMetrics net, metrics::calculate_metrics(net_returns, options));
  TRADEWIND_ASSIGN(const metrics::PerformanceMetrics gross, metrics::calculate_metrics(gross_returns, options));
  net.total_fills = counts.fills;
  net.total_trades = counts.won + counts.lost + counts.flat;
  net.won_trades = counts.won;
  net.lost_trades = counts.lost;
  net.flat_trades = counts.flat;
  if (net.total_fills == 0) return net;
  const auto copy = [&](Metric to, const metrics::PerformanceMetrics& from, Metric of) {
    if (from.why(of) == metrics::Undefined::defined)
      net.set(to, from[of]);
    else
      net.set_undefined(to, from.why(of));
  };
  copy(Metric::net_return, net, Metric::total_return);
  copy(Metric::net_sharpe, net, Metric::sharpe_ratio);
  copy(Metric::gross_return, gross, Metric::total_return);
  copy(Metric::gross_sharpe, gross, Metric::sharpe_ratio);
  net.set(Metric::total_costs, counts.costs);
  net.set(Metric::cost_per_trade, counts.costs / static_cast<double>(net.total_fills));
  for (const Metric needed : {Metric::gross_sharpe, Metric::net_sharpe}) {
    if (net.why(needed) == metrics::Undefined::defined) continue;
    net.set_undefined(Metric::cost_impact, net.why(needed));
    return net;
  }
  net.set(Metric::cost_impact, net[Metric::gross_sharpe] - net[Metric::net_sharpe]);
  return net;
}

}  // namespace tradewind::replay
