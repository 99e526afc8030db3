// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/unwind.hpp"

#include <algorithm>

#include "tradewind/prediction/sizing.hpp"

namespace tradewind::prediction {

SaleValue sale_value(const Holding& holding, const MarketView& view) noexcept {
  SaleValue value;
  if (holding.market >= view.size() || !view.tradable(holding.market)) return value;
  const trading::FeeSchedule& fees = view.markets[holding.market].fees;
  for (const trading::Level& level : view.prices[holding.market].of(holding.outcome).bids) {
    if (value.shares >= holding.shares) break;
    const Shares taken = std::min(level.size, holding.shares - value.shares);
    const double price = dollars(level.price);
    value.shares += taken;
    value.proceeds += taken.to_double() * (price - fees.per_share(price));
  }
  return value;
}

void add_sale(OrderPlan& plan, MarketIndex market, trading::Outcome outcome, Shares shares, const MarketView& view, double slippage) {
  if (market >= view.size() || !view.tradable(market)) return;
  const trading::Ladder& bids = view.prices[market].of(outcome).bids;
  if (bids.empty()) return;
  const auto room = fixed_from_double<Price>(slippage).value_or(Price{});
  const trading::Walk walked = walk(trading::Side::sell, bids, shares, bids.best().price - room);
  const Shares sold = floor_shares(std::min(walked.shares, shares));
  const auto limit = sell_limit(walked.worst, view.markets[market].tick_size);
  if (!limit || sold.micros <= 0 || notional(*limit, sold) < kMinimumNotional) return;
  plan.push_back({.market = market, .outcome = outcome, .side = trading::Side::sell, .limit = *limit, .shares = sold});
}

OrderPlan sell_holdings(const OpenTrade& trade, const MarketView& view, double slippage) {
  OrderPlan plan;
  for (const Holding& held : trade.holdings) add_sale(plan, held.market, held.outcome, held.shares, view, slippage);
  return plan;
}

}  // namespace tradewind::prediction
