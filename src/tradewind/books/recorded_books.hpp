// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tradewind/books/recording.hpp"
#include "tradewind/trading/order_book.hpp"

namespace tradewind::books {

/// The books of a recording as they stood when the latest event applied was received.
class RecordedBooks {
 public:
  /// Every book is untrusted until its first whole one. `quote_shares`: what a quote without a size stands for.
  explicit RecordedBooks(const Recording& recording, Shares quote_shares = {});

  /// In order of receipt. Prints and payouts change no book.
  void apply(const BookEvent& event);
  /// From now on no book is trusted until its next whole one: events were missed.
  void miss();

  const trading::MarketPrices& prices(std::uint32_t market) const { return prices_[market]; }
  bool trusted(std::uint32_t market) const { return !prices_[market].gapped; }
  /// Whether the venue takes orders.
  bool trading(std::uint32_t market) const { return trading_[market]; }

 private:
  void mirror(std::uint32_t market, trading::Side side, trading::Level level);
  Shares size_of(const BookEvent& event) const;
  void look_again(std::uint32_t market);

  const Recording* recording_;
  Shares quote_shares_;
  std::vector<trading::MarketPrices> prices_;
  std::vector<std::array<bool, 2>> whole_;  ///< by market and outcome: a whole book was seen since events were last missed
  std::vector<bool> trading_;
};

}  // namespace tradewind::books
