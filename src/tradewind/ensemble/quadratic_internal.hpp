// SPDX-License-Identifier: Apache-2.0
// The two quadratic objectives on top of the active set, and the check of their optimality, which shares no code with it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tradewind/ensemble/active_set_internal.hpp"

namespace tradewind::ensemble {

/// What is optimised over a BoxProblem. With `value`: maximise (value'w − kink · Σ|w − anchor|) / √(w'Sw). Without: minimise
/// ½ w'Sw + kink · Σ|w − anchor|.
struct QuadraticGoal {
  std::span<const double> value;
  double kink = 0;

  bool is_ratio() const noexcept { return !value.empty(); }
};

struct QuadraticSolution {
  std::vector<double> weights;
  bool converged = false;
  std::string failure;  ///< why there is no optimum: no positive value, no variance
  double score = 0;     ///< ratio², or 1 / (w'Sw + 2 kink Σ|w − anchor|): larger is better for both
  double kkt_residual = 0;
};

/// The optimum over the whole box; the problem must be feasible (Σ lower ≤ 1 ≤ Σ upper). O(n · free) per step, about one step for
/// every weight that is not at a bound.
QuadraticSolution solve_quadratic(const BoxProblem& problem, const QuadraticGoal& goal);

/// Score of admissible weights; 0 for a ratio that is not positive.
double quadratic_score(const BoxProblem& problem, const QuadraticGoal& goal, std::span<const double> weights);

/// Largest violation of the conditions of optimality, relative: for the ratio in the gradient of its logarithm, for the variance
/// relative to w'Sw. With one sum and bounds they hold exactly when no weight that can grow gains more than one that can shrink
/// loses; violated bounds and a sum other than one count too.
double kkt_residual(const BoxProblem& problem, const QuadraticGoal& goal, std::span<const double> weights);
/// The same for any gain per weight: `grow` and `shrink` are the derivatives of the objective (maximised) upwards and downwards.
double pair_residual(const BoxProblem& problem, std::span<const double> weights, std::span<const double> grow,
                     std::span<const double> shrink);

}  // namespace tradewind::ensemble
