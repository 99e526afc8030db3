// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tradewind/metrics/performance_metrics.hpp"

namespace tradewind::metrics {

/// Wins and losses of one kind of unit, trades or bars. Sums and extremes are fractions; losses are ≤ 0.
struct Decided {
  std::int64_t won = 0;
  std::int64_t lost = 0;
  double gains = 0;
  double losses = 0;
  double largest_win = 0;
  double largest_loss = 0;
};

/// Sets win_rate, profit_factor, avg_win, avg_loss, largest_win, largest_loss.
void set_decided(PerformanceMetrics& metrics, const Decided& decided, Undefined none_decided);

}  // namespace tradewind::metrics
