// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/bet.hpp"

#include <cmath>

namespace tradewind::prediction {

OrderPlan bet(const Opportunity& opportunity, double min_edge, const SizingOptions& sizing, const MarketView& view,
              const Account& account) {
  const Leg& leg = opportunity.legs[0];
  if (leg.market >= view.size() || !view.tradable(leg.market)) return {};
  const auto sized =
      size_buy(opportunity.probability, min_edge, view.markets[leg.market], view.prices[leg.market].of(leg.outcome).asks, account, sizing);
  if (!sized) return {};
  return {{.market = leg.market, .outcome = leg.outcome, .limit = sized->limit, .shares = sized->shares}};
}

EntryVerdict may_bet(const Opportunity& opportunity, double min_edge, const EntryRules& rules, const SizingOptions& sizing,
                     const MarketView& view, const Account& account) {
  const Leg& leg = opportunity.legs[0];
  if (const Fate fate = fate_by_rules(rules, view, leg.market, leg.outcome); fate != Fate::traded) return {fate};
  if (!std::isfinite(opportunity.edge) || !(opportunity.probability > 0 && opportunity.probability < 1)) return {Fate::invalid_number};
  if (holds(account.trades, leg.market)) return {Fate::already_held};
  if (opportunity.edge <= min_edge) return {Fate::below_margin};
  if (trade_budget(account, sizing) < kMinimumNotional) return {Fate::no_capital};
  return {bet(opportunity, min_edge, sizing, view, account).empty() ? Fate::too_small : Fate::traded};
}

}  // namespace tradewind::prediction
