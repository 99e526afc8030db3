// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tradewind::telemetry {
namespace {

constexpr std::size_t kMostTrendPoints = 400;

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return percentile_of(values, 0.5);
}

/// Medians of at most kMostTrendPoints equal blocks; a remainder that fills no block is left out at the old end.
std::vector<double> trend_points(std::span<const std::int64_t> nanoseconds) {
  const std::size_t block = (nanoseconds.size() + kMostTrendPoints - 1) / kMostTrendPoints;
  std::vector<double> points;
  for (std::size_t at = nanoseconds.size() % block; at < nanoseconds.size(); at += block) {
    std::vector<double> values;
    for (const std::int64_t each : nanoseconds.subspan(at, block)) values.push_back(milliseconds(each));
    points.push_back(median_of(std::move(values)));
  }
  return points;
}

std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && !(values[order[i]] < values[order[end]])) ++end;
    for (std::size_t j = i; j < end; ++j) ranks[order[j]] = static_cast<double>(i + end - 1) / 2;
    i = end;
  }
  return ranks;
}

/// By how much autocorrelation of the detrended ranks widens the variance of Kendall's S, at least 1 [Hamed & Rao 1998, eq. 13].
double variance_inflation(std::span<const double> points, double slope) {
  const std::size_t n = points.size();
  std::vector<double> detrended(points.begin(), points.end());
  for (std::size_t i = 0; i < n; ++i) detrended[i] -= slope * static_cast<double>(i);
  const std::vector<double> ranks = ranks_of(detrended);
  const double mean = static_cast<double>(n - 1) / 2;
  double variance = 0;
  for (const double rank : ranks) variance += (rank - mean) * (rank - mean);
  if (!(variance > 0)) return 1;
  const double size = static_cast<double>(n);
  const double bound = 1.96 / std::sqrt(size);
  double sum = 0;
  for (std::size_t lag = 1; lag <= n / 4; ++lag) {
    double product = 0;
    for (std::size_t i = lag; i < n; ++i) product += (ranks[i] - mean) * (ranks[i - lag] - mean);
    const double k = static_cast<double>(lag);
    if (product / variance > bound) sum += (size - k) * (size - k - 1) * (size - k - 2) * product / variance;
  }
  return std::max(1.0, 1 + 2 * sum / (size * (size - 1) * (size - 2)));
}

/// Variance of Kendall's S under no trend, with groups of equal values.
double kendall_variance(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto term = [](double t) { return t * (t - 1) * (2 * t + 5); };
  double out = term(static_cast<double>(values.size()));
  for (auto first = values.begin(); first != values.end();) {
    const auto end = std::upper_bound(first, values.end(), *first);
    out -= term(static_cast<double>(end - first));
    first = end;
  }
  return out / 18;
}

}  // namespace

double percentile_of(std::span<const double> ascending, double share) noexcept {
  const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, ascending.size() - 1);
  return ascending[below] + (ascending[above] - ascending[below]) * (place - static_cast<double>(below));
}

Statistics statistics_of(std::span<const std::int64_t> nanoseconds) {
  Statistics out;
  out.count = nanoseconds.size();
  if (nanoseconds.empty()) return out;
  std::vector<double> sorted;
  sorted.reserve(nanoseconds.size());
  for (const std::int64_t each : nanoseconds) sorted.push_back(milliseconds(each));
  std::sort(sorted.begin(), sorted.end());
  out.min = sorted.front();
  out.max = sorted.back();
  out.mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / static_cast<double>(sorted.size());
  out.median = percentile_of(sorted, 0.5);
  out.p95 = percentile_of(sorted, 0.95);
  out.p99 = percentile_of(sorted, 0.99);
  return out;
}

Statistics statistics_of(const Histogram& durations) {
  Statistics out;
  out.count = durations.count();
  if (out.count == 0) return out;
  out.min = milliseconds(*durations.least());
  out.max = milliseconds(*durations.greatest());
  out.mean = *durations.mean() / 1e6;
  out.median = milliseconds(*durations.percentile(0.5));
  out.p95 = milliseconds(*durations.percentile(0.95));
  out.p99 = milliseconds(*durations.percentile(0.99));
  return out;
}

Trend trend_of(std::span<const std::int64_t> nanoseconds) {
  Trend out;
  out.measurements = nanoseconds.size();
  if (nanoseconds.size() < kTrendLeast) return out;
  const std::vector<double> points = trend_points(nanoseconds);
  std::vector<double> slopes;
  slopes.reserve(points.size() * (points.size() - 1) / 2);
  double s = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      const double rise = points[j] - points[i];
      s += rise > 0 ? 1 : rise < 0 ? -1 : 0;
      slopes.push_back(rise / static_cast<double>(j - i));
    }
  }
  const double slope = median_of(std::move(slopes));
  const double median = median_of(points);
  const double variance = kendall_variance(points) * variance_inflation(points, slope);
  const double z = s == 0 || !(variance > 0) ? 0 : (s - (s > 0 ? 1 : -1)) / std::sqrt(variance);
  out.p_value = std::erfc(std::abs(z) / std::sqrt(2.0));
  const double per_point = static_cast<double>(nanoseconds.size()) / static_cast<double>(points.size());
  out.slope_ms_per_measurement = slope / per_point;
  out.change_percent = median > 0 ? 100 * slope * static_cast<double>(points.size() - 1) / median : 0;
  const bool real = out.p_value < kTrendSignificance && std::abs(out.change_percent) >= kTrendChangePercent;
  out.direction = !real ? TrendDirection::stable : slope > 0 ? TrendDirection::degrading : TrendDirection::improving;
  return out;
}

}  // namespace tradewind::telemetry
