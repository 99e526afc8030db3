// SPDX-License-Identifier: Apache-2.0
// Inputs without a meaningful optimum have a defined result with a reason, never an unflagged one.
#include <cmath>

#include "panels.hpp"
#include "tradewind/ensemble/ensemble_optimizer.hpp"
#include "tradewind/ensemble/walk_forward.hpp"

namespace tradewind::ensemble {
namespace {

ReturnPanel with_column(ReturnPanel panel, std::size_t j, const std::vector<double>& column) {
  std::copy(column.begin(), column.end(), panel.values.begin() + static_cast<std::ptrdiff_t>(j * panel.rows));
  return panel;
}

TEST(Degenerate, Constant_column_is_left_out_with_its_reason) {
  const ReturnPanel panel = with_column(random_panel(5, 200, 1), 3, std::vector<double>(200, 0.001));
  for (const Objective objective : kAllObjectives) {
    const auto result = optimize_panel(panel, options_for(objective));
    ASSERT_TRUE(result && result->has_weights()) << enum_name(objective);
    ASSERT_EQ(result->excluded.size(), 1u);
    EXPECT_EQ(result->excluded[0].reason, "zero_variance");
    EXPECT_EQ(result->weights[3], 0);
  }
}

TEST(Degenerate, Constant_column_is_in_no_baseline) {
  const ReturnPanel four = random_panel(4, 200, 1);
  ReturnPanel five = four;
  five.add("cash", std::vector<double>(200, 0.001));
  EXPECT_EQ(equal_weights(five), (std::vector<double>{0.25, 0.25, 0.25, 0.25, 0}));
  const EnsembleOptions options = options_for(Objective::sharpe);
  const auto with = walk_forward(five, options), without = walk_forward(four, options);
  ASSERT_TRUE(with && without);
  EXPECT_EQ(with->equal_weight.sharpe_ratio.number, without->equal_weight.sharpe_ratio.number);
  ReturnPanel flat;
  flat.add("a", std::vector<double>(5, 0.0));
  flat.add("b", std::vector<double>(5, 0.1));
  EXPECT_EQ(equal_weights(flat), (std::vector<double>{0.5, 0.5}));
}

TEST(Degenerate, Identical_strategies_share_one_optimum) {
  ReturnPanel panel = random_panel(6, 300, 4);
  const std::vector<double> twin(panel.column(1).begin(), panel.column(1).end());
  const ReturnPanel single(panel);
  panel = with_column(panel, 5, twin);
  std::vector<std::size_t> first{0, 1, 2, 3, 4};
  for (const Objective objective :
       {Objective::sharpe, Objective::min_variance, Objective::sortino, Objective::cvar, Objective::max_diversification}) {
    const auto both = optimize_panel(panel, options_for(objective, 0, 1.0));
    const auto one = optimize_panel(select_columns(panel, first), options_for(objective, 0, 1.0));
    ASSERT_TRUE(both && one && both->has_weights()) << enum_name(objective);
    EXPECT_EQ(both->status, SolveStatus::optimal) << both->reason;
    EXPECT_NEAR(both->objective.number / one->objective.number, 1, 1e-9) << enum_name(objective);
    EXPECT_NEAR(both->weights[1] + both->weights[5], one->weights[1], 1e-6) << enum_name(objective);
  }
  for (const std::size_t limit : {2u, 3u}) {
    const EnsembleOptions options = options_for(Objective::sharpe, limit);
    const auto result = optimize_panel(panel, options);
    ASSERT_TRUE(result);
    expect_admissible(*result, options, "twins");
  }
}

TEST(Degenerate, Negative_means_have_no_sharpe_optimum) {
  ReturnPanel panel = random_panel(5, 200, 6);
  for (std::size_t j = 0; j < 5; ++j) {
    double mean = 0;
    for (const double value : panel.column(j)) mean += value / 200;
    for (std::size_t t = 0; t < 200; ++t) panel.values[j * 200 + t] -= mean + 1e-4;
  }
  for (const std::size_t limit : {0u, 3u}) {
    for (const Objective objective : {Objective::sharpe, Objective::sortino}) {
      const auto result = optimize_panel(panel, options_for(objective, limit));
      ASSERT_TRUE(result);
      EXPECT_EQ(result->status, SolveStatus::degenerate);
      EXPECT_FALSE(result->has_weights());
      EXPECT_FALSE(result->reason.empty());
      EXPECT_FALSE(result->objective.defined());
    }
    EXPECT_EQ(optimize_panel(panel, options_for(Objective::min_variance, limit))->status, SolveStatus::optimal);
  }
}

TEST(Degenerate, Fewer_rows_than_columns_need_a_shrunk_covariance) {
  const ReturnPanel panel = random_panel(20, 12, 7);
  for (const Objective objective : kAllObjectives) {
    const auto result = optimize_panel(panel, options_for(objective));
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status, SolveStatus::degenerate) << enum_name(objective);
    EXPECT_NE(result->reason.find("too few observations"), std::string::npos);
  }
  for (const CovarianceMethod method : {CovarianceMethod::ledoit_wolf, CovarianceMethod::denoised}) {
    EnsembleOptions options = options_for(Objective::min_variance);
    options.covariance = method;
    const auto result = optimize_panel(panel, options);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status, SolveStatus::optimal) << enum_name(method);
  }
}

