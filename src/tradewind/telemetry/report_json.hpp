// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/telemetry/performance_report.hpp"

namespace tradewind::telemetry {

/// The documents of docs/telemetry.md. What does not exist yet is null.
Json to_json(const Statistics& statistics);
Json to_json(const Trend& trend);
Json to_json(const GradeDetails& details);
Json to_json(const Bottlenecks& bottlenecks);
Json to_json(const Competition& competition);
Json to_json(const Reliability& reliability);
Json to_json(const PerformanceReport& report);

}  // namespace tradewind::telemetry
