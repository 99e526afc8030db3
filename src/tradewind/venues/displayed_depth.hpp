// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <utility>

#include "tradewind/base/time.hpp"
#include "tradewind/trading/order_book.hpp"

namespace tradewind::venues {

/// A place in the one book that both outcomes share: selling no at q is an offer of yes at 1 − q.
struct YesSide {
  trading::Side side = trading::Side::buy;  ///< of the resting order: buy is a bid for yes
  Price price;                              ///< of yes
  auto operator<=>(const YesSide&) const noexcept = default;
};
/// Where an order of `side` for an outcome rests.
YesSide yes_side(trading::Outcome outcome, trading::Side side, Price price) noexcept;

/// What one account still finds of a market's displayed depth.
///
/// What it took stays taken, of both outcomes' books, until the venue shows the level anew: as far as it then shows more than before,
/// after it was gone, or after `refill` nanoseconds in which it stood there. The venue does not know of the account, so what it shows goes
/// on to hold what was taken.
class DisplayedDepth {
 public:
  /// `refill`: nanoseconds.
  explicit DisplayedDepth(std::int64_t refill) : refill_(refill) {}

  /// A new book, received at `now` by a clock that does not jump.
  void show(const trading::MarketPrices& prices, std::int64_t now);
  /// What a taker of `side` meets: asks for a buyer, best first.
  const trading::Ladder& offered(trading::Outcome outcome, trading::Side taker) const noexcept;
  /// Takes shares of a level that `offered` shows.
  void take(trading::Outcome outcome, trading::Side taker, trading::Level level);
  /// Shares displayed at a place, in either book, whoever's they are.
  Shares displayed(const YesSide& at) const noexcept;

  /// What was taken of a place and not shown anew yet, and when: of the clock of `show`.
  struct Taken {
    Shares shares;
    std::int64_t since = 0;
    bool operator==(const Taken&) const = default;
  };
  using AllTaken = std::map<YesSide, Taken>;
  /// All that has to be kept to go on after the process has ended; given back before the first book.
  const AllTaken& taken() const noexcept { return taken_; }
  void restore(AllTaken taken) { taken_ = std::move(taken); }

 private:
  void reduce(const YesSide& at, Shares shares);

  std::int64_t refill_;
  std::int64_t now_ = 0;
  trading::MarketPrices shown_;  ///< less what is taken
  AllTaken taken_;
};

}  // namespace tradewind::venues
