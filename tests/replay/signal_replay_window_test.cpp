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

TEST(SignalReplayEngine, a_window_enters_what_was_held_at_its_first_fill) {
  const market::Bars bars = random_bars(8, 200);
  const auto signals = signals_at(bars, {{20, 1}, {120, -1}, {190, 0}});
  const ReplaySeries series{&bars};
  for (const FillModel fill : {FillModel::next_open, FillModel::next_close, FillModel::close}) {
    for (const SlippageModel slippage : {SlippageModel::linear, SlippageModel::sqrt}) {
      SignalReplayConfig config{{{"r", "a", 1}}, {}};
      config.execution.fill = fill;
      config.execution.costs.slippage_model = slippage;
      config.from = bars.timestamp[100];
      config.to = bars.timestamp[180];
      const auto result = run(config, std::span(&signals, 1), std::span(&series, 1));
      ASSERT_EQ(result.timestamp.size(), 80U);
      // The same over all bars by a signal that is filled in the window's first bar: slippage knows the bars before it.
      const auto tables = metrics::TradeTables::make(bars.open, bars.close, config.execution);
      const metrics::PositionChange changes[] = {{fill == FillModel::close ? 100 : 99, 1}, {120, -1}};
      const auto path = metrics::equity_path(*tables, changes);
      for (std::size_t i = 0; i < 80; ++i) ASSERT_NEAR(result.equity[i], path.equity[i + 100], 1e-12) << i;
      EXPECT_NEAR(result.performance[Metric::total_return], path.equity[179] - 1, 1e-12);
      EXPECT_EQ(result.performance.bars, 80);
    }
  }
}

TEST(SignalReplayEngine, a_window_knows_the_regime_it_starts_in) {
  const market::Bars bars = flat_bars(50);
  const std::vector<workspace::Signals> signals{signals_at(bars, {{0, 1}}), {}};
  const std::vector<ReplaySeries> series{{&bars}, {&bars}};
  SignalReplayConfig config{{{"r", "a", 1}, {"r", "b", 0}}, {}};
  config.regimes = {"idle"};
  config.regime_weights = {{0, 1}};
  config.from = bars.timestamp[20];
  const auto result = run(config, signals, series, {{bars.timestamp[3]}, {0}});
  EXPECT_TRUE(result.switches.empty());
  EXPECT_EQ(result.equity.back(), 1);  // all capital is with the idle strategy from the start
  EXPECT_EQ(result.unknown_bars, 0);
}

TEST(SignalReplayEngine, a_ruined_account_gets_no_further_capital) {
  market::Bars bars = flat_bars(12);
  for (std::size_t i = 4; i < 12; ++i) bars.open[i] = bars.close[i] = 300;
  const std::vector<workspace::Signals> signals{signals_at(bars, {{1, -1}}), {}};
  const std::vector<ReplaySeries> series{{&bars}, {&bars}};
  SignalReplayConfig config{{{"r", "short", 0.5}, {"r", "idle", 0.5}}, {}};
  config.regimes = {"more"};
  config.regime_weights = {{0.9, 0.1}};
  const auto result = run(config, signals, series, {{bars.timestamp[7]}, {0}});
  EXPECT_EQ(result.equity[3], result.equity[2]);
  EXPECT_NEAR(result.equity[4], 0.5, 1e-15);
  EXPECT_NEAR(result.equity.back(), 0.5, 1e-15);
  EXPECT_NEAR(result.members[0].profit, -0.5, 1e-15);
  EXPECT_EQ(result.performance.lost_trades, 1);
  EXPECT_FALSE(result.performance.ruin);
  // Everything ruined: equity 0, the returns after it 0, no undefined arithmetic.
  const auto all = run({{{"r", "short", 1}}, {}}, std::span(signals).first(1), std::span(series).first(1));
  EXPECT_EQ(all.equity.back(), 0);
  EXPECT_TRUE(all.performance.ruin);
  for (const double r : all.returns) EXPECT_TRUE(std::isfinite(r));
}

