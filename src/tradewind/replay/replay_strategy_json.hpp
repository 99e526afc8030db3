// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/replay/replay.hpp"

namespace tradewind::replay {

/// What is held of a strategy, as every file and answer says it: {run_id, strategy_id, weight, classifier_id, held_in}; the last two are
/// null for one that is always held.
Json strategy_json(const ReplayStrategy& strategy);
/// Reads it back. Errc::corrupt.
Result<ReplayStrategy> strategy_from_json(const Json& json);

}  // namespace tradewind::replay
