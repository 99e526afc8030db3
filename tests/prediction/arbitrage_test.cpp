// SPDX-License-Identifier: Apache-2.0
// Arbitrage against plain counterparts: payoffs in every state the world can be in, and share-by-share buying.
#include "tradewind/prediction/arbitrage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "books.hpp"

namespace tradewind::prediction {
namespace {

using trading::Outcome;
using trading::Side;

ArbitrageOptions eager() {
  ArbitrageOptions options;
  options.min_profit_margin = 0;
  options.min_profit = 0;
  options.lasting = false;
  options.sizing.max_trade_share = 1;
  return options;
}

std::vector<trading::Level> random_ladder(Random& random, int best, int step, std::size_t levels) {
  std::vector<trading::Level> ladder;
  for (std::size_t i = 0; i < levels; ++i) {
    ladder.push_back(level(std::clamp(best, 1, 999), 1 + static_cast<double>(random.below(40))));
    best += step * static_cast<int>(1 + random.below(8));
  }
  return ladder;
}

double unit(Side taker, const trading::Level& at, double rate) {
  const double price = static_cast<double>(at.price.micros) / 1e6;
  const double fee = rate * price * (1 - price);
  return taker == Side::buy ? price + fee : price - fee;
}

struct Naive {
  double shares = 0;
  double profit = 0;
};
/// A hundredth of a share of everything at a time, as long as it earns more than the margin.
Naive share_by_share(Side taker, std::vector<std::vector<trading::Level>> ladders, double payoff, double rate, double margin) {
  Naive done;
  constexpr double kStep = 0.01;
  for (;;) {
    double total = 0;
    for (auto& ladder : ladders) {
      while (!ladder.empty() && ladder.front().size.micros < 10'000) ladder.erase(ladder.begin());
      if (ladder.empty()) return done;
      total += unit(taker, ladder.front(), rate);
    }
    const double edge = taker == Side::buy ? payoff - total : total - payoff;
    if (edge <= margin + 1e-13) return done;
    for (auto& ladder : ladders) ladder.front().size -= Shares{10'000};
    done.shares += kStep;
    done.profit += kStep * edge;
  }
}

std::vector<trading::Level> copy(const trading::Ladder& ladder) { return {ladder.begin(), ladder.end()}; }

TEST(ArbitrageTest, Complete_sets_are_walked_as_share_by_share_would) {
  int bought = 0;
  int sold = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    Random random(seed);
    Universe universe;
    const double rate = 0.01 * static_cast<double>(random.below(8));
    const MarketIndex m = universe.add(rate);
    const int mid = 100 + static_cast<int>(random.below(800));
    const int shift = static_cast<int>(random.below(120)) - 60;
    universe.asks(m, Outcome::yes, random_ladder(random, mid + 5, 1, 1 + random.below(9)));
    universe.asks(m, Outcome::no, random_ladder(random, 1000 - mid - shift, 1, 1 + random.below(9)));
    universe.bids(m, Outcome::yes, random_ladder(random, mid - 5, -1, 1 + random.below(9)));
    universe.bids(m, Outcome::no, random_ladder(random, 1000 - mid - shift - 5, -1, 1 + random.below(9)));
    ArbitrageOptions options = eager();
    options.min_profit_margin = 0.001 * static_cast<double>(random.below(6));
    Arbitrage strategy(options);
    const auto found = look(strategy, universe.view());
    for (const Side taker : {Side::buy, Side::sell}) {
      const bool buying = taker == Side::buy;
      const Naive naive = share_by_share(taker,
                                         {copy(buying ? universe.book(m, Outcome::yes).asks : universe.book(m, Outcome::yes).bids),
                                          copy(buying ? universe.book(m, Outcome::no).asks : universe.book(m, Outcome::no).bids)},
                                         1, rate, options.min_profit_margin);
      const auto at = std::find_if(found.begin(), found.end(), [&](const Opportunity& o) { return o.legs[0].side == taker; });
      ASSERT_EQ(naive.shares > 0, at != found.end()) << "seed " << seed;
      if (at == found.end()) continue;
      EXPECT_NEAR(at->shares, naive.shares, 1e-6);
      EXPECT_NEAR(at->expected_profit, naive.profit, 1e-6);
      EXPECT_EQ(at->legs[0].shares, at->legs[1].shares);
      (buying ? bought : sold) += 1;
    }
  }
  EXPECT_GT(bought, 20);
  EXPECT_GT(sold, 20);
}

/// Money after the world has turned out so that `winner(market, outcome)`, per leg of a plan that was filled at its limits.
template <class Pays>
double outcome_of(const OrderPlan& plan, const MarketView& view, Pays pays) {
  double money = 0;
  for (const OrderIntent& order : plan) {
    const double price = static_cast<double>(order.limit.micros) / 1e6;
    const double shares = order.shares.to_double();
    money -= shares * price + view.markets[order.market].fees.taker(order.limit, order.shares).to_double();
    if (pays(order.market, order.outcome)) money += shares;
  }
  return money;
}

trading::PredictionMarket exclusive_market(int i, int of, double rate, bool augmented = false) {
  trading::PredictionMarket market;
  market.id = "e" + std::to_string(i);
  market.event_id = "election";
  market.negative_risk = true;
  market.augmented = augmented;
  market.event_markets = static_cast<std::uint32_t>(of);
  market.fees.rate = rate;
  market.tick_size = Price{1000};
  return market;
}

void random_event(Random& random, Universe& universe, int outcomes, double rate, bool augmented) {
  for (int i = 0; i < outcomes; ++i) {
    const MarketIndex m = universe.add(exclusive_market(i, outcomes, rate, augmented));
    const int price = 1000 / outcomes - 60 + static_cast<int>(random.below(90));
    universe.asks(m, Outcome::yes, random_ladder(random, std::max(price, 20), 1, 4));
    universe.asks(m, Outcome::no, random_ladder(random, std::min(1000 - price - 70 + static_cast<int>(random.below(90)), 990), 1, 4));
  }
}

TEST(ArbitrageTest, Exclusive_outcomes_pay_at_least_what_was_promised_whoever_wins) {
  int all_yes = 0;
  int no_sets = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed, 1);
    Universe universe;
    const int outcomes = 3 + static_cast<int>(random.below(4));
    const double rate = 0.01 * static_cast<double>(random.below(4));
    random_event(random, universe, outcomes, rate, false);
    ArbitrageOptions options = eager();
    options.buy_sets = false;
    Arbitrage strategy(options);
    for (const Opportunity& one : look(strategy, universe.view())) {
      ASSERT_EQ(one.kind, OpportunityKind::multi_outcome);
      const bool yes = one.legs[0].outcome == Outcome::yes;
      (yes ? all_yes : no_sets) += 1;
      EXPECT_TRUE(!yes || one.size() == static_cast<std::size_t>(outcomes));
      std::vector<std::vector<trading::Level>> ladders;
      one.each_leg([&](const Leg& leg) {
        ladders.push_back(copy(universe.book(leg.market, leg.outcome).asks));
        EXPECT_EQ(leg.shares, one.legs[0].shares) << "equal shares on every leg";
      });
      const Naive naive = share_by_share(Side::buy, ladders, yes ? 1.0 : static_cast<double>(one.size()) - 1, rate, 0);
      EXPECT_NEAR(one.expected_profit, naive.profit, 1e-6);
      EXPECT_NEAR(one.shares, naive.shares, 1e-6);
      const OrderPlan plan = strategy.enter_position(one, universe.view(), account_of(1e6));
      for (MarketIndex winner = 0; winner < universe.view().size(); ++winner) {
        const double profit =
            outcome_of(plan, universe.view(), [&](MarketIndex m, Outcome o) { return (m == winner) == (o == Outcome::yes); });
        EXPECT_TRUE(plan.empty() || profit > 0) << "seed " << seed << " winner " << winner;
      }
    }
  }
  EXPECT_GT(all_yes, 10);
  EXPECT_GT(no_sets, 10);
}

TEST(ArbitrageTest, The_no_set_is_the_best_of_all_subsets_for_the_first_share) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed, 2);
    Universe universe;
    random_event(random, universe, 5, 0.02, false);
    double best = 0;
    for (unsigned set = 1; set < 32; ++set) {
      double edge = -1;
      for (MarketIndex m = 0; m < 5; ++m)
        if ((set >> m) & 1) edge += 1 - unit(Side::buy, universe.book(m, Outcome::no).asks.best(), 0.02);
      best = std::max(best, edge);
    }
    ArbitrageOptions options = eager();
    options.buy_sets = false;
    Arbitrage strategy(options);
    double ours = 0;
    for (const Opportunity& one : look(strategy, universe.view())) {
      if (one.legs[0].outcome != Outcome::no) continue;
      ours = -1;
      one.each_leg([&](const Leg& leg) { ours += 1 - unit(Side::buy, universe.book(leg.market, Outcome::no).asks.best(), 0.02); });
    }
    EXPECT_NEAR(ours, best, 1e-12) << "seed " << seed;
  }
}

