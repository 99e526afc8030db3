// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/regime_gate.hpp"

#include <algorithm>

namespace tradewind::replay {

workspace::Signals gated_signals(const workspace::Signals& signals, const workspace::States& states, std::span<const std::string> labels,
                                 const RegimeGate& gate) {
  std::vector<bool> held;
  for (const std::string& label : labels) held.push_back(std::ranges::find(gate.held_in, label) != gate.held_in.end());
  const auto open = [&](std::int8_t state) { return state < 0 || static_cast<std::size_t>(state) >= held.size() || held[state]; };
  workspace::Signals result;
  std::int8_t own = 0, shown = 0;
  float confidence = 1;
  bool is_open = true;
  std::size_t next_signal = 0, next_state = 0;
  while (next_signal < signals.timestamp.size() || next_state < states.timestamp.size()) {
    const bool signal_is_next = next_state == states.timestamp.size() ||
                                (next_signal < signals.timestamp.size() && signals.timestamp[next_signal] <= states.timestamp[next_state]);
    const UnixNanos now = signal_is_next ? signals.timestamp[next_signal] : states.timestamp[next_state];
    for (; next_signal < signals.timestamp.size() && signals.timestamp[next_signal] == now; ++next_signal) {
      own = signals.signal[next_signal];
      if (!signals.confidence.empty()) confidence = signals.confidence[next_signal];
    }
    for (; next_state < states.timestamp.size() && states.timestamp[next_state] == now; ++next_state)
      is_open = open(states.state[next_state]);
    const std::int8_t held_now = is_open ? own : std::int8_t{0};
    if (held_now == shown) continue;
    shown = held_now;
    result.timestamp.push_back(now);
    result.signal.push_back(shown);
    if (!signals.confidence.empty()) result.confidence.push_back(confidence);
  }
  return result;
}

}  // namespace tradewind::replay
