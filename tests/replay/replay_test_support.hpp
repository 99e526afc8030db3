// SPDX-License-Identifier: Apache-2.0
// Seeded prices, signals and regimes for the tests of replays.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"

namespace tradewind::replay {

inline market::Bars random_bars(std::uint64_t seed, std::size_t count, UnixNanos first = 0, UnixNanos step = kNanosPerDay,
                                double volatility = 0.01) {
  Random random(seed);
  market::Bars bars;
  bars.symbol = "S" + std::to_string(seed);
  double price = 50;
  for (std::size_t i = 0; i < count; ++i) {
    bars.timestamp.push_back(first + static_cast<UnixNanos>(i) * step);
    bars.open.push_back(price * std::exp(0.2 * volatility * random.normal()));
    price = bars.open.back() * std::exp(volatility * random.normal());
    bars.close.push_back(price);
  }
  bars.high = bars.low = bars.close;
  return bars;
}

inline workspace::Signals signals_at(const market::Bars& bars, const std::vector<std::pair<std::size_t, int>>& changes) {
  workspace::Signals signals;
  for (const auto& [bar, position] : changes) {
    signals.timestamp.push_back(bars.timestamp[bar]);
    signals.signal.push_back(static_cast<std::int8_t>(position));
    signals.confidence.push_back(1);
  }
  return signals;
}

inline workspace::Signals random_signals(const market::Bars& bars, std::uint64_t seed, std::uint64_t every = 7) {
  Random random(seed);
  std::vector<std::pair<std::size_t, int>> changes;
  int position = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (random.below(every) != 0) continue;
    const int next = static_cast<int>(random.below(3)) - 1;
    if (next != position) changes.emplace_back(i, position = next);
  }
  return signals_at(bars, changes);
}

inline workspace::States random_regimes(const std::vector<UnixNanos>& timeline, std::uint64_t seed, int regimes, std::uint64_t every = 25) {
  Random random(seed);
  workspace::States states;
  int state = -1;
  for (const UnixNanos time : timeline) {
    if (random.below(every) != 0) continue;
    const int next = static_cast<int>(random.below(static_cast<std::uint64_t>(regimes) + 1)) - 1;
    if (next == state) continue;
    state = next;
    states.timestamp.push_back(time);
    states.state.push_back(static_cast<std::int8_t>(state));
  }
  return states;
}

/// Everything before a time, as it would have been known then.
inline market::Bars cut(market::Bars bars, UnixNanos end) {
  std::size_t keep = 0;
  while (keep < bars.size() && bars.timestamp[keep] < end) ++keep;
  for (auto* column : {&bars.open, &bars.high, &bars.low, &bars.close}) column->resize(keep);
  bars.timestamp.resize(keep);
  return bars;
}
template <class Events, class Values>
void cut_events(Events& events, Values& values, UnixNanos end) {
  while (!events.empty() && events.back() >= end) {
    events.pop_back();
    values.pop_back();
  }
}

/// Three strategies on two symbols of different spans, with shorts and regimes.
struct Market {
  market::Bars one = random_bars(2, 300);
  market::Bars two = random_bars(3, 220, 60 * kNanosPerDay + kNanosPerDay / 2);
  std::vector<workspace::Signals> signals{random_signals(one, 21), random_signals(one, 22), random_signals(two, 23)};
  std::vector<ReplaySeries> series{{&one}, {&one}, {&two}};
  SignalReplayConfig config{{{"r", "a", 0.4}, {"r", "b", 0.3}, {"r", "c", 0.2}}, {}};

  std::vector<UnixNanos> timeline() const {
    std::vector<UnixNanos> all = one.timestamp;
    all.insert(all.end(), two.timestamp.begin(), two.timestamp.end());
    std::sort(all.begin(), all.end());
    return all;
  }
  void with_regimes() {
    config.regimes = {"up", "down", "none"};
    config.regime_weights = {{0.8, 0.1, 0.1}, {0, 0.3, 0.5}, {0, 0, 0}};
  }
};

inline RegimeReplayResult run(const SignalReplayConfig& config, std::span<const workspace::Signals> signals,
                              std::span<const ReplaySeries> series, const workspace::States& regimes = {},
                              const ReplayRunOptions& options = {}) {
  const auto engine = SignalReplayEngine::make(config);
  EXPECT_TRUE(engine) << engine.error().message();
  auto result = engine->run(signals, series, regimes, options);
  EXPECT_TRUE(result) << result.error().message();
  return std::move(*result);
}

/// A series that stays at one price.
inline market::Bars flat_bars(std::size_t count, UnixNanos first = 0, UnixNanos step = kNanosPerDay, double price = 100) {
  market::Bars bars = random_bars(1, count, first, step, 0);
  for (auto* column : {&bars.open, &bars.high, &bars.low, &bars.close}) std::fill(column->begin(), column->end(), price);
  bars.symbol = "F" + std::to_string(static_cast<int>(price));
  return bars;
}

}  // namespace tradewind::replay
