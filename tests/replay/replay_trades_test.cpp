// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <gtest/gtest.h>

#include "replay_test_support.hpp"
#include "tradewind/metrics/trade_path.hpp"

namespace tradewind::replay {
namespace {

Market regime_market(std::uint64_t seed) {
  Market market;
  market.with_regimes();
  market.signals = {random_signals(market.one, seed), random_signals(market.one, seed + 1), random_signals(market.two, seed + 2)};
  return market;
}

RegimeReplayResult recorded(const SignalReplayConfig& config, const Market& market, const workspace::States& regimes) {
  ReplayRunOptions options;
  options.record = true;
  return *SignalReplayEngine::make(config)->run(market.signals, market.series, regimes, options);
}

TEST(ReplayTrades, add_up_to_what_the_members_earned_and_paid) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Market market = regime_market(seed);
    const auto regimes = random_regimes(market.timeline(), seed + 100, 3, 9);
    const auto result = recorded(market.config, market, regimes);
    const auto unrecorded = run(market.config, market.signals, market.series, regimes);
    ASSERT_EQ(result.equity, unrecorded.equity);
    ASSERT_TRUE(unrecorded.trades.empty() && unrecorded.shares.empty());
    std::vector<double> profit(3, 0.0);
    double costs = 0;
    std::int64_t closed = 0;
    for (const ReplayTrade& trade : result.trades) {
      profit[trade.member] += trade.profit;
      costs += trade.costs;
      closed += trade.exit != TradeExit::open;
      EXPECT_GT(trade.bars + (trade.exit == TradeExit::weights), 0);
      EXPECT_TRUE(trade.mae <= 0 && trade.mfe >= 0 && trade.capital > 0 && trade.size > 0 && trade.size < 1.1);
      EXPECT_TRUE(trade.exit == TradeExit::open || trade.exit_time >= trade.entry_time);
    }
    for (std::size_t m = 0; m < 3; ++m) EXPECT_NEAR(profit[m], result.members[m].profit, 1e-12) << seed;
    EXPECT_NEAR(costs, result.strategy_costs + result.switching_costs, 1e-12) << seed;
    const auto& p = result.performance;
    EXPECT_EQ(closed, p.won_trades + p.lost_trades + p.flat_trades);
  }
}

TEST(ReplayTrades, shares_of_the_equity_are_what_the_accounts_hold) {
  const Market market = regime_market(3);
  const auto result = recorded(market.config, market, random_regimes(market.timeline(), 7, 3, 30));
  ASSERT_EQ(result.shares.size(), 3U);
  for (std::size_t i = 0; i < result.timestamp.size(); ++i) {
    double sum = 0;
    for (const auto& share : result.shares) sum += share[i];
    ASSERT_LE(sum, 1 + 1e-9);
  }
  EXPECT_NEAR(result.shares[0].front(), market.config.strategies[0].weight, 0.05);
}

TEST(ReplayTrades, of_one_strategy_are_its_fills) {
  const market::Bars bars = random_bars(5, 400);
  const auto signals = random_signals(bars, 50);
  const ReplaySeries series{&bars};
  ReplayRunOptions options;
  options.record = true;
  const auto result = *SignalReplayEngine::make({{{"r", "a", 1}}, {}})->run(std::span(&signals, 1), std::span(&series, 1), {}, options);
  const auto tables = metrics::TradeTables::make(bars.open, bars.close, {});
  std::vector<metrics::PositionChange> changes;
  for (std::size_t i = 0; i < signals.timestamp.size(); ++i)
    changes.push_back({static_cast<std::int32_t>(signals.timestamp[i] / kNanosPerDay), signals.signal[i]});
  const auto path = metrics::equity_path(*tables, changes);
  std::size_t fill = 0;
  double equity = 1;
  for (const ReplayTrade& trade : result.trades) {
    EXPECT_EQ(trade.entry_time, bars.timestamp[static_cast<std::size_t>(path.fills[fill].bar)]);
    EXPECT_NEAR(trade.entry_price, path.fills[fill].price, 1e-12);
    EXPECT_EQ(trade.side > 0, path.fills[fill].quantity > 0);
    EXPECT_NEAR(trade.size, 1, 1e-12);
    EXPECT_NEAR(trade.capital, equity, 1e-12);
    if (trade.exit == TradeExit::open) break;
    ++fill;
    EXPECT_EQ(trade.exit_time, bars.timestamp[static_cast<std::size_t>(path.fills[fill].bar)]);
    EXPECT_NEAR(trade.exit_price, path.fills[fill].price, 1e-12);
    EXPECT_EQ(trade.bars, path.fills[fill].bar - path.fills[fill - 1].bar);
    EXPECT_EQ(trade.exit, TradeExit::signal);
    ++fill;
    equity += trade.profit;
  }
  EXPECT_GT(result.trades.size(), 10U);
}

}  // namespace
}  // namespace tradewind::replay
