// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/distribution.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/metrics/positions.hpp"

namespace tradewind::metrics {
namespace {

using enum DistributionMetric;

const std::vector<double> kShaped = {0.012,  -0.008, 0.005, 0,     0.021,  -0.015, -0.004, 0.009,  0.003, -0.022, 0.017, 0.001,
                                     -0.006, 0.014,  0,     0.008, -0.011, 0.019,  0.002,  -0.003, 0.006, -0.027, 0.010, 0.004};
constexpr ReturnOptions kDailyShape{.periods_per_year = 252};

DistributionMetrics shape_of(std::span<const double> returns, const ReturnOptions& options = kDailyShape, double sharpe_benchmark = 0) {
  const auto performance = calculate_metrics(returns, options);
  return distribution_metrics({.returns = returns, .performance = &*performance, .sharpe_benchmark = sharpe_benchmark}, options);
}

// The numbers are numpy's and scipy's for the same series.
TEST(Distribution, agrees_with_numpy) {
  const auto f = shape_of(kShaped, kDailyShape, 0.5);
  EXPECT_NEAR(f[value_at_risk].number, 0.02095, 1e-15);
  EXPECT_NEAR(f[conditional_value_at_risk].number, 0.0245, 1e-15);
  EXPECT_NEAR(f[tail_ratio].number, 0.8926014319809068, 1e-13);
  EXPECT_NEAR(f[skewness].number, -0.5589259779781199, 1e-13);
  EXPECT_NEAR(f[kurtosis].number, 2.9389205608865305, 1e-13);
  EXPECT_EQ(f[best_bar].number, 0.021);
  EXPECT_EQ(f[worst_bar].number, -0.027);
  EXPECT_NEAR(f[ulcer_index].number, 0.012268889607512774, 1e-14);
  EXPECT_NEAR(f[omega].number, 1.3645833333333333, 1e-13);
  EXPECT_NEAR(f[gain_to_pain].number, 0.36458333333333337, 1e-13);
  EXPECT_NEAR(f[expectancy].number, 0.001590909090909091, 1e-15);
  EXPECT_NEAR(f[payoff_ratio].number, 0.7797619047619048, 1e-13);
  EXPECT_NEAR(f[sqn].number, 0.5868486525653029, 1e-13);
  EXPECT_EQ(f[longest_winning_streak].number, 2);
  EXPECT_EQ(f[longest_losing_streak].number, 2);
  EXPECT_NEAR(f[time_in_market].number, 22.0 / 24, 1e-15);
  EXPECT_NEAR(f[psr].number, 0.6588427823516451, 1e-12);
  EXPECT_NEAR(f[min_track_record].number, 372.43614901346325, 1e-7);
}

TEST(Distribution, the_bar_at_the_quantile_is_in_the_tail) {
  std::vector<double> returns(21, 0.01);
  returns[7] = -0.05;
  returns[9] = -0.03;  // rank 1 of 20: the quantile itself
  const auto f = shape_of(returns);
  EXPECT_NEAR(f[value_at_risk].number, 0.03, 1e-15);
  EXPECT_NEAR(f[conditional_value_at_risk].number, 0.04, 1e-15);
}

TEST(Distribution, omega_has_the_target_of_the_options) {
  auto options = kDailyShape;
  options.minimum_acceptable_return = 0.05;
  EXPECT_NEAR(shape_of(kShaped, options)[omega].number, 1.3099245762096423, 1e-12);
}

TEST(Distribution, a_risk_free_series_that_is_a_rate_says_what_the_rate_says) {
  auto options = kDailyShape;
  options.risk_free = 0.03;
  std::vector<double> excess = kShaped;
  for (double& r : excess) r -= rate_per_bar(0.03, 252);
  const auto performance = calculate_metrics(kShaped, options);
  const auto by_series = distribution_metrics({.returns = kShaped, .performance = &*performance, .excess = excess}, kDailyShape);
  EXPECT_NEAR(shape_of(kShaped, options)[psr].number, by_series[psr].number, 1e-12);
  EXPECT_LT(by_series[psr].number, shape_of(kShaped)[psr].number);
  EXPECT_NEAR(by_series[skewness].number, shape_of(kShaped)[skewness].number, 1e-12);
}

TEST(Distribution, of_positions_trades_are_the_unit) {
  const std::vector<double> returns = {0.01, 0.02, -0.01, 0.03, -0.02, 0.01, 0.01};
  const std::vector<std::int8_t> positions = {1, 1, 0, -1, 1, 1, 0};
  const auto costed = apply_costs(returns, positions, ExecutionCosts::none(), 252, ReturnsOf::asset);
  const auto trades = closed_trades(*costed, positions);
  ASSERT_EQ(trades.size(), 3U);
  EXPECT_NEAR(trades[0], 1.01 * 1.02 - 1, 1e-15);
  EXPECT_NEAR(trades[1], -0.03, 1e-15);
  EXPECT_NEAR(trades[2], 0.98 * 1.01 - 1, 1e-15);
  const auto performance = calculate_metrics(*costed, positions, kDailyShape);
  const auto f =
      distribution_metrics({.returns = costed->net, .performance = &*performance, .trades = trades, .positions = positions}, kDailyShape);
  const double mean = (trades[0] + trades[1] + trades[2]) / 3;
  double squares = 0;
  for (const double one : trades) squares += (one - mean) * (one - mean);
  EXPECT_NEAR(f[sqn].number, std::sqrt(3.0) * mean / std::sqrt(squares / 2), 1e-12);
  EXPECT_NEAR(f[expectancy].number, mean, 1e-15);
  EXPECT_EQ(f[longest_losing_streak].number, 2);
  EXPECT_NEAR(f[time_in_market].number, 5.0 / 7, 1e-15);
}

TEST(Distribution, what_there_is_not_has_a_reason) {
  const auto none = shape_of(std::vector<double>{});
  for (std::size_t i = 0; i < kDistributionCount; ++i) EXPECT_EQ(none.values[i].why, Undefined::empty);
  const auto few = shape_of(std::vector<double>(19, 0.01));
  EXPECT_EQ(few[value_at_risk].why, Undefined::too_few);
  EXPECT_EQ(few[skewness].why, Undefined::zero_variance);
  const auto rising = shape_of(std::vector<double>(20, 0.01));
  EXPECT_EQ(rising[tail_ratio].why, Undefined::no_losses);
  EXPECT_EQ(rising[omega].why, Undefined::no_downside);
  EXPECT_EQ(rising[gain_to_pain].why, Undefined::no_losses);
  EXPECT_EQ(rising[payoff_ratio].why, Undefined::no_losses);
  EXPECT_EQ(rising[sqn].why, Undefined::zero_variance);
  EXPECT_EQ(rising[value_at_risk].number, -0.01);
  const auto flat = shape_of(std::vector<double>(30, 0));
  EXPECT_EQ(flat[expectancy].why, Undefined::no_decided_bars);
  EXPECT_EQ(flat[sqn].why, Undefined::no_decided_bars);
  EXPECT_EQ(flat[time_in_market].number, 0);
  EXPECT_EQ(flat[ulcer_index].number, 0);
  EXPECT_FALSE(std::signbit(flat[value_at_risk].number));
}

TEST(Distribution, quantile_is_that_of_sorted_values) {
  Random random(5);
  std::vector<double> values(1001);
  for (double& v : values) v = random.normal();
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  for (const double share : {0.0, 0.05, 0.333, 0.5, 0.95, 1.0}) {
    std::vector<double> copy = values;
    const double rank = share * 1000;
    const auto below = static_cast<std::size_t>(rank);
    const double want =
        sorted[below] + (rank - static_cast<double>(below)) * (sorted[std::min<std::size_t>(below + 1, 1000)] - sorted[below]);
    EXPECT_NEAR(quantile(copy, share), want, 1e-14) << share;
  }
}

}  // namespace
}  // namespace tradewind::metrics
