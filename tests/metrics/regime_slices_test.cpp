// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/regime_slices.hpp"

#include <cmath>
#include <numeric>

#include "oracle.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/metrics/calculators.hpp"

namespace tradewind::metrics {
namespace {

const ReturnOptions kDailySlices{.periods_per_year = 252};
const std::vector<std::string> kNames = {"calm", "wild", "never"};
using States = std::vector<std::int8_t>;

TEST(RegimeSlices, hand_computed) {
  const std::vector<double> returns = {0.1, -0.1, -0.2, 0.05, 0.1, -0.05};
  const States states = {0, 0, 1, 1, 0, -1};
  const auto report = regime_slices(returns, {states, kNames, true}, kDailySlices);
  ASSERT_TRUE(report);
  const auto& calm = report->slices[0];
  EXPECT_EQ(calm.bars, 3);
  EXPECT_EQ(calm.runs, 2);
  EXPECT_NEAR(calm.occupancy.number, 0.6, 1e-15);
  EXPECT_NEAR(calm.mean.number, 0.1 / 3, 1e-15);
  EXPECT_NEAR(calm.worst_run_drawdown.number, 0.1, 1e-15);
  EXPECT_EQ(calm.annualized_return.why, Undefined::insufficient_bars);
  EXPECT_NEAR(calm.win_rate.number, 2.0 / 3, 1e-15);
  EXPECT_NEAR(calm.contribution.number, std::log(1.1 * 0.9 * 1.1), 1e-15);
  // deepest decline: from 1.1 over two bars to 0.792
  const double total = std::log(0.9 * 0.8);
  EXPECT_NEAR(calm.drawdown_share.number, std::log(0.9) / total, 1e-14);
  EXPECT_NEAR(report->slices[1].drawdown_share.number, std::log(0.8) / total, 1e-14);
  EXPECT_EQ(report->unlabelled_bars, 1);
  EXPECT_NEAR(report->unlabelled_contribution.number, std::log(0.95), 1e-15);
  const auto& never = report->slices[2];
  EXPECT_EQ(never.bars, 0);
  EXPECT_EQ(never.occupancy.number, 0);
  EXPECT_EQ(never.mean.why, Undefined::empty);
  EXPECT_FALSE(never.win_rate.defined());
}

TEST(RegimeSlices, a_label_known_at_a_bar_applies_to_the_next_return) {
  const std::vector<double> returns = {0.5, 0.01, 0.02, 0.03};
  const auto late = regime_slices(returns, {States{0, 1, 0, 0}, kNames}, kDailySlices);
  const auto aligned = regime_slices(returns, {States{-1, 0, 1, 0}, kNames, true}, kDailySlices);
  ASSERT_TRUE(late && aligned);
  EXPECT_EQ(late->unlabelled_bars, 1);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(late->slices[i].bars, aligned->slices[i].bars);
    EXPECT_EQ(late->slices[i].mean.number, aligned->slices[i].mean.number);
  }
}

TEST(RegimeSlices, contributions_sum_to_the_whole_path) {
  Random random(2);
  std::vector<double> returns(3000);
  States states(3000);
  for (std::size_t t = 0; t < returns.size(); ++t) {
    returns[t] = 0.01 * random.normal();
    states[t] = t % 7 == 0 || t == 0 ? static_cast<std::int8_t>(static_cast<int>(random.below(3)) - 1) : states[t - 1];
  }
  const auto report = regime_slices(returns, {states, kNames}, kDailySlices);
  const auto metrics = calculate_metrics(returns, kDailySlices);
  ASSERT_TRUE(report && metrics);
  double sum = report->unlabelled_contribution.number;
  for (const auto& slice : report->slices) sum += slice.bars > 0 ? slice.contribution.number : 0;
  EXPECT_NEAR(sum, std::log1p((*metrics)[Metric::total_return]), 1e-12);
  EXPECT_TRUE(report->slices[0].annualized_return.defined());
  EXPECT_LT(report->slices[0].sharpe_interval.low, report->slices[0].sharpe_ratio.number);
  EXPECT_GT(report->slices[0].sharpe_interval.high, report->slices[0].sharpe_ratio.number);
}

TEST(RegimeSlices, ruin_has_no_logarithm_and_takes_the_whole_drawdown) {
  const auto report = regime_slices(std::vector<double>{0.1, -0.1, -1, 0.1}, {States{0, 0, 1, 0}, kNames, true}, kDailySlices);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->slices[1].contribution.why, Undefined::empty);
  EXPECT_EQ(report->slices[1].drawdown_share.number, 1);
  EXPECT_EQ(report->slices[0].drawdown_share.number, 0);
}

TEST(RegimeSlices, wrong_labels_are_refused) {
  const std::vector<double> returns = {0.1, 0.2};
  EXPECT_FALSE(regime_slices(returns, {States{0}, kNames}, kDailySlices));
  EXPECT_FALSE(regime_slices(returns, {States{0, 3}, kNames}, kDailySlices));
  EXPECT_FALSE(regime_slices(std::vector<double>{0.1, std::nan("")}, {States{0, 0}, kNames}, kDailySlices));
}

TEST(RegimeSlices, costs_of_a_transition_go_to_the_regime_entered) {
  const std::vector<double> returns = {0, 0, 0, 0};
  const States positions = {0, 0, 1, 1};
  const States regimes = {0, 0, 1, 1};
  const ExecutionCosts costs{.commission_rate = 0.01, .slippage_model = SlippageModel::linear, .slippage_bps = 0};
  const RegimeAwareCalculator calculator(kDailySlices);
  const auto report = calculator.calculate_regime_metrics(returns, positions, {regimes, kNames, true}, costs);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->slices[0].contribution.number, 0);
  EXPECT_NEAR(report->slices[1].contribution.number, std::log(0.99), 1e-15);
}

TEST(RegimeOracle, daily_slices_agree) {
  const auto folder = oracle_folder() / "metrics";
  if (!std::filesystem::exists(folder / "metrics.json")) GTEST_SKIP() << "no reference results at " << folder;
  const auto oracle = read_json(folder / "metrics.json")["regime_slices"];
  const auto returns = read_columns(folder / oracle["file"].get<std::string>())[0];
  States states(returns.size());
  for (std::size_t t = 0; t < states.size(); ++t) states[t] = static_cast<std::int8_t>((t / 20) % 2);
  const auto report = regime_slices(returns, {states, std::span(kNames).first(2), true}, kDailySlices);
  ASSERT_TRUE(report);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& expected = oracle["regimes"][std::to_string(i)];
    const auto& slice = report->slices[i];
    EXPECT_EQ(slice.bars, expected["n_bars"].get<std::int64_t>());
    EXPECT_EQ(slice.runs, expected["n_runs"].get<std::int64_t>());
    expect_close(slice.mean.number, expected["mean"].get<double>(), "mean");
    expect_close(slice.volatility.number, expected["sd_ddof1"].get<double>() * std::sqrt(252.0), "volatility");
    expect_close(slice.sharpe_ratio.number, expected["sharpe_conditional"].get<double>(), "sharpe");
    expect_close(slice.contribution.number, expected["log_contribution"].get<double>(), "contribution");
    expect_close(slice.worst_run_drawdown.number, expected["worst_within_run_drawdown"].get<double>(), "worst run");
  }
}

}  // namespace
}  // namespace tradewind::metrics
