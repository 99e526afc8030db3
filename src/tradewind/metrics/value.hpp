// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

#include "tradewind/metrics/performance_metrics.hpp"

namespace tradewind::metrics {

/// A figure that may have no value. An undefined one is NaN here and null in JSON, with its reason.
struct Value {
  double number = std::numeric_limits<double>::quiet_NaN();
  Undefined why = Undefined::empty;

  Value() = default;
  Value(double number_) noexcept : number(number_), why(Undefined::defined) {}  // NOLINT: implicit by design
  Value(Undefined why_) noexcept : why(why_) {}                                 // NOLINT: implicit by design
  bool defined() const noexcept { return why == Undefined::defined; }
};

/// A confidence interval, undefined as Value is. `small_sample` flags one from fewer than 30 bars.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
  Undefined why = Undefined::empty;
  bool small_sample = false;
  std::int64_t left_out = 0;  ///< draws in which the figure has no value

  bool defined() const noexcept { return why == Undefined::defined; }
};

}  // namespace tradewind::metrics
