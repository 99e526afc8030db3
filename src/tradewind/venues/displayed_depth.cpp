// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/displayed_depth.hpp"

#include <algorithm>

namespace tradewind::venues {
namespace {

using trading::Outcome;
using trading::Side;

Shares size_at(const trading::Ladder& ladder, Price price) noexcept {
  for (const trading::Level& level : ladder)
    if (level.price == price) return level.size;
  return {};
}

const trading::Ladder& resting(const trading::TokenBook& book, Side side) noexcept { return side == Side::buy ? book.bids : book.asks; }
trading::Ladder& resting(trading::TokenBook& book, Side side) noexcept { return side == Side::buy ? book.bids : book.asks; }

}  // namespace

YesSide yes_side(Outcome outcome, Side side, Price price) noexcept {
  return outcome == Outcome::yes ? YesSide{side, price} : YesSide{opposite(side), kPriceOfCertainty - price};
}

void DisplayedDepth::show(const trading::MarketPrices& prices, std::int64_t now) {
  shown_ = prices;
  now_ = now;
  for (auto at = taken_.begin(); at != taken_.end();) {
    const Shares there = displayed(at->first);
    at->second.shares = std::min(at->second.shares, there);
    if (there.is_zero() || now - at->second.since >= refill_)
      at = taken_.erase(at);
    else
      ++at;
  }
  for (const auto& [at, taken] : taken_) reduce(at, taken.shares);
}

const trading::Ladder& DisplayedDepth::offered(Outcome outcome, Side taker) const noexcept {
  return resting(shown_.of(outcome), opposite(taker));
}

Shares DisplayedDepth::displayed(const YesSide& at) const noexcept {
  return std::max(size_at(resting(shown_.yes(), at.side), at.price),
                  size_at(resting(shown_.no(), opposite(at.side)), kPriceOfCertainty - at.price));
}

void DisplayedDepth::reduce(const YesSide& at, Shares shares) {
  const auto lower = [&](trading::Ladder& ladder, Side side, Price price) {
    if (const Shares there = size_at(ladder, price); !there.is_zero()) ladder.set(side, {price, std::max(Shares{}, there - shares)});
  };
  lower(resting(shown_.of(Outcome::yes), at.side), at.side, at.price);
  lower(resting(shown_.of(Outcome::no), opposite(at.side)), opposite(at.side), kPriceOfCertainty - at.price);
}

void DisplayedDepth::take(Outcome outcome, Side taker, trading::Level level) {
  const YesSide at = yes_side(outcome, opposite(taker), level.price);
  Taken& taken = taken_[at];
  taken.shares += level.size;
  taken.since = now_;
  reduce(at, level.size);
}

}  // namespace tradewind::venues
