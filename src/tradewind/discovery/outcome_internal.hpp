// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::discovery {

/// Mean and standard deviation (ddof 1) of outcomes, by Welford's update.
class OutcomeMoments {
 public:
  void add(double outcome) noexcept {
    ++count_;
    const double step = outcome - mean_;
    mean_ += step / static_cast<double>(count_);
    squares_ += step * (outcome - mean_);
    sum_ += outcome;
  }
  std::int64_t count() const noexcept { return count_; }
  /// From the plain sum, as anyone would recompute it.
  metrics::Value mean() const noexcept {
    if (count_ == 0) return metrics::Undefined::too_few;
    return sum_ / static_cast<double>(count_);
  }
  double deviation() const noexcept { return count_ < 2 ? 0.0 : std::sqrt(squares_ / static_cast<double>(count_ - 1)); }
  int direction() const noexcept { return sum_ > 0 ? 1 : sum_ < 0 ? -1 : 0; }

  /// (mean − direction · cost) / deviation.
  metrics::Value effect(int direction, double cost) const noexcept {
    if (count_ < 2) return metrics::Undefined::too_few;
    if (metrics::is_zero_variance(deviation(), mean_)) return metrics::Undefined::zero_variance;
    return (mean().number - direction * cost) / deviation();
  }

 private:
  std::int64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
  double sum_ = 0;
};

}  // namespace tradewind::discovery
