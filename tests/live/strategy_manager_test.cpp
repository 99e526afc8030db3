// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/strategy_manager.hpp"

#include <cstdlib>
#include <stdexcept>

#include <gtest/gtest.h>

#include "tradewind/base/json.hpp"
#include "tradewind/live/live_config.hpp"
#include "tradewind/prediction/sizing.hpp"
#include "tradewind/venues/simulated_monitor.hpp"

namespace tradewind::live {
namespace {

config::Value parsed(const std::string& text) { return *config::parse_config(text, "test"); }

/// Time that stands still but for what a test lets pass.
class TestClock final : public Clock {
 public:
  UnixNanos now() const override { return 1'767'225'600 * kNanosPerSecond + steady_; }
  std::int64_t steady() const override { return steady_; }
  void pass(double seconds) { steady_ += static_cast<std::int64_t>(seconds * 1e9); }

 private:
  std::int64_t steady_ = kNanosPerSecond;
};

constexpr const char* kThree = R"(
total_capital: 1000
strategies:
  enabled: [arbitrage, momentum, statistical_arb]
  capital_allocation: {arbitrage: 0.5, momentum: 0.3, statistical_arb: 0.2}
)";

class StrategyManagerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = StrategyManager::make(parsed(kThree), "test", clock);
    ASSERT_TRUE(made);
    manager = std::move(*made);
  }
  std::map<std::string, int> cycle() {
    clock.pass(10);
    const auto markets = *monitor.get_active_markets();
    std::map<std::string, trading::MarketPrices> prices;
    for (const auto& market : markets)
      if (!market.payout) prices[market.id] = *monitor.get_market_prices(market.id);
    const auto found = manager->run_all_strategies(markets, prices);
    EXPECT_TRUE(found);
    return manager->execute_best_opportunities(*found);
  }
  TestClock clock;
  venues::SimulatedMonitor monitor{{.seed = 3, .edge = trading::SimulatedEdge::generous, .mispricing = 0.05}};
  std::unique_ptr<StrategyManager> manager;
};

TEST_F(StrategyManagerTest, The_documents_loop_trades_and_every_opportunity_has_its_fate) {
  int trades = 0;
  for (int i = 0; i < 200; ++i)
    for (const auto& [name, count] : cycle()) trades += count;
  EXPECT_GT(trades, 0);
  EXPECT_FALSE(manager->last_error());
  EXPECT_EQ(manager->desk().state().broken_invariant(), "");
  Money equity;
  const Json comparison = manager->compare_strategies();
  for (const auto& [name, figures] : comparison.items()) {
    std::uint64_t reasons = 0;
    for (const auto& [reason, count] : figures["reasons"].items()) reasons += count.get<std::uint64_t>();
    EXPECT_EQ(figures["opportunities_found"].get<std::uint64_t>(), figures["opportunities_taken"].get<std::uint64_t>() + reasons) << name;
    equity += *parse_fixed<Money>(figures["equity"].get<std::string>());
  }
  EXPECT_EQ(equity, manager->desk().equity());
  EXPECT_EQ(manager->get_statistics()["cycles_completed"], 200);
  EXPECT_TRUE(manager->get_best_performing_strategy());
}

TEST_F(StrategyManagerTest, A_strategys_own_figures_stand_in_its_report_in_their_order) {
  for (int i = 0; i < 3; ++i) cycle();
  const Json details = manager->compare_strategies()["momentum"]["details"];
  std::vector<std::string> names;
  for (const auto& [name, value] : details.items()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"markets", "markets_with_full_window", "samples", "window", "entry"}));
  EXPECT_TRUE(details["samples"].is_number_integer() && details["entry"].is_number_float()) << details.dump();
  EXPECT_EQ(details["samples"], 3);
}

