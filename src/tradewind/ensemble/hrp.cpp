// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tradewind/ensemble/clustering.hpp"
#include "tradewind/ensemble/kernel_internal.hpp"
#include "tradewind/ensemble/nonlinear_internal.hpp"

namespace tradewind::ensemble {
namespace {

/// Euclidean distances between the columns of √((1 − ρ) / 2), as in the paper.
std::vector<double> distances_of(const BoxProblem& box) {
  const std::size_t n = box.count();
  std::vector<double> d(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const double scale = std::sqrt(box.matrix[i * n + i] * box.matrix[j * n + j]);
      const double correlation = i == j ? 1 : scale > 0 ? std::clamp(box.matrix[i * n + j] / scale, -1.0, 1.0) : 0;
      d[i * n + j] = std::sqrt(0.5 * (1 - correlation));
    }
  }
  const auto products = gram(d, n, n, 1, 1);
  if (!products) return d;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      d[i * n + j] = std::sqrt(std::max(0.0, (*products)[i * n + i] + (*products)[j * n + j] - 2 * (*products)[i * n + j]));
    }
  }
  return d;
}

/// Variance of the inverse-variance portfolio of the given strategies.
double branch_variance(const BoxProblem& box, std::span<const std::size_t> branch) {
  const std::size_t n = box.count();
  double total = 0;
  for (const std::size_t i : branch) total += 1 / box.matrix[i * n + i];
  double variance = 0;
  for (const std::size_t i : branch) {
    for (const std::size_t j : branch) variance += box.matrix[i * n + j] / (box.matrix[i * n + i] * box.matrix[j * n + j]);
  }
  return variance / (total * total);
}

void bisect(const BoxProblem& box, std::span<const std::size_t> branch, double share, std::vector<double>& weights) {
  if (branch.size() == 1) {
    weights[branch[0]] = std::clamp(share, box.lower[branch[0]], box.upper[branch[0]]);
    return;
  }
  const auto left = branch.first(branch.size() / 2);
  const auto right = branch.subspan(branch.size() / 2);
  const double a = branch_variance(box, left);
  const double b = branch_variance(box, right);
  double lower[2] = {0, 0};
  double upper[2] = {0, 0};
  for (std::size_t k = 0; k < branch.size(); ++k) {
    lower[k < left.size() ? 0 : 1] += box.lower[branch[k]];
    upper[k < left.size() ? 0 : 1] += box.upper[branch[k]];
  }
  const double low = std::max(lower[0], share - upper[1]);
  const double high = std::max(low, std::min(upper[0], share - lower[1]));
  const double part = std::clamp(share * b / (a + b), low, high);
  bisect(box, left, part, weights);
  bisect(box, right, share - part, weights);
}

}  // namespace

NonlinearSolution solve_hrp(const BoxProblem& box) {
  NonlinearSolution out;
  const std::size_t n = box.count();
  out.weights.assign(n, 0.0);
  const std::vector<std::size_t> order = leaf_order(agglomerate(distances_of(box), n, Linkage::single), n);
  bisect(box, order, 1, out.weights);
  out.objective = dot(times(box, out.weights).data(), out.weights.data(), n);
  return out;
}

}  // namespace tradewind::ensemble