TEST(ArbitrageTest, Augmented_and_incomplete_events_are_never_traded) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed, 3);
    Universe augmented;
    random_event(random, augmented, 4, 0, true);
    ArbitrageOptions options = eager();
    options.buy_sets = false;
    Arbitrage first(options);
    EXPECT_TRUE(look(first, augmented.view()).empty());
    Universe incomplete;
    for (int i = 0; i < 3; ++i) {
      const MarketIndex m = incomplete.add(exclusive_market(i, 4, 0));
      incomplete.asks(m, Outcome::yes, {level(200, 100)});
      incomplete.asks(m, Outcome::no, {level(990, 100)});
    }
    Arbitrage second(options);
    EXPECT_TRUE(look(second, incomplete.view()).empty()) << "a fourth outcome nobody follows may win";
  }
}

TEST(ArbitrageTest, Outcomes_that_are_not_yes_and_no_say_nothing_about_other_markets) {
  for (const bool named : {true, false}) {
    Universe universe;
    for (int i = 0; i < 3; ++i) {
      trading::PredictionMarket market = exclusive_market(i, 3, 0);
      if (i == 1 && !named) market.outcome_names = {"Lakers", "Celtics"};
      const MarketIndex m = universe.add(market);
      universe.asks(m, Outcome::yes, {level(300, 50)});
      universe.asks(m, Outcome::no, {level(600, 50)});
    }
    ArbitrageOptions options = eager();
    options.implications = {{"e0", "e1"}};
    Arbitrage strategy(options);
    int own = 0;
    int across = 0;
    for (const Opportunity& one : look(strategy, universe.view())) ++(one.kind == OpportunityKind::complete_set_buy ? own : across);
    EXPECT_EQ(own, 3) << "both outcomes of one market pay a dollar whatever they are called";
    EXPECT_EQ(across, named ? 3 : 0);
  }
}

