// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/telemetry/optimizer/performance_optimizer.hpp"

namespace tradewind::telemetry {

/// The documents of docs/telemetry.md. `config_changes` is a map by key, so that a key can be asked for.
Json to_json(const Suggestions& suggestions);
Json to_json(const CacheStatistics& statistics);
Json to_json(const Profile& profile);
Json to_json(const OptimizationSummary& summary);
Json to_json(const Effect& effect);

}  // namespace tradewind::telemetry
