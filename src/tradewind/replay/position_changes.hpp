// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/market/bars.hpp"
#include "tradewind/metrics/trade_account.hpp"
#include "tradewind/workspace/schemas.hpp"

namespace tradewind::replay {

/// Stored signals as changes of position by bar number; a row that keeps the position is none. `strategy` names them in messages.
/// Errors: Errc::invalid_data for a signal at a time that the bars do not have. O(changes · log bars).
Result<std::vector<metrics::PositionChange>> position_changes(const workspace::SignalView& signals, const market::Bars& bars,
                                                              const std::string& strategy);

}  // namespace tradewind::replay
