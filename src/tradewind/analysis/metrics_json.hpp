// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/metrics/performance_metrics.hpp"
#include "tradewind/metrics/regime_slices.hpp"

namespace tradewind::analysis {

/// Every metric by name, null where it is undefined, with its reason in `undefined`; then unit and counts.
Json metrics_json(const metrics::PerformanceMetrics& performance, Json& undefined);

/// object[name] = the value or null, with its reason as undefined[prefix + name].
void put_value(Json& object, Json& undefined, const std::string& prefix, const std::string& name, const metrics::Value& value);
/// [low, high], or null with its reason as undefined[name].
Json interval_json(Json& undefined, const std::string& name, const metrics::Interval& interval);
/// {label: {bars, runs, occupancy, mean, …, intervals}} as the command-line contract has it; reasons go to `undefined` behind `prefix`.
Json regimes_json(const metrics::RegimeReport& report, Json& undefined, const std::string& prefix);

}  // namespace tradewind::analysis
