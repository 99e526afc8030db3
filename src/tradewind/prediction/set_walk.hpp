// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "tradewind/trading/order_book.hpp"

namespace tradewind::prediction {

/// Dollars in units of 1e-18: price + fee of a share is a whole number of them, so that an edge of exactly zero is zero.
using Attos = std::int64_t;
inline constexpr Attos kAttosPerDollar = 1'000'000'000'000'000'000;
inline constexpr Attos kAttosPerMicro = 1'000'000'000'000;

/// Whether a book can hold the price at all; computing with others could overflow.
inline bool plausible(Price price) noexcept { return price.micros > -Price::kOne && price.micros < 2 * Price::kOne; }

/// What a taker pays on top of the price, ready for computing with attos. Exact for exponent 1 and 0 and rates of whole millionths.
struct UnitFee {
  std::int64_t rate_micros = 0;
  bool quadratic = true;                        ///< exponent 1
  const trading::FeeSchedule* other = nullptr;  ///< any other exponent

  explicit UnitFee(const trading::FeeSchedule& fees) noexcept
      : rate_micros(fees.rate >= 0 && fees.rate < 1 ? static_cast<std::int64_t>(fees.rate * 1e6 + 0.5) : Price::kOne),
        quadratic(fees.exponent == 1),
        other(quadratic ? nullptr : &fees) {}
  Attos of(Price price) const noexcept {
    if (quadratic) return rate_micros * (price.micros * (Price::kOne - price.micros));
    return static_cast<Attos>(other->per_share(price.to_double()) * 1e18);
  }
};

/// Price and fee of a bought share; proceeds of a sold one.
inline Attos bought(Price price, const UnitFee& fee) noexcept { return price.micros * kAttosPerMicro + fee.of(price); }
inline Attos sold(Price price, const UnitFee& fee) noexcept { return price.micros * kAttosPerMicro - fee.of(price); }

/// Equal shares of several tokens taken together from their ladders.
struct SetWalk {
  Shares shares;      ///< of every token
  double profit = 0;  ///< dollars, fees taken off
  double cost = 0;    ///< dollars paid (buying) or received (selling), fees in it
};

/// One ladder of a set and where the walk stands in it; `worst` is the last price taken.
struct SetLeg {
  const trading::Ladder* ladder = nullptr;
  UnitFee fee;
  std::size_t level = 0;
  Shares left{};
  Price worst{};
};

inline constexpr Shares kUnlimited{std::numeric_limits<std::int64_t>::max()};

/// Walks all ladders at once, taking the least of the sizes left, while a share of the set earns more than `margin`: payoff dollars −
/// Σ(price + fee) when buying, Σ(price − fee) − payoff when selling. O(levels · legs). Takes nothing when a ladder is empty.
SetWalk walk_set(trading::Side taker, std::span<SetLeg> legs, int payoff, Attos margin, Shares most = kUnlimited) noexcept;

/// The same for the two tokens of one market, where every nanosecond counts; `worst` gets the last prices taken.
SetWalk walk_pair(trading::Side taker, const trading::TokenBook& yes, const trading::TokenBook& no, const UnitFee& fee, Attos margin,
                  std::array<Price, 2>& worst) noexcept;

}  // namespace tradewind::prediction
