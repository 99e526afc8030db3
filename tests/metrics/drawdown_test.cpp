// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/drawdown.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/rolling.hpp"

namespace tradewind::metrics {
namespace {

// equity 1, 0.9, 0.99, 1.089, 0.5445, 0.65340, 1.3068, 1.17612
const std::vector<double> kPath = {-0.1, 0.1, 0.1, -0.5, 0.2, 1.0, -0.1};

TEST(Drawdown, table_names_peak_trough_and_recovery) {
  const auto table = drawdown_table(kPath, 10);
  ASSERT_EQ(table.size(), 3U);
  EXPECT_NEAR(table[0].depth, 0.5, 1e-15);
  EXPECT_EQ(table[0].peak, 3U);
  EXPECT_EQ(table[0].trough, 4U);
  EXPECT_EQ(table[0].recovery, 6U);
  EXPECT_EQ(table[0].decline_bars(), 1U);
  EXPECT_EQ(table[0].recovery_bars(), 2U);
  const auto& first = table[1].peak == 0 ? table[1] : table[2];
  const auto& open = table[1].peak == 0 ? table[2] : table[1];
  EXPECT_NEAR(first.depth, 0.1, 1e-15);  // the start counts as a peak
  EXPECT_EQ(first.recovery, 3U);
  EXPECT_EQ(open.peak, 6U);
  EXPECT_FALSE(open.recovery);
  EXPECT_EQ(drawdown_table(kPath, 1).size(), 1U);
}

TEST(Drawdown, nothing_falls_in_a_rising_path) {
  EXPECT_TRUE(drawdown_table(std::vector<double>{0.1, 0, 0.2}, 5).empty());
  EXPECT_FALSE(deepest_drawdown(std::vector<double>{}));
}

TEST(Drawdown, series_and_deepest_agree_with_max_drawdown) {
  Random random(3);
  std::vector<double> returns(3000);
  for (auto& r : returns) r = 0.01 * random.normal();
  const auto series = drawdown_series(returns);
  const auto metrics = calculate_metrics(returns, {.periods_per_year = 252});
  const auto deepest = deepest_drawdown(returns);
  ASSERT_TRUE(deepest);
  EXPECT_EQ(*std::max_element(series.begin(), series.end()), deepest->depth);
  EXPECT_NEAR(deepest->depth, (*metrics)[Metric::max_drawdown], 1e-14);
  EXPECT_EQ(series[deepest->trough - 1], deepest->depth);
}

TEST(Drawdown, ruin_never_recovers) {
  const auto deepest = deepest_drawdown(std::vector<double>{0.1, -1, 3});
  EXPECT_EQ(deepest->depth, 1);
  EXPECT_EQ(deepest->trough, 2U);
  EXPECT_FALSE(deepest->recovery);
}

TEST(Rolling, equals_the_metrics_of_every_window) {
  Random random(5);
  std::vector<double> returns(400);
  for (auto& r : returns) r = 0.01 * random.student_t(4) + 0.2 * (random.below(50) == 0);
  const ReturnOptions options{.periods_per_year = 252, .risk_free = 0.02};
  for (const std::size_t window : {2U, 7U, 20U, 64U, 399U, 400U}) {
    const auto rolling = rolling_metrics(returns, window, options);
    ASSERT_TRUE(rolling);
    for (std::size_t end = 0; end < returns.size(); ++end) {
      if (end + 1 < window) {
        EXPECT_TRUE(std::isnan(rolling->sharpe_ratio[end]));
        continue;
      }
      const auto m = calculate_metrics(std::span(returns).subspan(end + 1 - window, window), options);
      EXPECT_NEAR(rolling->sharpe_ratio[end], (*m)[Metric::sharpe_ratio], 1e-10 * std::max(1.0, std::fabs((*m)[Metric::sharpe_ratio])));
      EXPECT_NEAR(rolling->volatility[end], (*m)[Metric::volatility], 1e-12);
      EXPECT_NEAR(rolling->max_drawdown[end], (*m)[Metric::max_drawdown], 1e-12);
    }
  }
}

TEST(Rolling, edges) {
  const ReturnOptions options{.periods_per_year = 252};
  EXPECT_EQ(rolling_metrics(kPath, 1, options).error().code(), Errc::usage);
  const auto short_series = rolling_metrics(kPath, 50, options);
  ASSERT_TRUE(short_series);
  EXPECT_TRUE(std::isnan(short_series->max_drawdown.back()));
  const auto constant = rolling_metrics(std::vector<double>(9, 0.001), 3, options);
  EXPECT_EQ(constant->volatility.back(), 0);
  EXPECT_TRUE(std::isnan(constant->sharpe_ratio.back()));
}

}  // namespace
}  // namespace tradewind::metrics
