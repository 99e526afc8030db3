// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/replay.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/metrics/trade_account.hpp"

namespace tradewind::replay {
namespace {

using metrics::Metric;

market::Bars noisy_bars(std::uint64_t seed, std::size_t count, UnixNanos first = 0) {
  Random random(seed);
  market::Bars bars;
  bars.symbol = "S" + std::to_string(seed);
  double price = 50;
  for (std::size_t i = 0; i < count; ++i) {
    bars.timestamp.push_back(first + static_cast<UnixNanos>(i) * kNanosPerDay);
    bars.open.push_back(price * std::exp(0.002 * random.normal()));
    price = bars.open.back() * std::exp(0.01 * random.normal());
    bars.close.push_back(price);
  }
  bars.high = bars.low = bars.close;
  return bars;
}

workspace::Signals changes_at(const market::Bars& bars, std::vector<std::pair<std::size_t, int>> changes) {
  workspace::Signals signals;
  for (const auto& [bar, position] : changes) {
    signals.timestamp.push_back(bars.timestamp[bar]);
    signals.signal.push_back(static_cast<std::int8_t>(position));
    signals.confidence.push_back(1);
  }
  return signals;
}

TEST(ReplaySignals, of_one_strategy_is_its_account_to_the_last_bit) {
  const market::Bars bars = noisy_bars(1, 400);
  const auto signals = changes_at(bars, {{10, 1}, {50, -1}, {120, 0}, {200, 1}});
  const SignalReplayConfig config{{{"r", "a", 1}}, {}};
  const auto result = replay_signals(config, std::span(&signals, 1), std::vector<ReplaySeries>{{&bars}});
  ASSERT_TRUE(result);
  const auto tables = metrics::TradeTables::make(bars.open, bars.close, {});
  const metrics::PositionChange changes[] = {{10, 1}, {50, -1}, {120, 0}, {200, 1}};
  const auto expected = metrics::account_metrics(*tables, changes);
  for (std::size_t i = 0; i < metrics::kMetricCount; ++i)
    EXPECT_TRUE(result->performance.value[i] == expected.value[i] || std::isnan(expected.value[i])) << i;
  EXPECT_NEAR(result->equity.back() - 1, expected[Metric::total_return], 1e-12);
}

TEST(ReplaySignals, an_ensemble_is_the_sum_of_its_sub_accounts) {
  const market::Bars one = noisy_bars(2, 300);
  const market::Bars two = noisy_bars(3, 200, 150 * kNanosPerDay);
  const std::vector<workspace::Signals> signals = {changes_at(one, {{5, 1}, {100, 0}}), changes_at(two, {{20, 1}, {150, -1}})};
  const SignalReplayConfig config{{{"r", "a", 0.5}, {"r", "b", 0.3}}, {}};
  const auto result = replay_signals(config, signals, std::vector<ReplaySeries>{{&one}, {&two}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->timestamp.size(), 350U);
  const double expected = 1 + result->members[0].profit + result->members[1].profit;
  EXPECT_NEAR(result->equity.back(), expected, 1e-12);
  EXPECT_EQ(result->performance.total_fills, result->members[0].performance.total_fills + result->members[1].performance.total_fills);
  EXPECT_GT(result->performance[Metric::gross_return], result->performance[Metric::net_return]);
}

TEST(StrategyReturns, stand_at_their_own_bars_of_the_common_timeline) {
  const market::Bars one = noisy_bars(4, 100);
  const market::Bars two = noisy_bars(5, 60, 70 * kNanosPerDay);
  const std::vector<workspace::Signals> signals = {changes_at(one, {{5, 1}}), changes_at(two, {{1, 1}})};
  const SignalReplayConfig config{{{"r", "a", 1}, {"r", "b", 1}}, {}};
  const auto table = strategy_returns(config, signals, std::vector<ReplaySeries>{{&one}, {&two}});
  ASSERT_TRUE(table);
  ASSERT_EQ(table->timestamp.size(), 130U);
  EXPECT_EQ(table->returns[1][69], 0);
  EXPECT_NE(table->returns[1][72], 0);
  EXPECT_EQ(table->returns[0][110], 0);
  double growth = 1;
  for (const double r : table->returns[1]) growth *= 1 + r;
  const auto alone = replay_signals({{{"r", "b", 1}}, {}}, std::span(&signals[1], 1), std::vector<ReplaySeries>{{&two}});
  EXPECT_NEAR(growth, alone->equity.back(), 1e-12);
}

TEST(ReplaySignals, refuses_what_cannot_be_replayed) {
  const market::Bars bars = noisy_bars(6, 50);
  auto signals = changes_at(bars, {{5, 1}});
  const std::vector<ReplaySeries> series = {{&bars}};
  EXPECT_EQ(replay_signals({{{"r", "a", 0}}, {}}, std::span(&signals, 1), series).error().code(), Errc::usage);
  EXPECT_EQ(replay_signals({{{"r", "a", 1.2}}, {}}, std::span(&signals, 1), series).error().code(), Errc::usage);
  signals.timestamp[0] += 1;
  const auto off = replay_signals({{{"r", "a", 1}}, {}}, std::span(&signals, 1), series);
  ASSERT_FALSE(off);
  EXPECT_EQ(off.error().code(), Errc::invalid_data);
}

}  // namespace
}  // namespace tradewind::replay
