// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "tradewind/prediction/history.hpp"
#include "tradewind/prediction/sizing.hpp"

namespace tradewind::prediction {

/// A standard deviation below this, of prices or their logits, is rounding and no movement.
inline constexpr double kNoMovement = 1e-9;
/// A price within these bounds has a finite logit.
inline constexpr double kLeastProbability = 1e-4;

inline double logit(double p) noexcept {
  const double inside = std::clamp(p, kLeastProbability, 1 - kLeastProbability);
  return std::log(inside / (1 - inside));
}
inline double from_logit(double x) noexcept { return 1 / (1 + std::exp(-x)); }

/// The same for a pair whichever of its markets is named first.
inline std::uint64_t pair_key(MarketIndex a, MarketIndex b) noexcept {
  return (static_cast<std::uint64_t>(std::min(a, b)) << 32) | std::max(a, b);
}

/// Sums carried on are computed anew once in so many samples, a few series each time.
inline constexpr std::size_t kRecomputeEvery = 256;
/// What is left of a sum that was this many times larger is mostly rounding.
inline constexpr double kCancelled = 1e-5;
/// Relative distance from a threshold below which carried-on sums do not decide.
inline constexpr double kBorderline = 1e-6;

}  // namespace tradewind::prediction
