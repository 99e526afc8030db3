// SPDX-License-Identifier: Apache-2.0
#include "tradewind/strategies/price_scale.hpp"

#include <algorithm>
#include <cmath>

namespace tradewind::strategies {
namespace {

constexpr double kMostTicks = 0x1p45;  // so that a window of 100,000 prices has a sum below 2^62
constexpr double kLargestFactor = 1e9;

/// True when the price is the double nearest to a whole number of ticks: the quotient is rounded correctly, both parts are exact.
bool whole(double price, double factor) noexcept {
  const double ticks = std::nearbyint(price * factor);
  return std::fabs(ticks) <= kMostTicks && ticks / factor == price;
}

}  // namespace

void PriceScale::take(double price) noexcept {
  grown_ = 1;
  lost_ = false;
  if (!exact_) return;
  highest_ = std::max(highest_, std::fabs(price));
  double factor = factor_;
  while (factor <= kLargestFactor && !whole(price, factor)) factor *= 10;
  if (factor > kLargestFactor || !(highest_ * factor <= kMostTicks)) {
    exact_ = false;
    lost_ = true;
    return;
  }
  grown_ = factor / factor_;
  factor_ = factor;
}

std::int64_t PriceScale::ticks(double price) const noexcept {
  const double ticks = std::nearbyint(price * factor_);
  return std::fabs(ticks) <= kMostTicks ? static_cast<std::int64_t>(ticks) : 0;  // beyond: a memory that was damaged
}

bool PriceScale::possible() const noexcept {
  double factor = 1;
  while (factor < factor_ && factor < kLargestFactor) factor *= 10;
  return factor == factor_ && highest_ >= 0 && std::isfinite(highest_);
}

}  // namespace tradewind::strategies
