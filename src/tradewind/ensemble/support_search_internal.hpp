// SPDX-License-Identifier: Apache-2.0
// Enumeration of supports, depth first, with a factorisation that is extended by one row per step.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/ensemble/cardinality_internal.hpp"

namespace tradewind::ensemble {

/// The Cholesky factor of a growing support together with what each further strategy would add: bounds of a support of one more
/// cost a multiplication and a division. The bound of a support is c' S⁻¹ c (c the values, or ones for the variance): the best
/// ratio², or 1 / variance, without bounds on the weights.
class SupportTree {
 public:
  SupportTree(std::span<const double> matrix, std::span<const double> value, std::size_t n, std::size_t depth);
  /// Adds strategy i; extensions are kept for strategies `from` and above only. O((n − from) · depth).
  void push(std::size_t i, std::size_t from);
  void pop() noexcept { --depth_; }
  /// Bound of the present support with strategy j added.
  double bound_with(std::size_t j) const noexcept { return level_bound_[depth_] + rest(depth_)[j] * rest(depth_)[j] / pivot(depth_)[j]; }
  /// The first j in [from, n) whose bound exceeds `threshold`, or n.
  std::size_t next_above(std::size_t from, double threshold) const noexcept;

 private:
  double* row(std::size_t d) noexcept { return rows_.data() + d * n_; }
  const double* pivot(std::size_t d) const noexcept { return pivots_.data() + d * n_; }
  const double* rest(std::size_t d) const noexcept { return rests_.data() + d * n_; }

  std::span<const double> matrix_;
  std::size_t n_;
  std::size_t depth_ = 0;
  std::vector<double> rows_;    // rows_[d]: entries of the factor's column d for every strategy
  std::vector<double> pivots_;  // pivots_[d]: variance of every strategy left after d are taken out
  std::vector<double> rests_;   // rests_[d]: its value left
  std::vector<double> level_bound_;
};

class SupportSearch {
 public:
  /// Strategies are tried in `order`, best first.
  SupportSearch(const CardinalityProblem& problem, std::vector<std::size_t> order);
  /// Improves on the given weights (empty: none) or proves them best.
  void run(double score, std::vector<double> weights);
  bool complete() const noexcept { return complete_; }
  double score() const noexcept { return score_; }
  const std::vector<double>& weights() const noexcept { return weights_; }
  std::uint64_t supports() const noexcept { return supports_; }

 private:
  enum class Mark : std::uint8_t { free, lower, upper };
  struct Face;
  void descend(std::size_t from);
  bool cannot_improve(std::size_t from);
  void evaluate(std::size_t last);
  void search_face(const std::vector<std::size_t>& support, std::vector<Mark>& marks);
  void accept(const std::vector<std::size_t>& support, std::span<const double> weights, double score);
  double threshold() const noexcept { return score_ * (1 + 1e-12); }

  const CardinalityProblem& problem_;
  std::vector<std::size_t> order_;
  std::size_t n_;
  std::vector<double> matrix_;  // permuted by order_
  std::vector<double> value_;
  SupportTree tree_;
  std::vector<std::size_t> path_;
  double score_ = 0;
  std::vector<double> weights_;
  std::uint64_t supports_ = 0;
  std::uint64_t effort_ = 0;  // in supports: what relaxations and solved supports cost counts as many
  bool complete_ = true;
};

}  // namespace tradewind::ensemble
