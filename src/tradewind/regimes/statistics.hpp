// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/regimes/classifier.hpp"

namespace tradewind::regimes {

/// How a classifier's states behaved over a series of bars; index = state.
struct StateStatistics {
  std::vector<std::int64_t> counts;              ///< bars in the state
  std::vector<std::int64_t> runs;                ///< maximal stretches of it
  std::vector<double> average_duration;          ///< bars per run; NaN for a state that never occurs
  std::vector<std::vector<double>> transitions;  ///< P(to | from) between successive bars, rows sum to 1; a row is empty for a state never
                                                 ///< left behind by a later known bar
  std::int64_t unknown = 0;                      ///< bars without a state
  std::int64_t changes = 0;  ///< rows of the sparse form: bars whose state differs from the one before (unknown before the first)
};

/// States are kUnknown or in [0, state_count). Unknown bars end a run and take no part in transitions. O(n).
StateStatistics state_statistics(std::span<const State> states, std::size_t state_count);

}  // namespace tradewind::regimes