TEST_F(StrategyManagerTest, Strategies_on_threads_do_what_they_do_one_after_another) {
  for (int i = 0; i < 100; ++i) cycle();
  const std::string alone = manager->desk().state().fingerprint();
  const Json reasons = manager->reasons();
  clock = TestClock();
  monitor = venues::SimulatedMonitor({.seed = 3, .edge = trading::SimulatedEdge::generous, .mispricing = 0.05});
  SetUp();
  telemetry::PerformanceOptimizer optimizer;
  ASSERT_TRUE(optimizer.enable_threading(3));
  manager->look_in_parallel(&optimizer);
  for (int i = 0; i < 100; ++i) cycle();
  EXPECT_EQ(manager->desk().state().fingerprint(), alone);
  EXPECT_EQ(manager->reasons(), reasons);
  EXPECT_FALSE(manager->last_error());
}

/// Buys a little of everything at any price, or throws.
class Careless final : public prediction::PredictionStrategy {
 public:
  explicit Careless(int throws_at) : throws_at_(throws_at) {}
  void analyze(const prediction::MarketView&) override {
    if (++calls_ == throws_at_) throw std::runtime_error("a mistake of mine");
  }
  void find_opportunities(const prediction::MarketView& view, std::vector<prediction::Opportunity>& found) override {
    for (prediction::MarketIndex market = 0; market < view.size(); ++market) {
      const auto& asks = view.prices[market].yes().asks;
      if (asks.empty()) continue;
      prediction::Opportunity one;
      one.add({market, trading::Outcome::yes, trading::Side::buy, asks.best().price, Shares::whole(5)});
      one.score = 1;
      found.push_back(one);
    }
  }
  prediction::EntryVerdict should_enter(const prediction::Opportunity& one, const prediction::MarketView&,
                                        const prediction::Account& account) const override {
    return {prediction::holds(account.trades, one.market()) ? prediction::Fate::already_held : prediction::Fate::traded};
  }
  bool should_exit(const prediction::OpenTrade&, const prediction::MarketView&) const override { return false; }
  prediction::OrderPlan enter_position(const prediction::Opportunity& one, const prediction::MarketView&,
                                       const prediction::Account&) const override {
    prediction::OrderIntent intent;
    intent.market = one.market();
    intent.limit = one.legs[0].limit;
    intent.shares = one.legs[0].shares;
    return {intent};
  }
  prediction::OrderPlan exit_position(const prediction::OpenTrade&, const prediction::MarketView&) const override { return {}; }
  prediction::StrategyStatistics get_statistics() const override { return {}; }

 private:
  int throws_at_;
  int calls_ = 0;
};

TEST_F(StrategyManagerTest, A_strategy_that_throws_is_set_aside_and_the_others_go_on) {
  ASSERT_TRUE(manager->desk().add_strategy("careless", true));
  manager->add({"careless", std::make_unique<Careless>(40), {}});
  ASSERT_TRUE(manager->rebalance_capital({{"arbitrage", 0.4}, {"momentum", 0.2}, {"statistical_arb", 0.2}, {"careless", 0.2}}));
  for (int i = 0; i < 39; ++i) cycle();
  EXPECT_GT(manager->desk().state().ledger("careless")->trades, 0);
  EXPECT_FALSE(manager->last_error());
  const double held = manager->desk().state().ledger("careless")->open_cost.to_double();
  for (int i = 0; i < 60; ++i) cycle();
  const execution::StrategyLedger& ledger = *manager->desk().state().ledger("careless");
  EXPECT_FALSE(ledger.enabled);
  EXPECT_EQ(ledger.limit, "fault: a mistake of mine");
  EXPECT_LT(ledger.open_cost.to_double(), held / 4) << "what it held is sold by the engine's own rules, where somebody buys";
  ASSERT_TRUE(manager->last_error());
  EXPECT_GT(manager->compare_strategies()["arbitrage"]["opportunities_found"], 0);
  EXPECT_EQ(manager->compare_strategies()["careless"]["stopped_by"], "fault: a mistake of mine");
}

