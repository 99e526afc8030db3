// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/regime_gate.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"

namespace tradewind::replay {
namespace {

const std::vector<std::string> kLabels = {"down", "flat", "up"};

TEST(RegimeGate, is_the_signal_where_the_regime_is_held_and_flat_elsewhere) {
  const workspace::Signals signals{{2, 5, 9}, {1, -1, 0}, {}};
  const workspace::States states{{1, 3, 4, 7}, {2, 0, -1, 2}};
  const workspace::Signals held = gated_signals(signals, states, kLabels, {"c", {"up"}});
  EXPECT_EQ(held.timestamp, (std::vector<UnixNanos>{2, 3, 4, 5, 9}));  // unknown from 4 on: held
  EXPECT_EQ(held.signal, (std::vector<std::int8_t>{1, 0, 1, -1, 0}));
  EXPECT_TRUE(held.confidence.empty());
}

TEST(RegimeGate, keeps_the_confidence_of_the_signal_it_lets_through) {
  const workspace::Signals signals{{2, 5}, {1, -1}, {0.5F, 0.25F}};
  const workspace::Signals held = gated_signals(signals, {{3, 6}, {0, 2}}, kLabels, {"c", {"up"}});
  EXPECT_EQ(held.timestamp, (std::vector<UnixNanos>{2, 3, 6}));
  EXPECT_EQ(held.confidence, (std::vector<float>{0.5F, 0.5F, 0.25F}));
}

/// Bar by bar, without anything sparse.
TEST(RegimeGate, equals_the_rule_bar_by_bar_on_any_signals_and_states) {
  Random chance(5);
  for (int round = 0; round < 300; ++round) {
    workspace::Signals signals;
    workspace::States states;
    RegimeGate gate{"c", {}};
    for (const std::string& label : kLabels)
      if (chance.below(2) == 0) gate.held_in.push_back(label);
    std::vector<std::int8_t> expected;
    std::int8_t signal = 0, state = -1;
    for (UnixNanos bar = 0; bar < 60; ++bar) {
      if (chance.below(4) == 0) {
        signal = static_cast<std::int8_t>(static_cast<int>(chance.below(3)) - 1);
        signals.timestamp.push_back(bar);
        signals.signal.push_back(signal);
      }
      if (chance.below(5) == 0) {
        state = static_cast<std::int8_t>(static_cast<int>(chance.below(4)) - 1);
        states.timestamp.push_back(bar);
        states.state.push_back(state);
      }
      const bool open = state < 0 || std::ranges::find(gate.held_in, kLabels[static_cast<std::size_t>(state)]) != gate.held_in.end();
      expected.push_back(open ? signal : 0);
    }
    const workspace::Signals held = gated_signals(signals, states, kLabels, gate);
    std::size_t next = 0;
    std::int8_t shown = 0;
    for (UnixNanos bar = 0; bar < 60; ++bar) {
      if (next < held.timestamp.size() && held.timestamp[next] == bar) {
        EXPECT_NE(held.signal[next], shown) << "a row that changes nothing";
        shown = held.signal[next++];
      }
      ASSERT_EQ(shown, expected[static_cast<std::size_t>(bar)]) << "round " << round << ", bar " << bar;
    }
    EXPECT_EQ(next, held.timestamp.size());
  }
}

}  // namespace
}  // namespace tradewind::replay
