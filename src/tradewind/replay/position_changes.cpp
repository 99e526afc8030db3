// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/position_changes.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace tradewind::replay {

Result<std::vector<metrics::PositionChange>> position_changes(const workspace::SignalView& signals, const market::Bars& bars,
                                                              const std::string& strategy) {
  std::vector<metrics::PositionChange> changes;
  changes.reserve(signals.timestamp.size());
  auto from = bars.timestamp.begin();
  std::int8_t held = 0;
  for (std::size_t i = 0; i < signals.timestamp.size(); ++i) {
    from = std::lower_bound(from, bars.timestamp.end(), signals.timestamp[i]);
    if (from == bars.timestamp.end() || *from != signals.timestamp[i])
      return Error(
          Errc::invalid_data,
          fmt::format("a signal of {} stands at {}, where {} has no bar", strategy, format_time(signals.timestamp[i]), bars.symbol),
          strategy, "replay over the data the signals were made on");
    if (std::exchange(held, signals.signal[i]) == signals.signal[i]) continue;  // of the confidence alone
    changes.push_back({static_cast<std::int32_t>(from - bars.timestamp.begin()), signals.signal[i]});
  }
  return changes;
}

}  // namespace tradewind::replay
