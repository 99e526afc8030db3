// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
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

/// The best prices of a market's two tokens. Books of ten thousand markets are more than the caches hold; their tops lie side by side.
struct TopOfBook {
  static constexpr Price kNoBid{-1'000'000'000'000};  ///< below and beyond every price, and still safe to add to one
  static constexpr Price kNoAsk{+1'000'000'000'000};
  std::array<Price, 2> bid{kNoBid, kNoBid};  ///< by Outcome
  std::array<Price, 2> ask{kNoAsk, kNoAsk};  ///< by Outcome

  static TopOfBook of(const market::MarketPrices& prices) noexcept;
  /// Whether the yes token has both a bid and an ask.
  bool two_sided() const noexcept { return bid[0] != kNoBid && ask[0] != kNoAsk; }
  /// Of the yes token in dollars: the correctly rounded prices, added and halved; two_sided().
  double mid() const noexcept { return (ask[0].to_double() + bid[0].to_double()) / 2; }
};

struct MarketView;

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
  /// Changes a market's prices in place: `change` gets the MarketPrices.
  template <class Change>
  void change_prices(MarketIndex index, Change&& change) {
    change(prices_[index]);
    tops_[index] = TopOfBook::of(prices_[index]);
  }
  BookState state(MarketIndex index) const { return states_[index]; }
  void set_state(MarketIndex index, BookState state) { states_[index] = state; }
  void resolve(MarketIndex index, std::array<Price, 2> payout) { markets_[index].payout = payout; }

  std::span<const market::PredictionMarket> markets() const noexcept { return markets_; }
  std::span<const BookState> states() const noexcept { return states_; }
  /// Everything there is at `now`, without news and mids.
  MarketView view(UnixNanos now = 0) const noexcept;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  std::vector<market::PredictionMarket> markets_;
  std::vector<market::MarketPrices> prices_;
  std::vector<TopOfBook> tops_;
  std::vector<BookState> states_;
  std::unordered_map<std::string, MarketIndex, Hash, std::equal_to<>> index_;
};

/// What a strategy sees at one moment. Borrowed for the duration of the call; spans are aligned by MarketIndex.
struct MarketView {
  std::span<const market::PredictionMarket> markets;
  std::span<const market::MarketPrices> prices;
  std::span<const TopOfBook> tops;
  std::span<const BookState> states;
  std::span<const double> mids;                 ///< of the yes tokens, NaN without one (sample_mids); empty: every strategy looks itself
  UnixNanos now = 0;
  std::span<const market::NewsItem> news;       ///< received since the last view
  std::span<const MarketIndex> changed;         ///< markets whose book changed since the last view; counts only when !all
  bool all = true;                              ///< a polled cycle: look at every market; else at `changed` only
  bool sample = true;                           ///< histories take a sample (once a cycle); false on single book events in between

  std::size_t size() const noexcept { return markets.size(); }
  bool tradable(MarketIndex market) const noexcept { return states[market] == BookState::good; }
  /// Whether a market's book gives a mid that counts.
  bool has_mid(MarketIndex market) const noexcept { return tradable(market) && tops[market].two_sided(); }
};

}  // namespace tradewind::prediction
