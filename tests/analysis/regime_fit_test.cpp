// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/regime_fit.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/metrics/regime_slices.hpp"

namespace tradewind::analysis {
namespace {

metrics::ReturnOptions annual(double periods_per_year, double risk_free = 0) {
  metrics::ReturnOptions options;
  options.periods_per_year = periods_per_year;
  options.risk_free = risk_free;
  return options;
}

/// mean / standard deviation, not annualised, in the plainest way.
double sharpe(const std::vector<double>& r) {
  double sum = 0, squares = 0;
  for (const double x : r) sum += x;
  const double mean = sum / static_cast<double>(r.size());
  for (const double x : r) squares += (x - mean) * (x - mean);
  return mean / std::sqrt(squares / static_cast<double>(r.size() - 1));
}

/// 400 bars: regime 0 earns 1 % ± 1 %, regime 1 loses as much; they alternate every `spell` bars.
struct TwoRegimes {
  std::vector<double> returns;
  std::vector<int> state;
  explicit TwoRegimes(int spell, int bars = 400) {
    for (int i = 0; i < bars; ++i) {
      state.push_back((i / spell) % 2);
      returns.push_back((state.back() == 0 ? 0.01 : -0.01) + (i % 2 == 0 ? 0.01 : -0.01));
    }
  }
};

TEST(RegimeFit, known_numbers) {
  const TwoRegimes market(10);
  const RegimeFit fit = fit_regimes(market.returns, market.state, 2, 0, annual(252));
  EXPECT_EQ(fit.bars, (std::vector<std::int64_t>{200, 200}));
  EXPECT_EQ(fit.trade_in, (std::vector<bool>{true, false}));
  // 100 bars of 2 % and 100 of 0 %: mean 1 %, variance 200/199 · 0.0001.
  const double expected = 0.01 / std::sqrt(0.0001 * 200 / 199) * std::sqrt(252);
  ASSERT_TRUE(fit.sharpe_ratio[0].defined());
  EXPECT_NEAR(fit.sharpe_ratio[0].number, expected, 1e-9);
  EXPECT_NEAR(fit.sharpe_ratio[1].number, -expected, 1e-9);
  std::vector<double> gated = market.returns;
  for (std::size_t i = 0; i < gated.size(); ++i)
    if (market.state[i] == 1) gated[i] = 0;
  ASSERT_TRUE(fit.score.defined());
  EXPECT_NEAR(fit.score.number, sharpe(gated) * std::sqrt(252), 1e-9);
}

TEST(RegimeFit, the_risk_free_rate_is_taken_off) {
  const TwoRegimes market(10);
  const RegimeFit fit = fit_regimes(market.returns, market.state, 2, 0, annual(252, 0.05));
  const double per_bar = std::pow(1.05, 1.0 / 252) - 1;
  EXPECT_NEAR(fit.sharpe_ratio[0].number, (0.01 - per_bar) / std::sqrt(0.0001 * 200 / 199) * std::sqrt(252), 1e-9);
}

TEST(RegimeFit, a_gate_that_only_looks_good_in_one_fold_does_not_help) {
  // Regime 1 loses heavily in the first quarter only and earns in the others: over all it loses, so the gate shuts it. Judged by the other
  // parts it is open in the first fold, where the loss is taken, and shut in the others, where it would have earned.
  std::vector<double> returns(400), gated(400);
  std::vector<int> state(400);
  for (std::size_t i = 0; i < 400; ++i) {
    const double noise = i % 4 < 2 ? 0.002 : -0.002;
    state[i] = static_cast<int>(i % 2);
    if (state[i] == 0)
      returns[i] = 0.001 + noise;
    else
      returns[i] = (i < 100 ? -0.02 : 0.003) + noise;
    gated[i] = state[i] == 1 && i >= 100 ? 0 : returns[i];
  }
  const RegimeFit fit = fit_regimes(returns, state, 2, 0, annual(252));
  EXPECT_FALSE(fit.trade_in[1]);
  ASSERT_TRUE(fit.score.defined());
  EXPECT_NEAR(fit.score.number, sharpe(gated) * std::sqrt(252), 1e-9);
  std::vector<double> flattering = returns;
  for (std::size_t i = 1; i < 400; i += 2) flattering[i] = 0;
  EXPECT_LT(fit.score.number, sharpe(flattering) * std::sqrt(252) - 0.5);
}

TEST(RegimeFit, a_switch_while_invested_costs) {
  const TwoRegimes market(10);
  const double cost = 0.003;
  const RegimeFit fit = fit_regimes(market.returns, market.state, 2, cost, annual(252));
  std::vector<double> gated = market.returns;
  for (std::size_t i = 0; i < gated.size(); ++i) {
    if (market.state[i] == 1) gated[i] = 0;
    if (i > 0 && market.state[i] != market.state[i - 1] && market.returns[i] != 0) gated[i] -= cost;
  }
  EXPECT_NEAR(fit.score.number, sharpe(gated) * std::sqrt(252), 1e-9);
  EXPECT_LT(fit.score.number, fit_regimes(market.returns, market.state, 2, 0, annual(252)).score.number);
}

TEST(RegimeFit, a_switch_while_flat_costs_nothing) {
  TwoRegimes market(10);
  for (std::size_t i = 0; i < 400; i += 10) market.returns[i] = 0;  // flat in the bar of every change
  EXPECT_EQ(fit_regimes(market.returns, market.state, 2, 0.5, annual(252)).score.number,
            fit_regimes(market.returns, market.state, 2, 0, annual(252)).score.number);
}

TEST(RegimeFit, unknown_states_are_always_traded) {
  TwoRegimes market(10);
  std::vector<double> expected = market.returns;
  for (std::size_t i = 0; i < 400; ++i) {
    if (i < 30)
      market.state[i] = -1;
    else if (market.state[i] == 1)
      expected[i] = 0;
  }
  const RegimeFit fit = fit_regimes(market.returns, market.state, 2, 0, annual(252));
  EXPECT_EQ(fit.bars[0] + fit.bars[1], 370);
  EXPECT_NEAR(fit.score.number, sharpe(expected) * std::sqrt(252), 1e-9);
}

TEST(RegimeFit, too_few_bars_to_judge_keep_trading) {
  // 59 losing bars of regime 1 are not enough to shut it; 60 are.
  for (const int losing : {59, 60}) {
    std::vector<double> returns(400, 0.0);
    std::vector<int> state(400, 0);
    for (int i = 0; i < 400; ++i) returns[static_cast<std::size_t>(i)] = i % 2 == 0 ? 0.01 : -0.004;
    for (int i = 0; i < losing; ++i) {
      state[static_cast<std::size_t>(i)] = 1;
      returns[static_cast<std::size_t>(i)] = -0.01;
    }
    const RegimeFit fit = fit_regimes(returns, state, 2, 0, annual(252));
    EXPECT_EQ(fit.trade_in[1], losing < metrics::kMinRegimeBars) << losing;
  }
}

TEST(RegimeFit, degenerate_series_have_reasons) {
  const RegimeFit none = fit_regimes({}, {}, 2, 0, annual(252));
  EXPECT_EQ(none.score.why, metrics::Undefined::too_few);
  EXPECT_EQ(none.bars, (std::vector<std::int64_t>{0, 0}));
  const std::vector<double> flat(100, 0.0);
  const std::vector<int> state(100, 0);
  const RegimeFit still = fit_regimes(flat, state, 2, 0, annual(252));
  EXPECT_EQ(still.score.why, metrics::Undefined::zero_variance);
  EXPECT_EQ(still.sharpe_ratio[0].why, metrics::Undefined::zero_variance);
  EXPECT_EQ(still.sharpe_ratio[1].why, metrics::Undefined::too_few);
  const RegimeFit no_regimes = fit_regimes(flat, std::vector<int>(100, -1), 0, 0, annual(252));
  EXPECT_TRUE(no_regimes.bars.empty());
}

}  // namespace
}  // namespace tradewind::analysis
