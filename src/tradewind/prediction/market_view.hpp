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

#include "tradewind/trading/order_book.hpp"
#include "tradewind/trading/prediction_market.hpp"

namespace tradewind::prediction {

/// A market's place in the universe. It never moves, so strategies keep their state in plain vectors by it. When a market is decided and
/// nothing of it is held, its place is given to another market; PlaceChanges tells.
using MarketIndex = std::uint32_t;

/// Whether a market's book may be traded on. Everything but `good` is also the reason why not.
enum class BookState : std::uint8_t { good, missing, stale, gapped, crossed, closed, unknown_fees };

/// The best prices of a market's two tokens. Books of ten thousand markets are more than the caches hold; their tops lie side by side.
struct TopOfBook {
  static constexpr Price kNoBid{-1'000'000'000'000};  ///< below and beyond every price, and still safe to add to one
  static constexpr Price kNoAsk{+1'000'000'000'000};
  std::array<Price, 2> bid{kNoBid, kNoBid};  ///< by Outcome
  std::array<Price, 2> ask{kNoAsk, kNoAsk};  ///< by Outcome

  static TopOfBook of(const trading::MarketPrices& prices) noexcept;
  /// Whether the yes token has both a bid and an ask.
  bool two_sided() const noexcept { return bid[0] != kNoBid && ask[0] != kNoAsk; }
  /// Of the yes token in dollars: the exact mean, rounded once, so that it is the decimal that it is in a price file; two_sided().
  double mid() const noexcept { return static_cast<double>(ask[0].micros + bid[0].micros) / 2e6; }
};

struct MarketView;

/// The markets the system follows and their latest prices. One writer.
class MarketUniverse {
 public:
  /// Adds a market or takes what has changed about it. O(1).
  MarketIndex upsert(const trading::PredictionMarket& market);
  /// Forgets a market and frees its place, which looks closed until another market gets it. O(1).
  void release(MarketIndex index);
  /// Takes the prices of a known market; ignored for an unknown one (false).
  bool update(const trading::MarketPrices& prices);

  std::optional<MarketIndex> find(std::string_view id) const;
  /// Places, the free ones included.
  std::size_t size() const noexcept { return markets_.size(); }
  /// Whether some market of an event is not decided yet. Decided ones still count for it until then. False for an empty id.
  bool open_event(const std::string& event_id) const { return open_of_event_.contains(event_id); }
  const trading::PredictionMarket& market(MarketIndex index) const { return markets_[index]; }
  const trading::MarketPrices& prices(MarketIndex index) const { return prices_[index]; }
  /// Changes a market's prices in place: `change` gets the MarketPrices.
  template <class Change>
  void change_prices(MarketIndex index, Change&& change) {
    change(prices_[index]);
    tops_[index] = TopOfBook::of(prices_[index]);
  }
  /// Markets whose fees change by date get those in force.
  void apply_fees(UnixNanos now) noexcept;
  BookState state(MarketIndex index) const { return states_[index]; }
  void set_state(MarketIndex index, BookState state) { states_[index] = state; }
  void resolve(MarketIndex index, std::array<Price, 2> payout);

  std::span<const trading::PredictionMarket> markets() const noexcept { return markets_; }
  std::span<const BookState> states() const noexcept { return states_; }
  /// Everything there is at `now`, without news and mids.
  MarketView view(UnixNanos now = 0) const noexcept;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  MarketIndex take_place(const std::string& id);
  void count_open(const trading::PredictionMarket& market, int change);

  std::vector<trading::PredictionMarket> markets_;
  std::vector<trading::MarketPrices> prices_;
  std::vector<TopOfBook> tops_;
  std::vector<BookState> states_;
  std::vector<std::uint64_t> changed_hands_;
  std::uint64_t changes_ = 0;
  std::vector<MarketIndex> free_;
  std::unordered_map<std::string, MarketIndex, Hash, std::equal_to<>> index_;
  std::unordered_map<std::string, int> open_of_event_;  ///< markets not decided, by event; none: no entry
};

/// What a strategy sees at one moment. Borrowed for the duration of the call; spans are aligned by MarketIndex.
struct MarketView {
  std::span<const trading::PredictionMarket> markets;
  std::span<const trading::MarketPrices> prices;
  std::span<const TopOfBook> tops;
  std::span<const BookState> states;
  std::span<const std::uint64_t> changed_hands;  ///< at which of the `changes` a market last came to the place or left it
  std::size_t free_places = 0;                   ///< these look like closed markets without an id
  std::uint64_t changes = 0;                     ///< markets that have come or left since the beginning
  std::span<const double> mids;                  ///< of the yes tokens, NaN without one (sample_mids); empty: every strategy looks itself
  UnixNanos now = 0;
  std::span<const trading::NewsItem> news;  ///< received since the last view
  std::span<const MarketIndex> changed;     ///< markets whose book changed since the last view; counts only when !all
  bool all = true;                          ///< a polled cycle: look at every market; else at `changed` only
  bool sample = true;                       ///< histories take a sample (once a cycle); false on single book events in between

  /// Places, the free ones included.
  std::size_t size() const noexcept { return markets.size(); }
  /// Markets followed.
  std::size_t followed() const noexcept { return size() - free_places; }
  bool tradable(MarketIndex market) const noexcept { return states[market] == BookState::good; }
  /// Whether a market's book gives a mid that counts.
  bool has_mid(MarketIndex market) const noexcept { return tradable(market) && tops[market].two_sided(); }
};

/// Tells whoever keeps something by MarketIndex which places hold another market than when it last looked.
class PlaceChanges {
 public:
  /// Calls `changed(index)` for every place to which a market has come or from which one has left since the last call; a free place holds a
  /// market without an id. O(1) when nothing has changed, else O(markets).
  template <class Changed>
  void each(const MarketView& view, Changed&& changed) {
    if (view.changes == seen_) return;
    for (MarketIndex i = 0; i < view.size(); ++i)
      if (view.changed_hands[i] > seen_) changed(i);
    seen_ = view.changes;
  }

 private:
  std::uint64_t seen_ = 0;
};

}  // namespace tradewind::prediction
