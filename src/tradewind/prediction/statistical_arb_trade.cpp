// SPDX-License-Identifier: Apache-2.0
// Statistical arbitrage, second half: options, entering and leaving.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/prediction/samples_internal.hpp"
#include "tradewind/prediction/set_walk.hpp"
#include "tradewind/prediction/statistical_arb.hpp"
#include "tradewind/prediction/unwind.hpp"

namespace tradewind::prediction {
namespace {

double shares_in(const OpenTrade& trade, MarketIndex market) {
  double sum = 0;
  for (const Holding& held : trade.holdings)
    if (held.market == market) sum += held.shares.to_double();
  return sum;
}

void read_pairs(config::MapReader& reader, StatisticalArbOptions& options) {
  const config::Value* pairs = reader.value("pairs");
  if (pairs == nullptr) return;
  if (pairs->kind != config::Value::Kind::list) return reader.complain("pairs", "must be a list of pairs such as [A, B]");
  for (const config::Value& pair : pairs->items) {
    const bool good =
        pair.items.size() == 2 && pair.items[0].kind == config::Value::Kind::scalar && pair.items[1].kind == config::Value::Kind::scalar;
    if (!good)
      reader.complaints().add(pair.line, reader.path_of("pairs"), "a pair is a list of two market ids");
    else if (pair.items[0].text == pair.items[1].text)
      reader.complaints().add(pair.line, reader.path_of("pairs"), "a market is no pair with itself");
    else
      options.pairs.push_back({pair.items[0].text, pair.items[1].text});
  }
}

void read_model(config::MapReader& reader, StatisticalArbOptions& o) {
  static const std::vector<std::string> kHedges{"fixed", "rolling", "kalman"};
  const std::string hedge = reader.choice("hedge", "rolling", kHedges);
  o.hedge = hedge == "fixed" ? Hedge::fixed : hedge == "kalman" ? Hedge::kalman : Hedge::rolling;
  o.hedge_ratio = reader.number("hedge_ratio", o.hedge_ratio, -100, 100);
  o.delta = reader.number("delta", o.delta, 1e-12, 0.999);
  o.measurement = reader.number("measurement", o.measurement, 1e-12, 1e3);
  o.window = static_cast<int>(reader.whole_number("window", o.window, 5, 10'000));
  o.max_gap = static_cast<int>(reader.whole_number("max_gap", o.max_gap, 0, 200));
  o.entry = reader.number("entry", o.entry, 0.1, 100);
  o.exit = reader.number("exit", o.exit, 0, 100);
  o.stop = reader.number("stop", o.stop, 0.1, 1000);
  o.min_half_life = reader.number("min_half_life", o.min_half_life, 0, 1e6);
  o.max_half_life = reader.number("max_half_life", o.window / 2.0, 0, 1e6);
  o.stationary = reader.boolean("stationary", o.stationary);
  o.lags = static_cast<int>(reader.whole_number("lags", o.lags, 0, 2));
  if (o.exit >= o.entry) reader.complain("exit", "must be below entry, or every trade would end as it begins");
  if (o.stop <= o.entry) reader.complain("stop", "must be above entry, or every trade would stop as it begins");
}

}  // namespace

std::optional<std::size_t> StatisticalArb::pair_of(const OpenTrade& trade) const {
  const auto held = [&](MarketIndex market) {
    return std::any_of(trade.holdings.begin(), trade.holdings.end(), [&](const Holding& h) { return h.market == market; });
  };
  const auto at = std::find_if(pairs_.begin(), pairs_.end(), [&](const Pair& p) { return held(p.y) && held(p.x); });
  return at == pairs_.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - pairs_.begin()));
}

/// A leg filled by less than half of what the other one asks for hedges nothing. Holdings come in any order: which is y the pair says.
bool StatisticalArb::broken(const OpenTrade& trade, std::size_t pair, double beta) const {
  const double y = shares_in(trade, pairs_[pair].y);
  const double x = shares_in(trade, pairs_[pair].x);
  const double wanted = std::max(std::abs(beta), 1e-6) * y;
  return !(x >= 0.5 * wanted && x <= 2 * wanted);
}

void StatisticalArb::remember(const TradeRecord& trade) {
  if (trade.over) return static_cast<void>(hedged_.erase(trade.id));
  for (std::size_t p = 0; p < pairs_.size(); ++p) {
    const auto of_trade = [&](MarketIndex m) {
      return std::find(trade.market_ids.begin(), trade.market_ids.end(), names_[m]) != trade.market_ids.end();
    };
    if (of_trade(pairs_[p].y) && of_trade(pairs_[p].x)) hedged_[trade.id] = distance(p).beta;
  }
}

EntryVerdict StatisticalArb::should_enter(const Opportunity& opportunity, const MarketView& view, const Account& account) const {
  if (opportunity.leg_count != 2) return {Fate::invalid_number};
  for (const Leg& leg : opportunity.legs)
    if (const Fate fate = fate_by_rules(options_.rules, view, leg.market, leg.outcome); fate != Fate::traded) return {fate};
  if (!std::isfinite(opportunity.edge) || !std::isfinite(opportunity.cost)) return {Fate::invalid_number};
  if (holds(account.trades, opportunity.legs[0].market) || holds(account.trades, opportunity.legs[1].market)) return {Fate::already_held};
  // Beyond the stop the trade would be left again at once.
  if (opportunity.edge <= options_.min_edge || std::abs(opportunity.signal) >= options_.stop) return {Fate::below_margin};
  if (trade_budget(account, options_.sizing) < kMinimumNotional) return {Fate::no_capital};
  return {enter_position(opportunity, view, account).empty() ? Fate::too_small : Fate::traded};
}

OrderPlan StatisticalArb::enter_position(const Opportunity& opportunity, const MarketView& view, const Account& account) const {
  if (opportunity.leg_count != 2 || !(opportunity.shares > 0)) return {};
  const auto slippage = fixed_from_double<Price>(options_.entry_slippage).value_or(Price{});
  const double budget = trade_budget(account, options_.sizing).to_double();
  std::array<double, 2> weights{1, opportunity.legs[1].shares.to_double() / opportunity.legs[0].shares.to_double()};
  std::array<Price, 2> limits{};
  double units = 1e9;
  double unit_cost = 0;
  for (std::size_t k = 0; k < 2; ++k) {
    const Leg& leg = opportunity.legs[k];
    if (leg.market >= view.size() || !view.tradable(leg.market) || !(weights[k] > 0)) return {};
    const trading::PredictionMarket& about = view.markets[leg.market];
    const trading::Ladder& asks = view.prices[leg.market].of(leg.outcome).asks;
    if (asks.empty()) return {};
    // The limit is the ceiling itself, not the level in its reach: one leg without the other costs more than a cent on both.
    const Price ceiling = std::min(asks.best().price + slippage, kPriceOfCertainty - about.tick_size);
    const trading::Walk there = walk(trading::Side::buy, asks, kUnlimited, ceiling);
    const auto limit = buy_limit(ceiling, ceiling, about.tick_size);
    if (!limit) return {};
    limits[k] = *limit;
    units = std::min(units, there.shares.to_double() * options_.sizing.max_depth_share / weights[k]);
    unit_cost += weights[k] * worst_cost(*limit, Shares::whole(1000), about.fees).to_double() / 1000;
  }
  units = std::min(units, budget / unit_cost * (1 - 1e-6));  // fees are rounded per order
  OrderPlan plan;
  Money cost;
  for (std::size_t k = 0; k < 2; ++k) {
    const Leg& leg = opportunity.legs[k];
    const Shares shares = floor_shares(units * weights[k]);
    if (!large_enough(limits[k], shares, view.markets[leg.market])) return {};
    cost += worst_cost(limits[k], shares, view.markets[leg.market].fees);
    plan.push_back({.market = leg.market, .outcome = leg.outcome, .limit = limits[k], .shares = shares});
  }
  return cost <= account.free_cash ? plan : OrderPlan{};
}

bool StatisticalArb::should_exit(const OpenTrade& trade, const MarketView& view) const {
  if (trade.orders_working || trade.holdings.empty()) return false;
  for (const Holding& held : trade.holdings) {
    if (held.market >= view.size() || view.markets[held.market].payout || !view.markets[held.market].tradable()) return true;
    if (ends_within(view, held.market, options_.exit_hours_before_end)) return true;
  }
  if (static_cast<double>(view.now - trade.opened) > options_.max_holding_hours * 3600e9) return true;
  const auto pair = pair_of(trade);
  if (!pair) return true;  // one leg only
  const Distance now = distance(*pair);
  if (now.deviation <= 0) return false;  // no statement without a full window
  // A ratio that is estimated moves on: a trade is held to the one it was made with.
  const auto hedged = hedged_.find(trade.id);
  if (broken(trade, *pair, hedged == hedged_.end() ? now.beta : hedged->second)) return true;
  const bool crossed = now.z * trade.entry_signal < 0;
  return crossed || std::abs(now.z) < options_.exit || std::abs(now.z) > options_.stop;
}

OrderPlan StatisticalArb::exit_position(const OpenTrade& trade, const MarketView& view) const {
  return trade.orders_working ? OrderPlan{} : sell_holdings(trade, view, options_.exit_slippage);
}

StatisticalArbOptions read_statistical_arb(config::MapReader& reader) {
  StatisticalArbOptions o;
  read_pairs(reader, o);
  o.discover = reader.boolean("discover", o.pairs.empty());
  o.min_correlation = reader.number("min_correlation", o.min_correlation, -1, 1);
  o.discovery_error = reader.number("discovery_error", o.discovery_error, 1e-6, 1);
  o.max_pairs = static_cast<int>(reader.whole_number("max_pairs", o.max_pairs, 1, 100'000));
  read_model(reader, o);
  o.discovery_window = static_cast<int>(reader.whole_number("discovery_window", 15 * o.window, 180, 1'000'000));
  o.min_edge = reader.number("min_edge", o.min_edge, -1, 1);
  o.rules = read_entry_rules(reader);
  o.max_holding_hours = reader.number("max_holding_hours", o.max_holding_hours, 0.001, 1e5);
  o.exit_hours_before_end = reader.number("exit_hours_before_end", o.exit_hours_before_end, 0, 1e5);
  o.entry_slippage = reader.number("entry_slippage", o.entry_slippage, 0, 0.5);
  o.exit_slippage = reader.number("exit_slippage", o.exit_slippage, 0, 1);
  o.sizing = read_sizing(reader, o.sizing);
  return o;
}

}  // namespace tradewind::prediction
