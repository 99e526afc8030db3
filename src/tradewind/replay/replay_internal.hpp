// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tradewind/metrics/trade_account.hpp"
#include "tradewind/replay/replay.hpp"

namespace tradewind::replay {

/// Stored signals as changes by bar number. Errc::invalid_data for a signal where the series has no bar.
Result<std::vector<metrics::PositionChange>> changes_of(const workspace::Signals& signals, const market::Bars& bars,
                                                        const std::string& strategy);

/// Every timestamp of any series, ascending.
std::vector<UnixNanos> union_of(std::span<const ReplaySeries> series);

/// What happened in all accounts of a replay together.
struct TradeCounts {
  std::int64_t fills = 0;
  std::int64_t won = 0;
  std::int64_t lost = 0;
  std::int64_t flat = 0;
  double costs = 0;  ///< in units of the starting capital
};

/// Metrics of a whole replay: its net returns decide the ratios (unit bar), the gross ones stand beside them, the counts are the accounts'.
Result<metrics::PerformanceMetrics> metrics_of_whole(std::span<const double> net, std::span<const double> gross, const TradeCounts& counts,
                                                     const metrics::TradeTables::Options& execution);

}  // namespace tradewind::replay
