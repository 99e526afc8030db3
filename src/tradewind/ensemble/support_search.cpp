// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/support_search_internal.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "tradewind/ensemble/kernel_internal.hpp"

namespace tradewind::ensemble {
namespace {

constexpr double kSingularPivot = 1e-13;
constexpr std::size_t kSmall = 16;                  // supports up to this size are solved in closed form
constexpr std::uint64_t kWorthBounding = 20'000;    // supports below a node that pay for a relaxation of it
constexpr std::uint64_t kRelaxationEffort = 5'000;  // supports looked at in the time of one relaxation
constexpr std::uint64_t kEvaluationEffort = 100;    // and of one support solved

/// Number of ways to choose up to k of n, saturating.
std::uint64_t choices(std::size_t n, std::size_t k) {
  double total = 0;
  double term = 1;
  for (std::size_t i = 1; i <= std::min(n, k); ++i) {
    term *= static_cast<double>(n - i + 1) / static_cast<double>(i);
    total += term;
  }
  return total > 1e18 ? std::uint64_t{1} << 60 : static_cast<std::uint64_t>(total);
}

std::vector<double> permuted(std::span<const double> matrix, const std::vector<std::size_t>& order) {
  const std::size_t n = order.size();
  std::vector<double> out(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) out[i * n + j] = matrix[order[i] * n + order[j]];
  }
  return out;
}

std::vector<double> permuted_values(std::span<const double> value, const std::vector<std::size_t>& order) {
  std::vector<double> out;
  if (value.empty()) return out;
  for (const std::size_t i : order) out.push_back(value[i]);
  return out;
}

/// A Cholesky factorisation on the stack with as many right-hand sides as a face needs.
struct SmallFactor {
  std::array<double, kSmall * kSmall> l;
  std::size_t m = 0;

  bool factorise() noexcept {
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double sum = l[i * kSmall + j];
        for (std::size_t k = 0; k < j; ++k) sum -= l[i * kSmall + k] * l[j * kSmall + k];
        if (i != j) {
          l[i * kSmall + j] = sum / l[j * kSmall + j];
        } else {
          if (!(sum > kSingularPivot * l[i * kSmall + i])) return false;
          l[i * kSmall + i] = std::sqrt(sum);
        }
      }
    }
    return true;
  }
  void solve(double* x) const noexcept {
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t k = 0; k < i; ++k) x[i] -= l[i * kSmall + k] * x[k];
      x[i] /= l[i * kSmall + i];
    }
    for (std::size_t i = m; i-- > 0;) {
      for (std::size_t k = i + 1; k < m; ++k) x[i] -= l[k * kSmall + i] * x[k];
      x[i] /= l[i * kSmall + i];
    }
  }
};

}  // namespace

SupportTree::SupportTree(std::span<const double> matrix, std::span<const double> value, std::size_t n, std::size_t depth)
    : matrix_(matrix), n_(n), rows_(depth * n), pivots_((depth + 1) * n), rests_((depth + 1) * n), level_bound_(depth + 1, 0.0) {
  for (std::size_t j = 0; j < n; ++j) {
    pivots_[j] = std::max(matrix[j * n + j], 1e-300);
    rests_[j] = value.empty() ? 1.0 : value[j];
  }
}

TRADEWIND_CLONES void SupportTree::push(std::size_t i, std::size_t from) {
  const std::size_t d = depth_;
  const double* pivots = pivot(d);
  const double* rests = rest(d);
  const double root = std::sqrt(pivots[i]);
  const double z = rests[i] / root;
  double* __restrict l = row(d);
  const double* cross = matrix_.data() + i * n_;
  for (std::size_t j = from; j < n_; ++j) l[j] = cross[j];
  for (std::size_t e = 0; e < d; ++e) {
    const double* earlier = row(e);
    const double factor = earlier[i];
    for (std::size_t j = from; j < n_; ++j) l[j] -= factor * earlier[j];
  }
  double* __restrict next_pivots = pivots_.data() + (d + 1) * n_;
  double* __restrict next_rests = rests_.data() + (d + 1) * n_;
  for (std::size_t j = from; j < n_; ++j) {
    l[j] /= root;
    const double left = pivots[j] - l[j] * l[j];
    const double floor = kSingularPivot * matrix_[j * n_ + j];
    next_pivots[j] = left > floor ? left : floor + 1e-300;
    next_rests[j] = rests[j] - l[j] * z;
  }
  level_bound_[d + 1] = level_bound_[d] + z * z;
  ++depth_;
}

