// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/statistics.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"

namespace tradewind::telemetry {
namespace {

std::vector<std::int64_t> cycles(std::size_t count, const std::function<double(std::size_t)>& ms) {
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<std::int64_t>(ms(i) * 1e6));
  return out;
}

TEST(Statistics, are_those_of_numpy) {
  // numpy.percentile([10, 20, 30, 40], [50, 95, 99]) = 25, 38.5, 39.7
  const Statistics out = statistics_of(cycles(4, [](std::size_t i) { return 40.0 - 10.0 * static_cast<double>(i); }));
  EXPECT_DOUBLE_EQ(out.min, 10);
  EXPECT_DOUBLE_EQ(out.max, 40);
  EXPECT_DOUBLE_EQ(out.mean, 25);
  EXPECT_DOUBLE_EQ(out.median, 25);
  EXPECT_DOUBLE_EQ(out.p95, 38.5);
  EXPECT_DOUBLE_EQ(out.p99, 39.7);
  EXPECT_EQ(out.count, 4U);
  EXPECT_EQ(statistics_of(std::vector<std::int64_t>{}).count, 0U);
  EXPECT_DOUBLE_EQ(statistics_of(std::vector<std::int64_t>{7'000'000}).p99, 7);
}

TEST(Statistics, of_a_histogram_are_close) {
  Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.record(i * 1'000'000);
  const Statistics out = statistics_of(histogram);
  EXPECT_DOUBLE_EQ(out.min, 1);
  EXPECT_DOUBLE_EQ(out.max, 1000);
  EXPECT_DOUBLE_EQ(out.mean, 500.5);
  EXPECT_NEAR(out.median, 500, 2.5);
  EXPECT_NEAR(out.p99, 990, 5);
}

TEST(Trend, of_growing_durations_is_degrading) {
  Random random(5);
  const Trend trend = trend_of(cycles(100, [&](std::size_t i) { return 100 + 0.5 * static_cast<double>(i) + 5 * random.normal(); }));
  EXPECT_EQ(trend.direction, TrendDirection::degrading);
  EXPECT_NEAR(trend.slope_ms_per_measurement, 0.5, 0.1);
  EXPECT_NEAR(trend.change_percent, 40, 8);
  EXPECT_LT(trend.p_value, 1e-6);
}

TEST(Trend, of_shrinking_durations_is_improving_also_with_outliers) {
  const Trend trend = trend_of(cycles(60, [](std::size_t i) { return i % 10 == 9 ? 5'000.0 : 300 - 2 * static_cast<double>(i); }));
  EXPECT_EQ(trend.direction, TrendDirection::improving);
  EXPECT_NEAR(trend.slope_ms_per_measurement, -2, 0.5);
}

TEST(Trend, of_a_long_history_has_the_same_slope) {
  const Trend trend = trend_of(cycles(5'003, [](std::size_t i) { return 100 + 0.01 * static_cast<double>(i); }));
  EXPECT_EQ(trend.direction, TrendDirection::degrading);
  EXPECT_NEAR(trend.slope_ms_per_measurement, 0.01, 0.0003);
  EXPECT_EQ(trend.measurements, 5'003U);
}

TEST(Trend, needs_measurements_and_an_effect) {
  const auto rising = [](double step) { return [step](std::size_t i) { return 100 + step * static_cast<double>(i); }; };
  EXPECT_EQ(trend_of(cycles(19, rising(5))).direction, TrendDirection::unknown);
  EXPECT_EQ(trend_of(cycles(20, rising(5))).direction, TrendDirection::degrading);
  EXPECT_EQ(trend_of(cycles(100, rising(0.01))).direction, TrendDirection::stable) << "certain, but 1 % only";
  EXPECT_EQ(trend_of(cycles(100, [](std::size_t) { return 100.0; })).direction, TrendDirection::stable);
  EXPECT_EQ(trend_of(cycles(100, [](std::size_t) { return 0.0; })).direction, TrendDirection::stable);
}

/// p = 0.01 must be what it says: also where neighbours resemble each other, few cycles without a trend may be called one.
TEST(Trend, rarely_sees_one_where_there_is_none) {
  int independent = 0;
  int correlated = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Random random(seed);
    independent += trend_of(cycles(100, [&](std::size_t) { return std::exp(4 + random.normal()); })).direction != TrendDirection::stable;
    double state = 0;
    correlated += trend_of(cycles(100, [&](std::size_t) { return std::exp(4 + (state = 0.5 * state + random.normal())); })).direction !=
                  TrendDirection::stable;
  }
  EXPECT_LE(independent, 12) << "of 400, at 1 %";
  EXPECT_LE(correlated, 24) << "of 400, autocorrelation 0.5";
}

}  // namespace
}  // namespace tradewind::telemetry
