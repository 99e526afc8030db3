// SPDX-License-Identifier: Apache-2.0
// Arbitrage, second half: entering, and what becomes of a trade whose legs did not all fill.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/prediction/arbitrage.hpp"
#include "tradewind/prediction/unwind.hpp"

namespace tradewind::prediction {
namespace {

using trading::Outcome;
using trading::Side;

bool within_zero_and_one(Price price) { return price.micros > 0 && price.micros < Price::kOne; }

/// Sure payoff of one share of every leg.
int payoff_of(const Opportunity& opportunity) {
  const bool no_set = opportunity.kind == OpportunityKind::multi_outcome && opportunity.legs[0].outcome == Outcome::no;
  return no_set ? static_cast<int>(opportunity.size()) - 1 : 1;
}

/// The first reason one of the legs gives against the trade.
Fate fate_of_legs(const Opportunity& opportunity, const MarketView& view) {
  Fate fate = Fate::traded;
  opportunity.each_leg([&](const Leg& leg) {
    if (fate != Fate::traded) return;
    if (leg.market >= view.size())
      fate = Fate::missing_book;
    else if (!view.tradable(leg.market))
      fate = fate_of(view.states[leg.market]);
    else if (!within_zero_and_one(leg.limit))
      fate = Fate::invalid_number;
    else if (leg.shares < view.markets[leg.market].minimum_size)
      fate = Fate::too_small;
  });
  return fate;
}

Shares held(const OpenTrade& trade, MarketIndex market, Outcome outcome) {
  Shares sum;
  for (const Holding& one : trade.holdings)
    if (one.market == market && one.outcome == outcome) sum += one.shares;
  return sum;
}

/// Equal shares of yes and no: sold where buyers pay more than the dollar merging gives, merged otherwise.
void release_pairs(OrderPlan& plan, MarketIndex market, Shares paired, const MarketView& view) {
  const trading::PredictionMarket& about = view.markets[market];
  std::array<Price, 2> worst{};
  const trading::MarketPrices& prices = view.prices[market];
  const SetWalk walked = walk_pair(Side::sell, prices.yes(), prices.no(), UnitFee(about.fees), 0, worst);
  const Shares sold = floor_shares(std::min(walked.shares, paired));
  const auto yes = sell_limit(worst[0], about.tick_size);
  const auto no = sell_limit(worst[1], about.tick_size);
  const bool worth_it = sold.micros > 0 && yes && no && notional(*yes, sold) >= kMinimumNotional && notional(*no, sold) >= kMinimumNotional;
  if (worth_it) {
    plan.push_back({.market = market, .outcome = Outcome::yes, .side = Side::sell, .limit = *yes, .shares = sold});
    plan.push_back({.market = market, .outcome = Outcome::no, .side = Side::sell, .limit = *no, .shares = sold});
    paired -= sold;
  }
  if (paired.micros > 0) plan.push_back({.kind = OrderIntent::Kind::merge, .market = market, .shares = paired});
}

/// Shares of one outcome without their counterpart: sold at the bid, or completed to sets when the missing outcome costs less than that
/// gives up.
void release_excess(OrderPlan& plan, MarketIndex market, Outcome outcome, Shares excess, const MarketView& view, double slippage) {
  const trading::PredictionMarket& about = view.markets[market];
  const trading::Ladder& bids = view.prices[market].of(outcome).bids;
  const trading::Ladder& asks = view.prices[market].of(opposite(outcome)).asks;
  const UnitFee fee(about.fees);
  const Shares wanted = floor_shares(excess);
  const bool buyable = !asks.empty() && within_zero_and_one(asks.best().price);
  if (buyable && orderable(asks.best().price, about.tick_size)) {
    const Attos completed = kAttosPerDollar - bought(asks.best().price, fee);
    const bool better = bids.empty() || !plausible(bids.best().price) || completed > sold(bids.best().price, fee);
    const Shares shares = std::min(wanted, floor_shares(asks.best().size));
    if (better && completed > 0 && large_enough(asks.best().price, shares, about)) {
      plan.push_back({.market = market, .outcome = opposite(outcome), .side = Side::buy, .limit = asks.best().price, .shares = shares});
      return;
    }
  }
  add_sale(plan, market, outcome, excess, view, slippage);
}

OrderPlan settle_set(const OpenTrade& trade, const MarketView& view, double slippage) {
  OrderPlan plan;
  if (trade.holdings.empty()) return plan;
  const MarketIndex market = trade.holdings[0].market;
  if (market >= view.size() || view.markets[market].payout) return plan;
  const Shares yes = held(trade, market, Outcome::yes);
  const Shares no = held(trade, market, Outcome::no);
  const Shares paired = std::min(yes, no);
  const bool good = view.tradable(market);
  if (paired.micros > 0 && good)
    release_pairs(plan, market, paired, view);
  else if (paired.micros > 0 && view.states[market] != BookState::closed)
    plan.push_back({.kind = OrderIntent::Kind::merge, .market = market, .shares = paired});
  if (yes > paired && good) release_excess(plan, market, Outcome::yes, yes - paired, view, slippage);
  if (no > paired && good) release_excess(plan, market, Outcome::no, no - paired, view, slippage);
  return plan;
}

/// What a held combination pays at least, and what it has cost and would bring.
struct Combination {
  Shares common;  ///< of every leg; 0 when one is missing
  double guaranteed = 0;
  double cost = 0;
  double proceeds = 0;  ///< of the common shares
  bool all_find_buyers = true;
};

Combination assess(const OpenTrade& trade, const MarketView& view) {
  Combination now;
  Shares least = kUnlimited;
  for (const Holding& one : trade.holdings) {
    least = std::min(least, one.shares);
    now.cost += one.cost.to_double();
  }
  const bool no_set = trade.kind == OpportunityKind::multi_outcome && trade.holdings[0].outcome == Outcome::no;
  const auto legs = static_cast<double>(trade.holdings.size());
  const bool whole = legs >= trade.entry_signal;
  if (no_set)
    now.guaranteed = (legs - 1) * least.to_double();
  else if (whole)
    now.guaranteed = least.to_double();
  if (!whole && !(no_set && now.guaranteed >= now.cost)) return now;
  now.common = least;
  for (Holding one : trade.holdings) {
    one.shares = least;
    const SaleValue value = sale_value(one, view);
    now.proceeds += value.proceeds;
    now.all_find_buyers = now.all_find_buyers && value.shares >= least;
  }
  return now;
}

/// Legs in different markets wait for the resolution in equal numbers; what is over is sold, and everything when buyers pay at least what
/// the resolution guarantees.
OrderPlan settle_combination(const OpenTrade& trade, const MarketView& view, double slippage) {
  OrderPlan plan;
  if (trade.holdings.empty()) return plan;
  const bool decided = std::any_of(trade.holdings.begin(), trade.holdings.end(), [&](const Holding& one) {
    return one.market >= view.size() || view.markets[one.market].payout.has_value();
  });
  if (decided || trade.paid_out) return plan;  // the resolution is under way: what is left pays what was promised
  const Combination now = assess(trade, view);
  if (now.common.micros > 0 && now.all_find_buyers && now.proceeds >= now.guaranteed) return sell_holdings(trade, view, slippage);
  for (const Holding& one : trade.holdings)
    if (one.shares > now.common) add_sale(plan, one.market, one.outcome, one.shares - now.common, view, slippage);
  return plan;
}

}  // namespace

EntryVerdict Arbitrage::should_enter(const Opportunity& opportunity, const MarketView& view, const Account& account) const {
  const bool numbers = std::isfinite(opportunity.expected_profit) && std::isfinite(opportunity.edge) && opportunity.shares > 0;
  if (!numbers || opportunity.size() < 2) return {Fate::invalid_number};
  if (const Fate fate = fate_of_legs(opportunity, view); fate != Fate::traded) return {fate};
  if (opportunity.edge <= required_margin(opportunity.kind) || opportunity.expected_profit < options_.min_profit)
    return {Fate::below_margin};
  bool busy = false;
  opportunity.each_leg([&](const Leg& leg) { busy = busy || holds(account.trades, leg.market); });
  if (busy) return {Fate::already_held};
  if (trade_budget(account, options_.sizing) < kMinimumNotional) return {Fate::no_capital};
  const bool lasts = opportunity.kind == OpportunityKind::complete_set_sell || lasting(opportunity).micros > 0;
  return {lasts ? Fate::traded : Fate::thin_book};
}

OrderPlan Arbitrage::enter_position(const Opportunity& opportunity, const MarketView& view, const Account& account) const {
  const Money budget = trade_budget(account, options_.sizing);
  if (budget <= Money{} || fate_of_legs(opportunity, view) != Fate::traded) return {};
  if (opportunity.kind != OpportunityKind::complete_set_sell) return buy_legs(opportunity, view, budget);
  const MarketIndex market = opportunity.market();
  const trading::PredictionMarket& about = view.markets[market];
  std::array<Price, 2> worst{};
  const SetWalk walked = walk_pair(Side::sell, view.prices[market].yes(), view.prices[market].no(), UnitFee(about.fees), margin_, worst);
  const Shares there = floor_shares(walked.shares.to_double() * options_.sizing.max_depth_share);
  const Shares shares = floor_shares(std::min(there, Shares{budget.micros}));  // a dollar splits into one share of each
  const bool sellable = within_zero_and_one(worst[0]) && within_zero_and_one(worst[1]) && large_enough(worst[0], shares, about) &&
                        large_enough(worst[1], shares, about);
  if (!sellable) return {};
  return {{.kind = OrderIntent::Kind::split, .market = market, .shares = shares}};
}

OrderPlan Arbitrage::buy_legs(const Opportunity& opportunity, const MarketView& view, Money budget) const {
  std::vector<Leg> legs;
  std::vector<SetLeg> walks;
  opportunity.each_leg([&](const Leg& leg) {
    legs.push_back(leg);
    walks.push_back({.ladder = &view.prices[leg.market].of(leg.outcome).asks, .fee = UnitFee(view.markets[leg.market].fees)});
  });
  const int payoff = payoff_of(opportunity);
  const Attos margin = std::max(margin_, static_cast<Attos>(required_margin(opportunity.kind) * 1e18));
  const SetWalk full = walk_set(Side::buy, walks, payoff, margin);
  Shares shares = floor_shares(std::min(full.shares, lasting(opportunity)).to_double() * options_.sizing.max_depth_share);
  const auto set_limits = [&] {
    Int128 edge = static_cast<Int128>(payoff) * kAttosPerDollar;
    for (std::size_t i = 0; i < legs.size(); ++i) {
      const auto limit = buy_limit(walks[i].worst, kPriceOfCertainty, view.markets[legs[i].market].tick_size);
      if (!limit) return false;
      legs[i].limit = *limit;
      edge -= bought(*limit, walks[i].fee);
    }
    return edge > margin;
  };
  const auto cost = [&] {
    Money sum;
    for (const Leg& leg : legs) sum += worst_cost(leg.limit, shares, view.markets[leg.market].fees);
    return sum;
  };
  // Fewer shares never need worse levels, so cutting the number in proportion to the budget is enough but for rounding.
  for (int round = 0; round < 4 && shares.micros > 0; ++round) {
    walk_set(Side::buy, walks, payoff, margin, shares);
    if (!set_limits()) return {};
    const Money needed = cost();
    if (needed <= budget) break;
    const double cut = round == 3 ? 0 : shares.to_double() * (budget.to_double() / needed.to_double());
    shares = std::min(floor_shares(cut), shares - kShareStep);
  }
  OrderPlan plan;
  for (const Leg& leg : legs) {
    if (shares.micros <= 0 || !large_enough(leg.limit, shares, view.markets[leg.market])) return {};
    plan.push_back({.market = leg.market, .outcome = leg.outcome, .side = Side::buy, .limit = leg.limit, .shares = shares});
  }
  return plan;
}

OrderPlan Arbitrage::exit_position(const OpenTrade& trade, const MarketView& view) const {
  if (trade.orders_working) return {};
  const bool set = trade.kind == OpportunityKind::complete_set_buy || trade.kind == OpportunityKind::complete_set_sell;
  return set ? settle_set(trade, view, options_.exit_slippage) : settle_combination(trade, view, options_.exit_slippage);
}

bool Arbitrage::should_exit(const OpenTrade& trade, const MarketView& view) const { return !exit_position(trade, view).empty(); }

ArbitrageOptions read_arbitrage(config::MapReader& reader) {
  ArbitrageOptions options;
  options.min_profit_margin = reader.number("min_profit_margin", options.min_profit_margin, 0, 0.5);
  options.min_profit = reader.number("min_profit", options.min_profit, 0, 1e6);
  options.max_legs = static_cast<int>(reader.whole_number("max_legs", options.max_legs, 2, 64));
  options.buy_sets = reader.boolean("buy_sets", options.buy_sets);
  options.sell_sets = reader.boolean("sell_sets", options.sell_sets);
  options.multi_outcome = reader.boolean("multi_outcome", options.multi_outcome);
  options.lasting = reader.boolean("lasting", options.lasting);
  options.exit_slippage = reader.number("exit_slippage", options.exit_slippage, 0, 1);
  options.sizing = read_sizing(reader, options.sizing);
  const config::Value* rules = reader.value("implications");
  if (rules == nullptr) return options;
  if (rules->kind != config::Value::Kind::list) reader.complain("implications", "must be a list of {if: MARKET_ID, then: MARKET_ID}");
  for (std::size_t i = 0; i < rules->items.size(); ++i) {
    config::MapReader rule(rules->items[i], reader.path_of(fmt::format("implications[{}]", i)), reader.complaints());
    trading::Implication one{rule.required_text("if"), rule.required_text("then")};
    if (!one.antecedent.empty() && one.antecedent == one.consequent) rule.complain("then", "is the same market as 'if'");
    rule.finish();
    options.implications.push_back(std::move(one));
  }
  return options;
}

}  // namespace tradewind::prediction