TEST(Degenerate, One_strategy_and_one_bar) {
  const ReturnPanel one = random_panel(1, 100, 3);
  for (const Objective objective : kAllObjectives) {
    const auto whole = optimize_panel(one, options_for(objective, 0, 1.0));
    ASSERT_TRUE(whole);
    if (objective == Objective::sharpe || objective == Objective::sortino) continue;  // depends on the sign of its mean
    ASSERT_TRUE(whole->has_weights()) << enum_name(objective) << ": " << whole->reason;
    EXPECT_EQ(whole->weights, std::vector<double>{1.0});
  }
  EXPECT_EQ(optimize_panel(one, options_for(Objective::min_variance))->status, SolveStatus::infeasible);
  const auto bar = optimize_panel(random_panel(4, 1, 3), options_for(Objective::min_variance));
  ASSERT_TRUE(bar);
  EXPECT_EQ(bar->status, SolveStatus::degenerate);
}

TEST(Degenerate, Constraints_that_cannot_be_met_are_infeasible) {
  const ReturnPanel panel = random_panel(20, 100, 3);
  const auto status = [&](std::size_t columns, std::size_t limit, double low, double high, const char* word) {
    std::vector<std::size_t> first(columns);
    for (std::size_t j = 0; j < columns; ++j) first[j] = j;
    for (const Objective objective : kAllObjectives) {
      EnsembleOptions options = options_for(objective, limit, high);
      options.constraints.min_weight = low;
      const auto result = optimize_panel(select_columns(panel, first), options);
      ASSERT_TRUE(result);
      EXPECT_EQ(result->status, SolveStatus::infeasible);
      EXPECT_NE(result->reason.find(word), std::string::npos) << result->reason;
    }
  };
  status(20, 1, 0, 0.5, "max_strategies * max_weight < 1");
  status(3, 5, 0, 0.3, "N * max_weight < 1");
  status(20, 0, 0.06, 0.5, "N * min_weight > 1");
  status(20, 0, 0.6, 0.5, "min_weight");
  status(20, 3, 0.45, 0.48, "no number of strategies");
  status(0, 0, 0, 0.5, "no strategy");
}

