// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "tradewind/metrics/streaming_drift.hpp"

namespace tradewind::live {

/// What is known of a strategy from where it was made: told with its figures, and what these are compared with.
struct StrategyOrigin {
  std::string warning;                             ///< why its analysis says not to trade it; empty: it may be traded
  std::optional<metrics::DriftBaseline> expected;  ///< returns of its account per bar; none: no run promised any
  double bar_seconds = 0;                          ///< length of a bar of its account; 0: from one mark to the next
  double bars_per_year = 0;                        ///< so many of them, with `expected`
};

}  // namespace tradewind::live
