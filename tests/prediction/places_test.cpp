// SPDX-License-Identifier: Apache-2.0
// A market in a place that another one had before is traded as if it had come to a place of its own.
#include <algorithm>

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "books.hpp"
#include "tradewind/prediction/arbitrage.hpp"
#include "tradewind/trading/prediction_simulator.hpp"

namespace tradewind::prediction {
namespace {

/// A world whose markets are decided and replaced all the time.
trading::PredictionSimulation restless() {
  trading::PredictionSimulation settings;
  settings.seed = 11;
  settings.markets = 24;
  settings.life_steps = 60;
  settings.mispricing = 0.05;
  settings.news_rate = 0.05;
  return settings;
}

/// The world's news, but saying which market they are about: how rare a word is depends on what else is followed.
std::vector<trading::NewsItem> named(const trading::PredictionSimulator& world) {
  std::vector<trading::NewsItem> news = world.news();
  for (std::size_t i = 0; i < news.size(); ++i) {
    const std::size_t about = (static_cast<std::size_t>(world.steps()) * 7 + i) % world.markets().size();
    news[i].headline = fmt::format("{} {}", about % 2 == 0 ? "approved" : "rejected", news[i].id);
    news[i].text.clear();
    news[i].market_ids = {world.markets()[about].id};
  }
  return news;
}

class Follower {
 public:
  Follower(const std::string& strategy, const std::string& options, bool releases, bool last_first = false)
      : made_(make(strategy, options)), releases_(releases), last_first_(last_first) {}

  /// What is found at this step: kind, signal and legs by the markets' names, sorted.
  std::vector<std::string> look(const trading::PredictionSimulator& world) {
    std::vector<trading::PredictionMarket> markets = world.markets();
    if (last_first_) std::reverse(markets.begin(), markets.end());
    for (const trading::PredictionMarket& market : markets) universe_.set_state(universe_.upsert(market), BookState::good);
    for (const trading::PredictionMarket& market : world.resolved()) universe_.set_state(universe_.upsert(market), BookState::closed);
    for (const trading::MarketPrices& prices : world.prices()) universe_.update(prices);
    for (const trading::PredictionMarket& market : world.resolved())
      if (releases_) universe_.release(*universe_.find(market.id));
    MarketView view = universe_.view(world.now());
    const std::vector<trading::NewsItem> news = named(world);
    view.news = news;
    std::vector<std::string> found;
    for (const Opportunity& one : prediction::look(*made_.strategy, view)) {
      const std::string text = fmt::format("{} {:.6g}", enum_name(one.kind), one.signal);
      std::vector<std::string> legs;
      one.each_leg([&](const Leg& leg) { legs.push_back(fmt::format("{} {}", view.markets[leg.market].id, enum_name(leg.outcome))); });
      std::sort(legs.begin(), legs.end());
      found.push_back(fmt::format("{} {}", text, fmt::join(legs, ", ")));
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  const MarketUniverse& universe() const { return universe_; }
  Details details() const { return made_.strategy->get_statistics().details; }

 private:
  MarketUniverse universe_;
  Made made_;
  bool releases_;
  bool last_first_;
};

class Places : public ::testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(Places, Are_given_away_without_a_trace) {
  const auto& [strategy, options] = GetParam();
  trading::PredictionSimulator world(restless());
  Follower keeps(strategy, options, false);
  Follower releases(strategy, options, true);
  std::size_t found = 0;
  for (int step = 0; step < 1500; ++step) {
    world.step();
    const auto expected = keeps.look(world);
    ASSERT_EQ(releases.look(world), expected) << "step " << step;
    found += expected.size();
  }
  EXPECT_GT(found, 20U);
  EXPECT_LE(releases.universe().size(), 48U);
  EXPECT_GT(keeps.universe().size(), 300U);
  Details details = releases.details();
  EXPECT_TRUE(!details.contains("markets") || details["markets"] == 24);
}

/// Which market came first, and so has the lower place, is no reason for anything.
TEST_P(Places, Decide_nothing) {
  const auto& [strategy, options] = GetParam();
  trading::PredictionSimulator world(restless());
  Follower one(strategy, options, true);
  Follower other(strategy, options, true, true);
  std::size_t found = 0;
  for (int step = 0; step < 600; ++step) {
    world.step();
    const auto expected = one.look(world);
    ASSERT_EQ(other.look(world), expected) << "step " << step;
    found += expected.size();
  }
  EXPECT_GT(found, 10U);
}

/// Pairs of neighbours by the names the world gives, and what discovery makes of it.
std::string pairs(const std::string& hedge) {
  std::string text = "{window: 12, max_half_life: 0, discover: true, discovery_window: 180, hedge: " + hedge + ", pairs: [";
  for (int i = 1; i < 1500; ++i) text += fmt::format("{}[SIM-{:05d}, SIM-{:05d}]", i == 1 ? "" : ", ", i, i + 1);
  return text + "]}";
}

INSTANTIATE_TEST_SUITE_P(Of, Places,
                         ::testing::Values(std::pair("arbitrage", "{min_profit: 0}"), std::pair("momentum", "{window: 8}"),
                                           std::pair("statistical_arb", pairs("rolling")), std::pair("statistical_arb", pairs("fixed")),
                                           std::pair("statistical_arb", pairs("kalman")), std::pair("news", "{min_edge: 0.001}")));

/// Three outcomes of which one must win, together for 90 cents.
void add_event(Universe& universe, const std::string& event) {
  for (int i = 0; i < 3; ++i) {
    trading::PredictionMarket market;
    market.id = event + std::to_string(i);
    market.event_id = event;
    market.negative_risk = true;
    market.event_markets = 3;
    const MarketIndex m = universe.add(market);
    universe.asks(m, trading::Outcome::yes, {level(300, 100)});
  }
}

TEST(Arbitrage, Events_and_rules_end_with_their_markets) {
  Universe universe;
  ArbitrageOptions options;
  options.implications = {{"first0", "first1"}};
  Arbitrage strategy(options);
  const auto count = [&](OpportunityKind kind) {
    const auto found = look(strategy, universe.view());
    return std::count_if(found.begin(), found.end(), [&](const Opportunity& one) { return one.kind == kind; });
  };
  add_event(universe, "first");
  universe.asks(0, trading::Outcome::no, {level(600, 100)});
  EXPECT_EQ(count(OpportunityKind::multi_outcome), 1);
  EXPECT_EQ(count(OpportunityKind::implication), 1);
  for (MarketIndex m = 0; m < 3; ++m) universe.markets().release(m);
  EXPECT_EQ(count(OpportunityKind::multi_outcome), 0);
  EXPECT_EQ(strategy.get_statistics().details["exclusive_events"], 0);
  add_event(universe, "second");  // in the same places
  universe.asks(0, trading::Outcome::no, {level(600, 100)});
  EXPECT_EQ(universe.view().size(), 3U);
  EXPECT_EQ(count(OpportunityKind::multi_outcome), 1);
  EXPECT_EQ(count(OpportunityKind::implication), 0);
  EXPECT_EQ(strategy.get_statistics().details["exclusive_events"], 1);
  EXPECT_EQ(strategy.get_statistics().details["implications"], 0);
}

}  // namespace
}  // namespace tradewind::prediction
