// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/reduce.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tradewind::metrics {
namespace {

using Indices = std::vector<std::size_t>;

/// Where stretch `bucket` of `buckets` over n points begins; without overflow for any n that fits in memory.
std::size_t bucket_begin(std::size_t bucket, std::size_t buckets, std::size_t n) {
  return n / buckets * bucket + n % buckets * bucket / buckets;
}

/// Appends the smallest and the largest of values[from, to); nothing where all are NaN.
void add_extremes(std::span<const double> values, std::size_t from, std::size_t to, Indices& out) {
  std::size_t low = to, high = to;
  for (std::size_t i = from; i < to; ++i) {
    if (std::isnan(values[i])) continue;
    if (low == to || values[i] < values[low]) low = i;
    if (high == to || values[i] > values[high]) high = i;
  }
  if (low == to) return;
  out.push_back(low);
  out.push_back(high);
}

Indices all_indices(std::size_t n) {
  Indices all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

/// First, last and every series' extremes of each stretch, ascending without doubles.
Indices reduce(std::span<const std::span<const double>> series, std::size_t n, std::size_t buckets) {
  Indices out;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    const std::size_t from = bucket_begin(bucket, buckets, n), to = bucket_begin(bucket + 1, buckets, n);
    if (from == to) continue;
    const auto start = static_cast<std::ptrdiff_t>(out.size());
    out.push_back(from);
    for (const std::span<const double> values : series) {
      if (from < values.size()) add_extremes(values, from, std::min(to, values.size()), out);
    }
    out.push_back(to - 1);
    std::sort(out.begin() + start, out.end());
    out.erase(std::unique(out.begin() + start, out.end()), out.end());
  }
  return out;
}

Indices evenly_spaced(std::size_t n, std::size_t points) {
  if (points == 0) return {};
  if (points == 1) return {n - 1};
  Indices out(points);
  for (std::size_t i = 0; i < points; ++i) out[i] = bucket_begin(i, points - 1, n - 1);
  return out;
}

}  // namespace

std::vector<std::size_t> m4_indices(std::span<const double> values, std::size_t buckets) {
  if (buckets == 0) return {};
  if (values.size() <= buckets * 4) return all_indices(values.size());
  return reduce(std::span(&values, 1), values.size(), buckets);
}

std::vector<std::size_t> m4_indices(std::span<const std::span<const double>> series, std::size_t max_points) {
  std::size_t n = 0;
  for (const std::span<const double> values : series) n = std::max(n, values.size());
  if (n <= max_points) return all_indices(n);
  const std::size_t sure = max_points / (2 + 2 * series.size());  // fits whatever the data
  if (sure == 0) return evenly_spaced(n, max_points);
  // Extremes of different series often coincide, so more stretches than `sure` may fit: halving the doubt finds how many do.
  Indices best = reduce(series, n, sure);
  std::size_t fits = sure, too_many = max_points + 1;
  while (too_many - fits > 1) {
    const std::size_t middle = fits + (too_many - fits) / 2;
    Indices trial = reduce(series, n, middle);
    if (trial.size() <= max_points) {
      fits = middle;
      best = std::move(trial);
    } else {
      too_many = middle;
    }
  }
  return best;
}

}  // namespace tradewind::metrics
