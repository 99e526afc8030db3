// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/prediction/rules.hpp"
#include "tradewind/prediction/sizing.hpp"
#include "tradewind/prediction/strategy.hpp"

namespace tradewind::prediction {

/// The orders of a strategy that buys the first leg because it thinks it more probable than its price: Kelly's fraction of the account
/// where probability − price − fee > `min_edge`. Empty on a book that is not good and below the smallest order.
OrderPlan bet(const Opportunity& opportunity, double min_edge, const SizingOptions& sizing, const MarketView& view, const Account& account);

/// Whether such a bet is to be made, and if not, why: market rules, numbers, what is held, edge, capital, size.
EntryVerdict may_bet(const Opportunity& opportunity, double min_edge, const EntryRules& rules, const SizingOptions& sizing,
                     const MarketView& view, const Account& account);

}  // namespace tradewind::prediction
