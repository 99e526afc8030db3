// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/splits.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/core.h>

namespace tradewind::metrics {
namespace {

constexpr std::size_t kMaxGroups = 20;
constexpr std::size_t kMaxSplits = 20000;

std::size_t combinations(std::size_t n, std::size_t k) {
  std::size_t result = 1;
  for (std::size_t i = 1; i <= k; ++i) result = result * (n - k + i) / i;
  return result;
}

Status check(const PurgedOptions& o) {
  if (o.groups < 2 || o.groups > kMaxGroups)
    return Error(Errc::usage, fmt::format("there can be 2 to {} groups, not {}", kMaxGroups, o.groups), "groups");
  if (o.test_groups < 1 || o.test_groups >= o.groups)
    return Error(Errc::usage, fmt::format("of {} groups 1 to {} can be tested, not {}", o.groups, o.groups - 1, o.test_groups),
                 "test_groups");
  if (const std::size_t count = combinations(o.groups, o.test_groups); count > kMaxSplits)
    return Error(Errc::usage, fmt::format("{} of {} groups are {} splits; at most {} are done", o.test_groups, o.groups, count, kMaxSplits),
                 "test_groups");
  return {};
}

/// Neighbouring groups make one range.
std::vector<BarRange> joined(const std::vector<BarRange>& groups, const std::vector<std::size_t>& chosen) {
  std::vector<BarRange> ranges;
  for (const std::size_t g : chosen) {
    if (!ranges.empty() && ranges.back().end == groups[g].begin) {
      ranges.back().end = groups[g].end;
    } else {
      ranges.push_back(groups[g]);
    }
  }
  return ranges;
}

std::size_t at_most(std::size_t value, std::size_t more, std::size_t limit) { return more > limit - value ? limit : value + more; }

/// What lies outside of the tests, their purged neighbourhood and the embargo behind each.
std::vector<BarRange> training_around(const std::vector<BarRange>& tests, std::size_t bars, const PurgedOptions& o) {
  std::vector<BarRange> ranges;
  std::size_t from = 0;
  for (const BarRange& test : tests) {
    const std::size_t to = test.begin > o.purge ? test.begin - o.purge : 0;
    if (to > from) ranges.push_back({from, to});
    from = std::max(from, at_most(at_most(test.end, o.purge, bars), o.embargo, bars));
  }
  if (from < bars) ranges.push_back({from, bars});
  return ranges;
}

}  // namespace

Result<std::vector<Split>> walk_forward_splits(std::size_t bars, const WalkForwardWindows& o) {
  if (o.train == 0) return Error(Errc::usage, "the training window must hold at least one bar", "train");
  if (o.test == 0) return Error(Errc::usage, "the test window must hold at least one bar", "test");
  const std::size_t step = o.step == 0 ? o.test : o.step;
  const std::size_t limit = static_cast<std::size_t>(-1);
  const std::size_t gap = at_most(o.purge, o.embargo, limit);
  std::vector<Split> splits;
  for (std::size_t begin = at_most(o.train, gap, limit); begin < bars; begin += std::min(step, bars)) {
    const std::size_t train_end = begin - gap;
    splits.push_back({{{o.expanding ? 0 : train_end - o.train, train_end}}, {{begin, at_most(begin, o.test, bars)}}});
  }
  if (splits.empty()) {
    return Error(Errc::invalid_data,
                 fmt::format("{} bars do not hold a training window of {}, a gap of {} and one bar to test", bars, o.train, gap));
  }
  return splits;
}

Result<PurgedSplits> purged_splits(std::size_t bars, const PurgedOptions& o) {
  TRADEWIND_TRY(check(o));
  if (bars < o.groups) return Error(Errc::invalid_data, fmt::format("{} bars do not fill {} groups", bars, o.groups));
  PurgedSplits out;
  for (std::size_t g = 0; g < o.groups; ++g) out.groups.push_back({g * bars / o.groups, (g + 1) * bars / o.groups});
  std::vector<std::size_t> chosen(o.test_groups);
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  out.paths.assign(combinations(o.groups - 1, o.test_groups - 1), std::vector<std::size_t>(o.groups));
  std::vector<std::size_t> times_tested(o.groups, 0);
  while (true) {
    Split split;
    split.test = joined(out.groups, chosen);
    split.train = training_around(split.test, bars, o);
    if (split.train.empty()) {
      return Error(Errc::invalid_data, fmt::format("a purge of {} and an embargo of {} bars leave nothing to train on", o.purge, o.embargo),
                   {}, "use fewer groups to test, or more bars");
    }
    for (const std::size_t g : chosen) out.paths[times_tested[g]++][g] = out.splits.size();
    out.splits.push_back(std::move(split));
    out.tested.push_back(chosen);
    std::size_t last = o.test_groups;  // the next choice in lexicographic order
    while (last > 0 && chosen[last - 1] == o.groups - o.test_groups + last - 1) --last;
    if (last == 0) break;
    ++chosen[last - 1];
    for (std::size_t i = last; i < o.test_groups; ++i) chosen[i] = chosen[i - 1] + 1;
  }
  return out;
}

}  // namespace tradewind::metrics
