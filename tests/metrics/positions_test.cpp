// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/positions.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/metrics/calculators.hpp"

namespace tradewind::metrics {
namespace {

const ReturnOptions kQuarters{.periods_per_year = 4};
using Positions = std::vector<std::int8_t>;

TEST(Positions, costs_are_charged_where_the_position_changes) {
  // flat, long two bars, reversed to short, flat: fills at bars 1 (1), 3 (2), 4 (1)
  const std::vector<double> returns = {0, 0.1, -0.05, 0.02, 0};
  const Positions positions = {0, 1, 1, -1, 0};
  const ExecutionCosts costs{.commission_rate = 0.001, .slippage_model = SlippageModel::linear, .slippage_bps = 0.0005};
  const auto costed = apply_costs(returns, positions, costs, 4);
  ASSERT_TRUE(costed);
  EXPECT_EQ(costed->total_fills, 4);
  EXPECT_EQ(costed->net[0], 0);
  EXPECT_NEAR(costed->net[1], 1.1 * (1 - 0.0015) - 1, 1e-15);
  EXPECT_EQ(costed->net[2], -0.05);
  EXPECT_NEAR(costed->net[3], 1.02 * (1 - 0.003) - 1, 1e-15);
  EXPECT_NEAR(costed->net[4], -0.0015, 1e-15);
  // what was paid plus what was earned is what is left
  double equity = 1, earned = 0;
  for (std::size_t t = 0; t < returns.size(); ++t) earned += equity * costed->gross[t], equity *= 1 + costed->net[t];
  EXPECT_NEAR(1 + earned - costed->total_costs, equity, 1e-15);
}

TEST(Positions, trades_carry_both_their_fills_and_open_ones_do_not_count) {
  const std::vector<double> returns = {0.1, -0.05, 0.02, 0, 0.5};
  const Positions positions = {1, 1, -1, 0, 1};  // long +4.5 %, short +2 %, then one left open
  const ExecutionCosts costs{.commission_rate = 0.001, .slippage_model = SlippageModel::linear, .slippage_bps = 0};
  const auto m = calculate_metrics(returns, positions, costs, kQuarters);
  ASSERT_TRUE(m);
  EXPECT_EQ(m->unit, Unit::trade);
  EXPECT_EQ(m->total_trades, 2);
  EXPECT_EQ(m->total_fills, 5);
  EXPECT_EQ((*m)[Metric::win_rate], 1);
  EXPECT_NEAR((*m)[Metric::bar_win_rate], 3.0 / 5, 1e-15);  // of the net bars: the bar that only pays the last exit counts as lost
  const double first = 1.1 * 0.95 * 0.999 * 0.999 - 1;
  const double second = 1.02 * 0.999 * 0.999 - 1;
  EXPECT_NEAR((*m)[Metric::largest_win], first, 1e-15);
  EXPECT_NEAR((*m)[Metric::avg_win], (first + second) / 2, 1e-15);
  EXPECT_EQ(m->why(Metric::profit_factor), Undefined::no_losses);
  EXPECT_NEAR((*m)[Metric::gross_return], 1.1 * 0.95 * 1.02 * 1.5 - 1, 1e-14);
  EXPECT_EQ((*m)[Metric::net_return], (*m)[Metric::total_return]);
  EXPECT_NEAR((*m)[Metric::cost_impact], (*m)[Metric::gross_sharpe] - (*m)[Metric::sharpe_ratio], 1e-15);
  EXPECT_GT((*m)[Metric::cost_impact], 0);
  EXPECT_NEAR((*m)[Metric::cost_per_trade], (*m)[Metric::total_costs] / 5, 1e-18);
}

TEST(Positions, the_profit_factor_of_trades_is_of_money) {
  const std::vector<double> returns = {1, 0, -0.1, 0, 0.05, -0.02, 0};
  const Positions positions = {1, 0, 1, 0, -1, 1, 0};  // 1 becomes 2, loses 0.2, wins 0.09, and 1.89 loses 2 %
  const auto m = calculate_metrics(returns, positions, ExecutionCosts::none(), kQuarters);
  ASSERT_TRUE(m);
  EXPECT_NEAR((*m)[Metric::profit_factor], (1 + 0.09) / (0.2 + 1.89 * 0.02), 1e-14);
  EXPECT_NEAR((*m)[Metric::avg_win], (1 + 0.05) / 2, 1e-15) << "these stay fractions";
  const ExecutionCosts costs{.commission_rate = 0.01, .slippage_model = SlippageModel::linear, .slippage_bps = 0};
  const auto paid = calculate_metrics(std::vector<double>{0.5, 0, -0.1, 0}, Positions{1, 0, 1, 0}, costs, kQuarters);
  const double first = 1.5 * 0.99 * 0.99 - 1, second = 0.9 * 0.99 * 0.99 - 1;
  EXPECT_NEAR((*paid)[Metric::profit_factor], first / -(second * (1 + first)), 1e-14);
}

TEST(Positions, asset_returns_are_multiplied_by_the_position) {
  const std::vector<double> returns = {0.1, -0.05, 0.02};
  const auto costed = apply_costs(returns, Positions{1, -1, 0}, ExecutionCosts::none(), 4, ReturnsOf::asset);
  ASSERT_TRUE(costed);
  EXPECT_EQ(costed->gross, (std::vector<double>{0.1, 0.05, 0}));
  EXPECT_EQ(costed->net, costed->gross);
  EXPECT_EQ(costed->flat_bars_with_return, 1);
  const auto blown = apply_costs(std::vector<double>{1.5}, Positions{-1}, ExecutionCosts::none(), 4, ReturnsOf::asset);
  ASSERT_FALSE(blown);
  EXPECT_EQ(blown.error().where(), "row 0");
}

TEST(Positions, square_root_slippage_sees_only_the_past) {
  std::vector<double> returns = {0.01, -0.01, 0.02, 0.03, 0.5, -0.5};
  const Positions positions = {1, 1, 1, -1, -1, -1};
  const ExecutionCosts costs{.commission_rate = 0, .slippage_model = SlippageModel::sqrt, .slippage_bps = 0.01};
  const auto costed = apply_costs(returns, positions, costs, 252);
  ASSERT_TRUE(costed);
  EXPECT_EQ(costed->fill_cost[0], 0);  // fewer than two returns before it
  const double mean = 0.02 / 3;
  const double variance = (std::pow(0.01 - mean, 2) + std::pow(-0.01 - mean, 2) + std::pow(0.02 - mean, 2)) / 2;
  EXPECT_NEAR(costed->fill_cost[3], 0.01 * std::sqrt(std::sqrt(variance * 252)), 1e-15);
  returns[3] = -0.9;  // the bar of the fill and later ones must not matter
  EXPECT_EQ(apply_costs(returns, positions, costs, 252)->fill_cost[3], costed->fill_cost[3]);
}

TEST(Positions, never_trading_has_no_costs_to_speak_of) {
  const auto m = calculate_metrics(std::vector<double>(10, 0.0), Positions(10, 0), ExecutionCosts{}, kQuarters);
  ASSERT_TRUE(m);
  EXPECT_EQ((*m)[Metric::total_return], 0);
  for (const Metric metric : {Metric::total_costs, Metric::net_return, Metric::cost_per_trade, Metric::cost_impact}) {
    EXPECT_EQ(m->why(metric), Undefined::no_fills);
  }
  EXPECT_EQ(m->why(Metric::win_rate), Undefined::no_decided_trades);
}

TEST(Positions, wrong_input_is_refused_with_its_row) {
  const std::vector<double> returns = {0.1, 0.1};
  EXPECT_EQ(apply_costs(returns, Positions{1, 2}, {}, 4).error().where(), "row 1");
  EXPECT_EQ(apply_costs(returns, Positions{1}, {}, 4).error().code(), Errc::invalid_data);
  const ExecutionCosts ten{.commission_rate = 10, .slippage_model = SlippageModel::linear, .slippage_bps = 0};
  EXPECT_EQ(apply_costs(returns, Positions{1, 1}, ten, 4).error().code(), Errc::usage);
}

TEST(Calculators, follow_the_documents_names) {
  const std::vector<double> returns = {0.1, -0.05, 0.02, 0};
  const StandardPerformanceCalculator calculator(kQuarters);
  const auto bare = calculator.calculate_metrics(returns);
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->unit, Unit::bar);
  const auto traded = calculator.calculate_metrics(returns, Positions{1, 1, -1, 0}, ExecutionCosts{});
  ASSERT_TRUE(traded);
  EXPECT_EQ(traded->unit, Unit::trade);
  EXPECT_LT((*traded)[Metric::net_return], (*bare)[Metric::total_return]);
}

}  // namespace
}  // namespace tradewind::metrics
