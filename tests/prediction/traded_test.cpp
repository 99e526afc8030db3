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

/// Two markets driven by one factor, whose quotes wander apart and back: whole cents, a cent or two apart.
struct PlantedPair {
  explicit PlantedPair(std::uint64_t seed) : random(seed, 61) {
    for (int i = 0; i < 2; ++i) {
      trading::PredictionMarket market;
      market.event_id = "one";
      market.tick_size = Price{10'000};
      market.fees.rate = 0.02;
      universe.add(market);
    }
  }
  void step() {
    factor = std::clamp(factor + 0.03 * random.normal(), -1.5, 1.5);
    for (MarketIndex m = 0; m < 2; ++m) {
      wander[m] = 0.95 * wander[m] + 0.05 * random.normal();
      const int spread = 10 * static_cast<int>(1 + random.below(2));
      const double middle = 1000 / (1 + std::exp(-factor - wander[m]));
      const int bid = static_cast<int>(std::lround((middle - spread / 2.0) / 10)) * 10;
      universe.quote(m, bid, bid + spread, 200);
    }
  }
  Random random;
  Universe universe;
  double factor = 0;
  std::array<double, 2> wander{};
};

TEST(TradedPairs, What_is_discovered_earns_more_than_it_costs) {
  double profit = 0;
  std::size_t traded = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    PlantedPair world(seed);
    StatisticalArbOptions options;
    options.discover = true;
    StatisticalArb strategy(options);
    Trader trader(strategy, 1000);
    for (int t = 0; t < 6000; ++t) {
      world.step();
      trader.step(world.universe.view(t * kStep));
    }
    profit += trader.profit();
    traded += trader.trades().size();
  }
  EXPECT_GT(traded, 100U);
  EXPECT_GT(profit, 0);
}

/// Markets whose prices are fair: the middle goes a cent up or down with equal chance, whatever went before. Nothing can be won here.
class FairWorld {
 public:
  explicit FairWorld(std::uint64_t seed, bool mispriced = false) : random_(seed, 71), mispriced_(mispriced) {
    for (std::size_t i = 0; i < kMarkets; ++i) {
      trading::PredictionMarket market;
      market.event_id = i < 3 ? "one" : "";
      market.question = "Will thing number " + std::to_string(i) + " happen?";
      market.tick_size = Price{10'000};
      market.fees.rate = 0.02;
      universe_.add(market);
      middle_.push_back(300 + 10 * static_cast<int>(random_.below(40)));
    }
  }
  void step(Trader& trader) {
    ++t_;
    std::vector<trading::NewsItem> news;
    for (MarketIndex m = 0; m < kMarkets; ++m) {
      // At the edges a market stands still for ever, as decided ones do: so its price stays fair.
      if (middle_[m] > 60 && middle_[m] < 940 && random_.below(2) == 0) middle_[m] += random_.below(2) == 0 ? 10 : -10;
      universe_.quote(m, middle_[m] - 10, middle_[m] + 10, 300);
      // An offer that nobody is quick enough for: it is gone with the next book.
      if (mispriced_ && random_.below(40) == 0) universe_.asks(m, Outcome::no, {level(1000 - middle_[m] - 60, 200)});
      if (random_.below(100) == 0) {
        news.push_back(headline(std::to_string(t_) + "/" + std::to_string(m),
                                (random_.below(2) == 0 ? "Approved " : "Rejected ") + std::to_string(t_ * 100 + static_cast<int>(m)),
                                t_ * kStep));
        news.back().market_ids = {"m" + std::to_string(m)};
      }
    }
    MarketView view = universe_.view(t_ * kStep);
    view.news = news;
    trader.step(view);
  }
  MarketView view() const { return universe_.view(t_ * kStep); }

 private:
  static constexpr std::size_t kMarkets = 8;
  Random random_;
  bool mispriced_;
  Universe universe_;
  std::vector<int> middle_;
  int t_ = 0;
};

struct Fair {
  std::size_t trades = 0;
  int fills = 0;
  double costs = 0;
  double mean = 0;   ///< drift of a session, dollars
  double error = 0;  ///< its standard error
};
constexpr int kSessions = 40;
Fair trade_fairly(const std::string& strategy, const std::string& options, bool mispriced = false) {
  Fair all;
  double squares = 0;
  for (std::uint64_t seed = 0; seed < kSessions; ++seed) {
    FairWorld world(seed, mispriced);
    const Made made = make(strategy, options);
    EXPECT_EQ(made.complaints, "");
    Trader trader(*made.strategy, 1000);
    for (int t = 0; t < 1200; ++t) world.step(trader);
    const double drift = trader.drift(world.view());
    all.trades += trader.trades().size();
    all.fills += trader.fills();
    all.costs += trader.costs();
    all.mean += drift / kSessions;
    squares += drift * drift;
  }
  all.error = std::sqrt((squares / kSessions - all.mean * all.mean) / (kSessions - 1));
  return all;
}

TEST(TradedFairly, Strategies_lose_their_costs_and_no_more) {
  for (const auto& [strategy, options] :
       {std::pair("momentum", "{min_edge: 0, min_depth: 1}"), std::pair("news", "{min_edge: 0.001, take_profit: 0.05}"),
        std::pair("statistical_arb", "{pairs: [[m0, m1], [m3, m4]], min_edge: -1, max_half_life: 0}"),
        std::pair("statistical_arb",
                  "{pairs: [[m0, m1], [m3, m4]], hedge: kalman, delta: 1e-6, measurement: 1e-5, min_edge: -1, max_half_life: 0}")}) {
    const Fair fair = trade_fairly(strategy, options);
    EXPECT_GT(fair.trades, 200U) << strategy;
    EXPECT_GT(fair.costs, 0);
    EXPECT_LT(std::abs(fair.mean), 3 * fair.error) << strategy << ": " << fair.mean << " ± " << fair.error;
  }
}

TEST(TradedFairly, Discovery_trades_next_to_nothing) {
  const Fair fair = trade_fairly("statistical_arb", "{}");
  EXPECT_LE(fair.trades, 40U);
}

TEST(TradedFairly, Arbitrage_leaves_alone_what_is_gone_with_the_next_book) {
  const Fair lasting = trade_fairly("arbitrage", "{min_profit: 0}", true);
  EXPECT_LT(lasting.costs / kSessions, 10) << "dollars of a thousand";
  // Without that, what broken sets have cost ends it.
  const Fair eager = trade_fairly("arbitrage", "{min_profit: 0, lasting: false}", true);
  EXPECT_GT(eager.costs, lasting.costs);
  EXPECT_LT(eager.costs / kSessions, 10);
  EXPECT_LT(std::abs(eager.mean), 3 * eager.error + 1e-9);
}

}  // namespace
}  // namespace tradewind::prediction