TEST(ArbitrageTest, An_implication_pays_in_all_three_possible_worlds) {
  Universe universe;
  const MarketIndex a = universe.add(0.02);
  const MarketIndex b = universe.add(0.02);
  universe.asks(a, Outcome::no, {level(300, 50), level(350, 100)});
  universe.asks(b, Outcome::yes, {level(600, 80), level(640, 100)});
  ArbitrageOptions options = eager();
  options.implications = {{"m0", "m1"}};
  Arbitrage strategy(options);
  const auto found = look(strategy, universe.view());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, OpportunityKind::implication);
  const OrderPlan plan = strategy.enter_position(found[0], universe.view(), account_of(1000));
  ASSERT_EQ(plan.size(), 2U);
  for (const auto& [a_true, b_true] : {std::pair{false, false}, {false, true}, {true, true}})
    EXPECT_GT(
        outcome_of(plan, universe.view(), [&](MarketIndex m, Outcome o) { return (m == a ? a_true : b_true) == (o == Outcome::yes); }), 0);
  EXPECT_LT(outcome_of(plan, universe.view(), [&](MarketIndex m, Outcome o) { return (m == a) == (o == Outcome::yes); }), 0)
      << "only the impossible world loses";
}

TEST(ArbitrageTest, A_book_that_is_not_good_gives_no_opportunity) {
  for (const BookState state : {BookState::missing, BookState::stale, BookState::gapped, BookState::crossed, BookState::closed}) {
    Universe universe;
    const MarketIndex m = universe.add();
    universe.asks(m, Outcome::yes, {level(300, 50)});
    universe.asks(m, Outcome::no, {level(300, 50)});
    Arbitrage strategy(eager());
    const auto found = look(strategy, universe.view());
    ASSERT_EQ(found.size(), 1U);
    universe.markets().set_state(m, state);
    EXPECT_TRUE(look(strategy, universe.view()).empty());
    EXPECT_EQ(strategy.should_enter(found[0], universe.view(), account_of(100)).fate, fate_of(state));
    EXPECT_TRUE(strategy.enter_position(found[0], universe.view(), account_of(100)).empty());
  }
}

