// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/event_lineage.hpp"

#include <algorithm>
#include <cmath>

#include "tradewind/base/json.hpp"
#include "tradewind/metrics/trade_path.hpp"
#include "tradewind/replay/position_changes.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::analysis {
namespace {

using metrics::FillModel;

Json bar_json(const market::Bars& bars, std::size_t bar) {
  if (!bars.has_ohlc()) return {{"close", bars.close[bar]}};
  return {{"open", bars.open[bar]}, {"high", bars.high[bar]}, {"low", bars.low[bar]}, {"close", bars.close[bar]}};
}

/// What was paid at one bar; a reversal closes and opens at once.
struct Paid {
  double price = 0;     ///< of the last fill, slippage included
  double cost = 0;      ///< fraction of the equity at the close before
  bool filled = false;  ///< false after ruin
};

Paid paid_at(const metrics::EquityPath& path, std::int64_t bar, double reference, double commission) {
  Paid paid;
  const double equity = bar > 0 ? path.equity[static_cast<std::size_t>(bar - 1)] : 1;
  const auto first =
      std::lower_bound(path.fills.begin(), path.fills.end(), bar, [](const metrics::Fill& fill, std::int64_t at) { return fill.bar < at; });
  for (auto fill = first; fill != path.fills.end() && fill->bar == bar; ++fill) {
    paid.filled = true;
    paid.price = fill->price;
    if (equity > 0) paid.cost += std::abs(fill->quantity) * (std::abs(fill->price - reference) + fill->price * commission) / equity;
  }
  return paid;
}

/// Appends the events of one strategy.
Status append(const std::string& id, const workspace::Signals& signals, const market::Bars& bars,
              const metrics::TradeTables::Options& execution, std::vector<EventTrace>& events) {
  TRADEWIND_ASSIGN(const auto changes, replay::position_changes({signals.timestamp, signals.signal, signals.confidence}, bars, id));
  TRADEWIND_ASSIGN(const auto tables, metrics::TradeTables::make(bars.open, bars.close, execution));
  const metrics::EquityPath path = metrics::equity_path(tables, changes);
  for (std::size_t s = 0; s < changes.size(); ++s) {
    const auto bar = static_cast<std::size_t>(changes[s].bar);
    const auto next = static_cast<std::int64_t>(events.size());
    events.push_back({next, -1, bars.timestamp[bar], bars.symbol, "bar", id, bar_json(bars, bar).dump()});
    events.push_back({next + 1, next, bars.timestamp[bar], id, "signal", id,
                      Json{{"position", signals.signal[s]}, {"confidence", signals.confidence[s]}}.dump()});
    const auto at = static_cast<std::size_t>(tables.fill_bar(changes[s].bar));
    if (at >= bars.size()) continue;
    const double reference = execution.fill == FillModel::next_open ? bars.open[at] : bars.close[at];
    const Paid paid = paid_at(path, static_cast<std::int64_t>(at), reference, execution.costs.commission_rate);
    if (!paid.filled) continue;
    const Json fill = {{"fill", enum_name(execution.fill)}, {"price", paid.price}, {"position", signals.signal[s]}, {"cost", paid.cost}};
    events.push_back({next + 2, next + 1, bars.timestamp[at], "execution", "fill", id, fill.dump()});
  }
  return {};
}

}  // namespace

Result<std::vector<EventTrace>> event_lineage(std::span<const std::string> strategy_ids, const RunInput::Replayable& input,
                                              const metrics::TradeTables::Options& execution) {
  std::vector<EventTrace> events;
  for (std::size_t i = 0; i < strategy_ids.size(); ++i)
    TRADEWIND_TRY(append(strategy_ids[i], input.signals[i], *input.series[i].bars, input.series[i].execution(execution), events));
  return events;
}

Result<std::int64_t> record_lineage(const Path& root, RunInput& run, std::span<const std::string> strategy_ids) {
  TRADEWIND_ASSIGN(const auto input, run.replayable(strategy_ids));
  TRADEWIND_ASSIGN(const auto events, event_lineage(strategy_ids, input, run.execution()));
  TRADEWIND_TRY(workspace::write_traces(root, run.metadata().run_id, events));
  return static_cast<std::int64_t>(events.size());
}

}  // namespace tradewind::analysis
