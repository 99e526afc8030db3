// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/trade_account.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/metrics/trade_path.hpp"

namespace tradewind::metrics {
namespace {

struct Series {
  std::vector<double> open;
  std::vector<double> close;
};

Series random_series(std::uint64_t seed, std::size_t bars, double scale) {
  Random random(seed);
  Series series;
  double price = 100;
  for (std::size_t i = 0; i < bars; ++i) {
    series.open.push_back(price * std::exp(scale * 0.3 * random.normal()));
    price = series.open.back() * std::exp(scale * random.normal());
    series.close.push_back(price);
  }
  return series;
}

std::vector<PositionChange> random_changes(std::uint64_t seed, std::size_t bars, bool shorts) {
  Random random(seed);
  std::vector<PositionChange> changes;
  int position = 0;
  for (std::size_t i = 0; i < bars; i += 1 + random.below(30)) {
    const int wanted = shorts ? static_cast<int>(random.below(3)) - 1 : static_cast<int>(random.below(2));
    if (wanted == position) continue;
    position = wanted;
    changes.push_back({static_cast<std::int32_t>(i), static_cast<std::int8_t>(position)});
  }
  return changes;
}

double sharpe(const std::vector<double>& returns, double ppy) {
  const double n = static_cast<double>(returns.size());
  const double mean = std::accumulate(returns.begin(), returns.end(), 0.0) / n;
  double squares = 0;
  for (const double r : returns) squares += (r - mean) * (r - mean);
  return mean / std::sqrt(squares / (n - 1)) * std::sqrt(ppy);
}

double max_drawdown(const std::vector<double>& equity) {
  double peak = 1;
  double worst = 0;
  for (const double e : equity) {
    peak = std::max(peak, e);
    worst = std::max(worst, 1 - e / peak);
  }
  return worst;
}

struct Case {
  FillModel fill;
  SlippageModel slippage;
  bool shorts;
};

class AccountAgreesWithPath : public testing::TestWithParam<Case> {};

TEST_P(AccountAgreesWithPath, on_random_series) {
  const Case c = GetParam();
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Series series = random_series(seed, 1500, 0.01);
    const auto changes = random_changes(seed + 100, 1500, c.shorts);
    TradeTables::Options options;
    options.fill = c.fill;
    options.costs.slippage_model = c.slippage;
    auto tables = TradeTables::make(series.open, series.close, options);
    ASSERT_TRUE(tables);
    const PerformanceMetrics m = account_metrics(*tables, changes);
    const EquityPath net = equity_path(*tables, changes);
    const EquityPath gross = equity_path(*tables, changes, true);
    EXPECT_NEAR(m[Metric::total_return], net.equity.back() - 1, 1e-11);
    EXPECT_NEAR(m[Metric::gross_return], gross.equity.back() - 1, 1e-11);
    EXPECT_NEAR(m[Metric::sharpe_ratio], sharpe(net.returns, 252), 1e-9);
    EXPECT_NEAR(m[Metric::gross_sharpe], sharpe(gross.returns, 252), 1e-9);
    EXPECT_NEAR(m[Metric::max_drawdown], max_drawdown(net.equity), 1e-12);
    EXPECT_EQ(m.total_fills, static_cast<std::int64_t>(net.fills.size()));
    double up = 0;
    double down = 0;
    double downside = 0;
    for (const double r : net.returns) {
      up += r > 1e-15 ? 1 : 0;
      down += r < -1e-15 ? 1 : 0;
      downside += r < 0 ? r * r : 0;
    }
    EXPECT_NEAR(m[Metric::bar_win_rate], up / (up + down), 1e-12);
    const double n = static_cast<double>(net.returns.size());
    const double mean = std::accumulate(net.returns.begin(), net.returns.end(), 0.0) / n;
    EXPECT_NEAR(m[Metric::sortino_ratio], mean / std::sqrt(downside / n) * std::sqrt(252.0), 1e-9);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, AccountAgreesWithPath,
    testing::Values(Case{FillModel::next_open, SlippageModel::linear, false}, Case{FillModel::next_close, SlippageModel::linear, false},
                    Case{FillModel::close, SlippageModel::linear, false}, Case{FillModel::next_open, SlippageModel::sqrt, true},
                    Case{FillModel::close, SlippageModel::linear, true}, Case{FillModel::next_open, SlippageModel::linear, true}));

TEST(TradeAccount, one_round_trip_by_hand) {
  const std::vector<double> open = {100, 101, 103, 104};
  const std::vector<double> close = {100, 102, 103, 105};
  TradeTables::Options options;
  options.costs = {0.001, SlippageModel::linear, 0.0005};
  auto tables = TradeTables::make(open, close, options);
  const PositionChange changes[] = {{0, 1}, {2, 0}};
  const PerformanceMetrics m = account_metrics(*tables, changes);
  const double quantity = 1 / (101 * 1.0005 * 1.001);
  const double sold = quantity * 104 * 0.9995 * 0.999;
  EXPECT_NEAR(m[Metric::total_return], sold - 1, 1e-15);
  EXPECT_NEAR(m[Metric::gross_return], 104.0 / 101 - 1, 1e-15);
  EXPECT_NEAR(m[Metric::total_costs], (1 - quantity * 101) + (quantity * 104 - sold), 1e-15);
  EXPECT_EQ(m.total_fills, 2);
  EXPECT_EQ(m.total_trades, 1);
  EXPECT_EQ(m[Metric::win_rate], 1);
  EXPECT_EQ(m.why(Metric::profit_factor), Undefined::no_losses);
  EXPECT_EQ(m.why(Metric::annualized_return), Undefined::short_sample);
  EXPECT_EQ(m.unit, Unit::trade);
}

TEST(TradeAccount, without_a_fill_cost_metrics_are_undefined) {
  const std::vector<double> close = {100, 102, 103};
  TradeTables::Options options;
  options.fill = FillModel::next_close;
  auto tables = TradeTables::make({}, close, options);
  const PositionChange beyond[] = {{2, 1}};
  const PerformanceMetrics m = account_metrics(*tables, beyond);
  EXPECT_EQ(m.total_fills, 0);
  EXPECT_EQ(m[Metric::total_return], 0);
  EXPECT_EQ(m.why(Metric::cost_impact), Undefined::no_fills);
  EXPECT_EQ(m.why(Metric::sharpe_ratio), Undefined::zero_variance);
  EXPECT_EQ(m.why(Metric::win_rate), Undefined::no_decided_trades);
}

TEST(TradeAccount, a_short_that_doubles_is_ruined_and_later_orders_are_rejected) {
  const std::vector<double> close = {100, 100, 150, 210, 90, 80, 70};
  TradeTables::Options options;
  options.fill = FillModel::close;
  options.costs = ExecutionCosts::none();
  auto tables = TradeTables::make({}, close, options);
  TradeAccount account;
  account.change(*tables, 1, -1);
  account.change(*tables, 4, 1);
  account.change(*tables, 5, 0);
  const PerformanceMetrics m = account.finish(*tables);
  EXPECT_TRUE(m.ruin);
  EXPECT_EQ(m[Metric::total_return], -1);
  EXPECT_EQ(m[Metric::annualized_return], -1);
  EXPECT_EQ(m[Metric::max_drawdown], 1);
  EXPECT_GE(account.rejected_orders(), 1);
}

TEST(TradeAccount, bought_and_sold_at_one_price_is_neither_won_nor_lost) {
  Random random(3);
  std::vector<double> close;
  std::vector<PositionChange> changes;
  int flat = 0;
  for (std::int32_t trade = 0; trade < 200; ++trade) {  // in at p, through other prices, out at p or a cent beside it
    const double price = std::round(random.uniform() * 10000 + 500) / 100;
    const bool even = random.below(2) == 0;
    flat += even;
    const auto bar = static_cast<std::int32_t>(close.size());
    changes.push_back({bar, trade % 3 == 0 ? std::int8_t{-1} : std::int8_t{1}});
    changes.push_back({bar + 4, 0});
    for (const double step : {0.0, 0.03, -0.07, 0.01, even ? 0.0 : 0.01}) close.push_back(std::round((price + step) * 100) / 100);
  }
  TradeTables::Options options;
  options.fill = FillModel::close;
  options.costs = ExecutionCosts::none();
  const auto tables = TradeTables::make({}, close, options);
  EXPECT_EQ(account_metrics(*tables, changes).flat_trades, flat);
  options.costs.commission_rate = 0.001;
  EXPECT_EQ(account_metrics(*TradeTables::make({}, close, options), changes).flat_trades, 0) << "with costs it is lost";
}

TEST(TradeAccount, nothing_is_lost_beyond_the_capital_before_costs_either) {
  const std::vector<double> close = {100, 100, 100, 450, 100}, open = {100, 100, 100, 400, 450};
  TradeTables::Options options;
  options.costs.commission_rate = 0.001;
  for (const std::vector<PositionChange>& changes :
       {std::vector<PositionChange>{{1, -1}}, std::vector<PositionChange>{{1, -1}, {2, 0}}, std::vector<PositionChange>{{1, -1}, {2, 1}}}) {
    const auto m = account_metrics(*TradeTables::make(open, close, options), changes);
    EXPECT_TRUE(m.ruin);
    EXPECT_EQ(m[Metric::gross_return], -1);
    EXPECT_EQ(m[Metric::net_return], -1);
  }
}

TEST(TradeTables, next_open_needs_opens) {
  const std::vector<double> close = {1, 2};
  auto tables = TradeTables::make({}, close, {});
  ASSERT_FALSE(tables);
  EXPECT_EQ(tables.error().code(), Errc::invalid_config);
}

}  // namespace
}  // namespace tradewind::metrics
