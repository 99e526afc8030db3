// SPDX-License-Identifier: Apache-2.0
#include "tradewind/trading/fees.hpp"

#include <algorithm>
#include <cmath>

namespace tradewind::trading {

double FeeSchedule::per_share(double price) const noexcept {
  const double spread = price * (1 - price);
  if (exponent == 1) return rate * spread;
  return exponent == 0 ? rate : rate * std::pow(spread, exponent);
}

Money FeeSchedule::taker(Price price, Shares shares) const noexcept {
  constexpr std::int64_t kStep = 10;  // the venue's smallest fee is 1e-5
  if (rate == 0 || shares.micros <= 0) return {};
  if (exponent != 0 && exponent != 1) {
    const double fee = shares.to_double() * per_share(price.to_double());
    return {static_cast<std::int64_t>(std::floor(fee * 1e5)) * kStep};
  }
  const auto rate_micros = static_cast<std::int64_t>(std::llround(rate * 1e6));
  // One division at the end, so that nothing is lost before the rounding the venue does.
  const Int128 unrounded = static_cast<Int128>(shares.micros) * rate_micros;
  const Int128 spread =
      exponent == 1 ? static_cast<Int128>(price.micros) * (Price::kOne - price.micros) : Int128{Price::kOne} * Price::kOne;
  return {static_cast<std::int64_t>(unrounded * spread / Price::kOne / Price::kOne / Price::kOne / kStep) * kStep};
}

bool FeeSchedule::plausible() const noexcept {
  constexpr double kDearest = 0.10;  // dollars a share; the dearest a venue has taken is under two cents
  return rate >= 0 && rate < 1 && exponent >= 0 && exponent <= 16 && per_share(0.5) <= kDearest;
}

std::optional<FeeSchedule> fees_in_force(std::span<const FeeChange> changes, UnixNanos time) noexcept {
  const auto next =
      std::upper_bound(changes.begin(), changes.end(), time, [](UnixNanos at, const FeeChange& one) { return at < one.from; });
  return next == changes.begin() ? std::nullopt : std::prev(next)->fees;
}

}  // namespace tradewind::trading