TRADEWIND_CLONES std::size_t SupportTree::next_above(std::size_t from, double threshold) const noexcept {
  const double* pivots = pivot(depth_);
  const double* rests = rest(depth_);
  const double missing = threshold - level_bound_[depth_];
  std::size_t j = from;
  for (; j + 8 <= n_; j += 8) {
    int above = 0;
    for (std::size_t k = j; k < j + 8; ++k) above |= static_cast<int>(rests[k] * rests[k] > missing * pivots[k]);
    if (above != 0) break;
  }
  while (j < n_ && !(rests[j] * rests[j] > missing * pivots[j])) ++j;
  return j;
}

SupportSearch::SupportSearch(const CardinalityProblem& problem, std::vector<std::size_t> order)
    : problem_(problem),
      order_(std::move(order)),
      n_(order_.size()),
      matrix_(permuted(problem.box.matrix, order_)),
      value_(permuted_values(problem.goal.value, order_)),
      tree_(matrix_, value_, n_, problem.max_count) {}

void SupportSearch::run(double score, std::vector<double> weights) {
  score_ = score;
  weights_ = std::move(weights);
  path_.clear();
  descend(0);
}

/// True when the present support cannot lead to better weights with any of the strategies from `from` on: the optimum over all of
/// them together, however many it holds, is not better.
bool SupportSearch::cannot_improve(std::size_t from) {
  effort_ += kRelaxationEffort;
  std::vector<std::size_t> members(path_);
  for (std::size_t j = from; j < n_; ++j) members.push_back(j);
  const double size = static_cast<double>(members.size());
  if (size * problem_.max_weight < 1 - 1e-12) return true;
  std::vector<std::size_t> original;
  for (const std::size_t i : members) original.push_back(order_[i]);
  CardinalityProblem relaxed = problem_;
  relaxed.min_weight = 0;
  const QuadraticSolution solution = solve_support(relaxed, original);
  return solution.weights.empty() ? problem_.goal.is_ratio() : !(solution.score > threshold() * (1 + 1e-10));
}

void SupportSearch::descend(std::size_t from) {
  const std::size_t left = problem_.max_count - path_.size();
  for (std::size_t j = tree_.next_above(from, threshold()); j < n_; j = tree_.next_above(j + 1, threshold())) evaluate(j);
  supports_ += n_ - from;
  effort_ += n_ - from;
  if (effort_ > problem_.budget) complete_ = false;
  if (left <= 1) return;
  for (std::size_t j = from; j + 1 < n_ && complete_; ++j) {
    const bool worth = choices(n_ - j - 1, left - 1) > kWorthBounding;
    if (worth && cannot_improve(j)) return;  // nor can any later start: it has fewer strategies to choose from
    tree_.push(j, j + 1);
    path_.push_back(j);
    descend(j + 1);
    path_.pop_back();
    tree_.pop();
  }
}

void SupportSearch::evaluate(std::size_t last) {
  effort_ += kEvaluationEffort;
  std::vector<std::size_t> support(path_);
  support.push_back(last);
  const double size = static_cast<double>(support.size());
  if (size * problem_.max_weight < 1 - 1e-12 || size * problem_.min_weight > 1 + 1e-12) return;
  if (support.size() <= kSmall && !problem_.box.has_anchor()) {
    std::vector<Mark> marks(support.size(), Mark::free);
    search_face(support, marks);
    return;
  }
  std::vector<std::size_t> original;
  for (const std::size_t i : support) original.push_back(order_[i]);
  QuadraticSolution solution = solve_support(problem_, original);
  if (solution.weights.empty() || !(solution.score > threshold())) return;
  score_ = solution.score;
  weights_ = std::move(solution.weights);
}

void SupportSearch::accept(const std::vector<std::size_t>& support, std::span<const double> weights, double score) {
  score_ = score;
  weights_.assign(n_, 0.0);
  for (std::size_t a = 0; a < support.size(); ++a) weights_[order_[support[a]]] = weights[a];
}

