// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "panels.hpp"

namespace tradewind::ensemble {
namespace {

TEST(Objectives, Every_objective_gives_admissible_weights_with_its_status) {
  const ReturnPanel panel = random_panel(12, 500, 3);
  for (const Objective objective : kAllObjectives) {
    for (const std::size_t limit : {std::size_t{0}, std::size_t{4}}) {
      for (const double cap : {0.3, 0.5}) {
        const EnsembleOptions options = options_for(objective, limit, cap);
        const auto result = optimize_panel(panel, options);
        ASSERT_TRUE(result) << result.error().message();
        const std::string what = std::string(enum_name(objective)) + " k " + std::to_string(limit);
        expect_admissible(*result, options, what);
        if (result->status != SolveStatus::optimal) {
          EXPECT_FALSE(result->reason.empty()) << what;
        }
        if (result->status == SolveStatus::optimal) {
          EXPECT_LE(result->kkt_residual.number, kKktLimit) << what;
        }
        EXPECT_TRUE(result->objective.defined()) << what;
      }
    }
  }
}

TEST(Objectives, Order_of_columns_does_not_matter) {
  const ReturnPanel panel = random_panel(10, 400, 9);
  std::vector<std::size_t> order{7, 2, 9, 0, 4, 1, 8, 3, 6, 5};
  const ReturnPanel mixed = select_columns(panel, order);
  for (const Objective objective : kAllObjectives) {
    for (const std::size_t limit : {std::size_t{0}, std::size_t{3}}) {
      const auto a = optimize_panel(panel, options_for(objective, limit));
      const auto b = optimize_panel(mixed, options_for(objective, limit));
      ASSERT_TRUE(a && b);
      if (objective == Objective::hrp) continue;  // left and right branches are a matter of order
      for (std::size_t k = 0; k < order.size(); ++k)
        EXPECT_NEAR(b->weights[k], a->weights[order[k]], 1e-9) << enum_name(objective) << " " << k;
    }
  }
}

TEST(Objectives, Scale_of_returns_does_not_matter) {
  const ReturnPanel panel = random_panel(8, 400, 5);
  ReturnPanel scaled(panel);
  for (double& value : scaled.values) value *= 1e-3;
  for (const Objective objective : kAllObjectives) {
    const auto a = optimize_panel(panel, options_for(objective));
    const auto b = optimize_panel(scaled, options_for(objective));
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->status, b->status);
    for (std::size_t j = 0; j < 8; ++j) EXPECT_NEAR(a->weights[j], b->weights[j], 1e-9) << enum_name(objective);
  }
}

TEST(Objectives, Sortino_and_tail_loss_beat_every_exchange_of_weight) {
  for (const Objective objective : {Objective::sortino, Objective::cvar}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const ReturnPanel panel = random_panel(6, 300, seed);
      const auto result = optimize_panel(panel, options_for(objective));
      ASSERT_TRUE(result && result->has_weights());
      EXPECT_EQ(result->status, SolveStatus::optimal) << result->reason;
      const auto score = [&](const std::vector<double>& w) {
        std::vector<double> path(panel.rows, 0.0);
        for (std::size_t j = 0; j < 6; ++j) {
          for (std::size_t t = 0; t < panel.rows; ++t) path[t] += w[j] * panel.column(j)[t];
        }
        if (objective == Objective::sortino) {
          double mean = 0;
          double down = 0;
          for (const double r : path) {
            mean += r / 300;
            down += std::min(r, 0.0) * std::min(r, 0.0) / 300;
          }
          return mean / std::sqrt(down) * std::sqrt(252.0);
        }
        std::sort(path.begin(), path.end());
        return std::accumulate(path.begin(), path.begin() + 15, 0.0) / 15;
      };
      const double best = score(result->weights);
      EXPECT_NEAR(objective == Objective::sortino ? result->objective.number : -result->objective.number, best, 1e-12);
      for (std::size_t a = 0; a < 6; ++a) {
        for (std::size_t b = 0; b < 6; ++b) {
          for (const double size : {1e-4, 1e-2, 0.1}) {
            std::vector<double> w(result->weights);
            const double move = std::min({size, w[a], 0.5 - w[b]});
            if (a == b || move <= 0) continue;
            w[a] -= move;
            w[b] += move;
            EXPECT_LE(score(w), best + 1e-12 * std::fabs(best)) << enum_name(objective) << " seed " << seed;
          }
        }
      }
    }
  }
}

