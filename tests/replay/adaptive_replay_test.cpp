// SPDX-License-Identifier: Apache-2.0
// Weights that follow the probabilities of the regimes in a replay.
#include <cmath>

#include <gtest/gtest.h>

#include "replay_test_support.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/replay/adaptive_json.hpp"
#include "tradewind/replay/write_replay_run.hpp"

namespace tradewind::replay {
namespace {

using metrics::FillModel;

/// Two symbols that are held throughout, and how likely the first of two regimes is.
struct World {
  market::Bars one = random_bars(31, 400), two = random_bars(32, 400);
  std::vector<workspace::Signals> signals;
  std::vector<ReplaySeries> series{{&one}, {&two}};
  SignalReplayConfig config{{{"r", "a", 0.5}, {"r", "b", 0.5}}, {}};
  ReplayRegimes regimes;

  explicit World(double cost_rate) {
    for (market::Bars* bars : {&one, &two})  // a bar opens where the one before has closed: a fill there is a fill at that close
      for (std::size_t t = 1; t < bars->size(); ++t) bars->open[t] = bars->close[t - 1];
    signals = {signals_at(one, {{0, 1}}), signals_at(two, {{0, 1}})};
    config.regimes = {"calm", "wild"};
    config.execution.costs.commission_rate = config.execution.costs.slippage_bps = 0;
    config.execution.costs.slippage_model = metrics::SlippageModel::linear;
    ensemble::AdaptiveModel model;
    model.cost_rate = cost_rate;
    model.global = {{0.5, 0.5}, {1e-4, 2e-5, 2e-5, 2e-4}, 3, 20, 100, {}};
    model.regimes = {model.global, model.global};
    model.regimes[0].weights = {0.9, 0.1};
    model.regimes[1].weights = {0.1, 0.6};
    config.adaptive = model;
    Random random(5);
    double p = 0.5;
    for (const UnixNanos time : one.timestamp) {
      p = std::clamp(p + 0.1 * random.normal(), 0.0, 1.0);
      regimes.timestamp.push_back(time);
      regimes.probabilities.insert(regimes.probabilities.end(), {p, 0.9 * (1 - p)});
    }
  }

