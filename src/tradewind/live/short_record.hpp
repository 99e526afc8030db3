// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/time.hpp"
#include "tradewind/metrics/performance_metrics.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::live {

inline constexpr double kNanosPerYear = 365.25 * static_cast<double>(kNanosPerDay);

/// What a record shorter than annualized_return's least would be in a year is told of no figure.
inline void leave_out_short(metrics::PerformanceMetrics& m, double years) {
  using metrics::Metric;
  if (years >= metrics::ReturnOptions().minimum_years) return;
  for (const Metric metric : {Metric::annualized_return, Metric::volatility, Metric::sharpe_ratio, Metric::sortino_ratio,
                              Metric::calmar_ratio, Metric::gross_sharpe, Metric::net_sharpe, Metric::cost_impact})
    m.set_undefined(metric, metrics::Undefined::short_sample);
}

}  // namespace tradewind::live