TEST(ArbitrageTest, Impossible_prices_never_become_orders) {
  for (const int price : {0, -100, 1000, 1500}) {
    Universe universe;
    const MarketIndex m = universe.add(0.04);
    universe.asks(m, Outcome::yes, {level(price, 50)});
    universe.asks(m, Outcome::no, {level(-600, 50)});
    Arbitrage strategy(eager());
    for (const Opportunity& one : look(strategy, universe.view())) {
      EXPECT_EQ(strategy.should_enter(one, universe.view(), account_of(100)).fate, Fate::invalid_number);
      EXPECT_TRUE(strategy.enter_position(one, universe.view(), account_of(100)).empty());
    }
  }
}

TEST(ArbitrageTest, Entering_stays_within_the_capital_and_whole_hundredths) {
  Random random(5);
  for (int round = 0; round < 300; ++round) {
    Universe universe;
    const MarketIndex m = universe.add(0.03);
    universe.asks(m, Outcome::yes, random_ladder(random, 300, 1, 6));
    universe.asks(m, Outcome::no, random_ladder(random, 500, 1, 6));
    Arbitrage strategy(eager());
    const auto found = look(strategy, universe.view());
    ASSERT_FALSE(found.empty());
    const Account account = account_of(2 + 60 * random.uniform());
    Money cost;
    const OrderPlan plan = strategy.enter_position(found[0], universe.view(), account);
    for (const OrderIntent& order : plan) {
      cost += worst_cost(order.limit, order.shares, universe.view().markets[m].fees);
      EXPECT_EQ(order.shares.micros % 10'000, 0);
      EXPECT_EQ(order.shares, plan[0].shares);
      EXPECT_GE(notional(order.limit, order.shares), kMinimumNotional);
    }
    EXPECT_LE(cost, account.free_cash);
  }
}

OpenTrade trade_of(OpportunityKind kind, std::vector<Holding> holdings, double legs = 2) {
  OpenTrade trade;
  trade.kind = kind;
  trade.entry_signal = legs;
  trade.holdings = std::move(holdings);
  return trade;
}
Holding holding(MarketIndex m, Outcome o, double shares, double cost) {
  return {m, o, Shares{static_cast<std::int64_t>(shares * 1e6)}, Money{static_cast<std::int64_t>(cost * 1e6)}};
}

TEST(ArbitrageTest, A_whole_set_is_merged_and_a_half_one_ends_flat_or_whole) {
  Universe universe;
  const MarketIndex m = universe.add(0.02);
  universe.quote(m, 480, 500);
  Arbitrage strategy(eager());
  OpenTrade whole = trade_of(OpportunityKind::complete_set_buy, {holding(m, Outcome::yes, 10, 4), holding(m, Outcome::no, 10, 5)});
  OrderPlan plan = strategy.exit_position(whole, universe.view());
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].kind, OrderIntent::Kind::merge);
  EXPECT_EQ(plan[0].shares, Shares::whole(10));
  whole.orders_working = true;
  EXPECT_FALSE(strategy.should_exit(whole, universe.view())) << "what is held may still change";

  const OpenTrade half = trade_of(OpportunityKind::complete_set_buy, {holding(m, Outcome::yes, 10, 4), holding(m, Outcome::no, 4, 2)});
  plan = strategy.exit_position(half, universe.view());
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[0].kind, OrderIntent::Kind::merge);
  EXPECT_EQ(plan[0].shares, Shares::whole(4));
  EXPECT_EQ(plan[1].shares, Shares::whole(6));
  // Selling yes at 0.48 gives 0.475; completing at 0.52 leaves 0.475 too: equal here, so it is sold.
  EXPECT_EQ(plan[1].side, Side::sell);

  universe.asks(m, Outcome::no, {level(505, 100)});
  plan = strategy.exit_position(half, universe.view());
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[1].side, Side::buy) << "completing costs less than selling gives up";
  EXPECT_EQ(plan[1].outcome, Outcome::no);
}

