// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/execution/journal.hpp"
#include "tradewind/execution/trade_history.hpp"

namespace tradewind::live {

/// What session_calibration gives, of trades that have been read.
Json calibration_json(const execution::TradeHistory& history, const execution::MidsAfter& after);

}  // namespace tradewind::live
