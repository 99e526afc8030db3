// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/bar_trader.hpp"

#include <gtest/gtest.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/venues/simulated_monitor.hpp"

namespace tradewind::live {
namespace {

using prediction::MarketIndex;
using prediction::PredictionStrategy;

constexpr std::int64_t kCycle = 10 * kNanosPerSecond;

BarMember member(const char* type, ParameterValues parameters, double weight = 1) {
  return {*strategies::StrategyRegistry::instance().find(type), strategies::Direction::long_short, std::move(parameters), weight, ""};
}
std::unique_ptr<PredictionStrategy> trader(std::vector<BarMember> members = {member("sma_cross", {3, 12}),
                                                                             member("zscore_reversion", {10, 1, 0}, 0.5)}) {
  BarTraderOptions options;
  options.max_markets = 5;
  return make_bar_trader(std::move(members), std::move(options));
}

/// A strategy with the places of markets it was shown: another process gives other places.
struct Process {
  std::unique_ptr<PredictionStrategy> strategy = trader();
  prediction::MarketUniverse universe;

  void show(std::span<const trading::PredictionMarket> markets, std::span<const trading::MarketPrices> prices, bool backwards) {
    for (std::size_t i = 0; i < markets.size(); ++i) {
      const auto& market = markets[backwards ? markets.size() - 1 - i : i];
      if (market.payout && universe.find(market.id)) universe.release(*universe.find(market.id));
      if (!market.payout) universe.upsert(market);
    }
    for (const auto& one : prices)
      if (universe.update(one)) universe.set_state(*universe.find(one.market_id), prediction::BookState::good);
  }
  /// {market, exposure} of what it would trade.
  std::vector<std::pair<std::string, double>> look(UnixNanos now) {
    const prediction::MarketView view = universe.view(now);
    std::vector<prediction::Opportunity> found;
    strategy->analyze(view);
    strategy->find_opportunities(view, found);
    std::vector<std::pair<std::string, double>> wanted;
    for (const auto& one : found) wanted.emplace_back(view.markets[one.market()].id, one.signal);
    return wanted;
  }
};

TEST(BarTrader, Goes_on_after_a_restart_as_if_there_had_been_none) {
  venues::SimulatedMonitor monitor({.seed = 5});
  Random random(8);
  Process whole;
  auto cut = std::make_unique<Process>();
  std::size_t wanted = 0;
  int restarts = 0;
  for (int cycle = 1; cycle <= 600; ++cycle) {
    const auto markets = *monitor.get_active_markets();
    std::vector<trading::MarketPrices> prices;
    for (const auto& market : markets)
      if (!market.payout) prices.push_back(*monitor.get_market_prices(market.id));
    if (random.below(20) == 0) {
      auto next = std::make_unique<Process>();
      ASSERT_TRUE(next->strategy->load_state(cut->strategy->save_state()));
      cut = std::move(next);
      ++restarts;
    }
    whole.show(markets, prices, false);
    cut->show(markets, prices, restarts % 2 == 1);
    const auto expected = whole.look(cycle * kCycle);
    ASSERT_EQ(cut->look(cycle * kCycle), expected) << cycle;
    ASSERT_EQ(cut->look(cycle * kCycle), expected) << "a cycle that is repeated makes no second bar";
    wanted += expected.size();
  }
  EXPECT_GT(wanted, 500U);
  EXPECT_GT(restarts, 10);
}

/// One market whose price a test sets.
class OneMarket {
 public:
  OneMarket() {
    market_.id = "M";
    market_.token_ids = {"Y", "N"};
    index_ = universe_.upsert(market_);
  }
  void bar(PredictionStrategy& strategy, double mid) {
    universe_.change_prices(index_, [&](trading::MarketPrices& prices) {
      prices.market_id = "M";
      ++prices.sequence;
      for (const auto outcome : {trading::Outcome::yes, trading::Outcome::no}) {
        const double middle = outcome == trading::Outcome::yes ? mid : 1 - mid;
        auto& book = prices.of(outcome);
        book.bids.clear();
        book.asks.clear();
        book.bids.set(trading::Side::buy, {*fixed_from_double<Price>(middle - 0.01), Shares::whole(100)});
        book.asks.set(trading::Side::sell, {*fixed_from_double<Price>(middle + 0.01), Shares::whole(100)});
      }
    });
    universe_.set_state(index_, prediction::BookState::good);
    now_ += kCycle;
    strategy.analyze(view());
  }
  bool leaves(const PredictionStrategy& strategy, UnixNanos opened) const {
    prediction::OpenTrade trade{.id = 1, .opened = opened, .holdings = {{index_, trading::Outcome::yes, Shares::whole(5), {}}}};
    return strategy.should_exit(trade, view());
  }
  prediction::MarketView view() const { return universe_.view(now_); }
  UnixNanos now() const { return now_; }

