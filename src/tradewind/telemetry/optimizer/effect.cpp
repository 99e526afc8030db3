// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/optimizer/effect.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tradewind/telemetry/statistics.hpp"

namespace tradewind::telemetry {
namespace {

constexpr std::size_t kMostCompared = 1000;  // per side: a million pairs
constexpr double kNormal975 = 1.959963984540054;

double median_of(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return percentile_of(sorted, 0.5);
}

/// Variance of the Mann-Whitney count under no difference, with groups of equal values.
double count_variance(std::span<const double> before, std::span<const double> after) {
  std::vector<double> all(before.begin(), before.end());
  all.insert(all.end(), after.begin(), after.end());
  std::sort(all.begin(), all.end());
  const double n = static_cast<double>(all.size());
  double ties = 0;
  for (auto first = all.begin(); first != all.end();) {
    const auto end = std::upper_bound(first, all.end(), *first);
    const double t = static_cast<double>(end - first);
    ties += t * t * t - t;
    first = end;
  }
  return static_cast<double>(before.size()) * static_cast<double>(after.size()) / 12 * (n + 1 - ties / (n * (n - 1)));
}

}  // namespace

Effect compare_cycles(std::span<const double> before_ms, std::span<const double> after_ms) {
  const auto last = [](std::span<const double> values) { return values.last(std::min(values.size(), kMostCompared)); };
  const std::span<const double> before = last(before_ms);
  const std::span<const double> after = last(after_ms);
  Effect out;
  out.cycles_before = before.size();
  out.cycles_after = after.size();
  if (!before.empty()) out.median_before_ms = median_of(before);
  if (!after.empty()) out.median_after_ms = median_of(after);
  if (before.size() < kEffectLeast || after.size() < kEffectLeast) return out;
  constexpr double kNanosecond = 1e-6;  // a cycle below the clock's step is no infinite ratio
  std::vector<double> ratios;
  ratios.reserve(before.size() * after.size());
  double slower = 0;
  for (const double b : before) {
    for (const double a : after) {
      slower += a > b ? 1 : a < b ? 0 : 0.5;
      ratios.push_back(std::max(a, kNanosecond) / std::max(b, kNanosecond));
    }
  }
  std::sort(ratios.begin(), ratios.end());
  const double pairs = static_cast<double>(ratios.size());
  const double deviation = std::sqrt(std::max(0.0, count_variance(before, after)));
  const double distance = std::max(0.0, std::abs(slower - pairs / 2) - 0.5);
  out.p_value = deviation > 0 ? std::erfc(distance / deviation / std::sqrt(2.0)) : 1;
  out.ratio = percentile_of(ratios, 0.5);
  const double outside = std::clamp(std::floor(pairs / 2 - kNormal975 * deviation), 0.0, pairs / 2);
  const auto low = static_cast<std::size_t>(outside);
  out.ratio_low = ratios[low];
  out.ratio_high = ratios[ratios.size() - 1 - low];
  out.verdict = *out.ratio_high < 1 ? EffectVerdict::helped : *out.ratio_low > 1 ? EffectVerdict::hurt : EffectVerdict::no_difference;
  return out;
}

}  // namespace tradewind::telemetry
