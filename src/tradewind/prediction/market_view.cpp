// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/market_view.hpp"

namespace tradewind::prediction {

TopOfBook TopOfBook::of(const market::MarketPrices& prices) noexcept {
  TopOfBook top;
  for (std::size_t outcome = 0; outcome < 2; ++outcome) {
    const market::TokenBook& book = prices.book[outcome];
    if (!book.bids.empty()) top.bid[outcome] = book.bids.best().price;
    if (!book.asks.empty()) top.ask[outcome] = book.asks.best().price;
  }
  return top;
}

MarketIndex MarketUniverse::upsert(const market::PredictionMarket& market) {
  const auto [at, fresh] = index_.try_emplace(market.id, static_cast<MarketIndex>(markets_.size()));
  if (!fresh) {
    markets_[at->second] = market;
    return at->second;
  }
  markets_.push_back(market);
  prices_.emplace_back().market_id = market.id;
  tops_.emplace_back();
  states_.push_back(BookState::missing);
  return at->second;
}

bool MarketUniverse::update(const market::MarketPrices& prices) {
  const auto at = find(prices.market_id);
  if (at) change_prices(*at, [&](market::MarketPrices& ours) { ours = prices; });
  return at.has_value();
}

MarketView MarketUniverse::view(UnixNanos now) const noexcept {
  return {.markets = markets_, .prices = prices_, .tops = tops_, .states = states_, .mids = {}, .now = now, .news = {}, .changed = {}};
}

std::optional<MarketIndex> MarketUniverse::find(std::string_view id) const {
  const auto at = index_.find(id);
  return at == index_.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace tradewind::prediction
