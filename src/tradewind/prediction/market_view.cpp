// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/market_view.hpp"

namespace tradewind::prediction {

MarketIndex MarketUniverse::upsert(const market::PredictionMarket& market) {
  const auto [at, fresh] = index_.try_emplace(market.id, static_cast<MarketIndex>(markets_.size()));
  if (!fresh) {
    markets_[at->second] = market;
    return at->second;
  }
  markets_.push_back(market);
  prices_.emplace_back().market_id = market.id;
  states_.push_back(BookState::missing);
  return at->second;
}

bool MarketUniverse::update(const market::MarketPrices& prices) {
  const auto at = find(prices.market_id);
  if (at) prices_[*at] = prices;
  return at.has_value();
}

std::optional<MarketIndex> MarketUniverse::find(std::string_view id) const {
  const auto at = index_.find(id);
  return at == index_.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace tradewind::prediction
