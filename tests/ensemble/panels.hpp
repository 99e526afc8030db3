// SPDX-License-Identifier: Apache-2.0
// Seeded return panels for the tests.
#pragma once

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/ensemble/objectives.hpp"

namespace tradewind::ensemble {

/// One common factor, an alpha and noise of its own for every column.
inline ReturnPanel random_panel(std::size_t columns, std::size_t rows, std::uint64_t seed, double alpha = 4e-4) {
  Random random(seed);
  std::vector<double> factor(rows);
  for (double& value : factor) value = random.normal();
  ReturnPanel panel;
  std::vector<double> column(rows);
  for (std::size_t j = 0; j < columns; ++j) {
    const double load = 0.004 * random.normal() + 0.002;
    const double mean = alpha * (random.uniform() - 0.3) * 3;
    const double noise = 0.004 + 0.01 * random.uniform();
    for (std::size_t t = 0; t < rows; ++t) column[t] = mean + load * factor[t] + noise * random.normal();
    panel.add("s" + std::to_string(j), column);
  }
  return panel;
}

inline EnsembleOptions options_for(Objective objective, std::size_t max_strategies = 0, double max_weight = 0.5) {
  EnsembleOptions options;
  options.objective = objective;
  options.covariance = CovarianceMethod::sample;
  options.periods_per_year = 252;
  options.constraints.max_strategies = max_strategies;
  options.constraints.max_weight = max_weight;
  return options;
}

inline double sum_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

inline void expect_admissible(const WeightResult& result, const EnsembleOptions& options, const std::string& what) {
  ASSERT_TRUE(result.has_weights()) << what << ": " << result.reason;
  EXPECT_NEAR(sum_of(result.weights), 1, 1e-12) << what;
  std::size_t held = 0;
  for (const double w : result.weights) {
    EXPECT_GE(w, 0) << what;
    EXPECT_LE(w, options.constraints.max_weight + 1e-12) << what;
    if (w > 0) {
      EXPECT_GE(w, options.constraints.min_weight - 1e-12) << what;
    }
    held += w > 0 ? 1 : 0;
  }
  if (options.constraints.max_strategies > 0) {
    EXPECT_LE(held, options.constraints.max_strategies) << what;
  }
}

inline constexpr Objective kAllObjectives[] = {
    Objective::sharpe, Objective::min_variance,       Objective::sortino, Objective::cvar, Objective::risk_parity,
    Objective::hrp,    Objective::max_diversification};

}  // namespace tradewind::ensemble
