// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/execution/journal.hpp"
#include "tradewind/execution/trade_history.hpp"

namespace tradewind::live {

/// Closed trades before their mean says something.
inline constexpr int kEnoughTrades = 30;

/// What session_calibration gives, of trades that have been read. `strategies`: those of the report the session stored last.
Json calibration_json(const execution::TradeHistory& history, const execution::MidsAfter& after, const Json& strategies);

}  // namespace tradewind::live
