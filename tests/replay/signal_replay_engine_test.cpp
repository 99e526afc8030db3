// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/signal_replay_engine.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "replay_test_support.hpp"
#include "tradewind/metrics/trade_account.hpp"
#include "tradewind/metrics/trade_path.hpp"

namespace tradewind::replay {
namespace {

using metrics::FillModel;
using metrics::Metric;
using metrics::SlippageModel;

TEST(SignalReplayEngine, with_constant_weights_is_the_replay_of_sub_accounts) {
  for (const FillModel fill : {FillModel::next_open, FillModel::next_close, FillModel::close}) {
    for (const SlippageModel slippage : {SlippageModel::linear, SlippageModel::sqrt}) {
      Market market;
      market.config.execution.fill = fill;
      market.config.execution.costs.slippage_model = slippage;
      const auto expected = replay_signals(market.config, market.signals, market.series);
      const auto result = run(market.config, market.signals, market.series);
      ASSERT_EQ(result.timestamp, expected->timestamp);
      for (std::size_t i = 0; i < result.timestamp.size(); ++i) {
        ASSERT_NEAR(result.equity[i], expected->equity[i], 1e-12) << i;
        ASSERT_NEAR(result.gross_equity[i], expected->gross_equity[i], 1e-12) << i;
      }
      for (std::size_t i = 0; i < metrics::kMetricCount; ++i) {
        EXPECT_EQ(result.performance.reason[i], expected->performance.reason[i]) << i;
        if (!std::isnan(expected->performance.value[i])) {
          EXPECT_NEAR(result.performance.value[i], expected->performance.value[i], 1e-10) << enum_name(static_cast<Metric>(i));
        }
      }
      EXPECT_EQ(result.performance.total_fills, expected->performance.total_fills);
      EXPECT_EQ(result.performance.won_trades, expected->performance.won_trades);
      EXPECT_EQ(result.performance.lost_trades, expected->performance.lost_trades);
      for (std::size_t m = 0; m < 3; ++m) EXPECT_NEAR(result.members[m].profit, expected->members[m].profit, 1e-12);
      EXPECT_EQ(result.switching_costs, 0);
    }
  }
}

TEST(SignalReplayEngine, of_one_strategy_is_its_account) {
  const market::Bars bars = random_bars(5, 400);
  const auto signals = random_signals(bars, 50);
  const ReplaySeries series{&bars};
  const auto result = run({{{"r", "a", 1}}, {}}, std::span(&signals, 1), std::span(&series, 1));
  const auto tables = metrics::TradeTables::make(bars.open, bars.close, {});
  std::vector<metrics::PositionChange> changes;
  for (std::size_t i = 0; i < signals.timestamp.size(); ++i)
    changes.push_back({static_cast<std::int32_t>(signals.timestamp[i] / kNanosPerDay), signals.signal[i]});
  const auto account = metrics::account_metrics(*tables, changes);
  for (std::size_t i = 0; i < metrics::kMetricCount; ++i)
    EXPECT_TRUE(result.performance.value[i] == account.value[i] || std::isnan(account.value[i])) << i;
  EXPECT_NEAR(result.equity.back() - 1, account[Metric::total_return], 1e-12);
  EXPECT_NEAR(result.strategy_costs, account[Metric::total_costs], 1e-12);
}

TEST(SignalReplayEngine, switching_cash_changes_nothing_to_the_last_bit) {
  const market::Bars one = random_bars(6, 500), two = random_bars(7, 500);
  const std::vector<workspace::Signals> none(3);
  const std::vector<ReplaySeries> series{{&one}, {&two}, {&two}};
  SignalReplayConfig config{{{"r", "a", 0.1}, {"r", "b", 0.7}, {"r", "c", 0.05}}, {}};
  config.regimes = {"x", "y", "z"};
  config.regime_weights = {{0.3, 0.3, 0.4}, {1.0 / 3, 1.0 / 7, 0.123456789}, {0, 0, 0.9}};
  const auto result = run(config, none, series, random_regimes(one.timestamp, 3, 3, 4));
  ASSERT_GT(result.switches.size(), 60U);
  for (const double equity : result.equity) ASSERT_EQ(equity, 1.0);
  EXPECT_EQ(result.performance.total_fills, 0);
  for (const RegimeSwitch& change : result.switches) EXPECT_TRUE(change.complete);
  EXPECT_GT(result.turnover, 10);
}

TEST(SignalReplayEngine, a_switch_sells_and_buys_at_the_fill_with_costs) {
  market::Bars bars = flat_bars(8);
  bars.open[4] = 110;
  bars.close[4] = 120;
  for (std::size_t i = 5; i < 8; ++i) bars.open[i] = bars.close[i] = 120;
  const std::vector<workspace::Signals> signals{signals_at(bars, {{0, 1}}), signals_at(bars, {{1, 1}})};
  const std::vector<ReplaySeries> series{{&bars}, {&bars}};
  SignalReplayConfig config{{{"r", "a", 1}, {"r", "b", 0}}, {}};
  config.regimes = {"late"};
  config.regime_weights = {{0, 1}};
  const workspace::States regimes{{bars.timestamp[3]}, {0}};
  const auto result = run(config, signals, series, regimes);
  const double s = 0.0005, c = 0.001;
  const double quantity = 1 / (100 * (1 + s) * (1 + c));  // a buys at bar 1's open
  EXPECT_NEAR(result.equity[1], quantity * 100, 1e-14);
  const double proceeds = quantity * 110 * (1 - s) * (1 - c);  // known at bar 3's close, done at bar 4's open
  EXPECT_NEAR(result.equity[3], quantity * 100, 1e-14);
  const double bought = proceeds / (110 * (1 + s) * (1 + c));
  EXPECT_NEAR(result.equity[4], bought * 120, 1e-14);
  ASSERT_EQ(result.switches.size(), 1U);
  const RegimeSwitch& change = result.switches[0];
  EXPECT_EQ(change.time, bars.timestamp[3]);
  EXPECT_EQ(change.from, -1);
  EXPECT_EQ(change.to, 0);
  EXPECT_EQ(change.fills, 2);
  EXPECT_NEAR(change.cost, quantity * 110 - bought * 110, 1e-14);
  EXPECT_NEAR(change.turnover, 1 + proceeds / (quantity * 110), 1e-12);
  EXPECT_NEAR(change.traded, 1 + bought / quantity, 1e-12);
  EXPECT_NEAR(result.strategy_costs, 1 - quantity * 100, 1e-14);
  EXPECT_NEAR(result.members[0].profit, proceeds - 1, 1e-14);
  EXPECT_NEAR(result.members[1].profit, bought * 120 - proceeds, 1e-14);
  EXPECT_EQ(result.regime, (std::vector<std::int8_t>{-1, -1, -1, -1, 0, 0, 0, 0}));
  EXPECT_EQ(result.regimes[0].bars, 4);
  EXPECT_EQ(result.unknown_bars, 4);
}

TEST(SignalReplayEngine, moves_part_of_a_short_position_by_its_convention) {
  market::Bars bars = flat_bars(6);
  bars.open[3] = bars.close[3] = bars.open[4] = bars.close[4] = bars.open[5] = bars.close[5] = 80;
  const std::vector<workspace::Signals> signals{signals_at(bars, {{0, -1}}), {}};
  const std::vector<ReplaySeries> series{{&bars}, {&bars}};
  SignalReplayConfig config{{{"r", "short", 1}, {"r", "idle", 0}}, {}};
  config.regimes = {"half"};
  config.regime_weights = {{0.5, 0.5}};
  config.execution.costs = {0.01, SlippageModel::linear, 0.02};
  const auto result = run(config, signals, series, {{bars.timestamp[2]}, {0}});
  const double notional = 1 / 1.01, quantity = notional / 98;  // sold at 100 · 0.98
  EXPECT_NEAR(result.equity[2], 2 * notional - quantity * 100, 1e-14);
  const double equity = 2 * notional - quantity * 80;  // half of it leaves at bar 3
  const double released = 0.5 * (2 * notional - quantity * 80 * 1.02 * 1.01);
  EXPECT_NEAR(result.equity[3], 0.5 * equity + released, 1e-14);
  EXPECT_NEAR(result.switches[0].cost, 0.5 * quantity * 80 * (1.02 * 1.01 - 1), 1e-14);
  EXPECT_NEAR(result.switches[0].traded, 0.5 * quantity * 80 / equity, 1e-12);
}

TEST(SignalReplayEngine, at_a_flat_price_the_loss_is_exactly_the_costs) {
  for (const FillModel fill : {FillModel::next_open, FillModel::close}) {
    const market::Bars one = flat_bars(600), two = flat_bars(300, kNanosPerDay / 2, 2 * kNanosPerDay, 33);
    const std::vector<workspace::Signals> signals{random_signals(one, 31), random_signals(one, 32), random_signals(two, 33)};
    const std::vector<ReplaySeries> series{{&one}, {&one}, {&two}};
    SignalReplayConfig config{{{"r", "a", 0.2}, {"r", "b", 0.3}, {"r", "c", 0.4}}, {}};
    config.execution.fill = fill;
    config.regimes = {"x", "y"};
    config.regime_weights = {{0.7, 0, 0.3}, {0, 0.2, 0.3}};
    const auto result = run(config, signals, series, random_regimes(one.timestamp, 9, 2, 10));
    ASSERT_GT(result.switches.size(), 20U);
    EXPECT_GT(result.switching_costs, 0.005);
    EXPECT_NEAR(1 - result.equity.back(), result.strategy_costs + result.switching_costs, 1e-12);
    EXPECT_NEAR(result.performance[Metric::total_costs], result.strategy_costs + result.switching_costs, 1e-15);
    // Without costs the price of a short's fill at 33 rounds; nothing else may.
    for (const double equity : result.gross_equity) ASSERT_NEAR(equity, 1, 1e-13);
  }
}

TEST(SignalReplayEngine, members_profits_add_up_to_the_ensembles) {
  Market market;
  market.with_regimes();
  const auto result = run(market.config, market.signals, market.series, random_regimes(market.timeline(), 4, 3));
  ASSERT_GT(result.switches.size(), 8U);
  double profit = 0;
  for (const MemberResult& member : result.members) profit += member.profit;
  EXPECT_NEAR(result.equity.back() - 1, profit, 1e-12);
  market.config.execution.costs = metrics::ExecutionCosts::none();
  const auto free = run(market.config, market.signals, market.series, random_regimes(market.timeline(), 4, 3));
  EXPECT_EQ(free.equity, free.gross_equity);
  EXPECT_EQ(free.equity, result.gross_equity);
  EXPECT_GT(free.equity.back(), result.equity.back());
}

TEST(SignalReplayEngine, what_comes_later_changes_nothing_before) {
  for (const FillModel fill : {FillModel::next_open, FillModel::next_close, FillModel::close}) {
    Market market;
    market.with_regimes();
    market.config.execution.fill = fill;
    market.config.execution.costs.slippage_model = SlippageModel::sqrt;
    market.config.confirm_bars = 2;
    const workspace::States regimes = random_regimes(market.timeline(), 5, 3);
    const auto whole = run(market.config, market.signals, market.series, regimes);
    ASSERT_GT(whole.switches.size(), 5U);
    for (const int day : {70, 71, 100, 133, 190, 250, 299}) {
      const UnixNanos end = day * kNanosPerDay + 1;
      const market::Bars one = cut(market.one, end), two = cut(market.two, end);
      auto signals = market.signals;
      for (auto& each : signals) cut_events(each.timestamp, each.signal, end);
      workspace::States known = regimes;
      cut_events(known.timestamp, known.state, end);
      const std::vector<ReplaySeries> series{{&one}, {&one}, {&two}};
      const auto part = run(market.config, signals, series, known);
      for (std::size_t i = 0; i < part.timestamp.size(); ++i) {
        ASSERT_EQ(part.equity[i], whole.equity[i]) << "bar " << i << " of day " << day;
        ASSERT_EQ(part.regime[i], whole.regime[i]);
      }
      ASSERT_LE(part.exposure.size(), whole.exposure.size());
      for (std::size_t i = 0; i < part.exposure.size(); ++i) ASSERT_EQ(part.exposure[i].exposure, whole.exposure[i].exposure);
    }
  }
}

TEST(SignalReplayEngine, accounts_without_a_bar_wait_for_theirs) {
  // One trades on even half days, the other on odd ones; both long at flat prices and without costs, so equity must stay 1.
  const market::Bars one = flat_bars(20), two = flat_bars(20, kNanosPerDay / 2, kNanosPerDay, 64);
  const std::vector<workspace::Signals> signals{signals_at(one, {{0, 1}}), signals_at(two, {{0, 1}})};
  const std::vector<ReplaySeries> series{{&one}, {&two}};
  SignalReplayConfig config{{{"r", "a", 0.75}, {"r", "b", 0.25}}, {}};
  config.execution.costs = metrics::ExecutionCosts::none();
  config.regimes = {"turn"};
  config.regime_weights = {{0.25, 0.75}};
  for (const market::Bars* known_by : {&one, &two}) {  // the seller's next bar comes after the buyer's, or before
    const auto result = run(config, signals, series, {{known_by->timestamp[9]}, {0}});
    for (const double equity : result.equity) ASSERT_NEAR(equity, 1, 1e-15);
    ASSERT_EQ(result.switches.size(), 1U);
    EXPECT_TRUE(result.switches[0].complete);
    EXPECT_NEAR(result.switches[0].turnover, 1, 1e-12);
    EXPECT_EQ(result.switches[0].fills, 2);
  }
  const auto late = run(config, signals, series, {{one.timestamp[19]}, {0}});
  ASSERT_EQ(late.switches.size(), 1U);
  EXPECT_FALSE(late.switches[0].complete);  // the seller has no further bar
}

}  // namespace
}  // namespace tradewind::replay
