// SPDX-License-Identifier: Apache-2.0
// Strategies traded over made-up worlds: what they do with a trade once they have it, and what it costs them where nothing can be won.
#include <gtest/gtest.h>

#include <cmath>

#include "trader.hpp"
#include "tradewind/prediction/arbitrage.hpp"
#include "tradewind/prediction/momentum.hpp"
#include "tradewind/prediction/news.hpp"
#include "tradewind/prediction/statistical_arb.hpp"

namespace tradewind::prediction {
namespace {

using trading::Outcome;

constexpr UnixNanos kStep = 10 * kNanosPerSecond;

/// Two markets of which y moves 1.6 times as far as x, but for an error that dies away.
std::vector<Trader::Done> trade_a_pair(const std::string& y_name, const std::string& x_name) {
  Universe universe;
  for (const std::string& name : {y_name, x_name}) {
    trading::PredictionMarket market;
    market.id = name;
    market.tick_size = Price{1000};
    universe.add(market);
  }
  StatisticalArbOptions options;
  options.pairs = {{y_name, x_name}};
  options.hedge = Hedge::fixed;
  options.hedge_ratio = 1.6;
  options.min_edge = 0;
  options.stop = 8;
  StatisticalArb strategy(options);
  Trader trader(strategy, 1000);
  Random random(41);
  double x = 0;
  double error = 0;
  for (int t = 0; t < 4000; ++t) {
    x = std::clamp(x + 2 * random.normal(), -100.0, 100.0);
    error = 0.9 * error + 8 * random.normal();
    const auto quote = [&](MarketIndex m, double middle) { universe.quote(m, static_cast<int>(middle) - 2, static_cast<int>(middle) + 2); };
    quote(0, 500 + 1.6 * x + error);
    quote(1, 400 + x);
    trader.step(universe.view(t * kStep));
  }
  return trader.trades();
}

TEST(TradedPairs, Do_not_depend_on_the_names_of_their_markets) {
  const auto one = trade_a_pair("AAA", "BBB");
  const auto other = trade_a_pair("BBB", "AAA");
  ASSERT_GT(one.size(), 20U);
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].opened, other[i].opened);
    EXPECT_EQ(one[i].closed, other[i].closed);
    EXPECT_NEAR(one[i].profit, other[i].profit, 1e-9);
  }
}

trading::NewsItem headline(const std::string& id, const std::string& text, UnixNanos time) {
  trading::NewsItem item;
  item.id = id;
  item.headline = text;
  item.time = item.received = time;
  item.source = "wire";
  return item;
}

