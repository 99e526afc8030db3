// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tradewind/analysis/run_input.hpp"
#include "tradewind/workspace/events.hpp"

namespace tradewind::analysis {

/// Every signal of the strategies with the bar that made it and the fill that followed: bar → signal → fill. A fill's payload holds its
/// price (slippage included), the position entered and its cost as a fraction of the equity before it. `input` belongs to `strategy_ids`.
/// Errors: as position_changes. O(strategies · bars).
Result<std::vector<EventTrace>> event_lineage(std::span<const std::string> strategy_ids, const RunInput::Replayable& input,
                                              const metrics::TradeTables::Options& execution);

/// Records the lineage of strategies of a run in its events/traces.parquet, replacing what was there. Gives the number of events.
Result<std::int64_t> record_lineage(const Path& root, RunInput& run, std::span<const std::string> strategy_ids);

}  // namespace tradewind::analysis
