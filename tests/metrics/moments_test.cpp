// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/moments.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace tradewind::metrics {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(SampleMoments, are_those_of_the_sample) {
  // 1, 2, 4: mean 7/3, variance (ddof 1) 7/3.
  const SampleMoments m = sample_moments(7, 21, 3);
  EXPECT_DOUBLE_EQ(m.mean, 7.0 / 3);
  EXPECT_DOUBLE_EQ(m.deviation, std::sqrt(7.0 / 3));
  EXPECT_FALSE(m.zero_variance);
  EXPECT_DOUBLE_EQ(m.sharpe_ratio(4), std::sqrt(7.0 / 3) * 2);
}

TEST(SampleMoments, without_variance_have_no_ratio) {
  EXPECT_TRUE(sample_moments(6, 12, 3).zero_variance);
  EXPECT_TRUE(std::isnan(sample_moments(6, 12, 3).sharpe_ratio(252)));
  EXPECT_DOUBLE_EQ(sample_moments(2, 4, 1).mean, 2);
  EXPECT_TRUE(std::isnan(sample_moments(2, 4, 1).deviation));
  EXPECT_TRUE(std::isnan(sample_moments(0, 0, 0).mean));
}

TEST(Correlation, is_pearsons_over_the_places_both_have) {
  // numpy.corrcoef([1, 2, 3, 4], [2, 1, 4, 3])[0, 1] = 0.6
  const double a[] = {1, 2, 3, 4}, b[] = {2, 1, 4, 3};
  EXPECT_DOUBLE_EQ(correlation(a, b), 0.6);
  const double with_gaps[] = {1, 2, kNan, 3, 4, 9}, other[] = {2, 1, 5, 4, 3, kNan};
  EXPECT_DOUBLE_EQ(correlation(with_gaps, other), 0.6);
  const double flat[] = {1, 1, 1, 1};
  EXPECT_TRUE(std::isnan(correlation(a, flat)));
  EXPECT_TRUE(std::isnan(correlation({}, {})));
}

TEST(AppliedStates, hold_during_a_bar_what_was_known_at_the_close_before) {
  const std::int8_t known[] = {2, 0, -1, 1};
  EXPECT_EQ(applied_states(known), (std::vector<int>{-1, 2, 0, -1}));
  EXPECT_TRUE(applied_states({}).empty());
}

}  // namespace
}  // namespace tradewind::metrics
