// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json.hpp"
#include "tradewind/performance/performance_report.hpp"

namespace tradewind::performance {

/// The documents of docs/performance.md. What does not exist yet is null.
Json to_json(const Statistics& statistics);
Json to_json(const Trend& trend);
Json to_json(const GradeDetails& details);
Json to_json(const Bottlenecks& bottlenecks);
Json to_json(const Competition& competition);
Json to_json(const Reliability& reliability);
Json to_json(const PerformanceReport& report);

}  // namespace tradewind::performance
