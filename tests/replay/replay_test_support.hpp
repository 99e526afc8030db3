// SPDX-License-Identifier: Apache-2.0
// Seeded prices, signals and regimes for the tests of replays.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

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

}  // namespace tradewind::replay