TEST(Degenerate, Options_out_of_range_are_usage_errors) {
  const ReturnPanel panel = random_panel(4, 100, 3);
  EnsembleOptions options = options_for(Objective::sharpe);
  options.periods_per_year = 0;
  EXPECT_EQ(optimize_panel(panel, options).error().code(), Errc::usage);
  options = options_for(Objective::sharpe);
  options.constraints.min_weight = -0.1;
  EXPECT_EQ(optimize_panel(panel, options).error().code(), Errc::usage);
  options = options_for(Objective::hrp);
  options.constraints.turnover_penalty = 0.1;
  EXPECT_EQ(optimize_panel(panel, options).error().code(), Errc::usage);
  ReturnPanel broken(panel);
  broken.values[150] = std::nan("");
  const auto error = optimize_panel(broken, options_for(Objective::sharpe));
  EXPECT_EQ(error.error().code(), Errc::invalid_data);
  EXPECT_EQ(error.error().where(), "row 50");
}

TEST(Degenerate, A_short_regime_uses_the_global_weights) {
  const ReturnPanel panel = random_panel(5, 400, 13);
  const std::vector<std::string> names{"calm", "rare", "wild"};
  std::vector<int> state(400, 0);
  for (std::size_t t = 200; t < 400; ++t) state[t] = 2;
  state[10] = state[11] = state[12] = 1;
  state[0] = -1;
  const RegimeRows regimes{state, names};
  const auto weights = EnsembleOptimizer(options_for(Objective::min_variance)).optimize_weights(panel, &regimes);
  ASSERT_TRUE(weights);
  ASSERT_EQ(weights->regimes.size(), 3u);
  EXPECT_TRUE(weights->regimes[0].fallback.empty());
  EXPECT_EQ(weights->regimes[1].bars, 3u);
  EXPECT_NE(weights->regimes[1].fallback.find("3 bars"), std::string::npos);
  EXPECT_EQ(weights->regimes[1].weights, weights->global.weights);
  EXPECT_NE(weights->regimes[0].weights, weights->regimes[2].weights);
  const auto plain = EnsembleOptimizer(options_for(Objective::min_variance), false).optimize_weights(panel, &regimes);
  EXPECT_TRUE(plain && plain->regimes.empty());
}

TEST(WalkForward, Weights_come_from_the_past_only) {
  const ReturnPanel panel = random_panel(6, 560, 17);
  const EnsembleOptions options = options_for(Objective::min_variance);
  const auto a = walk_forward(panel, options, {.first_fit = 200, .step = 40, .rolling = false});
  ASSERT_TRUE(a);
  std::vector<double> path;
  for (std::size_t at = 200; at < 560; at += 40) {
    const auto past = optimize_panel(slice(panel, 0, at), options);
    ASSERT_TRUE(past && past->has_weights());
    for (std::size_t t = at; t < at + 40; ++t) {
      path.push_back(0);
      for (std::size_t j = 0; j < 6; ++j) path.back() += past->weights[j] * panel.column(j)[t];
    }
  }
  double mean = 0;
  double squares = 0;
  for (const double r : path) mean += r / 360;
  for (const double r : path) squares += (r - mean) * (r - mean);
  EXPECT_NEAR(a->ensemble.volatility.number, std::sqrt(squares / 359 * 252), 1e-12);
  EXPECT_NEAR(a->ensemble.sharpe_ratio.number, mean / std::sqrt(squares / 359) * std::sqrt(252.0), 1e-10);
  EXPECT_EQ(a->bars, 360u);
  EXPECT_EQ(a->refits, 9u);
  EXPECT_EQ(a->equal_weight.turnover.number, 0);
  EXPECT_GT(a->ensemble.turnover.number, 0);
  const auto rolling = walk_forward(panel, options, {.first_fit = 200, .step = 40, .rolling = true});
  ASSERT_TRUE(rolling);
  EXPECT_GT(rolling->ensemble.turnover.number, a->ensemble.turnover.number);
  const auto brief = walk_forward(slice(panel, 0, 50), options);
  ASSERT_TRUE(brief);
  EXPECT_EQ(brief->bars, 0u);
  EXPECT_FALSE(brief->ensemble.sharpe_ratio.defined());
}

}  // namespace
}  // namespace tradewind::ensemble
