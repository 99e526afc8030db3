// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "tradewind/ensemble/nonlinear_internal.hpp"

namespace tradewind::ensemble {

/// What no admissible weights can fall below: the expected tail loss is a maximum over tail probabilities (sum 1, each at most
/// 1 / tail), so that it is at least the loss at any of them. Probabilities that break these rules are moved inside first.
double tail_bound(const ReturnPanel& panel, const BoxProblem& box, std::vector<double> probabilities, double tail);

/// A guess at the optimal vertex of the linear program.
struct TailVertex {
  std::vector<double> weights;        ///< right at the bounds
  std::vector<double> probabilities;  ///< right at 0 and 1 / tail
  std::vector<std::size_t> inside;    ///< weights between their bounds
  std::vector<std::size_t> edge;      ///< bars whose loss equals the value at risk
};
/// Solves for the weights inside and the probabilities on the edge exactly. False when the guess is no vertex.
bool solve_vertex(const ReturnPanel& panel, TailVertex& vertex);

}  // namespace tradewind::ensemble
