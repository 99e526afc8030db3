// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "tradewind/base/time.hpp"
#include "tradewind/trading/money.hpp"

namespace tradewind::trading {

/// What takers pay: shares · rate · (p(1 − p))^exponent dollars, rounded down to 1e-5.
struct FeeSchedule {
  double rate = 0;      ///< [0, 1)
  double exponent = 1;  ///< [0, 16]

  /// Per share, unrounded: for statistics and for detection.
  double per_share(double price) const noexcept;
  /// What the venue takes for a fill. Exact for exponents 0 and 1.
  Money taker(Price price, Shares shares) const noexcept;
  /// Whether a venue could mean it: rate and exponent within their ranges, and no share costs more than ten cents.
  bool plausible() const noexcept;
  bool operator==(const FeeSchedule&) const = default;
};

/// From a moment on takers pay by this schedule; without one nobody knows what they pay.
struct FeeChange {
  UnixNanos from = 0;
  std::optional<FeeSchedule> fees;
  bool operator==(const FeeChange&) const = default;
};

/// What is in force at `time`: the last change until then. `changes`: the oldest first. nullopt before the first, and where it is not
/// known.
std::optional<FeeSchedule> fees_in_force(std::span<const FeeChange> changes, UnixNanos time) noexcept;

}  // namespace tradewind::trading
