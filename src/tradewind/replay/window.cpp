// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/window.hpp"

namespace tradewind::replay {

std::vector<metrics::PositionChange> changes_within(std::span<const metrics::PositionChange> all, std::int32_t first, std::int32_t last,
                                                    std::int32_t delay) {
  std::vector<metrics::PositionChange> changes;
  std::int8_t held = 0;
  for (const metrics::PositionChange& change : all) {
    if (change.bar + delay <= first) {
      held = change.position;
      continue;
    }
    if (change.bar >= last) break;
    if (held != 0 && changes.empty()) changes.push_back({-delay, held});
    held = 0;
    changes.push_back({change.bar - first, change.position});
  }
  if (held != 0) changes.push_back({-delay, held});
  return changes;
}

}  // namespace tradewind::replay
