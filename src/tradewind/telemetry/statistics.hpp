// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/telemetry/histogram.hpp"

namespace tradewind::telemetry {

inline double milliseconds(std::int64_t nanoseconds) noexcept { return static_cast<double>(nanoseconds) / 1e6; }

/// Durations in milliseconds. Without a measurement `count` is 0 and the other numbers mean nothing (null in JSON).
struct Statistics {
  double min = 0;
  double max = 0;
  double mean = 0;
  double median = 0;
  double p95 = 0;
  double p99 = 0;
  std::uint64_t count = 0;
};

/// Exact; percentiles interpolate linearly between ranks, as numpy's default does.
Statistics statistics_of(std::span<const std::int64_t> nanoseconds);
/// From buckets: percentiles within 0.4 %, exact of no more than 128; the rest exact.
Statistics statistics_of(const Histogram& durations);

/// The percentile (share within [0, 1]) of ascending values, interpolated linearly; at least one value.
double percentile_of(std::span<const double> ascending, double share) noexcept;

enum class TrendDirection { improving, stable, degrading, unknown };
constexpr auto names_of(TrendDirection) { return std::to_array<std::string_view>({"improving", "stable", "degrading", "unknown"}); }

/// Whether durations grow or shrink over time.
struct Trend {
  TrendDirection direction = TrendDirection::unknown;  ///< unknown: fewer than kTrendLeast measurements
  double slope_ms_per_measurement = 0;                 ///< the median of all pairwise slopes
  double change_percent = 0;                           ///< slope over the whole window, of the median
  double p_value = 1;                                  ///< two-sided, of no trend
  std::size_t measurements = 0;
};

inline constexpr std::size_t kTrendLeast = 20;
inline constexpr double kTrendSignificance = 0.01;
inline constexpr double kTrendChangePercent = 10;

/// The trend of durations in order of time: slope by Theil and Sen, tested by Mann and Kendall with ties, the variance widened for
/// autocorrelated durations by Hamed and Rao. There is a trend when p < 0.01 and the slope changes the median by at least 10 % over the
/// window. More than 400 measurements are reduced to medians of equal blocks first.
/// [Sen 1968; Kendall 1975; Hamed & Rao 1998, J. Hydrology 204]
Trend trend_of(std::span<const std::int64_t> nanoseconds);

}  // namespace tradewind::telemetry
