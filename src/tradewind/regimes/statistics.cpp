// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/statistics.hpp"

#include <cmath>
#include <numeric>

#include "tradewind/base/result.hpp"

namespace tradewind::regimes {

StateStatistics state_statistics(std::span<const State> states, std::size_t state_count) {
  StateStatistics out;
  out.counts.assign(state_count, 0);
  out.runs.assign(state_count, 0);
  std::vector<std::vector<std::int64_t>> moves(state_count, std::vector<std::int64_t>(state_count, 0));
  State before = kUnknown;
  for (const State state : states) {
    TRADEWIND_ASSERT(state >= kUnknown && state < static_cast<int>(state_count), "a state is unknown or one of the classifier's");
    if (state != before) ++out.changes;
    if (state == kUnknown) {
      ++out.unknown;
    } else {
      const auto to = static_cast<std::size_t>(state);
      ++out.counts[to];
      if (state != before) ++out.runs[to];
      if (before != kUnknown) ++moves[static_cast<std::size_t>(before)][to];
    }
    before = state;
  }
  for (std::size_t from = 0; from < state_count; ++from) {
    out.average_duration.push_back(out.runs[from] > 0 ? static_cast<double>(out.counts[from]) / static_cast<double>(out.runs[from])
                                                      : std::nan(""));
    const auto total = std::accumulate(moves[from].begin(), moves[from].end(), std::int64_t{0});
    std::vector<double> row;
    for (std::size_t to = 0; total > 0 && to < state_count; ++to)
      row.push_back(static_cast<double>(moves[from][to]) / static_cast<double>(total));
    out.transitions.push_back(std::move(row));
  }
  return out;
}

}  // namespace tradewind::regimes
