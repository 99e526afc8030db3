// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/cardinality_internal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tradewind/ensemble/support_search_internal.hpp"

namespace tradewind::ensemble {
namespace {

constexpr double kBetter = 1 + 1e-12;  // scores closer than this are equal, and the first found stays

/// Largest first; equal ones by index.
std::vector<std::size_t> order_by(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  return order;
}

struct Incumbent {
  std::vector<std::size_t> support;
  std::vector<double> weights;
  double score = 0;
};

bool offer(const CardinalityProblem& problem, std::span<const std::size_t> support, Incumbent& best) {
  const QuadraticSolution solution = solve_support(problem, support);
  if (solution.weights.empty() || !(solution.score > best.score * kBetter)) return false;
  best.support.assign(support.begin(), support.end());
  best.weights = solution.weights;
  best.score = solution.score;
  return true;
}

/// Scores that no weights on `kept` plus one more strategy can exceed: the optimum without bounds, by the Schur complement.
std::vector<double> extension_bounds(const CardinalityProblem& problem, std::span<const std::size_t> kept) {
  const std::size_t n = problem.box.count();
  SupportTree tree(problem.box.matrix, problem.goal.value, n, kept.size() + 1);
  for (const std::size_t i : kept) tree.push(i, 0);
  std::vector<double> bounds(n);
  for (std::size_t j = 0; j < n; ++j) bounds[j] = tree.bound_with(j);
  return bounds;
}

/// Replaces one strategy of the incumbent by another as long as that helps.
void swap_until_stable(const CardinalityProblem& problem, Incumbent& best) {
  for (bool improved = true; improved;) {
    improved = false;
    for (std::size_t out = 0; out < best.support.size() && !improved; ++out) {
      std::vector<std::size_t> kept(best.support);
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(out));
      std::vector<double> bounds = extension_bounds(problem, kept);
      for (const std::size_t i : best.support) bounds[i] = 0;
      kept.push_back(0);
      for (const std::size_t j : order_by(bounds)) {
        if (!(bounds[j] > best.score * kBetter)) break;
        kept.back() = j;
        improved = offer(problem, kept, best) || improved;
      }
    }
  }
}

/// Adds the strategy that helps most, one at a time.
Incumbent greedy(const CardinalityProblem& problem) {
  Incumbent best;
  std::vector<std::size_t> chosen;
  while (chosen.size() < problem.max_count) {
    const std::vector<double> bounds = extension_bounds(problem, chosen);
    Incumbent round;
    std::vector<std::size_t> candidate(chosen);
    candidate.push_back(0);
    std::size_t fallback = problem.box.count();
    for (const std::size_t j : order_by(bounds)) {
      if (std::find(chosen.begin(), chosen.end(), j) != chosen.end()) continue;
      if (fallback == problem.box.count()) fallback = j;
      if (!(bounds[j] > round.score * kBetter)) break;
      candidate.back() = j;
      offer(problem, candidate, round);
    }
    chosen.push_back(round.weights.empty() ? fallback : round.support.back());
    if (round.score > best.score * kBetter) best = std::move(round);
  }
  return best;
}

std::size_t held(std::span<const double> weights) {
  return static_cast<std::size_t>(std::count_if(weights.begin(), weights.end(), [](double w) { return w > 0; }));
}

bool respects_minimum(const CardinalityProblem& problem, std::span<const double> weights) {
  return std::all_of(weights.begin(), weights.end(), [&](double w) { return w == 0 || w >= problem.min_weight; });
}

}  // namespace

QuadraticSolution solve_support(const CardinalityProblem& problem, std::span<const std::size_t> support) {
  const std::size_t n = problem.box.count();
  const std::size_t m = support.size();
  const double size = static_cast<double>(m);
  if (size * problem.max_weight < 1 - 1e-12 || size * problem.min_weight > 1 + 1e-12) return {};
  std::vector<double> matrix(m * m);
  std::vector<double> value(problem.goal.is_ratio() ? m : 0);
  BoxProblem box{matrix, std::vector<double>(m, problem.min_weight), std::vector<double>(m, problem.max_weight), {}};
  double elsewhere = 0;  // distance from the anchor of the strategies that are not held
  for (const double anchor : problem.box.anchor) elsewhere += std::fabs(anchor);
  for (std::size_t a = 0; a < m; ++a) {
    for (std::size_t b = 0; b < m; ++b) matrix[a * m + b] = problem.box.matrix[support[a] * n + support[b]];
    if (problem.goal.is_ratio()) value[a] = problem.goal.value[support[a]];
    if (!problem.box.has_anchor()) continue;
    box.anchor.push_back(problem.box.anchor[support[a]]);
    elsewhere -= std::fabs(box.anchor.back());
  }
  // With a sum of one, a constant cost of leaving the others is the same as one less per unit of every value.
  QuadraticGoal goal{value, problem.goal.kink};
  if (goal.is_ratio()) {
    for (double& v : value) v -= problem.goal.kink * elsewhere;
  }
  QuadraticSolution solution = solve_quadratic(box, goal);
  if (!solution.failure.empty()) return {};
  std::vector<double> full(n, 0.0);
  for (std::size_t a = 0; a < m; ++a) full[support[a]] = solution.weights[a];
  solution.weights = std::move(full);
  solution.score = quadratic_score(problem.box, problem.goal, solution.weights);
  return solution;
}

CardinalitySolution solve_cardinality(const CardinalityProblem& problem) {
  CardinalitySolution out;
  const QuadraticSolution relaxed = solve_quadratic(problem.box, problem.goal);
  if (!relaxed.failure.empty()) {
    out.failure = relaxed.failure;
    return out;
  }
  out.bound = relaxed.score;
  if (held(relaxed.weights) <= problem.max_count && respects_minimum(problem, relaxed.weights)) {
    out.weights = relaxed.weights;
    out.score = relaxed.score;
    out.proven = true;
    return out;
  }
  std::vector<std::size_t> heaviest = order_by(relaxed.weights);
  heaviest.resize(problem.max_count);
  Incumbent best;
  offer(problem, heaviest, best);
  if (!best.weights.empty()) swap_until_stable(problem, best);
  Incumbent other = greedy(problem);
  if (!other.weights.empty()) swap_until_stable(problem, other);
  if (other.score > best.score * kBetter) best = std::move(other);

  if (problem.box.count() <= kExactStrategies) {
    SupportSearch search(problem, order_by(relaxed.weights));
    search.run(best.score, best.weights);
    out.supports = search.supports();
    out.proven = search.complete();
    best.score = search.score();
    best.weights = search.weights();
  }
  if (best.weights.empty()) {
    out.failure =
        problem.goal.is_ratio() ? "no admissible choice of strategies has a positive mean return" : "no admissible choice of strategies";
    return out;
  }
  out.weights = std::move(best.weights);
  out.score = best.score;
  if (out.proven) out.bound = out.score;
  return out;
}

}  // namespace tradewind::ensemble
