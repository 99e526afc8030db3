// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tradewind/telemetry/metric_names.hpp"
#include "tradewind/telemetry/recordings.hpp"

namespace tradewind::telemetry {

/// The families kMonitorMetrics with what was recorded, in that order. Endpoints appear by their group, so that their number is bounded.
std::vector<MetricFamily> monitor_metrics(const Recordings& recordings);

}  // namespace tradewind::telemetry
