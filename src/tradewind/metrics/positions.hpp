// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/metrics/execution_costs.hpp"
#include "tradewind/metrics/performance_metrics.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::metrics {

/// Whose returns stand beside a column of positions.
enum class ReturnsOf : std::uint8_t {
  strategy,  ///< what the positions earned before costs
  asset,     ///< what the traded asset did: a bar earns position · return
};

/// A bar's returns with and without costs, from returns and the positions held in each bar.
struct CostedReturns {
  std::vector<double> gross;
  std::vector<double> net;                 ///< (1 + gross)(1 − cost) − 1
  std::vector<double> fill_cost;           ///< commission + slippage of one fill made at the bar's start, as a fraction; in [0, 1]
  std::int64_t total_fills = 0;            ///< a reversal is two: one closes, one opens
  double total_costs = 0;                  ///< Σ of what was paid, as a fraction of the starting equity
  std::int64_t flat_bars_with_return = 0;  ///< bars without a position but with a return: a sign that these are the asset's returns
};

/// Charges costs on imported returns without prices: cost_t = |position_t − position_(t−1)| · (commission + slippage_t), the position
/// before the first bar being 0. A position still open at the end is not closed. With the `sqrt` model the volatility is that of the
/// given returns over the (up to) 20 bars before the fill, annualised; 0 while there are fewer than two.
/// Errors: `invalid_data` for positions other than −1, 0, +1, for lengths that differ and for returns that are not finite or below −1;
/// `usage` for rates outside [0, 1). O(n).
Result<CostedReturns> apply_costs(std::span<const double> returns, std::span<const std::int8_t> positions, const ExecutionCosts& costs,
                                  double periods_per_year, ReturnsOf returns_of = ReturnsOf::strategy);

/// Metrics of positions and returns: total_return, sharpe_ratio and their family are net of costs (= net_…), gross_… without.
/// The unit is trade: a trade is a run of bars with one sign, its result the net product of its bars including both its fills.
/// Only closed trades count for win_rate, profit_factor, average and largest wins and losses; the one still open does not.
/// cost_per_trade is total_costs per fill; cost_impact is gross_sharpe − net_sharpe; without a fill they are no_fills. Errors as
/// apply_costs and calculate_metrics.
Result<PerformanceMetrics> calculate_metrics(std::span<const double> returns, std::span<const std::int8_t> positions,
                                             const ExecutionCosts& costs, const ReturnOptions& options,
                                             ReturnsOf returns_of = ReturnsOf::strategy);

/// Net results of the closed trades in their order, as fractions of what was put in; what the metrics count. Lengths are equal.
std::vector<double> closed_trades(const CostedReturns& costed, std::span<const std::int8_t> positions);

/// The same from returns that apply_costs has prepared.
Result<PerformanceMetrics> calculate_metrics(const CostedReturns& costed, std::span<const std::int8_t> positions,
                                             const ReturnOptions& options);

}  // namespace tradewind::metrics
