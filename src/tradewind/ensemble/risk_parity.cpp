// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tradewind/ensemble/kernel_internal.hpp"
#include "tradewind/ensemble/nonlinear_internal.hpp"

namespace tradewind::ensemble {
namespace {

/// Cyclical coordinate descent on ½ w'Sw − λ Σ ln w_i within the box, from the present weights [Griveau-Billion, Richard & Roncalli
/// 2013]: each step is the positive root of S_ii w² + (Sw − S_ii w)_i w − λ.
void descend(const BoxProblem& box, double lambda, std::vector<double>& w) {
  const std::size_t n = w.size();
  std::vector<double> force = times(box, w);
  for (int sweep = 0; sweep < 2000; ++sweep) {
    double change = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double own = box.matrix[i * n + i];
      const double b = force[i] - own * w[i];
      const double root =
          b > 0 ? 2 * lambda / (b + std::sqrt(b * b + 4 * own * lambda)) : (-b + std::sqrt(b * b + 4 * own * lambda)) / (2 * own);
      const double next = std::clamp(root, box.lower[i], box.upper[i]);
      const double step = next - w[i];
      if (step == 0) continue;
      change = std::max(change, std::fabs(step) / next);
      axpy(step, box.matrix.data() + i * n, force.data(), n);
      w[i] = next;
    }
    if (change < 1e-14) return;
    if (sweep % 16 == 15) force = times(box, w);
  }
}

double sum_of(const std::vector<double>& w) { return std::accumulate(w.begin(), w.end(), 0.0); }

/// Largest relative difference between the contributions of strategies strictly inside their bounds.
double spread_of_contributions(const BoxProblem& box, std::span<const double> w) {
  const std::vector<double> force = times(box, w);
  double least = std::numeric_limits<double>::infinity();
  double most = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (w[i] <= box.lower[i] || w[i] >= box.upper[i]) continue;
    least = std::min(least, w[i] * force[i]);
    most = std::max(most, w[i] * force[i]);
  }
  return most > 0 ? (most - least) / most : 0;
}

}  // namespace

NonlinearSolution solve_risk_parity(const BoxProblem& box) {
  NonlinearSolution out;
  const std::size_t n = box.count();
  // Without bounds λ only scales the weights, so one descent and a division solve the problem.
  BoxProblem open{box.matrix, std::vector<double>(n, 0.0), std::vector<double>(n, std::numeric_limits<double>::max()), {}};
  std::vector<double> w(n);
  for (std::size_t i = 0; i < n; ++i) w[i] = 1 / std::sqrt(box.matrix[i * n + i] * static_cast<double>(n));
  descend(open, 1 / static_cast<double>(n), w);
  const double total = sum_of(w);
  bool inside = true;
  for (std::size_t i = 0; i < n; ++i) {
    w[i] /= total;
    inside = inside && w[i] >= box.lower[i] && w[i] <= box.upper[i];
  }
  if (!inside) {
    double low = 0;
    double high = 1 / (static_cast<double>(n) * total * total);
    for (std::size_t i = 0; i < n; ++i) w[i] = std::clamp(w[i], std::max(box.lower[i], 1e-300), box.upper[i]);
    for (descend(box, high, w); sum_of(w) < 1; descend(box, high, w)) {
      low = high;
      high *= 2;
      if (high > 1e300) break;
    }
    for (int round = 0; round < 100 && high - low > 1e-16 * high; ++round) {
      const double middle = 0.5 * (low + high);
      descend(box, middle, w);
      (sum_of(w) < 1 ? low : high) = middle;
    }
  }
  out.residual = std::max(spread_of_contributions(box, w), std::fabs(sum_of(w) - 1));
  out.weights = std::move(w);
  out.objective = dot(times(box, out.weights).data(), out.weights.data(), n);
  return out;
}

}  // namespace tradewind::ensemble
