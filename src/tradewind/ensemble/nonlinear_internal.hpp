// SPDX-License-Identifier: Apache-2.0
// The objectives that are not one quadratic program.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tradewind/ensemble/quadratic_internal.hpp"
#include "tradewind/ensemble/return_panel.hpp"

namespace tradewind::ensemble {

struct NonlinearSolution {
  std::vector<double> weights;
  std::string failure;
  double objective = 0;  ///< per bar: Sortino ratio, expected tail loss, variance
  double residual = 0;   ///< KKT residual; cvar: relative duality gap
  double bound = 0;      ///< on the objective, where there is one
};

/// Largest (value'w − kink Σ|w − anchor|) / √(mean of min(excess_t'w, 0)²). `excess`: returns over the target. A sequence of quadratic
/// ratios, each exact while the set of bars below the target stays the same; ends when it does.
NonlinearSolution solve_sortino(const ReturnPanel& excess, const BoxProblem& box, std::span<const double> value, double kink);
double sortino_per_bar(const ReturnPanel& excess, std::span<const double> weights);

/// Smallest mean loss in the worst (1 − level) of bars: a linear program by a primal-dual interior point method [Mehrotra 1992] that
/// starts and stays feasible. The bound is recomputed from the tail probabilities. O(rows · columns²) per iteration, 15 to 40 of them.
NonlinearSolution solve_cvar(const ReturnPanel& panel, const BoxProblem& box, double level);
/// Mean of the worst (1 − level) · bars losses, the last of them in part; positive is a loss.
double tail_loss(const ReturnPanel& panel, std::span<const double> weights, double level);

/// Weights whose contributions to variance w_i (Sw)_i are equal wherever no bound binds: the minimum of ½ w'Sw − λ Σ ln w_i over the
/// box, λ such that the sum is one [Spinu 2013; Richard & Roncalli 2019], by cyclical coordinate descent. The residual is the
/// largest relative difference of contributions between strategies inside their bounds.
NonlinearSolution solve_risk_parity(const BoxProblem& box);

/// Hierarchical risk parity: single-linkage tree of the correlation distances, inverse-variance bisection down the tree, the split
/// of every branch held within what the bounds of its leaves allow.
NonlinearSolution solve_hrp(const BoxProblem& box);

}  // namespace tradewind::ensemble
