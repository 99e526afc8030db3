// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/metrics/performance_metrics.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::metrics {

/// Figures of the tails, the shape and the run of returns, by their one name. They are a pass of their own, which a sweep does not make.
/// Definitions and sources: docs/metrics.md.
enum class DistributionMetric : std::uint8_t {
  value_at_risk,
  conditional_value_at_risk,
  tail_ratio,
  skewness,
  kurtosis,
  best_bar,
  worst_bar,
  ulcer_index,
  omega,
  gain_to_pain,
  expectancy,
  payoff_ratio,
  sqn,
  longest_winning_streak,
  longest_losing_streak,
  time_in_market,
  psr,
  min_track_record,
};
constexpr auto names_of(DistributionMetric) {
  return std::to_array<std::string_view>({"value_at_risk", "conditional_value_at_risk", "tail_ratio", "skewness", "kurtosis", "best_bar",
                                          "worst_bar", "ulcer_index", "omega", "gain_to_pain", "expectancy", "payoff_ratio", "sqn",
                                          "longest_winning_streak", "longest_losing_streak", "time_in_market", "psr", "min_track_record"});
}
inline constexpr std::size_t kDistributionCount = names_of(DistributionMetric{}).size();

struct DistributionMetrics {
  std::array<Value, kDistributionCount> values;

  const Value& operator[](DistributionMetric metric) const noexcept { return values[static_cast<std::size_t>(metric)]; }
  Value& operator[](DistributionMetric metric) noexcept { return values[static_cast<std::size_t>(metric)]; }
};

/// What the figures are of. Only the returns and their metrics are needed.
struct DistributionInput {
  std::span<const double> returns;              ///< net, as calculate_metrics takes them
  const PerformanceMetrics* performance;        ///< of the same returns: says whether trades or bars are the unit
  std::span<const double> trades = {};          ///< results of the closed trades, where they are the unit
  std::span<const std::int8_t> positions = {};  ///< where they are known; else a bar counts as in the market when its return is not 0
  std::span<const double> excess = {};          ///< returns less a risk-free series, for psr; empty: less the rate of the options
  double sharpe_benchmark = 0;                  ///< annual; what psr and min_track_record are measured against
};

/// An empty series is no error: every figure is undefined. O(n), one copy of the returns.
DistributionMetrics distribution_metrics(const DistributionInput& input, const ReturnOptions& options);

/// The quantile of values between their ranks by linear interpolation [Hyndman & Fan 1996, type 7]; reorders them. At least one value.
double quantile(std::span<double> values, double share) noexcept;

}  // namespace tradewind::metrics
