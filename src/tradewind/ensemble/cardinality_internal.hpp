// SPDX-License-Identifier: Apache-2.0
// At most k of n strategies: exact for up to kExactStrategies, by enumeration of supports with bounds; greedy with swaps above.
#pragma once

#include <cstdint>

#include "tradewind/ensemble/quadratic_internal.hpp"

namespace tradewind::ensemble {

inline constexpr std::size_t kExactStrategies = 60;

struct CardinalityProblem {
  BoxProblem box;  ///< upper bounds and anchor of every strategy; lower bounds are 0
  QuadraticGoal goal;
  double min_weight = 0;  ///< of the strategies held
  double max_weight = 1;
  std::size_t max_count = 0;
  std::uint64_t budget =
      400'000'000;  ///< effort, in supports looked at, after which the search gives up and becomes a heuristic: some seconds
};

struct CardinalitySolution {
  std::vector<double> weights;  ///< empty when `failure` says why
  std::string failure;
  double score = 0;            ///< of the weights, as in QuadraticSolution
  double bound = 0;            ///< no weights with at most max_count strategies score more
  bool proven = false;         ///< the score is the bound
  std::uint64_t supports = 0;  ///< looked at
};

/// The best weights with at most max_count strategies held. O(C(n, k)) at worst; k = 5 of 50 takes a few hundredths of a second.
CardinalitySolution solve_cardinality(const CardinalityProblem& problem);

/// The optimum on one support (every bound from min_weight to max_weight); no weights when it is not feasible.
QuadraticSolution solve_support(const CardinalityProblem& problem, std::span<const std::size_t> support);

}  // namespace tradewind::ensemble