TEST(SignalReplayEngine, a_regime_must_hold_before_the_weights_follow) {
  const market::Bars bars = flat_bars(40);
  const std::vector<workspace::Signals> signals(2);
  const std::vector<ReplaySeries> series{{&bars}, {&bars}};
  SignalReplayConfig config{{{"r", "a", 0.5}, {"r", "b", 0.5}}, {}};
  config.regimes = {"x", "y"};
  config.regime_weights = {{1, 0}, {0, 1}};
  config.confirm_bars = 3;
  workspace::States regimes;
  const auto at = [&](std::size_t bar, int state) {
    regimes.timestamp.push_back(bars.timestamp[bar]);
    regimes.state.push_back(static_cast<std::int8_t>(state));
  };
  at(5, 0);
  at(10, 1);  // two bars only: not confirmed
  at(12, 0);
  at(20, 1);
  const auto result = run(config, signals, series, regimes);
  ASSERT_EQ(result.switches.size(), 2U);
  EXPECT_EQ(result.switches[0].time, bars.timestamp[7]);
  EXPECT_EQ(result.switches[1].time, bars.timestamp[22]);
  EXPECT_EQ(result.regimes[0].bars, 15);
}

TEST(SignalReplayEngine, tells_the_net_target_exposure) {
  const market::Bars bars = flat_bars(10);
  const std::vector<workspace::Signals> signals{signals_at(bars, {{1, 1}}), signals_at(bars, {{3, -1}})};
  const std::vector<ReplaySeries> series{{&bars}, {&bars}};
  SignalReplayConfig config{{{"r", "a", 0.5}, {"r", "b", 0.25}}, {}};
  config.regimes = {"x"};
  config.regime_weights = {{0.125, 0.75}};
  const auto result = run(config, signals, series, {{bars.timestamp[6]}, {0}});
  const std::vector<std::pair<std::size_t, double>> expected = {{0, 0}, {1, 0.5}, {3, 0.25}, {6, -0.625}};
  ASSERT_EQ(result.exposure.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(result.exposure[i].timestamp, bars.timestamp[expected[i].first]);
    EXPECT_EQ(result.exposure[i].exposure, expected[i].second);
  }
  EXPECT_EQ(result.exposure[3].regime, 0);
  EXPECT_EQ(result.symbols, (std::vector<std::string>{bars.symbol}));
}

TEST(SignalReplayEngine, baselines_stand_on_the_same_bars_and_costs) {
  Market market;
  const auto engine = SignalReplayEngine::make(market.config);
  const auto baselines = engine->baselines(market.signals, market.series);
  ASSERT_TRUE(baselines);
  const auto own = replay_signals(market.config, market.signals, market.series);
  EXPECT_NEAR(baselines->static_weights.equity.back(), own->equity.back(), 1e-12);
  SignalReplayConfig equal = market.config;
  for (auto& strategy : equal.strategies) strategy.weight = 1.0 / 3;
  EXPECT_NEAR(baselines->equal_weight.equity.back(), replay_signals(equal, market.signals, market.series)->equity.back(), 1e-12);
  const double fee = 1.0005 * 1.001;
  const double held =
      0.5 * market.one.close.back() / (market.one.open[0] * fee) + 0.5 * market.two.close.back() / (market.two.open[0] * fee);
  EXPECT_NEAR(baselines->buy_and_hold.equity.back(), held, 1e-12);
  EXPECT_EQ(baselines->buy_and_hold.performance.total_fills, 2);
  EXPECT_EQ(baselines->buy_and_hold.members.size(), 2U);
  EXPECT_EQ(baselines->equal_weight.timestamp, own->timestamp);
}

TEST(SignalReplayEngine, observers_see_what_was_known) {
  Market market;
  market.with_regimes();
  const auto regimes = random_regimes(market.timeline(), 6, 3);
  ReplayRunOptions options;
  options.observe_every = 50;
  options.expected = metrics::DriftBaseline{0.01, 0.001};  // promises what cannot be kept
  std::vector<ReplayObservation> seen;
  std::vector<double> equity, sharpe;
  options.observer = [&](const ReplayObservation& now) {
    seen.push_back(now);
    equity.push_back(now.equity);
    sharpe.push_back((*now.metrics->metrics())[Metric::sharpe_ratio]);
  };
  const auto result = run(market.config, market.signals, market.series, regimes, options);
  ASSERT_EQ(seen.size(), (result.timestamp.size() + 49) / 50);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(equity[i], result.equity[static_cast<std::size_t>(seen[i].bar)]);
  EXPECT_EQ(seen.back().time, result.timestamp.back());
  EXPECT_NEAR(sharpe.back(), result.performance[Metric::sharpe_ratio], 1e-10);
  ASSERT_TRUE(result.drift);
  EXPECT_EQ(result.drift->alarm, metrics::Drift::worse);
  std::int64_t bars = result.unknown_bars;
  for (const RegimeTime& regime : result.regimes) bars += regime.bars;
  EXPECT_EQ(bars, static_cast<std::int64_t>(result.timestamp.size()));
}