  RegimeReplayResult run() const {
    const auto engine = SignalReplayEngine::make(config);
    EXPECT_TRUE(engine) << engine.error().message();
    auto result = engine->run(signals, series, regimes);
    EXPECT_TRUE(result) << result.error().message();
    return std::move(*result);
  }
};

/// The same by plain arithmetic: what is held grows with its symbol, and is moved at a close by what was known there, or (`early`) by the
/// shares of the close before. Equity after every bar.
std::vector<double> recomputed(const World& world, std::size_t from, bool early) {
  const auto& model = *world.config.adaptive;
  const auto probabilities = [&](std::size_t t) { return std::span(world.regimes.probabilities).subspan(2 * t, 2); };
  std::vector<double> held = ensemble::target_weights(model, probabilities(early ? from : from - 1));
  double cash = 1 - held[0] - held[1];
  const auto move = [&](const std::vector<double>& shares, std::size_t t) {
    const double equity = held[0] + held[1] + cash;
    const auto decision = ensemble::decide(model, probabilities(t), shares);
    if (decision.turnover == 0) return;
    held = {decision.weights[0] * equity, decision.weights[1] * equity};
    cash = equity - held[0] - held[1];
  };
  std::vector<double> equities, shares = held;
  for (std::size_t t = from; t < world.one.size(); ++t) {
    if (!early && t > from) move(shares, t - 1);
    const bool bought = !early || t > from;  // a fill at the close of the first bar earns from the next one on
    held[0] *= bought ? world.one.close[t] / world.one.close[t - 1] : 1;
    held[1] *= bought ? world.two.close[t] / world.two.close[t - 1] : 1;
    if (early && t > from) move(shares, t);
    const double equity = held[0] + held[1] + cash;
    shares = {held[0] / equity, held[1] / equity};
    equities.push_back(equity);
  }
  return equities;
}

TEST(AdaptiveReplay, equals_plain_arithmetic_with_and_without_a_price_of_moving) {
  for (const double cost_rate : {0.0, 0.0004}) {
    World world(cost_rate);
    world.config.from = world.one.timestamp[100];
    const auto result = world.run();
    const auto expected = recomputed(world, 100, false);
    ASSERT_EQ(result.equity.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(result.equity[i], expected[i], 1e-12) << i << " " << cost_rate;
    EXPECT_GT(result.switches.size(), 20U);
    if (cost_rate > 0) {
      EXPECT_LT(result.switches.size(), 290U) << "inside the region nothing moves";
    }
  }
}

TEST(AdaptiveReplay, filled_at_the_close_moves_by_the_shares_of_the_close_before) {
  World world(0.0004);
  world.config.execution.fill = FillModel::close;
  world.config.from = world.one.timestamp[100];
  const auto result = world.run();
  const auto expected = recomputed(world, 100, true);
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(result.equity[i], expected[i], 1e-12) << i;
}

TEST(AdaptiveReplay, nothing_depends_on_later_probabilities) {
  const World world(0.0002);
  World other(0.0002);
  for (std::size_t i = 2 * 250; i < other.regimes.probabilities.size(); ++i) other.regimes.probabilities[i] = i % 2 == 0 ? 1 : 0;
  const auto a = world.run(), b = other.run();
  for (std::size_t t = 0; t <= 250; ++t) ASSERT_EQ(a.equity[t], b.equity[t]) << t;
  EXPECT_NE(a.equity.back(), b.equity.back());
}

TEST(AdaptiveReplay, moving_costs_what_the_run_charges) {
  World world(0);
  world.config.execution.costs.commission_rate = 0.001;
  const auto result = world.run();
  double traded = 0;
  for (const RegimeSwitch& change : result.switches) traded += change.traded;
  EXPECT_NEAR(result.switching_costs, 0.001 * traded, 0.2 * result.switching_costs);
  EXPECT_GT(result.switching_costs, 0);
}

TEST(AdaptiveReplay, is_stored_and_read_back) {
  const World world(0.0003);
  const auto stored = replay_config_from_json(replay_config_json(world.config, "S31.hmm"));
  ASSERT_TRUE(stored) << stored.error().message();
  ASSERT_TRUE(stored->config.adaptive);
  EXPECT_EQ(adaptive_json(*stored->config.adaptive, world.config.regimes), adaptive_json(*world.config.adaptive, world.config.regimes));
  EXPECT_EQ(stored->config.adaptive->regimes[1].weights, world.config.adaptive->regimes[1].weights);
}

TEST(AdaptiveReplay, refuses_what_does_not_fit) {
  World world(0.0003);
  const auto refused = [&](const SignalReplayConfig& config) { return !SignalReplayEngine::make(config); };
  SignalReplayConfig config = world.config;
  config.adaptive->regimes.pop_back();
  EXPECT_TRUE(refused(config));
  config = world.config;
  config.adaptive->global.weights = {0.9, 0.2};
  EXPECT_TRUE(refused(config));
  config = world.config;
  config.adaptive->global.covariance.pop_back();
  EXPECT_TRUE(refused(config));
  config = world.config;
  config.regime_weights = {{0.5, 0.5}, {0.5, 0.5}};
  EXPECT_TRUE(refused(config));
  const auto engine = SignalReplayEngine::make(world.config);
  EXPECT_EQ(engine->run(world.signals, world.series).error().code(), Errc::invalid_data) << "no probabilities";
  world.regimes.probabilities[7] = 1.5;
  EXPECT_FALSE(engine->run(world.signals, world.series, world.regimes));
  Json damaged = adaptive_json(*world.config.adaptive, world.config.regimes);
  damaged["regimes"].erase("wild");
  EXPECT_FALSE(adaptive_from_json(damaged, world.config.regimes, 2));
}

}  // namespace
}  // namespace tradewind::replay
