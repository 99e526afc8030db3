// SPDX-License-Identifier: Apache-2.0
// What strategies keep over a restart.
#include <stdexcept>

#include <gtest/gtest.h>

#include "tradewind/base/json.hpp"
#include "tradewind/live/strategy_manager.hpp"
#include "tradewind/venues/simulated_monitor.hpp"

namespace tradewind::live {
namespace {

/// Remembers one word, and takes no other than "good".
class Remembering : public prediction::PredictionStrategy {
 public:
  explicit Remembering(std::string word) : word_(std::move(word)) {}
  void analyze(const prediction::MarketView&) override {}
  void find_opportunities(const prediction::MarketView&, std::vector<prediction::Opportunity>&) override {}
  prediction::EntryVerdict should_enter(const prediction::Opportunity&, const prediction::MarketView&,
                                        const prediction::Account&) const override {
    return {};
  }
  bool should_exit(const prediction::OpenTrade&, const prediction::MarketView&) const override { return false; }
  prediction::OrderPlan enter_position(const prediction::Opportunity&, const prediction::MarketView&,
                                       const prediction::Account&) const override {
    return {};
  }
  prediction::OrderPlan exit_position(const prediction::OpenTrade&, const prediction::MarketView&) const override { return {}; }
  prediction::StrategyStatistics get_statistics() const override { return {}; }
  std::string save_state() const override {
    if (word_ == "thrown") throw std::runtime_error(word_);
    return word_;
  }
  Status load_state(std::string_view saved) override {
    if (saved == "bad") return Error(Errc::corrupt, "a bad word");
    word_ = saved;
    return {};
  }

 private:
  std::string word_;
};

/// Time that passes when a test lets it.
class HeldClock final : public Clock {
 public:
  UnixNanos now() const override { return 1'767'225'600 * kNanosPerSecond + steady_; }
  std::int64_t steady() const override { return steady_; }
  void pass(double seconds) { steady_ += static_cast<std::int64_t>(seconds * 1e9); }

 private:
  std::int64_t steady_ = kNanosPerSecond;
};

/// Buys a little yes of the first market that has an offer, whenever it is asked.
class Insatiable final : public Remembering {
 public:
  Insatiable() : Remembering("") {}
  void find_opportunities(const prediction::MarketView& view, std::vector<prediction::Opportunity>& found) override {
    for (prediction::MarketIndex market = 0; market < view.size() && found.empty(); ++market) {
      const auto& asks = view.prices[market].yes().asks;
      if (asks.empty() || !view.tradable(market)) continue;
      found.emplace_back().add({market, trading::Outcome::yes, trading::Side::buy, asks.best().price, Shares::whole(5)});
      found.back().score = 1;
    }
  }
  prediction::OrderPlan enter_position(const prediction::Opportunity& opportunity, const prediction::MarketView&,
                                       const prediction::Account&) const override {
    const prediction::Leg& leg = opportunity.legs[0];
    return {{.market = leg.market, .outcome = leg.outcome, .limit = leg.limit, .shares = leg.shares}};
  }
};

TEST(StrategyState, A_market_cools_down_over_a_restart) {
  HeldClock clock;
  const auto base = *StrategyManager::make(*config::parse_config("total_capital: 1000", "test"), "test", clock);
  venues::SimulatedMonitor monitor({.seed = 3});
  const auto markets = *monitor.get_active_markets();
  std::vector<trading::MarketPrices> prices;
  for (const auto& market : markets) prices.push_back(*monitor.get_market_prices(market.id));
  const auto process = [&] {
    std::vector<NamedStrategy> own;
    own.push_back({"arbitrage", std::make_unique<Insatiable>()});
    return std::make_unique<StrategyManager>(StrategyManager::Parts{&base->desk(), &base->universe(), &clock, nullptr}, std::move(own),
                                             ManagerSettings{.cooldown_seconds = 30});
  };
  const auto entered = [&](StrategyManager& manager) {
    clock.pass(10);
    base->take(markets, prices);
    return manager.execute_best_opportunities(manager.run_all_strategies())["arbitrage"];
  };
  const auto before = process();
  EXPECT_EQ(entered(*before), 1);
  const auto after = process();
  after->restore(before->moment());
  EXPECT_EQ(entered(*after), 0);
  EXPECT_EQ(after->reasons()["cooling_down"], 1);
  clock.pass(15);
  EXPECT_EQ(entered(*after), 1);
}

TEST(StrategyState, Comes_back_and_a_bad_one_is_told) {
  std::unique_ptr<StrategyManager> manager;
  const auto begin_anew = [&] { manager = *StrategyManager::make(*config::parse_config("total_capital: 1000", "test")); };
  begin_anew();
  const auto saved_by = [&](const char* word) {
    manager->add({"own", std::make_unique<Remembering>(word)});
    return counters_from_json(to_json(manager->counters_and_states()));
  };
  SessionMoment moment;
  moment.counters = saved_by("good");
  EXPECT_TRUE(manager->counters().strategies["own"].state.empty());
  begin_anew();
  EXPECT_EQ(saved_by("").strategies["own"].state, "");
  manager->restore(moment);
  EXPECT_FALSE(manager->last_error());
  EXPECT_EQ(manager->counters_and_states().strategies["own"].state, "good");
  moment.counters.strategies["own"].state = "bad";
  manager->restore(moment);
  EXPECT_EQ(manager->last_error()->message(), "a bad word");
  begin_anew();
  EXPECT_EQ(saved_by("thrown").strategies["own"].state, "");
}

}  // namespace
}  // namespace tradewind::live
