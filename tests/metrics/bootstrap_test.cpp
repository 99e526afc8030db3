// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/bootstrap.hpp"

#include <cmath>

#include "oracle.hpp"
#include "tradewind/base/random.hpp"

namespace tradewind::metrics {
namespace {

const ReturnOptions kDaily{.periods_per_year = 252};

std::vector<double> returns_of_noise(std::size_t n, std::uint64_t seed, double mean = 0.0003) {
  Random random(seed);
  std::vector<double> returns(n);
  for (auto& r : returns) r = mean + 0.01 * random.normal();
  return returns;
}

TEST(Bootstrap, same_intervals_at_any_thread_count_and_other_ones_for_another_seed) {
  const auto returns = returns_of_noise(600, 1);
  const auto one = bootstrap_intervals(returns, kDaily, {.seed = 9, .threads = 1});
  const auto four = bootstrap_intervals(returns, kDaily, {.seed = 9, .threads = 4});
  const auto other = bootstrap_intervals(returns, kDaily, {.seed = 10});
  ASSERT_TRUE(one && four && other);
  EXPECT_EQ(one->sharpe_ratio.low, four->sharpe_ratio.low);
  EXPECT_EQ(one->max_drawdown.high, four->max_drawdown.high);
  EXPECT_NE(one->sharpe_ratio.low, other->sharpe_ratio.low);
}

TEST(Bootstrap, interval_of_independent_returns_has_the_textbook_width) {
  const auto returns = returns_of_noise(2520, 4);
  const auto intervals = bootstrap_intervals(returns, kDaily, {.replicates = 4000, .block_length = 1});
  ASSERT_TRUE(intervals);
  const double width = intervals->mean.high - intervals->mean.low;
  const auto metrics = calculate_metrics(returns, kDaily);
  const double standard_error = (*metrics)[Metric::volatility] / std::sqrt(252.0 * 2520);
  EXPECT_NEAR(width / (2 * 1.96 * standard_error), 1, 0.06);
  const double sharpe_width = intervals->sharpe_ratio.high - intervals->sharpe_ratio.low;
  EXPECT_NEAR(sharpe_width / (2 * 1.96 * std::sqrt(252.0 / 2520)), 1, 0.06);
  EXPECT_LT(intervals->sharpe_ratio.low, (*metrics)[Metric::sharpe_ratio]);
  EXPECT_GT(intervals->sharpe_ratio.high, (*metrics)[Metric::sharpe_ratio]);
}

TEST(Bootstrap, the_sharpe_interval_alone_is_that_of_the_set) {
  const auto returns = returns_of_noise(400, 12);
  const auto all = bootstrap_intervals(returns, {.periods_per_year = 1}, {.seed = 3});
  const auto alone = sharpe_interval(returns, {.seed = 3, .threads = 3});
  ASSERT_TRUE(all && alone);
  EXPECT_NEAR(alone->low, all->sharpe_ratio.low, 1e-12);
  EXPECT_NEAR(alone->high, all->sharpe_ratio.high, 1e-12);
  EXPECT_EQ(sharpe_interval(std::vector<double>(50, 0.01))->why, Undefined::zero_variance);
  EXPECT_EQ(sharpe_interval({})->why, Undefined::empty);
  EXPECT_TRUE(sharpe_interval(std::vector<double>{0.1, -2, 0.3, 0.2})->small_sample) << "excess returns may lie below −1";
  EXPECT_EQ(sharpe_interval(returns, {.replicates = 3}).error().code(), Errc::usage);
}

TEST(Bootstrap, covers_the_true_mean_about_as_often_as_it_says) {
  int covered = 0;
  constexpr int kSeries = 200;
  for (int i = 0; i < kSeries; ++i) {
    const auto intervals =
        bootstrap_intervals(returns_of_noise(250, 1000 + static_cast<std::uint64_t>(i), 0.001), kDaily, {.replicates = 400});
    covered += intervals->mean.low <= 0.001 && 0.001 <= intervals->mean.high;
  }
  EXPECT_GE(covered, 178);  // 0.95 · 200 = 190, standard deviation 3; the percentile interval is a little narrow
  EXPECT_LE(covered, 199);
}

TEST(Bootstrap, dependence_makes_blocks_longer_and_intervals_wider) {
  const auto independent = returns_of_noise(4000, 8);
  std::vector<double> dependent = independent;
  for (std::size_t t = 1; t < dependent.size(); ++t) dependent[t] += 0.6 * dependent[t - 1];
  EXPECT_LT(optimal_block_length(independent), 8);
  EXPECT_GT(optimal_block_length(dependent), 2 * optimal_block_length(independent));
  const auto blocks = bootstrap_intervals(dependent, kDaily);
  const auto single = bootstrap_intervals(dependent, kDaily, {.block_length = 1});
  EXPECT_GT(blocks->mean.high - blocks->mean.low, 1.5 * (single->mean.high - single->mean.low));
}

TEST(Bootstrap, block_length_equals_that_of_the_arch_package) {
  const auto folder = oracle_folder() / "metrics";
  if (!std::filesystem::exists(folder / "daily.csv")) GTEST_SKIP() << "no reference results at " << folder;
  const auto returns = read_columns(folder / "daily.csv")[0];
  EXPECT_NEAR(optimal_block_length(returns), 2.430710758874592, 1e-9);
  std::vector<double> dependent = returns;
  for (std::size_t t = 1; t < dependent.size(); ++t) dependent[t] += 0.5 * dependent[t - 1];
  EXPECT_NEAR(optimal_block_length(dependent), 12.015886379588103, 1e-9);
}

TEST(Bootstrap, undefined_and_small_samples_are_said) {
  EXPECT_EQ(bootstrap_intervals({}, kDaily)->mean.why, Undefined::empty);
  EXPECT_EQ(bootstrap_intervals(std::vector<double>{0.1}, kDaily)->mean.why, Undefined::too_few);
  const auto constant = bootstrap_intervals(std::vector<double>(100, 0.001), kDaily);
  EXPECT_EQ(constant->sharpe_ratio.why, Undefined::zero_variance);
  EXPECT_EQ(constant->sortino_ratio.why, Undefined::no_downside);
  const auto few = bootstrap_intervals(returns_of_noise(20, 2), kDaily);
  EXPECT_TRUE(few->sharpe_ratio.small_sample);
  EXPECT_EQ(few->annualized_return.why, Undefined::short_sample);
  EXPECT_EQ(bootstrap_intervals(returns_of_noise(50, 2), kDaily, {.replicates = 10}).error().code(), Errc::usage);
}

TEST(Bootstrap, percentiles_interpolate) {
  std::vector<double> sample = {4, 1, 3, 2, 5};
  const Interval interval = percentile_interval(sample, 0.5, Undefined::too_few);
  EXPECT_DOUBLE_EQ(interval.low, 2);
  EXPECT_DOUBLE_EQ(interval.high, 4);
}

}  // namespace
}  // namespace tradewind::metrics
