// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tradewind/market/order_book.hpp"
#include "tradewind/market/prediction_market.hpp"

namespace tradewind::prediction {

/// A market's place in the universe. Never reused and never moved, so strategies keep their state in plain vectors by it.
using MarketIndex = std::uint32_t;

/// Whether a market's book may be traded on. Everything but `good` is also the reason why not.
enum class BookState : std::uint8_t { good, missing, stale, gapped, crossed, closed };

/// Every market the system has heard of and its latest prices. One writer.
class MarketUniverse {
 public:
  /// Adds a market or takes what has changed about it. O(1).
  MarketIndex upsert(const market::PredictionMarket& market);
  /// Takes the prices of a known market; ignored for an unknown one (false).
  bool update(const market::MarketPrices& prices);

  std::optional<MarketIndex> find(std::string_view id) const;
  std::size_t size() const noexcept { return markets_.size(); }
  const market::PredictionMarket& market(MarketIndex index) const { return markets_[index]; }
  const market::MarketPrices& prices(MarketIndex index) const { return prices_[index]; }
  /// To apply updates of a book in place.
  market::MarketPrices& prices(MarketIndex index) { return prices_[index]; }
  BookState state(MarketIndex index) const { return states_[index]; }
  void set_state(MarketIndex index, BookState state) { states_[index] = state; }
  void resolve(MarketIndex index, std::array<Price, 2> payout) { markets_[index].payout = payout; }

  std::span<const market::PredictionMarket> markets() const noexcept { return markets_; }
  std::span<const market::MarketPrices> all_prices() const noexcept { return prices_; }
  std::span<const BookState> states() const noexcept { return states_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  std::vector<market::PredictionMarket> markets_;
  std::vector<market::MarketPrices> prices_;
  std::vector<BookState> states_;
  std::unordered_map<std::string, MarketIndex, Hash, std::equal_to<>> index_;
};

/// What a strategy sees at one moment. Borrowed for the duration of the call; spans are aligned by MarketIndex.
struct MarketView {
  std::span<const market::PredictionMarket> markets;
  std::span<const market::MarketPrices> prices;
  std::span<const BookState> states;
  std::span<const double> mids;                 ///< of the yes tokens, NaN without one (sample_mids); empty: every strategy looks itself
  UnixNanos now = 0;
  std::span<const market::NewsItem> news;       ///< received since the last view
  std::span<const MarketIndex> changed;         ///< markets whose book changed since the last view; counts only when !all
  bool all = true;                              ///< a polled cycle: look at every market; else at `changed` only
  bool sample = true;                           ///< histories take a sample (once a cycle); false on single book events in between

  std::size_t size() const noexcept { return markets.size(); }
  bool tradable(MarketIndex market) const noexcept { return states[market] == BookState::good; }
};

}  // namespace tradewind::prediction