/// A market about a cut of rates.
struct NewsWorld {
  explicit NewsWorld(double take_profit = 0.05) {
    trading::PredictionMarket market;
    market.question = "Will the Fed cut rates in December?";
    market.tick_size = Price{10'000};
    universe.quote(universe.add(market), 490, 510);
    options.exits.take_profit = take_profit;
  }
  void step(Trader& trader, int t, int middle, const std::vector<trading::NewsItem>& news = {}) {
    universe.quote(0, middle - 10, middle + 10);
    MarketView view = universe.view(t * kStep);
    view.news = news;
    trader.step(view);
  }
  Universe universe;
  NewsOptions options;
};
const std::string kCut = "Fed confirms it will cut rates in December";

TEST(TradedNews, A_headline_is_traded_once) {
  NewsWorld world;
  News strategy(world.options);
  Trader trader(strategy, 1000);
  // The price goes up and comes down again, over and over: each time the trade takes its profit and the price is low once more.
  for (int t = 1; t < 200; ++t) {
    const int middle = 500 + (t / 10 % 2 == 0 ? 0 : 80);
    world.step(trader, t, middle, t == 3 ? std::vector{headline("a", kCut, t * kStep)} : std::vector<trading::NewsItem>{});
  }
  ASSERT_EQ(trader.trades().size(), 1U);
  EXPECT_GT(trader.trades()[0].closed, 0);
  // Something new is traded again.
  world.step(trader, 200, 500, {headline("b", "Weak jobs: December cut of rates by the Fed agreed and approved", 200 * kStep)});
  for (int t = 201; t < 210; ++t) world.step(trader, t, 500);
  ASSERT_EQ(trader.trades().size(), 2U);
  EXPECT_EQ(trader.trades()[1].evidence.size(), 1U) << "what was traded before is no part of it";
}

TEST(TradedNews, A_headline_stays_spent_over_a_restart_and_what_it_bought_is_kept) {
  NewsWorld world(10);
  News before(world.options);
  Trader trader(before, 1000);
  for (int t = 1; t < 10; ++t)
    world.step(trader, t, 500, t == 3 ? std::vector{headline("a", kCut, t * kStep)} : std::vector<trading::NewsItem>{});
  ASSERT_EQ(trader.trades().size(), 1U);
  const UnixNanos opened = 3 * kStep;
  const double signal = 0.8;

  News after(world.options);
  after.remember({.id = 1,
                  .kind = OpportunityKind::news,
                  .opened = opened,
                  .signal = signal,
                  .market_ids = {"m0"},
                  .evidence = trader.trades()[0].evidence});
  OpenTrade held;
  held.id = 1;
  held.kind = OpportunityKind::news;
  held.opened = opened;
  held.entry_signal = signal;
  held.holdings = {{0, Outcome::yes, Shares::whole(20), Money::whole(10)}};
  MarketView view = world.universe.view(20 * kStep);
  const std::vector<trading::NewsItem> again{headline("a", kCut, opened), headline("a2", kCut + "!", 19 * kStep)};
  view.news = again;  // feeds give their latest items to whoever asks
  EXPECT_TRUE(look(after, view).empty());
  EXPECT_EQ(after.impact(0, view.now), 0);
  EXPECT_FALSE(after.should_exit(held, world.universe.view(20 * kStep))) << "its news has not faded";
  EXPECT_TRUE(after.should_exit(held, world.universe.view(9 * 360 * kStep))) << "now it has";
}

TEST(TradedNews, What_is_spent_in_one_market_still_moves_another) {
  NewsWorld world;
  world.universe.quote(world.universe.add(), 490, 510);
  News strategy(world.options);
  strategy.remember({.id = 1, .kind = OpportunityKind::news, .opened = 0, .signal = 0.8, .market_ids = {"m0"}, .evidence = {"a: " + kCut}});
  std::vector<trading::NewsItem> news{headline("a", kCut, kStep)};
  news[0].market_ids = {"m0", "m1"};
  MarketView view = world.universe.view(kStep);
  view.news = news;
  const auto found = look(strategy, view);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].market(), 1U);
}

TEST(TradedMomentum, A_stated_end_that_has_passed_stands_in_the_way_until_its_rules_are_off) {
  for (const bool off : {false, true}) {
    Universe universe;
    trading::PredictionMarket market;
    market.tick_size = Price{1000};
    market.end_time = 1;
    universe.add(market);
    MomentumOptions options;
    options.window = 5;
    options.entry = 1;
    options.min_edge = 0;
    if (off) options.rules.min_hours_to_end = options.exits.exit_hours_before_end = 0;
    Momentum strategy(options);
    Trader trader(strategy, 1000);
    for (int t = 0; t < 16; ++t) {
      const int middle = 300 + 10 * std::min(t, 12) + t % 2;
      universe.quote(0, middle - 2, middle + 2);
      trader.step(universe.view((1000 + t) * kStep));
    }
    const auto bought = std::find_if(trader.trades().begin(), trader.trades().end(), [](const auto& one) { return one.filled; });
    ASSERT_EQ(bought != trader.trades().end(), off);
    if (off) {
      EXPECT_EQ(bought->closed, 0) << "it is not left for its end either";
    }
  }
}

TEST(TradedPairs, A_stated_end_that_has_passed_is_no_reason_to_leave_when_the_rule_is_off) {
  for (const double hours : {1.0, 0.0}) {
    Universe universe;
    for (int i = 0; i < 2; ++i) {
      trading::PredictionMarket market;
      market.end_time = 1;
      universe.quote(universe.add(market), 480, 500);
    }
    StatisticalArbOptions options;
    options.pairs = {{"m0", "m1"}};
    options.exit_hours_before_end = hours;
    StatisticalArb strategy(options);
    strategy.analyze(universe.view(kStep));
    OpenTrade held;
    held.kind = OpportunityKind::pair;
    held.entry_signal = 3;
    held.opened = kStep;
    held.holdings = {{0, Outcome::no, Shares::whole(10), Money::whole(5)}, {1, Outcome::yes, Shares::whole(10), Money::whole(5)}};
    EXPECT_EQ(strategy.should_exit(held, universe.view(kStep)), hours > 0);
  }
}

}  // namespace
}  // namespace tradewind::prediction
