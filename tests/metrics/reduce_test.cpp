// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/reduce.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "tradewind/base/random.hpp"

namespace tradewind::metrics {
namespace {

using Indices = std::vector<std::size_t>;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<double> random_walk(std::size_t n, std::uint64_t seed, double nan_share = 0.0) {
  Random random(seed);
  std::vector<double> values(n);
  double level = 100.0;
  for (double& value : values) {
    level += random.normal();
    value = random.uniform() < nan_share ? kNaN : level;
  }
  return values;
}

bool ascending_without_doubles(const Indices& indices) {
  return std::adjacent_find(indices.begin(), indices.end(), std::greater_equal<>()) == indices.end();
}

TEST(Reduce, KeepsFirstSmallestLargestAndLastOfEachStretch) {
  const std::vector<double> values = {5, 1, 9, 4, 6, 7, /**/ 3, 3, 3, 3, 3, 3, /**/ 1, 2, 3, 4, 5, 6};
  EXPECT_EQ(m4_indices(values, 3), (Indices{0, 1, 2, 5, /**/ 6, 11, /**/ 12, 17}));
}

TEST(Reduce, ShortSeriesStayWhole) {
  EXPECT_EQ(m4_indices(std::vector<double>{2, 1, 3}, 1), (Indices{0, 1, 2}));
  EXPECT_TRUE(m4_indices(std::vector<double>{}, 10).empty());
  EXPECT_TRUE(m4_indices(std::vector<double>{1, 2}, 0).empty());
}

TEST(Reduce, NotANumberIsNeverAnExtreme) {
  const std::vector<double> values = {kNaN, 4, kNaN, 1, 8, 2, 3, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};
  EXPECT_EQ(m4_indices(values, 2), (Indices{0, 3, 4, 7, 8, 15}));
}

TEST(Reduce, EveryStretchKeepsItsRangeAndEnds) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    const auto n = static_cast<std::size_t>(1 + random.uniform() * 3000);
    const auto buckets = static_cast<std::size_t>(1 + random.uniform() * 200);
    const std::vector<double> values = random_walk(n, seed + 1000, seed % 3 == 0 ? 0.2 : 0.0);
    const Indices kept = m4_indices(values, buckets);
    ASSERT_TRUE(ascending_without_doubles(kept));
    ASSERT_LE(kept.size(), 4 * buckets);
    ASSERT_EQ(kept.front(), 0u);
    ASSERT_EQ(kept.back(), n - 1);
    // Against the definition itself: of every stretch the range drawn from what was kept is the range of all.
    const std::set<std::size_t> in(kept.begin(), kept.end());
    for (std::size_t b = 0; b < buckets && n > 4 * buckets; ++b) {
      const std::size_t from = n / buckets * b + n % buckets * b / buckets, to = n / buckets * (b + 1) + n % buckets * (b + 1) / buckets;
      double low = kNaN, high = kNaN, kept_low = kNaN, kept_high = kNaN;
      for (std::size_t i = from; i < to; ++i) {
        low = std::fmin(low, values[i]), high = std::fmax(high, values[i]);
        if (in.contains(i)) kept_low = std::fmin(kept_low, values[i]), kept_high = std::fmax(kept_high, values[i]);
      }
      ASSERT_TRUE(in.contains(from) && in.contains(to - 1)) << "seed " << seed;
      if (std::isnan(low)) continue;
      ASSERT_EQ(kept_low, low) << "seed " << seed;
      ASSERT_EQ(kept_high, high) << "seed " << seed;
    }
  }
}

TEST(Reduce, SeveralSeriesShareOneAxisWithinTheLimit) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    const auto n = static_cast<std::size_t>(2000 + random.uniform() * 20000);
    const auto limit = static_cast<std::size_t>(20 + random.uniform() * 1500);
    const std::vector<double> a = random_walk(n, seed), b = random_walk(n, seed + 7), c = random_walk(n / 2, seed + 9);
    const std::vector<std::span<const double>> series = {a, b, c};
    const Indices kept = m4_indices(series, limit);
    ASSERT_TRUE(ascending_without_doubles(kept));
    ASSERT_LE(kept.size(), limit);
    ASSERT_GE(kept.size(), limit / 2) << "more stretches would have fitted";
    ASSERT_EQ(kept.front(), 0u);
    ASSERT_EQ(kept.back(), n - 1);
    for (const std::span<const double> values : series) {
      const auto [low, high] = std::minmax_element(values.begin(), values.end());
      ASSERT_TRUE(std::ranges::count(kept, static_cast<std::size_t>(low - values.begin())));
      ASSERT_TRUE(std::ranges::count(kept, static_cast<std::size_t>(high - values.begin())));
    }
  }
}

TEST(Reduce, FewPointsForManySeriesAreSpacedEvenly) {
  const std::vector<double> walk = random_walk(101, 3);
  const std::vector<std::span<const double>> series(5, walk);
  EXPECT_EQ(m4_indices(series, 5), (Indices{0, 25, 50, 75, 100}));
  EXPECT_EQ(m4_indices(series, 1), (Indices{100}));
  EXPECT_TRUE(m4_indices(series, 0).empty());
  EXPECT_TRUE(m4_indices(std::span<const std::span<const double>>{}, 10).empty());
  EXPECT_EQ(m4_indices(series, 101).size(), 101u);
}

}  // namespace
}  // namespace tradewind::metrics
