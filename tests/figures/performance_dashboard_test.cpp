// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/performance_dashboard.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace tradewind::figures {
namespace {

using metrics::Metric;
using metrics::PerformanceMetrics;

PerformanceMetrics with_sharpe(double sharpe, std::int64_t bars = 500) {
  PerformanceMetrics m;
  m.bars = bars;
  m.set(Metric::sharpe_ratio, sharpe);
  m.set(Metric::avg_win, 0.02);
  m.set(Metric::avg_loss, -0.01);
  return m;
}

TEST(PerformanceDashboard, ComparisonIsOrderedBySharpeRatioUndefinedLast) {
  const Figure figure = PerformanceDashboard().create_strategy_comparison(
      {{"a", {}}, {"b", with_sharpe(0.5)}, {"c", with_sharpe(1.5)}, {"d", with_sharpe(0.5)}});
  EXPECT_EQ(figure.data[0]["customdata"], (Json{"c", "b", "d", "a"}));
  EXPECT_EQ(figure.data[0]["x"], (Json{1.5, 0.5, 0.5, nullptr}));
  EXPECT_EQ(figure.data[1]["type"], "scatter") << "without quantiles the average loss and win are shown, and no held-out part";
  EXPECT_EQ(figure.data[1]["x"][0], -0.01);
  EXPECT_EQ(figure.data[1]["x"][1], 0.02);
  EXPECT_EQ(figure.data.size(), 4u);
}

TEST(PerformanceDashboard, RegimesAreTheUnionAndGapsStayGaps) {
  const Figure figure = PerformanceDashboard().create_regime_heatmap(
      {{"a", {{"up", with_sharpe(1)}}}, {"b", {{"down", with_sharpe(-1)}, {"up", with_sharpe(2, 10)}}}});
  EXPECT_EQ(figure.data[0]["x"], (Json{"down", "up"}));
  EXPECT_EQ(figure.data[0]["z"], Json::array({{nullptr, 1.0}, {-1.0, nullptr}}));
  EXPECT_EQ(figure.data[1]["z"][1], (Json{nullptr, 0.0})) << "10 bars are too few";
}

TEST(PerformanceDashboard, CorrelationPutsAlikeStrategiesSideBySide) {
  // a and c move together, b against them, d not at all.
  const StrategyReturns returns{{"a", "b", "c", "d"}, {{1, 2, 3, 4}, {4, 3, 2, 1}, {1, 2, 3, 5}, {1, 1, 1, 1}}};
  const Figure figure = PerformanceDashboard().create_correlation_matrix(returns).value();
  const Json &names = figure.data[0]["y"], &z = figure.data[0]["z"];
  EXPECT_EQ(names[0].get<std::string>().substr(0, 1), "a");
  EXPECT_EQ(names[1].get<std::string>().substr(0, 1), "c");
  EXPECT_EQ(z[0][0], 1.0);
  EXPECT_NEAR(z[0][1].get<double>(), 6.5 / std::sqrt(5.0 * 8.75), 1e-4);  // Σ(x−x̄)(y−ȳ) = 6.5, Σ(x−x̄)² = 5, Σ(y−ȳ)² = 8.75
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) EXPECT_EQ(z[i][j], z[j][i]);
  }
  const std::size_t flat = names[2].get<std::string>().starts_with("d") ? 2 : 3;
  EXPECT_TRUE(z[flat][flat].is_null()) << "a strategy that never moves has no correlation";
  EXPECT_EQ(z[5 - flat][0], -1.0);
}

TEST(PerformanceDashboard, OnlyCommonBarsCount) {
  const double nan = std::nan("");
  const Figure figure = PerformanceDashboard().create_correlation_matrix({{"a", "b"}, {{1, 2, nan, 3, 9}, {1, 2, 50, 3, nan}}}).value();
  EXPECT_EQ(figure.data[0]["z"][0][1], 1.0);
}

TEST(PerformanceDashboard, UnequalReturnsAreRefused) {
  const PerformanceDashboard dashboard;
  EXPECT_EQ(dashboard.create_correlation_matrix({{"a"}, {}}).error().code(), Errc::usage);
  EXPECT_EQ(dashboard.create_correlation_matrix({{"a", "b"}, {{1, 2}, {1}}}).error().code(), Errc::usage);
  EXPECT_TRUE(dashboard.create_correlation_matrix({}));
}

}  // namespace
}  // namespace tradewind::figures
