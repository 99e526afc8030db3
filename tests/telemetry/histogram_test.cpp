// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/histogram.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"

namespace tradewind::telemetry {
namespace {

std::vector<std::int64_t> log_normal(std::size_t count, double scale, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::int64_t> out(count);
  for (auto& each : out) each = static_cast<std::int64_t>(std::exp(scale + 2 * random.normal()));
  return out;
}

TEST(Histogram, buckets_follow_each_other_without_gaps) {
  for (std::size_t i = 0; i + 1 < Histogram::kBuckets; ++i) {
    ASSERT_EQ(Histogram::bucket_greatest(i) + 1, Histogram::bucket_least(i + 1)) << i;
    ASSERT_EQ(Histogram::bucket_of(Histogram::bucket_least(i)), i);
    ASSERT_EQ(Histogram::bucket_of(Histogram::bucket_greatest(i)), i);
    ASSERT_LE(static_cast<double>(Histogram::bucket_greatest(i) - Histogram::bucket_least(i)),
              static_cast<double>(Histogram::bucket_least(i)) / 128);
  }
  EXPECT_EQ(Histogram::bucket_greatest(Histogram::kBuckets - 1), (std::int64_t{1} << 46) - 1);
  EXPECT_EQ(Histogram::bucket_of(std::numeric_limits<std::int64_t>::max()), Histogram::kBuckets - 1);
}

TEST(Histogram, percentiles_agree_with_a_sorted_vector) {
  for (const double scale : {3.0, 12.0, 18.0, 24.0}) {
    auto values = log_normal(20'000, scale, 7);
    Histogram histogram;
    for (const auto each : values) histogram.record(each);
    std::sort(values.begin(), values.end());
    for (const double share : {0.0, 0.001, 0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1.0}) {
      const double at = share * static_cast<double>(values.size() - 1);
      const auto rank = static_cast<std::size_t>(at);
      const auto next = static_cast<double>(values[std::min(rank + 1, values.size() - 1)]);
      const double exact = static_cast<double>(values[rank]) + (at - std::floor(at)) * (next - static_cast<double>(values[rank]));
      EXPECT_NEAR(static_cast<double>(*histogram.percentile(share)), exact, 0.004 * exact + 0.5) << scale << " " << share;
    }
    EXPECT_EQ(histogram.least(), values.front());
    EXPECT_EQ(histogram.greatest(), values.back());
    EXPECT_EQ(histogram.count(), values.size());
    EXPECT_EQ(histogram.sum(), std::accumulate(values.begin(), values.end(), std::int64_t{0}));
  }
}

TEST(Histogram, counts_at_most_agree_within_a_bucket) {
  auto values = log_normal(5'000, 15, 3);
  Histogram histogram;
  for (const auto each : values) histogram.record(each);
  for (const std::int64_t bound : {std::int64_t{100}, std::int64_t{100'000}, std::int64_t{5'000'000}, std::int64_t{1'000'000'000}}) {
    const auto at_most = [&](std::int64_t limit) {
      return static_cast<std::uint64_t>(std::count_if(values.begin(), values.end(), [&](auto value) { return value <= limit; }));
    };
    EXPECT_LE(histogram.count_at_most(bound), at_most(bound));
    EXPECT_GE(histogram.count_at_most(bound), at_most(bound - bound / 128 - 1));
  }
  EXPECT_EQ(histogram.count_at_most(*histogram.greatest()), 5'000U);
}

TEST(Histogram, merging_is_recording_both) {
  const auto first = log_normal(1'000, 10, 1);
  const auto second = log_normal(3'000, 20, 2);
  Histogram a, b, both;
  for (const auto each : first) a.record(each), both.record(each);
  for (const auto each : second) b.record(each), both.record(each);
  a.merge(b);
  for (const double share : {0.0, 0.3, 0.5, 0.9, 1.0}) EXPECT_EQ(a.percentile(share), both.percentile(share));
  EXPECT_EQ(a.count(), both.count());
  EXPECT_EQ(a.sum(), both.sum());
  a.merge(Histogram{});
  EXPECT_EQ(a.least(), both.least());
}

// With two measurements of 1 and 100 ms the median is 50.5 ms: no rank says so.
TEST(Histogram, few_values_are_exact) {
  Histogram histogram;
  histogram.record(1'000'003);
  histogram.record(100'000'007);
  EXPECT_EQ(histogram.percentile(0.5), 50'500'005);
  for (std::int64_t i = 0; i < 18; ++i) histogram.record(1'000'000 * (i + 2));
  EXPECT_EQ(histogram.percentile(0.95), 23'050'000);  // 0.05 of the way from 19 to 100 ms
}

TEST(Histogram, without_values_has_no_percentile) {
  Histogram histogram;
  EXPECT_FALSE(histogram.percentile(0.5));
  EXPECT_FALSE(histogram.least());
  EXPECT_FALSE(histogram.greatest());
  EXPECT_FALSE(histogram.mean());
  EXPECT_EQ(histogram.count_at_most(1'000'000), 0U);
  histogram.record(-1);
  EXPECT_EQ(histogram.count(), 0U);
}

TEST(Histogram, takes_zero_and_more_than_its_range) {
  Histogram histogram;
  histogram.record(0);
  histogram.record(std::int64_t{1} << 50);
  histogram.record((std::int64_t{1} << 50) + 1);
  EXPECT_EQ(histogram.percentile(0), 0);
  EXPECT_EQ(histogram.percentile(0.5), std::int64_t{1} << 50);
  EXPECT_EQ(histogram.percentile(1), (std::int64_t{1} << 50) + 1);
  EXPECT_EQ(histogram.count_at_most(std::int64_t{1} << 47), 1U);
}

}  // namespace
}  // namespace tradewind::telemetry
