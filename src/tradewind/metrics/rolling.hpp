// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::metrics {

/// Metrics over the `window` bars that end at each bar; NaN before the window is full and where the metric is undefined.
struct RollingMetrics {
  std::vector<double> sharpe_ratio;  ///< annualised
  std::vector<double> volatility;    ///< annualised
  std::vector<double> max_drawdown;  ///< within the window, whose start counts as a peak
};

/// O(n) whatever the window, without the drift of adding and subtracting: windows are joined from two parts whose statistics
/// merge exactly [van Herk 1992; Gil & Werman 1993; Chan, Golub & LeVeque 1979].
/// Errors: `usage` for a window below 2 and for options out of range; `invalid_data` as calculate_metrics.
Result<RollingMetrics> rolling_metrics(std::span<const double> returns, std::size_t window, const ReturnOptions& options);

}  // namespace tradewind::metrics
