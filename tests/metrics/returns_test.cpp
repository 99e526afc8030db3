// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/returns.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"

namespace tradewind::metrics {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

PerformanceMetrics metrics_of(std::vector<double> returns, ReturnOptions options = {.periods_per_year = 4}) {
  auto metrics = calculate_metrics(returns, options);
  EXPECT_TRUE(metrics) << metrics.error().message();
  return *metrics;
}

TEST(Returns, hand_computed_year) {
  // +10 %, −20 %, 0, +25 %: equity 1.1, 0.88, 0.88, 1.1; mean 0.0375; squared deviations sum 0.106875
  const auto m = metrics_of({0.1, -0.2, 0, 0.25});
  EXPECT_NEAR(m[Metric::total_return], 0.1, 1e-15);
  EXPECT_NEAR(m[Metric::annualized_return], 0.1, 1e-15);
  const double deviation = std::sqrt(0.106875 / 3);
  EXPECT_NEAR(m[Metric::volatility], deviation * 2, 1e-15);
  EXPECT_NEAR(m[Metric::sharpe_ratio], 0.0375 / deviation * 2, 1e-14);
  EXPECT_NEAR(m[Metric::sortino_ratio], 0.0375 / 0.1 * 2, 1e-14);  // √(0.04 / 4) = 0.1
  EXPECT_NEAR(m[Metric::max_drawdown], 0.2, 1e-15);
  EXPECT_NEAR(m[Metric::calmar_ratio], 0.5, 1e-14);
  EXPECT_NEAR(m[Metric::win_rate], 2.0 / 3, 1e-15);
  EXPECT_EQ(m[Metric::bar_win_rate], m[Metric::win_rate]);
  EXPECT_NEAR(m[Metric::profit_factor], 1.75, 1e-14);
  EXPECT_NEAR(m[Metric::avg_win], 0.175, 1e-15);
  EXPECT_EQ(m[Metric::largest_win], 0.25);
  EXPECT_EQ(m[Metric::avg_loss], -0.2);
  EXPECT_EQ(m[Metric::largest_loss], -0.2);
  EXPECT_EQ(m.zeros, 1);
  EXPECT_EQ(m.unit, Unit::bar);
  EXPECT_EQ(m.why(Metric::gross_sharpe), Undefined::no_fills);
  EXPECT_EQ(m.why(Metric::total_costs), Undefined::no_fills);
}

TEST(Returns, risk_free_and_target_are_annual) {
  const double bar = std::pow(1.08, 0.25) - 1;
  const auto plain = metrics_of({0.1, -0.2, 0, 0.25});
  const auto m = metrics_of({0.1, -0.2, 0, 0.25}, {.periods_per_year = 4, .risk_free = 0.08, .minimum_acceptable_return = 0.08});
  const double deviation = plain[Metric::volatility] / 2;
  EXPECT_NEAR(m[Metric::sharpe_ratio], (0.0375 - bar) / deviation * 2, 1e-13);
  const double downside = std::sqrt(((0.2 + bar) * (0.2 + bar) + bar * bar) / 4);
  EXPECT_NEAR(m[Metric::sortino_ratio], (0.0375 - bar) / downside * 2, 1e-13);
  EXPECT_EQ(m[Metric::volatility], plain[Metric::volatility]);
}

TEST(Returns, empty_series_is_undefined_not_an_error) {
  const auto m = metrics_of({});
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    EXPECT_TRUE(std::isnan(m.value[i]));
    EXPECT_EQ(m.reason[i], Undefined::empty);
  }
}

TEST(Returns, ruin_keeps_equity_at_zero) {
  const auto m = metrics_of({0.01, -1.0, 5.0, 0.02});
  EXPECT_TRUE(m.ruin);
  EXPECT_EQ(m[Metric::total_return], -1);
  EXPECT_EQ(m[Metric::annualized_return], -1);
  EXPECT_EQ(m[Metric::max_drawdown], 1);
  EXPECT_TRUE(std::isfinite(m[Metric::sharpe_ratio]));
}

TEST(Returns, one_bar_has_a_return_and_no_spread) {
  const auto m = metrics_of({-0.02});
  EXPECT_NEAR(m[Metric::total_return], -0.02, 1e-15);
  EXPECT_EQ(m.why(Metric::volatility), Undefined::too_few);
  EXPECT_EQ(m.why(Metric::sharpe_ratio), Undefined::too_few);
  EXPECT_NEAR(m[Metric::sortino_ratio], -2, 1e-15);
}

