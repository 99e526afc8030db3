// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tradewind/ensemble/kernel_internal.hpp"
#include "tradewind/ensemble/nonlinear_internal.hpp"

namespace tradewind::ensemble {
namespace {

std::vector<double> path_of(const ReturnPanel& panel, std::span<const double> weights) {
  std::vector<double> path(panel.rows, 0.0);
  for (std::size_t j = 0; j < weights.size(); ++j) {
    if (weights[j] != 0) axpy(weights[j], panel.column(j).data(), path.data(), panel.rows);
  }
  return path;
}

struct Downside {
  std::vector<std::size_t> bars;  ///< below the target
  std::vector<double> path;
  double semivariance = 0;
};

Downside downside_of(const ReturnPanel& excess, std::span<const double> weights) {
  Downside out;
  out.path = path_of(excess, weights);
  for (std::size_t t = 0; t < out.path.size(); ++t) {
    if (out.path[t] >= 0) continue;
    out.bars.push_back(t);
    out.semivariance += out.path[t] * out.path[t];
  }
  out.semivariance /= static_cast<double>(excess.rows);
  return out;
}

double net_value(const BoxProblem& box, std::span<const double> value, double kink, std::span<const double> weights) {
  return dot(value.data(), weights.data(), weights.size()) - kink * distance_from_anchor(box, weights);
}

double residual_of(const ReturnPanel& excess, const BoxProblem& box, std::span<const double> value, double kink,
                   std::span<const double> weights) {
  const Downside downside = downside_of(excess, weights);
  const double net = net_value(box, value, kink, weights);
  std::vector<double> grow;
  std::vector<double> shrink;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    double force = 0;
    for (const std::size_t t : downside.bars) force += excess.column(i)[t] * downside.path[t];
    const double gain = value[i] / net - force / (static_cast<double>(excess.rows) * downside.semivariance);
    const double up = !box.has_anchor() ? 0 : weights[i] < box.anchor[i] ? -1 : 1;
    const double down = !box.has_anchor() ? 0 : weights[i] > box.anchor[i] ? 1 : -1;
    grow.push_back(gain - kink * up / net);
    shrink.push_back(gain - kink * down / net);
  }
  return pair_residual(box, weights, grow, shrink);
}

}  // namespace

double sortino_per_bar(const ReturnPanel& excess, std::span<const double> weights) {
  const Downside downside = downside_of(excess, weights);
  double sum = 0;
  for (const double value : downside.path) sum += value;
  return sum / static_cast<double>(excess.rows) / std::sqrt(downside.semivariance);
}

NonlinearSolution solve_sortino(const ReturnPanel& excess, const BoxProblem& box, std::span<const double> value, double kink) {
  NonlinearSolution out;
  QuadraticSolution start = solve_quadratic(box, {value, kink});
  if (!start.failure.empty()) {
    out.failure = start.failure;
    return out;
  }
  out.weights = std::move(start.weights);
  for (int round = 0; round < 200; ++round) {
    const Downside now = downside_of(excess, out.weights);
    if (!(now.semivariance > 0)) {
      out.failure = "no bar of the best weights lies below the target";
      return out;
    }
    std::vector<std::size_t> all(excess.columns());
    for (std::size_t j = 0; j < all.size(); ++j) all[j] = j;
    const ReturnPanel below = select(excess, all, now.bars);
    const auto matrix = gram(below.values, below.rows, below.columns(), 1 / static_cast<double>(excess.rows), 1);
    if (!matrix) return out;
    const BoxProblem piece{*matrix, box.lower, box.upper, box.anchor};
    const QuadraticSolution best = solve_quadratic(piece, {value, kink});
    if (!best.failure.empty()) break;
    const double before = net_value(box, value, kink, out.weights) / std::sqrt(now.semivariance);
    bool moved = false;
    bool same = false;
    for (double step = 1; step > 1e-6 && !moved; step /= 2) {
      std::vector<double> trial(best.weights);
      if (step < 1) {
        for (std::size_t i = 0; i < trial.size(); ++i) trial[i] = out.weights[i] + step * (best.weights[i] - out.weights[i]);
      }
      const Downside after = downside_of(excess, trial);
      same = step == 1 && after.bars == now.bars;
      if (same || net_value(box, value, kink, trial) / std::sqrt(after.semivariance) > before * (1 + 1e-15)) {
        out.weights = std::move(trial);
        moved = true;
      }
    }
    if (!moved || same) break;
  }
  out.objective = net_value(box, value, kink, out.weights) / std::sqrt(downside_of(excess, out.weights).semivariance);
  out.residual = residual_of(excess, box, value, kink, out.weights);
  return out;
}

}  // namespace tradewind::ensemble
