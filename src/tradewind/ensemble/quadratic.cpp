// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/quadratic_internal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tradewind/ensemble/kernel_internal.hpp"

namespace tradewind::ensemble {
namespace {

constexpr double kTolerance = 1e-11;   // of a gradient, relative to w'Sw
constexpr double kNoVariance = 1e-20;  // of w'Sw, relative to the mean variance

double mean_variance(const BoxProblem& problem) {
  double trace = 0;
  for (std::size_t i = 0; i < problem.count(); ++i) trace += problem.matrix[i * problem.count() + i];
  return trace / static_cast<double>(problem.count());
}

double quadratic_form(const BoxProblem& problem, std::span<const double> weights) {
  return std::max(0.0, dot(times(problem, weights).data(), weights.data(), weights.size()));
}

double net_value(const BoxProblem& problem, const QuadraticGoal& goal, std::span<const double> weights) {
  return dot(goal.value.data(), weights.data(), weights.size()) - goal.kink * distance_from_anchor(problem, weights);
}

/// A vertex with a good ratio to begin from; empty when no admissible weights have a positive value.
std::vector<double> ratio_start(const BoxProblem& problem, const QuadraticGoal& goal) {
  std::vector<double> best = best_vertex(problem, goal.value, goal.kink);
  if (!(net_value(problem, goal, best) > 0)) return {};
  std::vector<double> single(goal.value.begin(), goal.value.end());
  const double floor = 1e-12 * mean_variance(problem);
  for (std::size_t i = 0; i < single.size(); ++i) single[i] /= std::sqrt(std::max(problem.matrix[i * single.size() + i], floor));
  const std::vector<double> other = best_vertex(problem, single, 0);
  return quadratic_score(problem, goal, other) > quadratic_score(problem, goal, best) ? other : best;
}

/// Along the frontier of minima of ½ w'Sw − t · value(w), the best ratio stands where w'Sw = t · value(w) [Dinkelbach 1967]. On a
/// face both sides are known in closed form, so that the search ends when the face is right.
QuadraticSolution solve_ratio(const BoxProblem& problem, const QuadraticGoal& goal) {
  QuadraticSolution out;
  out.weights = ratio_start(problem, goal);
  if (out.weights.empty()) {
    out.failure = "no admissible weights have a positive mean return";
    return out;
  }
  const double floor = kNoVariance * mean_variance(problem);
  ActiveSet method(problem);
  method.start(out.weights);
  double low = 0;
  double high = std::numeric_limits<double>::infinity();
  double variance = quadratic_form(problem, out.weights);
  double t = variance / net_value(problem, goal, out.weights);
  std::vector<double> linear(problem.count());
  for (int round = 0; round < 200; ++round) {
    for (std::size_t i = 0; i < linear.size(); ++i) linear[i] = t * goal.value[i];
    const bool solved = method.solve(linear, t * goal.kink, kTolerance * variance);
    out.weights.assign(method.weights().begin(), method.weights().end());
    variance = quadratic_form(problem, out.weights);
    if (!(variance > floor)) {
      out.failure = "a combination with a positive mean return has no variance";
      return out;
    }
    if (!solved) return out;
    const double value = net_value(problem, goal, out.weights);
    const double excess = variance - t * value;
    if (excess > 0) low = t;
    if (excess < 0) high = t;
    double next = method.ratio_parameter(goal.value, goal.kink);
    if (!(next > low && next < high) && next != t) next = value > 0 ? variance / value : 2 * t;
    out.converged = std::fabs(next - t) <= 4e-16 * t;
    if (out.converged || std::fabs(excess) <= 1e-15 * variance) break;
    if (high - low <= 4e-16 * t) break;
    t = next;
  }
  out.converged = true;  // the residual says whether it is true
  return out;
}

QuadraticSolution solve_variance(const BoxProblem& problem, const QuadraticGoal& goal) {
  QuadraticSolution out;
  std::vector<double> quiet(problem.count());
  for (std::size_t i = 0; i < quiet.size(); ++i) quiet[i] = -problem.matrix[i * quiet.size() + i];
  ActiveSet method(problem);
  const std::vector<double> start = best_vertex(problem, quiet, 0);
  method.start(start);
  double scale = std::max(1e-6 * mean_variance(problem), std::numeric_limits<double>::min());
  out.converged = method.solve({}, goal.kink, kTolerance * scale);
  out.weights.assign(method.weights().begin(), method.weights().end());
  const double variance = quadratic_form(problem, out.weights);
  if (out.converged && variance < scale) {  // tighten: the gradient is as small as the variance
    out.converged = method.solve({}, goal.kink, kTolerance * std::max(variance, 1e-6 * scale));
    out.weights.assign(method.weights().begin(), method.weights().end());
  }
  return out;
}

}  // namespace

double quadratic_score(const BoxProblem& problem, const QuadraticGoal& goal, std::span<const double> weights) {
  const double variance = quadratic_form(problem, weights);
  if (!goal.is_ratio()) return 1 / (variance + 2 * goal.kink * distance_from_anchor(problem, weights));
  const double value = net_value(problem, goal, weights);
  return value > 0 ? value * value / variance : 0;
}

double pair_residual(const BoxProblem& problem, std::span<const double> weights, std::span<const double> grow,
                     std::span<const double> shrink) {
  double best_gain = -std::numeric_limits<double>::infinity();
  double least_loss = std::numeric_limits<double>::infinity();
  double sum = -1;
  double outside = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sum += weights[i];
    outside = std::max({outside, problem.lower[i] - weights[i], weights[i] - problem.upper[i]});
    if (weights[i] < problem.upper[i]) best_gain = std::max(best_gain, grow[i]);
    if (weights[i] > problem.lower[i]) least_loss = std::min(least_loss, shrink[i]);
  }
  return std::max({0.0, best_gain - least_loss, outside, std::fabs(sum)});
}

double kkt_residual(const BoxProblem& problem, const QuadraticGoal& goal, std::span<const double> weights) {
  const std::size_t n = weights.size();
  std::vector<double> force(n, 0.0);
  double variance = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) force[i] += problem.matrix[i * n + j] * weights[j];
    variance += force[i] * weights[i];
  }
  const double scale = std::max(variance, 1e-12 * mean_variance(problem));
  const double value = goal.is_ratio() ? net_value(problem, goal, weights) : 1;
  std::vector<double> grow(n);
  std::vector<double> shrink(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double unit = goal.is_ratio() ? 1 / value : 1 / scale;
    const double gain = (goal.is_ratio() ? goal.value[i] * unit : 0) - force[i] / scale;
    const double up = problem.has_anchor() && weights[i] < problem.anchor[i] ? -1 : 1;
    const double down = problem.has_anchor() && weights[i] > problem.anchor[i] ? 1 : -1;
    grow[i] = gain - (problem.has_anchor() ? goal.kink * up * unit : 0);
    shrink[i] = gain - (problem.has_anchor() ? goal.kink * down * unit : 0);
  }
  return pair_residual(problem, weights, grow, shrink);
}

QuadraticSolution solve_quadratic(const BoxProblem& problem, const QuadraticGoal& goal) {
  QuadraticSolution out = goal.is_ratio() ? solve_ratio(problem, goal) : solve_variance(problem, goal);
  if (!out.failure.empty()) return out;
  out.score = quadratic_score(problem, goal, out.weights);
  out.kkt_residual = kkt_residual(problem, goal, out.weights);
  return out;
}

}  // namespace tradewind::ensemble
