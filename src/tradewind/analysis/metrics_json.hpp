// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/metrics/benchmark.hpp"
#include "tradewind/metrics/calendar_returns.hpp"
#include "tradewind/metrics/distribution.hpp"
#include "tradewind/metrics/performance_metrics.hpp"
#include "tradewind/metrics/regime_slices.hpp"

namespace tradewind::analysis {

/// Every metric by name, null where it is undefined, with its reason in `undefined`; then unit and counts.
Json metrics_json(const metrics::PerformanceMetrics& performance, Json& undefined);

/// Adds the figures of tails and shape by name.
void put_distribution(Json& json, Json& undefined, const metrics::DistributionMetrics& figures);
/// {sharpe_benchmark, psr, min_track_record, undefined}: what of a Sharpe ratio may be luck, against an annual one.
Json luck_json(const metrics::DistributionMetrics& figures, double sharpe_benchmark);
/// The comparison by name, with its own `undefined`.
Json benchmark_json(const metrics::ActiveFigures& comparison);
/// [{year, return, benchmark, excess}] over the bars that both have; `days` as calendar_returns.
Json yearly_json(std::span<const double> returns, std::span<const double> benchmark, std::span<const std::int64_t> days);
/// Best and worst day, month and year, how many there are, and the table of months.
Json calendar_json(const metrics::CalendarReturns& calendar);
/// The days of times on a clock, since 1970-01-01; without one by UTC.
std::vector<std::int64_t> local_days(std::span<const UnixNanos> times, const std::vector<market::UtcOffset>& clock = {});

/// object[name] = the value or null, with its reason as undefined[prefix + name].
void put_value(Json& object, Json& undefined, const std::string& prefix, const std::string& name, const metrics::Value& value);
/// [low, high], or null with its reason as undefined[name].
Json interval_json(Json& undefined, const std::string& name, const metrics::Interval& interval);
/// {label: {bars, runs, occupancy, mean, …, intervals}} as the command-line contract has it; reasons go to `undefined` behind `prefix`.
Json regimes_json(const metrics::RegimeReport& report, Json& undefined, const std::string& prefix);

}  // namespace tradewind::analysis