/// The optimum on a face in closed form. If it breaks bounds, the optimum within them lies on one of the bounds it breaks (otherwise
/// it would be optimal without them, and the optimum of a strictly convex problem is unique), so only those faces are searched. A
/// weight at a lower bound of 0 is a smaller support, which is enumerated by itself.
void SupportSearch::search_face(const std::vector<std::size_t>& support, std::vector<Mark>& marks) {
  const std::size_t size = support.size();
  const bool ratio = !value_.empty();
  std::array<double, kSmall> w{};
  std::array<std::size_t, kSmall> free{};
  SmallFactor factor;
  double fixed = 0;
  for (std::size_t a = 0; a < size; ++a) {
    if (marks[a] == Mark::free) free[factor.m++] = a;
    w[a] = marks[a] == Mark::free ? 0 : marks[a] == Mark::lower ? problem_.min_weight : problem_.max_weight;
    fixed += w[a];
  }
  const std::size_t m = factor.m;
  const auto q = [&](std::size_t a, std::size_t b) { return matrix_[support[a] * n_ + support[b]]; };
  std::array<double, kSmall> one{};
  std::array<double, kSmall> base{};
  std::array<double, kSmall> slope{};
  if (m > 0) {
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t k = 0; k <= i; ++k) factor.l[i * kSmall + k] = q(free[i], free[k]);
      one[i] = 1;
      slope[i] = ratio ? value_[support[free[i]]] : 0;
      for (std::size_t b = 0; b < size; ++b) base[i] -= q(free[i], b) * w[b];
    }
    if (!factor.factorise()) {
      std::vector<std::size_t> original;
      for (const std::size_t i : support) original.push_back(order_[i]);
      QuadraticSolution solution = solve_support(problem_, original);
      if (!solution.weights.empty() && solution.score > threshold()) {
        score_ = solution.score;
        weights_ = std::move(solution.weights);
      }
      return;
    }
    factor.solve(one.data());
    factor.solve(base.data());
    if (ratio) factor.solve(slope.data());
    double units = 0;
    double bases = 0;
    double slopes = 0;
    for (std::size_t i = 0; i < m; ++i) {
      units += one[i];
      bases += base[i];
      slopes += slope[i];
    }
    for (std::size_t i = 0; i < m; ++i) {
      base[i] += (1 - fixed - bases) / units * one[i];
      if (ratio) slope[i] -= slopes / units * one[i];
      w[free[i]] = base[i];
    }
  } else if (std::fabs(fixed - 1) > 1e-12) {
    return;
  }
  double variance = 0;
  double value = 0;
  for (std::size_t a = 0; a < size; ++a) {
    for (std::size_t b = 0; b < size; ++b) variance += w[a] * q(a, b) * w[b];
    if (ratio) value += value_[support[a]] * w[a];
  }
  // On the face w = base + t · slope the ratio is best at t = variance / value of the base, where its square is
  // value² / variance + slope' S slope; with a base without value it only grows with t.
  double score = 1 / variance;
  bool bounded = true;
  if (ratio) {
    double power = 0;
    for (std::size_t i = 0; i < m; ++i) power += value_[support[free[i]]] * slope[i];
    bounded = value > 0;
    if (!bounded && m == 0) return;
    score = (bounded ? value * value / variance : 0) + power;
    for (std::size_t i = 0; i < m; ++i) w[free[i]] = bounded ? base[i] + variance / value * slope[i] : slope[i];
  }
  if (!(score > threshold())) return;
  bool inside = bounded;
  std::array<Mark, kSmall> broken{};
  for (std::size_t i = 0; i < m; ++i) {
    const double x = w[free[i]];
    const double low = bounded ? problem_.min_weight : 0;
    const double high = bounded ? problem_.max_weight : 0;
    broken[i] = x < low - 1e-12 ? Mark::lower : x > high + 1e-12 ? Mark::upper : Mark::free;
    if (broken[i] != Mark::free) inside = false;
  }
  if (inside) {
    for (std::size_t a = 0; a < size; ++a) w[a] = std::clamp(w[a], problem_.min_weight, problem_.max_weight);
    accept(support, {w.data(), size}, score);
    return;
  }
  for (std::size_t i = 0; i < m; ++i) {
    if (broken[i] == Mark::free || (broken[i] == Mark::lower && problem_.min_weight == 0)) continue;
    const double bound = broken[i] == Mark::lower ? problem_.min_weight : problem_.max_weight;
    const double others = static_cast<double>(m - 1);
    const double rest = 1 - fixed - bound;
    if (rest < others * problem_.min_weight - 1e-12 || rest > others * problem_.max_weight + 1e-12) continue;
    marks[free[i]] = broken[i];
    search_face(support, marks);
    marks[free[i]] = Mark::free;
  }
}

}  // namespace tradewind::ensemble