TEST(ArbitrageTest, A_dollar_is_split_then_sold_or_merged_back) {
  Universe universe;
  const MarketIndex m = universe.add(0.01);
  universe.bids(m, Outcome::yes, {level(560, 30), level(520, 100)});
  universe.bids(m, Outcome::no, {level(500, 40)});
  Arbitrage strategy(eager());
  const auto found = look(strategy, universe.view());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, OpportunityKind::complete_set_sell);
  const OrderPlan entry = strategy.enter_position(found[0], universe.view(), account_of(25));
  ASSERT_EQ(entry.size(), 1U);
  EXPECT_EQ(entry[0].kind, OrderIntent::Kind::split);
  EXPECT_EQ(entry[0].shares, Shares::whole(25)) << "a dollar a share";

  const OpenTrade trade =
      trade_of(OpportunityKind::complete_set_sell, {holding(m, Outcome::yes, 25, 12.5), holding(m, Outcome::no, 25, 12.5)});
  ASSERT_TRUE(strategy.should_exit(trade, universe.view()));
  OrderPlan exit = strategy.exit_position(trade, universe.view());
  ASSERT_EQ(exit.size(), 2U);
  EXPECT_EQ(exit[0].side, Side::sell);
  EXPECT_EQ(exit[1].side, Side::sell);
  universe.bids(m, Outcome::yes, {level(480, 30)});
  exit = strategy.exit_position(trade, universe.view());
  ASSERT_EQ(exit.size(), 1U);
  EXPECT_EQ(exit[0].kind, OrderIntent::Kind::merge) << "the buyers are gone: the dollar comes back";
}

TEST(ArbitrageTest, A_combination_with_a_missing_leg_is_unwound_and_a_whole_one_waits) {
  Universe universe;
  for (int i = 0; i < 3; ++i) universe.quote(universe.add(exclusive_market(i, 3, 0)), 300, 320);
  Arbitrage strategy(eager());
  const OpenTrade whole = trade_of(OpportunityKind::multi_outcome,
                                   {holding(0, Outcome::yes, 10, 3), holding(1, Outcome::yes, 10, 3), holding(2, Outcome::yes, 10, 3)}, 3);
  EXPECT_FALSE(strategy.should_exit(whole, universe.view()));
  const OpenTrade broken = trade_of(OpportunityKind::multi_outcome, {holding(0, Outcome::yes, 10, 3), holding(1, Outcome::yes, 10, 3)}, 3);
  const OrderPlan plan = strategy.exit_position(broken, universe.view());
  ASSERT_EQ(plan.size(), 2U);
  for (const OrderIntent& order : plan) EXPECT_EQ(order.side, Side::sell);
  const OpenTrade uneven = trade_of(OpportunityKind::multi_outcome,
                                    {holding(0, Outcome::yes, 30, 9), holding(1, Outcome::yes, 10, 3), holding(2, Outcome::yes, 10, 3)}, 3);
  const OrderPlan excess = strategy.exit_position(uneven, universe.view());
  ASSERT_EQ(excess.size(), 1U);
  EXPECT_EQ(excess[0].shares, Shares::whole(20));
}

TEST(ArbitrageTest, What_a_resolution_has_begun_to_pay_waits_for_the_rest) {
  Universe universe;
  for (int i = 0; i < 3; ++i) universe.quote(universe.add(exclusive_market(i, 3, 0)), 300, 320);
  Arbitrage strategy(eager());
  OpenTrade rest = trade_of(OpportunityKind::multi_outcome, {holding(0, Outcome::yes, 10, 3), holding(1, Outcome::yes, 10, 3)}, 3);
  EXPECT_TRUE(strategy.should_exit(rest, universe.view())) << "a leg that was never filled";
  rest.paid_out = true;
  EXPECT_FALSE(strategy.should_exit(rest, universe.view())) << "a leg that was decided: one of the others still pays the dollar";
}

TEST(ArbitrageTest, Nothing_is_planned_in_a_closed_market) {
  Universe universe;
  for (int i = 0; i < 2; ++i) universe.quote(universe.add(), 480, 520);
  Arbitrage strategy(eager());
  const OpenTrade set = trade_of(OpportunityKind::complete_set_buy, {holding(0, Outcome::yes, 10, 4), holding(0, Outcome::no, 10, 5)});
  const OpenTrade leg = trade_of(OpportunityKind::implication, {holding(0, Outcome::no, 10, 4)});
  EXPECT_TRUE(strategy.should_exit(set, universe.view()));
  EXPECT_TRUE(strategy.should_exit(leg, universe.view()));
  universe.markets().set_state(0, BookState::closed);
  EXPECT_FALSE(strategy.should_exit(set, universe.view()));
  EXPECT_FALSE(strategy.should_exit(leg, universe.view()));
}

