// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/gaps.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tradewind::market {
namespace {

/// The middle element; `values` is reordered and must not be empty.
std::int64_t median(std::vector<std::int64_t>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

std::int64_t median_spacing(std::span<const UnixNanos> timestamps) {
  if (timestamps.size() < 2) return 0;
  std::vector<std::int64_t> spacing(timestamps.size() - 1);
  for (std::size_t i = 0; i < spacing.size(); ++i) spacing[i] = timestamps[i + 1] - timestamps[i];
  return median(spacing);
}

std::vector<Gap> find_gaps(std::span<const UnixNanos> timestamps) {
  const std::int64_t usual = median_spacing(timestamps);
  std::vector<Gap> gaps;
  if (usual <= 0) return gaps;
  for (std::size_t i = 0; i + 1 < timestamps.size(); ++i)
    if ((timestamps[i + 1] - timestamps[i]) / 10 > usual) gaps.push_back({i, timestamps[i], timestamps[i + 1]});
  const std::int64_t days = (timestamps.back() - timestamps.front()) / kNanosPerDay;
  const bool habitual = usual < kNanosPerDay / 2 && gaps.size() >= 2 && static_cast<std::int64_t>(gaps.size()) * 8 >= days;
  if (!habitual) return gaps;
  std::vector<std::int64_t> lengths;
  for (const auto& gap : gaps) lengths.push_back(gap.to - gap.from);
  const std::int64_t limit = median(lengths) * 6;
  std::erase_if(gaps, [&](const Gap& gap) { return gap.to - gap.from <= limit; });
  return gaps;
}

std::string duration_text(std::int64_t nanos) {
  const std::int64_t seconds = nanos / kNanosPerSecond;
  if (seconds >= 86'400 && seconds % 86'400 == 0) return fmt::format("{} day{}", seconds / 86'400, seconds == 86'400 ? "" : "s");
  if (seconds >= 2 * 86'400) return fmt::format("{:.1f} days", static_cast<double>(seconds) / 86'400);
  if (seconds >= 3600)
    return seconds % 3600 < 60 ? fmt::format("{} h", seconds / 3600) : fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
  if (seconds >= 60)
    return seconds % 60 == 0 ? fmt::format("{} min", seconds / 60) : fmt::format("{} min {} s", seconds / 60, seconds % 60);
  if (seconds >= 1) return fmt::format("{} s", seconds);
  return fmt::format("{} ns", nanos);
}

}  // namespace tradewind::market
