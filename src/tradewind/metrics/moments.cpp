// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/moments.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tradewind/metrics/returns.hpp"

namespace tradewind::metrics {

double SampleMoments::sharpe_ratio(double periods_per_year) const noexcept {
  return zero_variance ? std::numeric_limits<double>::quiet_NaN() : mean / deviation * std::sqrt(periods_per_year);
}

SampleMoments sample_moments(double sum, double squares, double n) noexcept {
  const double mean = sum / n;
  if (n < 2) return {mean, std::numeric_limits<double>::quiet_NaN(), true};
  const double deviation = std::sqrt(std::max(0.0, (squares - n * mean * mean) / (n - 1)));
  return {mean, deviation, is_zero_variance(deviation, mean)};
}

double correlation(std::span<const double> a, std::span<const double> b) noexcept {
  const std::size_t size = std::min(a.size(), b.size());
  const auto both = [&](std::size_t i) { return std::isfinite(a[i]) && std::isfinite(b[i]); };
  double mean_a = 0, mean_b = 0, count = 0;
  for (std::size_t i = 0; i < size; ++i)
    if (both(i)) mean_a += a[i], mean_b += b[i], ++count;
  if (count < 2) return std::numeric_limits<double>::quiet_NaN();
  mean_a /= count, mean_b /= count;
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (!both(i)) continue;
    const double da = a[i] - mean_a, db = b[i] - mean_b;
    aa += da * da, bb += db * db, ab += da * db;
  }
  return aa > 0 && bb > 0 ? std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0) : std::numeric_limits<double>::quiet_NaN();
}

std::vector<int> applied_states(std::span<const std::int8_t> known) {
  std::vector<int> applied(known.size(), -1);
  if (!known.empty()) std::copy(known.begin(), known.end() - 1, applied.begin() + 1);
  return applied;
}

}  // namespace tradewind::metrics