TEST(Objectives, Risk_parity_contributions_are_equal) {
  const ReturnPanel panel = random_panel(9, 400, 12);
  const auto moments = estimate_moments(panel, CovarianceMethod::sample);
  const auto result = optimize_panel(panel, options_for(Objective::risk_parity, 0, 1.0));
  ASSERT_TRUE(moments && result && result->has_weights());
  std::vector<double> contribution(9, 0.0);
  for (std::size_t i = 0; i < 9; ++i) {
    for (std::size_t j = 0; j < 9; ++j) contribution[i] += result->weights[i] * moments->covariance[i * 9 + j] * result->weights[j];
  }
  for (const double c : contribution) EXPECT_NEAR(c / contribution[0], 1, 1e-9);
}

TEST(Objectives, Hierarchical_risk_parity_of_two_blocks_follows_the_paper) {
  // Two uncorrelated strategies: one split by inverse variance.
  Moments moments{.count = 2, .rows = 100, .mean = {0, 0}, .covariance = {4e-4, 0, 0, 1e-4}};
  const auto result = optimize_moments(moments, options_for(Objective::hrp, 0, 1.0));
  ASSERT_TRUE(result);
  EXPECT_NEAR(result->weights[0], 0.2, 1e-12);
  EXPECT_NEAR(result->weights[1], 0.8, 1e-12);
}

TEST(Objectives, Above_sixty_strategies_the_gap_is_certified) {
  const ReturnPanel panel = random_panel(80, 600, 21);
  for (const Objective objective : {Objective::sharpe, Objective::min_variance}) {
    const EnsembleOptions options = options_for(objective, 5);
    const auto limited = optimize_panel(panel, options);
    const auto open = optimize_panel(panel, options_for(objective));
    ASSERT_TRUE(limited && open);
    expect_admissible(*limited, options, "80 strategies");
    EXPECT_EQ(limited->status, SolveStatus::heuristic);
    const double ratio = objective == Objective::sharpe ? open->objective.number / limited->objective.number
                                                        : limited->objective.number / open->objective.number;
    EXPECT_NEAR(limited->gap.number, ratio - 1, 1e-9);
  }
}

TEST(Objectives, Correlated_strategies_are_left_out_for_the_better_one) {
  ReturnPanel panel = random_panel(4, 300, 2);
  std::vector<double> copy(panel.column(1).begin(), panel.column(1).end());
  for (double& value : copy) value = value * 0.5 - 1e-4;
  panel.add("copy", copy);
  EnsembleOptions options = options_for(Objective::min_variance);
  options.constraints.max_correlation = 0.95;
  const auto result = optimize_panel(panel, options);
  ASSERT_TRUE(result);
  ASSERT_EQ(result->excluded.size(), 1u);
  EXPECT_EQ(result->excluded[0].column, 4u);
  EXPECT_EQ(result->excluded[0].reason, "correlated with s1");
  EXPECT_EQ(result->weights[4], 0);
}

TEST(Objectives, Same_bytes_at_any_thread_count) {
  const ReturnPanel panel = random_panel(150, 400, 8);
  EnsembleOptions one = options_for(Objective::sharpe);
  EnsembleOptions many = one;
  many.threads = 4;
  EXPECT_EQ(optimize_panel(panel, one)->weights, optimize_panel(panel, many)->weights);
}

}  // namespace
}  // namespace tradewind::ensemble
