// SPDX-License-Identifier: Apache-2.0
// Pairs are found where there are some, and hardly ever where there are none.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "books.hpp"
#include "tradewind/prediction/pair_statistics.hpp"
#include "tradewind/prediction/statistical_arb.hpp"
#include "tradewind/trading/prediction_simulator.hpp"

namespace tradewind::prediction {
namespace {

StatisticalArbOptions discovering(int window = 900) {
  StatisticalArbOptions options;
  options.discover = true;
  options.discovery_window = window;
  return options;
}

/// Log-odds as a book of thousandths.
void quote_at(Universe& universe, MarketIndex market, double log_odds) {
  const int middle = std::clamp(static_cast<int>(std::lround(1000 / (1 + std::exp(-log_odds)))), 4, 996);
  universe.quote(market, middle - 2, middle + 2);
}

MarketIndex add_member(Universe& universe, const std::string& event, const std::string& tag) {
  trading::PredictionMarket market;
  market.event_id = event;
  if (!tag.empty()) market.tags = {tag};
  return universe.add(market);
}

TEST(DiscoveryTest, Probabilities_of_the_statistic_are_those_of_the_tables) {
  // MacKinnon 2010, table 2, without correction for short series: 1 %, 5 %, 10 %.
  EXPECT_NEAR(dickey_fuller_probability(-3.43, false), 0.01, 5e-4);
  EXPECT_NEAR(dickey_fuller_probability(-2.86, false), 0.05, 1e-3);
  EXPECT_NEAR(dickey_fuller_probability(-2.57, false), 0.10, 2e-3);
  EXPECT_NEAR(dickey_fuller_probability(-3.90, true), 0.01, 5e-4);
  EXPECT_NEAR(dickey_fuller_probability(-3.34, true), 0.05, 1e-3);
  EXPECT_NEAR(dickey_fuller_probability(-3.04, true), 0.10, 2e-3);
  EXPECT_LT(dickey_fuller_probability(-40, true), 1e-6);
  EXPECT_GT(dickey_fuller_probability(5, false), 0.3);
}

TEST(DiscoveryTest, Independent_walks_make_a_pair_no_more_often_than_is_stated) {
  constexpr int kSeeds = 200;
  int with_a_pair = 0;
  std::uint64_t tried = 0;
  for (int seed = 0; seed < kSeeds; ++seed) {
    Random random(static_cast<std::uint64_t>(seed), 51);
    Universe universe;
    std::vector<double> x(20);
    for (double& one : x) one = random.normal(), add_member(universe, "one", "");
    StatisticalArb strategy(discovering(180));
    for (int t = 0; t < 180 + 135 + 91; ++t) {  // the four searches that begin within a window, confirmed or not
      for (MarketIndex m = 0; m < x.size(); ++m) quote_at(universe, m, x[m] += 0.05 * random.normal());
      strategy.analyze(universe.view());
    }
    with_a_pair += strategy.pairs().empty() ? 0 : 1;
    tried += static_cast<std::uint64_t>(std::get<std::int64_t>(strategy.get_statistics().details["pairs_tried"].value()));
  }
  EXPECT_GE(tried, static_cast<std::uint64_t>(kSeeds) * 4 * 180);
  EXPECT_LE(with_a_pair, kSeeds / 20);
}

/// The simulated world with markets that live on.
struct SimulatedPairs {
  std::size_t planted = 0;
  std::size_t found = 0;
  std::size_t unrelated = 0;  ///< found, of different events
};
SimulatedPairs discover_in_simulation(std::uint64_t seed, int steps) {
  trading::PredictionSimulation settings;
  settings.seed = seed;
  settings.life_steps = 1e8;
  trading::PredictionSimulator world(settings);
  MarketUniverse universe;
  StatisticalArb strategy(discovering());
  std::set<std::pair<std::string, std::string>> ever;
  std::set<std::pair<std::string, std::string>> unrelated;
  for (int t = 0; t < steps; ++t) {
    world.step();
    for (const trading::PredictionMarket& market : world.markets()) universe.set_state(universe.upsert(market), BookState::good);
    for (const trading::MarketPrices& prices : world.prices()) universe.update(prices);
    strategy.analyze(universe.view(world.now()));
    for (const auto& [y, x] : strategy.pairs()) {
      const std::pair<std::string, std::string> pair = std::minmax(universe.market(y).id, universe.market(x).id);
      ever.insert(pair);
      if (universe.market(y).event_id != universe.market(x).event_id) unrelated.insert(pair);
    }
  }
  SimulatedPairs result;
  result.planted = world.related().size();
  for (const auto& [one, other] : world.related()) result.found += ever.count(std::minmax(one, other));
  result.unrelated = unrelated.size();
  return result;
}

TEST(DiscoveryTest, The_simulations_pairs_are_found_and_unrelated_markets_are_left_alone) {
  SimulatedPairs all;
  int with_unrelated = 0;
  constexpr int kSeeds = 12;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const SimulatedPairs one = discover_in_simulation(seed, 3000);
    all.planted += one.planted;
    all.found += one.found;
    with_unrelated += one.unrelated > 0 ? 1 : 0;
  }
  EXPECT_EQ(all.planted, kSeeds * 4U);
  EXPECT_GE(all.found, all.planted * 3 / 4) << all.found << " of " << all.planted;
  EXPECT_LE(with_unrelated, 2) << "three windows each";
}

TEST(DiscoveryTest, A_pair_that_comes_apart_is_dropped) {
  Random random(5);
  Universe universe;
  for (int i = 0; i < 2; ++i) add_member(universe, "one", "");
  StatisticalArb strategy(discovering(180));
  double common = 0;
  double apart = 0;
  double other = 0;
  int found_at = 0;
  for (int t = 0; t < 1500; ++t) {
    common += 0.05 * random.normal();
    apart = 0.6 * apart + 0.05 * random.normal();
    if (t > 600) other += 0.05 * random.normal();
    quote_at(universe, 0, common);
    quote_at(universe, 1, common + apart + other);
    strategy.analyze(universe.view());
    if (found_at == 0 && !strategy.pairs().empty()) found_at = t;
  }
  EXPECT_GE(found_at, 269) << "not before later samples have confirmed it";
  EXPECT_LE(found_at, 600);
  EXPECT_TRUE(strategy.pairs().empty());
}

TEST(DiscoveryTest, Pairs_are_looked_for_within_events_and_tags_only) {
  Random random(29);
  Universe universe;
  add_member(universe, "cup", "");
  add_member(universe, "cup", "");
  add_member(universe, "league", "sport");
  add_member(universe, "", "sport");
  add_member(universe, "", "");
  StatisticalArb strategy(discovering(180));
  double common = 0;
  for (int t = 0; t < 280; ++t) {
    common += 0.05 * random.normal();
    for (MarketIndex m = 0; m < 5; ++m) quote_at(universe, m, common + 0.03 * random.normal());
    strategy.analyze(universe.view());
  }
  ASSERT_EQ(strategy.pairs().size(), 2U);
  EXPECT_EQ(strategy.pairs()[0].y + strategy.pairs()[0].x, 1U);
  EXPECT_EQ(strategy.pairs()[1].y + strategy.pairs()[1].x, 5U);
}

}  // namespace
}  // namespace tradewind::prediction
