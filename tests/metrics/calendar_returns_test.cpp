// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/calendar_returns.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/base/time.hpp"

namespace tradewind::metrics {
namespace {

TEST(CalendarReturns, compounds_days_months_and_years) {
  const std::int64_t december = days_from_civil(2019, 12, 31), january = days_from_civil(2020, 1, 2), leap = days_from_civil(2020, 2, 29);
  const std::vector<std::int64_t> days = {december, december, january, january + 1, leap};
  const std::vector<double> returns = {0.10, -0.05, 0.02, 0.03, -0.04};
  const auto c = calendar_returns(returns, days);
  ASSERT_EQ(c.years.size(), 2U);
  EXPECT_EQ(c.years[0].year, 2019);
  EXPECT_NEAR(c.years[0].total_return, 1.1 * 0.95 - 1, 1e-15);
  EXPECT_NEAR(c.years[0].months[11], 1.1 * 0.95 - 1, 1e-15);
  EXPECT_TRUE(std::isnan(c.years[0].months[0]));
  EXPECT_NEAR(c.years[1].months[0], 1.02 * 1.03 - 1, 1e-15);
  EXPECT_NEAR(c.years[1].months[1], -0.04, 1e-15);
  EXPECT_NEAR(c.years[1].total_return, 1.02 * 1.03 * 0.96 - 1, 1e-15);
  EXPECT_EQ(c.days, 4);
  EXPECT_EQ(c.won_days, 3);
  EXPECT_EQ(c.months, 3);
  EXPECT_EQ(c.won_months, 2);
  EXPECT_EQ(c.best_day->day, december);
  EXPECT_NEAR(c.best_day->total_return, 0.045, 1e-15);
  EXPECT_EQ(c.worst_day->day, leap);
  EXPECT_EQ(c.best_month->day, january);
  EXPECT_EQ(c.worst_month->day, leap);
  EXPECT_EQ(c.best_year->day, december);
  EXPECT_EQ(c.worst_year->day, january);
}

TEST(CalendarReturns, nothing_has_no_extremes) {
  const auto c = calendar_returns({}, {});
  EXPECT_TRUE(c.years.empty());
  EXPECT_FALSE(c.best_day);
}

TEST(CalendarReturns, days_before_1970) {
  const std::vector<std::int64_t> days = {days_from_civil(1929, 10, 28), days_from_civil(1929, 10, 29)};
  const auto c = calendar_returns(std::vector<double>{-0.13, -0.12}, days);
  EXPECT_EQ(c.years[0].year, 1929);
  EXPECT_NEAR(c.years[0].months[9], 0.87 * 0.88 - 1, 1e-15);
}

}  // namespace
}  // namespace tradewind::metrics