TEST(Returns, constant_gain_has_no_sharpe_instead_of_a_huge_one) {
  const auto m = metrics_of(std::vector<double>(80, 0.00037), {.periods_per_year = 252});
  EXPECT_EQ(m[Metric::volatility], 0);
  EXPECT_EQ(m.why(Metric::sharpe_ratio), Undefined::zero_variance);
  EXPECT_EQ(m.why(Metric::calmar_ratio), Undefined::no_drawdown);
}

TEST(Returns, errors_name_the_first_row) {
  std::vector<double> returns(700, 0.001);
  returns[613] = kMissing;
  returns[650] = std::numeric_limits<double>::infinity();
  const auto not_finite = calculate_metrics(returns, {.periods_per_year = 252});
  ASSERT_FALSE(not_finite);
  EXPECT_EQ(not_finite.error().where(), "row 613");
  EXPECT_NE(not_finite.error().message().find("2 of 700"), std::string::npos);
  returns[613] = 0;
  returns[650] = -1.01;
  const auto below = calculate_metrics(returns, {.periods_per_year = 252});
  ASSERT_FALSE(below);
  EXPECT_EQ(below.error().where(), "row 650");
  const auto no_clock = calculate_metrics(returns, {});
  ASSERT_FALSE(no_clock);
  EXPECT_EQ(no_clock.error().code(), Errc::usage);
  const auto overflow = calculate_metrics(std::vector<double>(2000, 9.0), {.periods_per_year = 252});
  ASSERT_FALSE(overflow);
  EXPECT_EQ(overflow.error().code(), Errc::numeric);
}

TEST(Returns, nan_policy_drops_or_zeroes_and_counts) {
  const std::vector<double> returns = {0.01, kMissing, -0.02, -std::numeric_limits<double>::infinity()};
  EXPECT_FALSE(apply_nan_policy(returns, NanPolicy::reject));
  const auto dropped = apply_nan_policy(returns, NanPolicy::drop);
  EXPECT_EQ(dropped->values, (std::vector<double>{0.01, -0.02}));
  EXPECT_EQ(dropped->rows, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(dropped->replaced, 2);
  const auto zeroed = apply_nan_policy(returns, NanPolicy::zero);
  EXPECT_EQ(zeroed->values, (std::vector<double>{0.01, 0, -0.02, 0}));
}

TEST(Returns, fused_passes_equal_the_textbook_formulas_at_every_length) {
  Random random(7);
  for (const std::size_t n : {2U, 3U, 5U, 255U, 256U, 257U, 259U, 1023U, 5000U}) {
    std::vector<double> returns(n);
    for (auto& r : returns) r = random.below(5) == 0 ? 0 : 0.01 * random.student_t(4);
    const auto m = metrics_of(returns, {.periods_per_year = 252});
    long double sum = 0, squares = 0, downside = 0, gains = 0, losses = 0, equity = 1, peak = 1, drawdown = 0;
    for (const double r : returns) sum += r;
    const long double mean = sum / static_cast<long double>(n);
    for (const double r : returns) {
      squares += (r - mean) * (r - mean);
      if (r < 0) downside += static_cast<long double>(r) * r, losses += r;
      if (r > 0) gains += r;
      equity *= 1 + static_cast<long double>(r);
      peak = std::max(peak, equity);
      drawdown = std::max(drawdown, 1 - equity / peak);
    }
    const long double count = static_cast<long double>(n);
    const auto same = [](double actual, long double expected) {
      return std::fabs(actual - static_cast<double>(expected)) <= 1e-12 * std::fabs(static_cast<double>(expected)) + 1e-14;
    };
    EXPECT_TRUE(same(m[Metric::total_return], equity - 1)) << n;
    EXPECT_TRUE(same(m[Metric::volatility], std::sqrt(squares / (count - 1) * 252))) << n;
    EXPECT_TRUE(same(m[Metric::sharpe_ratio], mean / std::sqrt(squares / (count - 1)) * std::sqrt(252.0L))) << n;
    if (downside > 0) {
      EXPECT_TRUE(same(m[Metric::sortino_ratio], mean / std::sqrt(downside / count) * std::sqrt(252.0L))) << n;
    }
    EXPECT_TRUE(same(m[Metric::max_drawdown], drawdown)) << n;
    if (losses < 0) {
      EXPECT_TRUE(same(m[Metric::profit_factor], gains / -losses)) << n;
    }
  }
}

TEST(Names, every_metric_and_reason_reads_back) {
  for (std::size_t i = 0; i < kMetricCount; ++i)
    EXPECT_EQ(enum_from_name<Metric>(enum_name(static_cast<Metric>(i))), static_cast<Metric>(i));
  EXPECT_FALSE(enum_from_name<Metric>("sharpe"));
  EXPECT_EQ(enum_name(Undefined::not_above_benchmark), "not_above_benchmark");
}

}  // namespace
}  // namespace tradewind::metrics
