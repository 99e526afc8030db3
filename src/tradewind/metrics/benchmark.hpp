// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/metrics/performance_metrics.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::metrics {

/// What money earns without risk: one annual rate, or the return of every bar. Borrowed.
class RiskFree {
 public:
  RiskFree(double annual, double periods_per_year) : rate_(rate_per_bar(annual, periods_per_year)) {}
  explicit RiskFree(std::span<const double> series) : series_(series) {}
  double at(std::size_t bar) const noexcept { return series_.empty() ? rate_ : series_[bar]; }

 private:
  double rate_ = 0;
  std::span<const double> series_;
};

/// Returns beside those of a benchmark. Definitions and sources: docs/metrics.md.
struct ActiveFigures {
  Value alpha;  ///< annual, arithmetic
  Value beta;
  Value r_squared;
  Value correlation;
  Value information_ratio;  ///< annual
  Value tracking_error;     ///< annual
  Value up_capture;         ///< 1: as much as the benchmark where it rose
  Value down_capture;
  Value treynor;          ///< annual return above the risk-free one for each unit of beta
  Value batting_average;  ///< share of bars above the benchmark
  std::int64_t bars = 0;  ///< compared: those for which the benchmark has a return
  std::int64_t left_out = 0;
};

/// Both hold one return per bar; bars in which the benchmark is NaN are left out. Undefined: empty (no bar in common), too_few (one),
/// zero_variance, no_wins (the benchmark never rose), no_losses (never fell). O(n).
ActiveFigures compare_with_benchmark(std::span<const double> returns, std::span<const double> benchmark, const RiskFree& risk_free,
                                     double periods_per_year);

/// Sets sharpe_ratio and what follows from it to those above a risk-free series; `gross` are the returns before costs, empty where there
/// are none. As many of each as bars.
void set_risk_free(PerformanceMetrics& metrics, std::span<const double> net, std::span<const double> gross,
                   std::span<const double> risk_free, double periods_per_year);

/// β over the `window` bars that end at each bar; NaN before the window is full, where the benchmark has a gap or does not vary. O(n).
std::vector<double> rolling_beta(std::span<const double> returns, std::span<const double> benchmark, std::size_t window);

}  // namespace tradewind::metrics