TEST(ArbitrageTest, Only_what_was_on_offer_at_two_looks_is_bought) {
  Universe universe;
  const MarketIndex m = universe.add();
  ArbitrageOptions options = eager();
  options.lasting = true;
  Arbitrage strategy(options);
  const Account account = account_of(1000);
  const auto offer = [&](std::vector<trading::Level> yes, std::vector<trading::Level> no) {
    universe.asks(m, Outcome::yes, std::move(yes));
    universe.asks(m, Outcome::no, std::move(no));
    return look(strategy, universe.view());
  };
  auto found = offer({level(400, 50), level(420, 100)}, {level(500, 80)});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(strategy.should_enter(found[0], universe.view(), account).fate, Fate::thin_book) << "it may be gone when the order arrives";
  EXPECT_TRUE(strategy.enter_position(found[0], universe.view(), account).empty());
  found = offer({level(410, 30), level(420, 100)}, {level(500, 60)});
  EXPECT_EQ(strategy.should_enter(found[0], universe.view(), account).fate, Fate::traded);
  OrderPlan plan = strategy.enter_position(found[0], universe.view(), account);
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[0].shares, Shares::whole(60)) << "the least of both legs at both looks";
  offer({level(600, 100)}, {level(500, 60)});
  found = offer({level(410, 30)}, {level(500, 60)});
  EXPECT_TRUE(strategy.enter_position(found[0], universe.view(), account).empty()) << "it was gone in between";
}

TEST(ArbitrageTest, What_broken_sets_have_cost_is_demanded_as_margin) {
  ArbitrageOptions options;
  options.min_profit_margin = 0.01;
  Arbitrage strategy(options);
  const auto over = [&](OpportunityKind kind, double paid, double profit) {
    TradeRecord record;
    record.kind = kind;
    record.over = true;
    record.paid = Money{static_cast<std::int64_t>(paid * 1e6)};
    record.profit = Money{static_cast<std::int64_t>(profit * 1e6)};
    strategy.remember(record);
  };
  // Nothing is known yet: one of two sets is taken to break at a loss of two cents a dollar.
  const double unknown = (0.01 + 0.5 * 0.02) / 0.5;
  EXPECT_NEAR(strategy.required_margin(OpportunityKind::multi_outcome), unknown, 1e-12);
  for (int i = 0; i < 6; ++i) over(OpportunityKind::multi_outcome, 50, 1);
  for (int i = 0; i < 3; ++i) over(OpportunityKind::implication, 20, -2);
  EXPECT_NEAR(strategy.required_margin(OpportunityKind::multi_outcome), (0.01 + (3 * 0.1 + 0.02) / 11) / (1 - 4.0 / 11), 1e-12);
  EXPECT_NEAR(strategy.required_margin(OpportunityKind::complete_set_buy), unknown, 1e-12) << "another kind of trade";
  Universe universe;
  for (int i = 0; i < 3; ++i) universe.asks(universe.add(exclusive_market(i, 3, 0)), Outcome::yes, {level(322, 100)});
  look(strategy, universe.view());
  const auto found = look(strategy, universe.view());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].edge, 0.034, 1e-9);
  EXPECT_EQ(strategy.should_enter(found[0], universe.view(), account_of(1000)).fate, Fate::below_margin);
  for (int i = 0; i < 100; ++i) over(OpportunityKind::multi_outcome, 50, 1);
  EXPECT_LT(strategy.required_margin(OpportunityKind::multi_outcome), 0.015);
  EXPECT_EQ(strategy.should_enter(found[0], universe.view(), account_of(1000)).fate, Fate::traded);
  for (int i = 0; i < 100'000; ++i) strategy.analyze(universe.view());
  EXPECT_NEAR(strategy.required_margin(OpportunityKind::multi_outcome), unknown, 1e-4) << "forgotten in time";
}

TEST(ArbitrageTest, Only_changed_markets_are_looked_at_when_told_so) {
  Universe universe;
  for (int i = 0; i < 3; ++i) {
    const MarketIndex m = universe.add();
    universe.asks(m, Outcome::yes, {level(300, 50)});
    universe.asks(m, Outcome::no, {level(300, 50)});
  }
  Arbitrage strategy(eager());
  MarketView view = universe.view();
  const std::vector<MarketIndex> changed{1};
  view.all = false;
  view.changed = changed;
  const auto found = look(strategy, view);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].market(), 1U);
}

}  // namespace
}  // namespace tradewind::prediction
