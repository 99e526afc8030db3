// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/time.hpp"

namespace tradewind::market {

/// A hole between two neighbouring bars that is far above the usual spacing.
struct Gap {
  std::size_t after = 0;  ///< index of the last bar before it
  UnixNanos from = 0;
  UnixNanos to = 0;
};

/// The middle one of the distances between neighbours; 0 for fewer than two timestamps. O(n).
std::int64_t median_spacing(std::span<const UnixNanos> timestamps);

/// Holes above 10 times the median spacing. Where such holes are habitual (nights and weekends between sessions), above
/// 6 times the usual hole. Timestamps must increase.
std::vector<Gap> find_gaps(std::span<const UnixNanos> timestamps);

/// A duration in words: "101 days", "7 h 13 min", "1 min".
std::string duration_text(std::int64_t nanos);

}  // namespace tradewind::market
