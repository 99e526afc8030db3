// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <utility>

#include "tradewind/telemetry/open_metrics.hpp"

namespace tradewind::telemetry {

/// What a monitor exports (monitor_metrics.hpp).
inline constexpr std::array kMonitorMetrics{
    MetricDeclaration{"tradewind_build", MetricType::info, "", "The version that runs.", "version"},
    MetricDeclaration{"tradewind_stage_duration_seconds", MetricType::histogram, "seconds",
                      "Time in a stage of a cycle; total_cycle: in whole cycles.", "stage"},
    MetricDeclaration{"tradewind_recent_cycle_seconds", MetricType::gauge, "seconds", "Percentiles of the last cycles, exactly.",
                      "percentile"},
    MetricDeclaration{"tradewind_cycle_target_seconds", MetricType::gauge, "seconds", "The configured target of a cycle."},
    MetricDeclaration{"tradewind_performance_grade", MetricType::state_set, "", "The grade of the median of the last cycles."},
    MetricDeclaration{"tradewind_cycles", MetricType::counter, "", "Complete cycles."},
    MetricDeclaration{"tradewind_cycles_within_target", MetricType::counter, "", "Complete cycles within their target."},
    MetricDeclaration{"tradewind_incomplete_cycles", MetricType::counter, "", "Cycles that were started and not ended."},
    MetricDeclaration{"tradewind_cycle_ends_without_start", MetricType::counter, "", "Ends of cycles that were not started."},
    MetricDeclaration{"tradewind_measurements_outside_cycles", MetricType::counter, "", "Stages measured while no cycle was under way."},
    MetricDeclaration{"tradewind_clock_steps_back", MetricType::counter, "", "Measurements dropped because the clock went back."},
    MetricDeclaration{"tradewind_detected_opportunities", MetricType::counter, "", "Opportunities found by detection."},
    MetricDeclaration{"tradewind_network_latency_seconds", MetricType::histogram, "seconds", "Time of network calls.", "endpoint"},
    MetricDeclaration{"tradewind_network_latency_target_seconds", MetricType::gauge, "seconds", "The configured target of a network call."},
    MetricDeclaration{"tradewind_slow_network_calls", MetricType::counter, "", "Network calls above their target.", "endpoint"},
    MetricDeclaration{"tradewind_network_failures", MetricType::counter, "", "Network calls that failed.", "endpoint"},
};

/// What a live session exports besides.
inline constexpr std::array kLiveMetrics{
    MetricDeclaration{"tradewind_equity_dollars", MetricType::gauge, "dollars", "Cash and positions at their market price."},
    MetricDeclaration{"tradewind_cash_dollars", MetricType::gauge, "dollars", "Cash."},
    MetricDeclaration{"tradewind_realized_profit_dollars", MetricType::gauge, "dollars", "Profit of closed positions, after fees."},
    MetricDeclaration{"tradewind_unrealized_profit_dollars", MetricType::gauge, "dollars",
                      "Profit of open positions at their market price."},
    MetricDeclaration{"tradewind_fees_dollars", MetricType::gauge, "dollars", "Fees paid."},
    MetricDeclaration{"tradewind_strategy_equity_dollars", MetricType::gauge, "dollars", "Equity of a strategy's account.", "strategy"},
    MetricDeclaration{"tradewind_strategy_profit_dollars", MetricType::gauge, "dollars", "Profit of a strategy, after fees.", "strategy"},
    MetricDeclaration{"tradewind_opportunities", MetricType::counter, "", "Opportunities a strategy found.", "strategy"},
    MetricDeclaration{"tradewind_trades", MetricType::counter, "", "Trades of a strategy.", "strategy"},
    MetricDeclaration{"tradewind_orders", MetricType::counter, "", "Orders that came into a state.", "state"},
    MetricDeclaration{"tradewind_no_trade", MetricType::counter, "", "Opportunities that were not traded, by reason.", "reason"},
    MetricDeclaration{"tradewind_trading_state", MetricType::state_set, "", "Whether the session trades."},
    MetricDeclaration{"tradewind_open_orders", MetricType::gauge, "", "Orders working at the venue."},
    MetricDeclaration{"tradewind_stale_books", MetricType::gauge, "", "Order books older than allowed."},
};

/// The declaration of that name in one of the lists. A name that is in none does not compile in constant expressions and aborts otherwise.
constexpr const MetricDeclaration& metric(std::string_view name) {
  for (const MetricDeclaration& each : kMonitorMetrics)
    if (each.name == name) return each;
  for (const MetricDeclaration& each : kLiveMetrics)
    if (each.name == name) return each;
  TRADEWIND_ASSERT(false, "a metric is declared in metric_names.hpp");
  std::unreachable();
}

}  // namespace tradewind::telemetry
