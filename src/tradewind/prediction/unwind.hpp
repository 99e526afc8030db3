// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/prediction/strategy.hpp"

namespace tradewind::prediction {

/// Dollars below the best bid a sale goes unless a strategy is told otherwise.
inline constexpr double kExitSlippage = 0.05;

/// What holdings could be sold for now.
struct SaleValue {
  Shares shares;        ///< that find a buyer
  double proceeds = 0;  ///< dollars for them, fees taken off
};
SaleValue sale_value(const Holding& holding, const MarketView& view) noexcept;

/// One order that sells at the bid what the book takes, at most `slippage` dollars below the best bid; the rest waits for the next cycle.
/// Nothing on a book that is not good, without bids, or for dust the venue would refuse.
void add_sale(OrderPlan& plan, MarketIndex market, trading::Outcome outcome, Shares shares, const MarketView& view, double slippage);
/// Sells all holdings of a trade that way.
OrderPlan sell_holdings(const OpenTrade& trade, const MarketView& view, double slippage);

}  // namespace tradewind::prediction
