// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/commands/output.hpp"
#include "tradewind/metrics/performance_metrics.hpp"

namespace tradewind::commands {

/// Every metric by name, null where it is undefined, with its reason in `undefined`; then unit and counts.
Json metrics_json(const metrics::PerformanceMetrics& performance, Json& undefined);

}  // namespace tradewind::commands