TEST(SignalReplayEngine, stops_on_request) {
  Market market;
  Cancellation cancellation;
  ReplayRunOptions options;
  options.cancellation = &cancellation;
  options.observe_every = 10;
  options.observer = [&](const ReplayObservation&) { cancellation.request(); };
  const auto engine = SignalReplayEngine::make(market.config);
  EXPECT_EQ(engine->run(market.signals, market.series, {}, options).error().code(), Errc::interrupted);
  EXPECT_EQ(engine->baselines(market.signals, market.series, &cancellation).error().code(), Errc::interrupted);
}

TEST(SignalReplayEngine, refuses_what_cannot_be_replayed) {
  Market market;
  const auto code = [](const SignalReplayConfig& config) { return SignalReplayEngine::make(config).error().code(); };
  const auto changed = [&](auto change) {
    SignalReplayConfig config = market.config;
    config.regimes = {"x", "y"};
    config.regime_weights = {{1, 0, 0}, {0, 1, 0}};
    change(config);
    return config;
  };
  EXPECT_TRUE(SignalReplayEngine::make(changed([](auto&) {})));
  EXPECT_EQ(code({}), Errc::usage);
  EXPECT_EQ(code(changed([](auto& c) { c.strategies[0].weight = -0.1; })), Errc::usage);
  EXPECT_EQ(code(changed([](auto& c) { c.strategies[0].weight = 0.9; })), Errc::usage);
  EXPECT_EQ(code(changed([](auto& c) { c.regime_weights[0][0] = std::nan(""); })), Errc::usage);
  EXPECT_EQ(code(changed([](auto& c) { c.regime_weights[1][2] = 0.5; })), Errc::usage);
  EXPECT_EQ(code(changed([](auto& c) { c.regime_weights[1].pop_back(); })), Errc::usage);
  EXPECT_EQ(code(changed([](auto& c) { c.regime_weights.pop_back(); })), Errc::usage);
  EXPECT_EQ(code(changed([](auto& c) { c.regimes[1] = "x"; })), Errc::usage);
  EXPECT_EQ(code(changed([](auto& c) { c.confirm_bars = 0; })), Errc::usage);
  EXPECT_EQ(code(changed([](auto& c) { c.to = c.from; })), Errc::usage);
  const auto engine = SignalReplayEngine::make(changed([](auto&) {}));
  const auto with = [&](workspace::States states) { return engine->run(market.signals, market.series, states).error().code(); };
  EXPECT_EQ(with({{0}, {2}}), Errc::invalid_data);
  EXPECT_EQ(with({{5, 5}, {0, 1}}), Errc::invalid_data);
  EXPECT_EQ(with({{5}, {}}), Errc::invalid_data);
  auto early = changed([](auto& c) { c.to = 30 * kNanosPerDay; });  // the second series starts later
  EXPECT_EQ(SignalReplayEngine::make(early)->run(market.signals, market.series).error().code(), Errc::usage);
  market::Bars other = market.one;  // read a second time: the same; changed: another series under the same name
  market.series[1].bars = &other;
  EXPECT_TRUE(engine->run(market.signals, market.series));
  other.close[5] += 1;
  EXPECT_EQ(engine->run(market.signals, market.series).error().code(), Errc::invalid_data);
  market.series[1].bars = &market.one;
  market.signals[1].timestamp[0] += 1;
  EXPECT_EQ(engine->run(market.signals, market.series).error().code(), Errc::invalid_data);
}

}  // namespace
}  // namespace tradewind::replay
