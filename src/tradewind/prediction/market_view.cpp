// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/market_view.hpp"

namespace tradewind::prediction {

TopOfBook TopOfBook::of(const trading::MarketPrices& prices) noexcept {
  TopOfBook top;
  for (std::size_t outcome = 0; outcome < 2; ++outcome) {
    const trading::TokenBook& book = prices.book[outcome];
    if (!book.bids.empty()) top.bid[outcome] = book.bids.best().price;
    if (!book.asks.empty()) top.ask[outcome] = book.asks.best().price;
  }
  return top;
}

MarketIndex MarketUniverse::upsert(const trading::PredictionMarket& market) {
  const auto known = find(market.id);
  const MarketIndex index = known ? *known : take_place(market.id);
  trading::PredictionMarket& ours = markets_[index];
  const bool counts_alike = known && ours.event_id == market.event_id && ours.payout.has_value() == market.payout.has_value();
  if (!counts_alike) {
    if (known) count_open(ours, -1);
    count_open(market, +1);
  }
  ours = market;
  return index;
}

MarketIndex MarketUniverse::take_place(const std::string& id) {
  MarketIndex index{};
  if (free_.empty()) {
    index = static_cast<MarketIndex>(markets_.size());
    markets_.emplace_back();
    prices_.emplace_back();
    tops_.emplace_back();
    states_.emplace_back();
    changed_hands_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  prices_[index].market_id = id;
  states_[index] = BookState::missing;
  changed_hands_[index] = ++changes_;
  index_.emplace(id, index);
  return index;
}

void MarketUniverse::count_open(const trading::PredictionMarket& market, int change) {
  if (market.event_id.empty() || market.payout) return;
  const auto at = open_of_event_.try_emplace(market.event_id, 0).first;
  at->second += change;
  if (at->second == 0) open_of_event_.erase(at);
}

void MarketUniverse::resolve(MarketIndex index, std::array<Price, 2> payout) {
  count_open(markets_[index], -1);
  markets_[index].payout = payout;
}

void MarketUniverse::release(MarketIndex index) {
  count_open(markets_[index], -1);
  index_.erase(markets_[index].id);
  markets_[index] = {};
  markets_[index].closed = true;
  prices_[index] = {};
  tops_[index] = {};
  states_[index] = BookState::closed;
  changed_hands_[index] = ++changes_;
  free_.push_back(index);
}

void MarketUniverse::apply_fees(UnixNanos now) noexcept {
  for (trading::PredictionMarket& market : markets_)
    if (!market.fee_changes.empty()) market.apply_fees(now);
}

bool MarketUniverse::update(const trading::MarketPrices& prices) {
  const auto at = find(prices.market_id);
  if (at) change_prices(*at, [&](trading::MarketPrices& ours) { ours = prices; });
  return at.has_value();
}

MarketView MarketUniverse::view(UnixNanos now) const noexcept {
  return {.markets = markets_,
          .prices = prices_,
          .tops = tops_,
          .states = states_,
          .changed_hands = changed_hands_,
          .free_places = free_.size(),
          .changes = changes_,
          .mids = {},
          .now = now,
          .news = {},
          .changed = {}};
}

std::optional<MarketIndex> MarketUniverse::find(std::string_view id) const {
  const auto at = index_.find(id);
  return at == index_.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace tradewind::prediction
