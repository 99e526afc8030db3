// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/figures/figure.hpp"
#include "tradewind/metrics/performance_metrics.hpp"

namespace tradewind::figures {

/// Returns of several strategies over the same bars: one row per bar, one column per strategy.
struct StrategyReturns {
  std::vector<std::string> strategies;
  std::vector<std::vector<double>> columns;  ///< per strategy; NaN where it has no return
};

/// Figures straight from metrics and returns, for who has no analysis at hand. The pictures are those of figure.hpp.
class PerformanceDashboard {
 public:
  /// The 2×2 comparison, ordered by Sharpe ratio (undefined last, then by name). Metrics hold no distribution and no held-out part, so the
  /// second panel spans average loss to average win.
  Figure create_strategy_comparison(const std::map<std::string, metrics::PerformanceMetrics>& performances) const;

  /// Strategy × regime: Sharpe ratio and bars of each strategy's metrics in each regime.
  Figure create_regime_heatmap(const std::map<std::string, std::map<std::string, metrics::PerformanceMetrics>>& regime_performances) const;

  /// Pearson correlation over the bars that both have, each strategy beside the one most like it. A pair with fewer than 2 common bars or
  /// without variance is a gap. O(strategies² · bars).
  /// Errors: `usage` when names and columns differ in number or columns in length.
  Result<Figure> create_correlation_matrix(const StrategyReturns& strategy_returns) const;
};

}  // namespace tradewind::figures
