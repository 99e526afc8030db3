// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/state_choice.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"

namespace tradewind::regimes {
namespace {

std::vector<double> series_with(std::vector<double> deviations, std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> series(n);
  std::size_t state = 0;
  for (double& x : series) {
    if (random.below(50) == 0) state = random.below(deviations.size());
    x = deviations[state] * random.normal();
  }
  return series;
}

TEST(StateChoice, finds_how_many_there_are) {
  const auto one = choose_states(series_with({0.01}, 1500, 1), {.most = 3, .starts = 3});
  ASSERT_TRUE(one) << one.error().message();
  EXPECT_EQ(one->by_bic, 1U);
  ASSERT_EQ(one->table.size(), 3U);
  const auto two = choose_states(series_with({0.004, 0.02}, 1500, 2), {.most = 3, .starts = 3});
  EXPECT_EQ(two->by_bic, 2U);
  EXPECT_GE(two->by_prediction, 2U);
  EXPECT_GT(two->table[1].predictive, two->table[0].predictive + 0.1);
  EXPECT_EQ(two->predicted, 750U);
}

TEST(StateChoice, does_not_depend_on_threads) {
  const auto series = series_with({0.004, 0.02}, 400, 3);
  const auto one = choose_states(series, {.starts = 2});
  const auto three = choose_states(series, {.starts = 2, .threads = 3});
  ASSERT_TRUE(one && three);
  for (std::size_t i = 0; i < one->table.size(); ++i) {
    const double a = one->table[i].predictive, b = three->table[i].predictive;
    EXPECT_TRUE(a == b || (std::isnan(a) && std::isnan(b)));
    EXPECT_EQ(one->table[i].diagnostics, three->table[i].diagnostics);
  }
}

TEST(StateChoice, one_state_is_the_normal_distribution) {
  const auto series = series_with({1}, 100, 4);
  double mean = 0, variance = 0, sum = 0;
  for (const double x : series) mean += x / 100;
  for (const double x : series) variance += (x - mean) * (x - mean) / 100;
  for (const double x : series) sum += -0.5 * std::log(2 * M_PI * variance) - 0.5 * std::pow(x - mean, 2) / variance;
  const auto choice = choose_states(series, {.starts = 2});
  EXPECT_NEAR(choice->table[0].log_likelihood, sum, 1e-9);
  EXPECT_NEAR(choice->table[0].bic, -2 * sum + 2 * std::log(100.0), 1e-9);
}

TEST(StateChoice, short_constant_and_broken_series_are_refused) {
  EXPECT_EQ(choose_states(std::vector<double>(39, 0.1)).error().code(), Errc::invalid_data);
  EXPECT_EQ(choose_states(std::vector<double>(100, 0.1)).error().code(), Errc::invalid_data);
  auto gap = series_with({1}, 100, 5);
  gap[3] = std::nan("");
  EXPECT_EQ(choose_states(gap).error().where(), "row 3");
  EXPECT_EQ(choose_states(gap, {.most = 7}).error().code(), Errc::usage);
  EXPECT_EQ(choose_states(series_with({1}, 40, 6), {.most = 6, .starts = 1})->table.size(), 2U) << "20 values a half are for two states";
  auto half = series_with({1}, 100, 7);
  std::fill(half.begin(), half.begin() + 50, 0.0);
  EXPECT_TRUE(choose_states(half, {.most = 2, .starts = 1})) << "nothing to learn in the first half";
}

}  // namespace
}  // namespace tradewind::regimes
