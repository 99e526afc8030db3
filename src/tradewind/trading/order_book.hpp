// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/trading/prediction_market.hpp"

namespace tradewind::trading {

struct Level {
  Price price;
  Shares size;
  bool operator==(const Level&) const = default;
};

/// One side of a book, the best level first, every price once, every size positive. The first few levels lie inside the object, so that a
/// look at the top of ten thousand books does not wander through memory.
class alignas(64) Ladder {
 public:
  static constexpr std::size_t kInline = 6;

  bool empty() const noexcept { return count_ == 0; }
  std::size_t size() const noexcept { return count_; }
  /// !empty().
  const Level& best() const noexcept { return data()[0]; }
  const Level& operator[](std::size_t i) const noexcept { return data()[i]; }
  std::span<const Level> levels() const noexcept { return {data(), count_}; }
  const Level* begin() const noexcept { return data(); }
  const Level* end() const noexcept { return data() + count_; }

  void clear() noexcept { count_ = 0; }
  /// Sets the size at a price, 0 removes it. `side` says whether high (buy) or low (sell) prices come first. O(levels).
  void set(Side side, Level level);
  /// Takes levels in any order, equal prices added up, sizes of 0 left out. O(n log n); O(n) when already in order.
  void assign(Side side, std::span<const Level> levels);

 private:
  const Level* data() const noexcept { return overflow_.empty() ? inline_.data() : overflow_.data(); }
  Level* data() noexcept { return overflow_.empty() ? inline_.data() : overflow_.data(); }
  void insert_at(std::size_t place, Level level);

  // In this order and alignment the best two levels lie in the cache line that says where to find them.
  std::uint32_t count_ = 0;
  std::vector<Level> overflow_;  ///< holds all levels as soon as they have not fitted inside
  std::array<Level, kInline> inline_{};
};

/// The resting orders of one outcome's token.
struct TokenBook {
  Ladder bids;
  Ladder asks;

  /// A bid at or above an ask: two messages of different moments, or a mistake. Nothing may be traded on it.
  bool crossed() const noexcept { return !bids.empty() && !asks.empty() && bids.best().price >= asks.best().price; }
  bool two_sided() const noexcept { return !bids.empty() && !asks.empty(); }
  /// Mean of best bid and best ask in dollars, exact and rounded once; two_sided().
  double mid() const noexcept { return static_cast<double>(bids.best().price.micros + asks.best().price.micros) / 2e6; }
  double spread() const noexcept { return asks.best().price.to_double() - bids.best().price.to_double(); }
};

/// Prices of one market at one moment: what the document's get_market_prices(id) gives.
struct MarketPrices {
  std::string market_id;
  std::array<TokenBook, 2> book;  ///< by Outcome
  UnixNanos time = 0;             ///< by the venue's clock
  std::int64_t received = 0;      ///< by our monotonic clock, which staleness is judged by
  std::uint64_t sequence = 0;     ///< of the last update applied
  bool gapped = false;            ///< updates were missed: not to be trusted until the next snapshot

  TokenBook& of(Outcome outcome) noexcept { return book[static_cast<std::size_t>(outcome)]; }
  const TokenBook& of(Outcome outcome) const noexcept { return book[static_cast<std::size_t>(outcome)]; }
  const TokenBook& yes() const noexcept { return book[0]; }
  const TokenBook& no() const noexcept { return book[1]; }
  bool crossed() const noexcept { return book[0].crossed() || book[1].crossed(); }
};

/// A trade of others that the venue reported.
struct Print {
  std::string market_id;
  Outcome outcome = Outcome::yes;
  Side taker = Side::buy;  ///< who came for it; the other side was resting
  Price price;
  Shares shares;
};

/// What walking a ladder gives: shares up to `wanted`, none beyond `limit`.
struct Walk {
  Shares shares;
  Money cost;   ///< Σ price · size, rounded up for asks and down for bids
  Price worst;  ///< of the levels touched
};
Walk walk(Side taker, const Ladder& ladder, Shares wanted, Price limit) noexcept;

}  // namespace tradewind::trading