TEST_F(StrategyManagerTest, A_strategy_is_stopped_by_its_own_limits_and_goes_on_afresh) {
  for (const auto& [limits, name] : {std::pair{execution::StrategyLimits{.max_loss = {{.dollars = Money{200'000}}}}, "max_loss"},
                                     {{.max_daily_loss = {{.share = 0.001}}}, "max_daily_loss"},
                                     {{.max_drawdown = 0.001}, "max_drawdown"},
                                     {{.losing_streak = 3}, "losing_streak"}}) {
    clock = TestClock();
    monitor = venues::SimulatedMonitor({.seed = 3, .edge = trading::SimulatedEdge::none, .life_steps = 60});
    SetUp();
    ASSERT_TRUE(manager->desk().add_strategy("careless", true));
    manager->add({"careless", std::make_unique<Careless>(-1), limits});
    ASSERT_TRUE(manager->rebalance_capital({{"arbitrage", 0.4}, {"momentum", 0.2}, {"statistical_arb", 0.2}, {"careless", 0.2}}));
    const execution::StrategyLedger* ledger = manager->desk().state().ledger("careless");
    for (int i = 0; i < 400 && ledger->enabled; ++i) {
      cycle();
      ledger = manager->desk().state().ledger("careless");
    }
    EXPECT_FALSE(ledger->enabled) << name;
    EXPECT_EQ(ledger->limit.substr(0, ledger->limit.find(':')), name);
    const std::int64_t opened = ledger->opened;
    for (int i = 0; i < 20; ++i) cycle();
    ledger = manager->desk().state().ledger("careless");
    EXPECT_EQ(ledger->opened, opened);
    EXPECT_LT(ledger->open_cost, Money::whole(2)) << name << ": it leaves, where somebody buys";
    EXPECT_GT(manager->compare_strategies()["careless"]["reasons"]["loss_limit"], 0);
    ASSERT_TRUE(manager->enable_strategy("careless"));
    cycle();
    EXPECT_TRUE(manager->desk().state().ledger("careless")->enabled) << name << " counts from here";
    EXPECT_TRUE(manager->desk().state().ledger("arbitrage")->enabled);
  }
}

// What is decided is paid out and forgotten, so that a session of months holds no more markets than are open.
TEST_F(StrategyManagerTest, Decided_markets_leave_the_universe_once_nothing_of_them_is_held) {
  monitor = venues::SimulatedMonitor({.seed = 3, .edge = trading::SimulatedEdge::generous, .mispricing = 0.05, .life_steps = 40});
  std::int64_t trades = 0;
  for (int i = 0; i < 1500; ++i)
    for (const auto& [name, count] : cycle()) trades += count;
  EXPECT_GT(trades, 100);
  EXPECT_LE(manager->universe().size(), 120U);
  const auto markets = manager->universe().markets();
  const execution::EngineState& state = manager->desk().state();
  for (const trading::PredictionMarket& market : markets)
    EXPECT_TRUE(!market.payout || state.involves(market.id) || manager->universe().open_event(market.event_id)) << market.id;
  for (const auto& [token, shares] : state.positions()) EXPECT_TRUE(manager->universe().find(token.first)) << token.first;
  EXPECT_FALSE(manager->last_error());
  EXPECT_EQ(state.broken_invariant(), "");
}

TEST_F(StrategyManagerTest, A_decided_market_that_nobody_asks_for_takes_no_place) {
  trading::PredictionMarket decided;
  decided.id = "decided";
  decided.payout = std::array<Price, 2>{kPriceOfCertainty, Price{}};
  trading::PredictionMarket sibling = decided;
  sibling.id = "sibling";
  sibling.event_id = "event";
  trading::PredictionMarket open = sibling;
  open.id = "open";
  open.payout.reset();
  const std::vector<trading::PredictionMarket> all{decided, sibling, open};
  manager->take(all, {});
  manager->run_all_strategies();
  EXPECT_FALSE(manager->universe().find("decided"));
  EXPECT_TRUE(manager->universe().find("sibling"));  // of an event that goes on
  EXPECT_TRUE(manager->universe().find("open"));
  trading::PredictionMarket over = sibling;
  over.id = "open";
  manager->take(std::span(&over, 1), {});
  manager->run_all_strategies();
  EXPECT_EQ(manager->universe().view().followed(), 0U);
  manager->take(all, {});  // listed again: the event is open again, what else is decided stays out
  EXPECT_EQ(manager->universe().view().followed(), 2U);
  EXPECT_EQ(manager->universe().size(), 2U);
}

TEST_F(StrategyManagerTest, Capital_is_divided_as_configured) {
  const Json strategies = manager->compare_strategies();
  EXPECT_EQ(strategies["arbitrage"]["capital"], "500");
  EXPECT_EQ(strategies["momentum"]["capital"], "300");
  EXPECT_EQ(strategies["statistical_arb"]["capital"], "200");
  EXPECT_FALSE(manager->get_best_performing_strategy());
  EXPECT_TRUE(strategies["arbitrage"]["win_rate_percent"].is_null());
  EXPECT_EQ(strategies["arbitrage"]["undefined"]["win_rate_percent"], "no_decided_trades");
}

TEST_F(StrategyManagerTest, A_disabled_strategy_finds_nothing_and_comes_back) {
  EXPECT_FALSE(manager->disable_strategy("arbitrag"));
  EXPECT_EQ(manager->last_error()->code(), Errc::unknown_name);
  ASSERT_TRUE(manager->disable_strategy("arbitrage"));
  for (int i = 0; i < 100; ++i) cycle();
  EXPECT_EQ(manager->compare_strategies()["arbitrage"]["opportunities_found"], 0);
  ASSERT_TRUE(manager->enable_strategy("arbitrage"));
  for (int i = 0; i < 100; ++i) cycle();
  EXPECT_GT(manager->compare_strategies()["arbitrage"]["opportunities_found"], 0);
}

TEST_F(StrategyManagerTest, Counters_that_are_damaged_start_again) {
  SessionMoment moment;
  moment.counters =
      counters_from_json({{"cycles", "x"}, {"strategies", {{"arbitrage", 5}, {"momentum", {{"found", -1}, {"fates", {{"a", 1}}}}}}}});
  manager->restore(moment);
  moment.counters = counters_from_json({{"cycles", 7U}, {"strategies", 3}});
  manager->restore(moment);
  EXPECT_EQ(manager->cycles(), 7U);
  EXPECT_EQ(manager->opportunities_found(), 0U);
}

TEST_F(StrategyManagerTest, Counters_come_back_as_they_were_stored) {
  for (int i = 0; i < 30; ++i) cycle();
  const Counters counters = manager->counters();
  EXPECT_EQ(counters.cycles, 30U);
  EXPECT_EQ(to_json(counters_from_json(to_json(counters))), to_json(counters));
}

// A strategy that doubled its money and then had most of it taken away has still doubled it.
TEST(AccountGrowth, Is_what_a_dollar_that_stayed_became) {
  AccountGrowth growth(Money::whole(100));
  growth.mark(Money::whole(200), Money::whole(100));
  growth.mark(Money::whole(20), Money::whole(-80));  // 180 went to others, who put in nothing
  EXPECT_DOUBLE_EQ(*growth.time_weighted(), 1);
  growth.mark(Money::whole(10), Money::whole(-80));
  EXPECT_DOUBLE_EQ(*growth.time_weighted(), 0);
  EXPECT_FALSE(AccountGrowth(Money{}).time_weighted());
  AccountGrowth steady(Money::whole(100));
  steady.mark(Money::whole(150), Money::whole(150));
  steady.mark(Money::whole(165), Money::whole(150));
  EXPECT_NEAR(*steady.time_weighted(), 0.1, 1e-12);
}

// A hundred for half of the time, then a hundred and fifty, whenever anybody looked.
TEST(StrategyLedger, Is_weighted_by_the_time_its_capital_was_there) {
  execution::StrategyLedger ledger;
  ledger.contributed = Money::whole(100);
  ledger.capital_since = 1000;
  EXPECT_FALSE(ledger.money_weighted(Money::whole(100), 1000, 1000));
  ledger.contribute(Money::whole(50), 1010);
  EXPECT_DOUBLE_EQ(*ledger.money_weighted(Money::whole(165), 1000, 1020), 15 / 125.0);
  ledger.contribute(-Money::whole(150), 1020);
  EXPECT_DOUBLE_EQ(*ledger.money_weighted(Money::whole(15), 1000, 1030), 15 / (250 / 3.0));
  EXPECT_FALSE(execution::StrategyLedger().money_weighted(Money{}, 1000, 2000));
}

TEST_F(StrategyManagerTest, Shares_must_sum_to_one) {
  EXPECT_FALSE(manager->rebalance_capital({{"arbitrage", 0.5}, {"momentum", 0.4}}));
  EXPECT_TRUE(manager->rebalance_capital({{"arbitrage", 0.6}, {"momentum", 0.4}}));
  EXPECT_EQ(manager->compare_strategies()["arbitrage"]["equity"], "600");
  EXPECT_EQ(manager->compare_strategies()["statistical_arb"]["equity"], "0");
}

TEST(LiveConfig, Defaults_are_the_documents) {
  const auto config = read_live_config(parsed("{}"), "test");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->total_capital, Money::whole(100));
  EXPECT_EQ(config->cycle_interval, 10);
  ASSERT_EQ(config->shares.size(), 1U);
  EXPECT_EQ(config->shares[0].strategy, "arbitrage");
  EXPECT_EQ(config->monitor.target_cycle_time_ms, 200);
  EXPECT_EQ(config->monitor.target_network_latency_ms, 100);
  EXPECT_EQ(config->monitor.performance_history_size, 100U);
  EXPECT_FALSE(config->optimizer.use_multiprocessing);
  EXPECT_TRUE(config->optimizer.use_async);
  EXPECT_TRUE(config->optimizer.use_caching);
  EXPECT_EQ(config->optimizer.max_workers, 4);
}

TEST(LiveConfig, Capital_is_divided_to_the_millionth) {
  const auto config = read_live_config(parsed("total_capital: 100\nstrategies: {enabled: [arbitrage, momentum, news]}"), "test");
  ASSERT_TRUE(config);
  Money sum;
  for (const auto& share : config->shares) sum += share.cash;
  EXPECT_EQ(sum, Money::whole(100));
}

TEST(LiveConfig, A_strategys_name_is_checked_as_the_id_it_becomes) {
  for (const char* name : {"../x", "a/b", "_x", "combined", "a b"}) {
    const auto config = read_live_config(
        parsed(std::string("strategies: {enabled: ['") + name + "'], '" + name + "': {type: bar, strategy: sma_cross}}"), "test");
    ASSERT_FALSE(config) << name;
    EXPECT_NE(config.error().message().find(std::string("strategy '") + name + "'"), std::string::npos) << config.error().message();
  }
  EXPECT_TRUE(read_live_config(parsed("strategies: {enabled: [x.1], x.1: {type: bar, strategy: sma_cross}}"), "test"));
}

TEST(LiveConfig, Secrets_of_the_news_are_used_and_not_kept) {
  ::setenv("TRADEWIND_TEST_KEY", "hunter2", 1);
  const auto config =
      read_live_config(parsed("news: {url: 'https://u:${TRADEWIND_TEST_KEY}@h/feed?api_key=${TRADEWIND_TEST_KEY}&id=7'}"), "test");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->news.url, "https://u:hunter2@h/feed?api_key=hunter2&id=7");
  EXPECT_EQ(config->news.source, "https://h/feed");
  EXPECT_EQ(config->json, R"({"news":{"url":"https://h/feed"}})");
  ::unsetenv("TRADEWIND_TEST_KEY");
  Json old = {{"news", {{"url", "https://u:p@h/feed?key=k"}}}};
  hide_secrets(old);
  EXPECT_EQ(old["news"]["url"], "https://h/feed");
}

TEST(LiveConfig, Every_complaint_comes_at_once) {
  const auto config = read_live_config(
      parsed("total_capital: x\ncycle_intervall: 3\nlimits: {max_ordr: 5}\nstrategies: {enabled: [arbitrage, arbitrage]}"), "test");
  ASSERT_FALSE(config);
  for (const char* said : {"total_capital", "cycle_intervall", "max_ordr", "twice"})
    EXPECT_NE((config.error().message() + config.error().where()).find(said), std::string::npos) << said;
}

}  // namespace
}  // namespace tradewind::live
