// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "tradewind/base/random.hpp"

namespace tradewind::metrics {

/// One replicate of the stationary bootstrap [Politis & Romano 1994]: calls take(from, length) for consecutive pieces of the circular
/// series of n bars, n bars in all, from blocks of geometric length with the given mean. A piece never crosses the end of the series.
template <class Take>
void stationary_blocks(std::size_t n, double mean_length, Random& random, Take take) {
  const double log_stay = std::log1p(-1 / mean_length);  // −∞ for a mean length of 1: every block is one bar
  std::size_t filled = 0;
  while (filled < n) {
    std::size_t from = random.below(n);
    const double draw = std::isfinite(log_stay) ? std::log1p(-random.uniform()) / log_stay : 0;
    std::size_t length = draw < static_cast<double>(n) ? 1 + static_cast<std::size_t>(draw) : n;
    length = std::min(length, n - filled);
    filled += length;
    while (length > 0) {
      const std::size_t piece = std::min(length, n - from);
      take(from, piece);
      length -= piece;
      from = 0;
    }
  }
}

}  // namespace tradewind::metrics