 private:
  trading::PredictionMarket market_;
  prediction::MarketUniverse universe_;
  MarketIndex index_ = 0;
  UnixNanos now_ = 0;
};

TEST(BarTrader, A_position_is_kept_while_nothing_is_known_of_it) {
  OneMarket market;
  const auto strategy = trader({member("time_series_momentum", {3, 0})});
  EXPECT_FALSE(market.leaves(*strategy, 0)) << "without a bar";
  for (int i = 0; i < 3; ++i) {
    market.bar(*strategy, 0.5);
    EXPECT_FALSE(market.leaves(*strategy, 1)) << "members that began after the trade and are not warm";
  }
  EXPECT_TRUE(market.leaves(*strategy, market.now())) << "they have seen all of a trade of their own";
  market.bar(*strategy, 0.5);
  EXPECT_TRUE(market.leaves(*strategy, 1)) << "warm and flat";
}

TEST(BarTrader, A_position_lasts_longer_than_any_window_of_bars) {
  OneMarket market;
  const auto strategy = trader({member("sma_cross", {2, 5})});
  for (int i = 0; i < 10; ++i) market.bar(*strategy, 0.3 - 0.01 * i);
  for (int i = 0; i < 3000; ++i) market.bar(*strategy, 0.25 + 0.0002 * i);
  EXPECT_FALSE(market.leaves(*strategy, market.now()));
}

TEST(BarTrader, A_damaged_or_foreign_state_begins_anew) {
  OneMarket market;
  const auto before = trader({member("sma_cross", {2, 5})});
  for (int i = 0; i < 30; ++i) market.bar(*before, i < 10 ? 0.5 - 0.01 * i : 0.3 + 0.01 * i);
  EXPECT_FALSE(market.leaves(*before, market.now()));
  const std::string state = before->save_state();
  const auto with = [&](std::vector<BarMember> members, const std::string& text, bool taken) {
    const auto strategy = trader(std::move(members));
    EXPECT_EQ(strategy->load_state(text).has_value(), taken) << text;
    market.bar(*strategy, 0.6);
    return market.leaves(*strategy, market.now());
  };
  EXPECT_FALSE(with({member("sma_cross", {2, 5})}, state, true));
  EXPECT_TRUE(with({member("sma_cross", {2, 6})}, state, true)) << "other parameters";
  EXPECT_TRUE(with({member("sma_cross", {2, 5}), member("sma_cross", {2, 6})}, state, true)) << "other members";
  for (const char* text : {"", "[]", "{}", "{\"markets\": 5}", "not JSON"}) EXPECT_TRUE(with({member("sma_cross", {2, 5})}, text, false));
  for (const char* text :
       {"{\"markets\": {\"M\": 5}}", "{\"markets\": {\"M\": {\"last\": 1, \"streams\": [{\"begun\": 1, \"signal\": 7}]}}}"})
    EXPECT_TRUE(with({member("sma_cross", {2, 5})}, text, true));
}

}  // namespace
}  // namespace tradewind::live
