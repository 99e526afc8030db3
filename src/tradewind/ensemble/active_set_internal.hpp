// SPDX-License-Identifier: Apache-2.0
// A primal active-set method for the quadratic programs of portfolios: bounds on every weight, a sum of one, and a penalty on the
// distance from present weights. Nocedal & Wright 2006, ch. 16.5, with a factor of the free block that is updated, never recomputed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/ensemble/cholesky_internal.hpp"

namespace tradewind::ensemble {

/// The set of admissible weights and the quadratic form. Borrowed: must outlive its users.
struct BoxProblem {
  std::span<const double> matrix;  ///< count · count, symmetric, positive semidefinite
  std::vector<double> lower;
  std::vector<double> upper;
  std::vector<double> anchor;  ///< present weights, from which distance is penalised; empty: none

  std::size_t count() const noexcept { return lower.size(); }
  bool has_anchor() const noexcept { return !anchor.empty(); }
};

/// Σ|w − anchor|, 0 without anchor.
double distance_from_anchor(const BoxProblem& problem, std::span<const double> weights) noexcept;
/// The admissible weights that maximise value'w − kink · Σ|w − anchor|: cheapest segments first. The problem must be feasible.
std::vector<double> best_vertex(const BoxProblem& problem, std::span<const double> value, double kink);
/// Matrix times weights, skipping zeros.
std::vector<double> times(const BoxProblem& problem, std::span<const double> weights);

class ActiveSet {
 public:
  explicit ActiveSet(const BoxProblem& problem);

  /// Begins from admissible weights; those equal to a bound or to the anchor start there.
  void start(std::span<const double> weights);
  /// Minimises ½ w'Sw − linear'w + kink · Σ|w − anchor| from the present weights. `tolerance` is what a gradient may be off, in its own
  /// unit. False when the iterations ran out; the weights are then admissible, but not optimal.
  bool solve(std::span<const double> linear, double kink, double tolerance);
  std::span<const double> weights() const noexcept { return weights_; }
  /// On the face of the last solution: the minimum of w'Sw divided by value'w − kink · Σ|w − anchor| there, which is the factor on
  /// the linear term at which their ratio is best. NaN when that value is not positive.
  double ratio_parameter(std::span<const double> value, double kink);

 private:
  enum class Place : std::uint8_t { lower, upper, anchor, free };
  struct Release {
    double violation;
    std::size_t variable;
    int direction;
  };
  double slope(std::size_t i) const noexcept;
  void fix(std::size_t position, Place place, double value);
  bool release(std::size_t variable, int direction);
  void set_segment(std::size_t variable, int direction);
  void face_target(std::span<const double> linear, double kink);
  bool step_to_target();
  void gradient(std::span<const double> linear);
  std::vector<Release> violated(double kink, double tolerance) const;
  bool slide(std::size_t variable, int direction);
  void refine(double kink);
  void move_fixed(std::size_t variable, double from, double to);

  const BoxProblem& problem_;
  std::size_t n_;
  double shift_;  // added to every entry of the matrix: constant where the sum is, and makes zero variance regular
  std::vector<double> weights_;
  std::vector<Place> place_;
  std::vector<double> low_, high_;  // segment of a free variable
  std::vector<std::int8_t> slope_;  // of |w − anchor| on that segment
  std::vector<std::size_t> free_;
  GrowingCholesky factor_;
  std::vector<double> fixed_force_;  // S times the fixed weights
  double fixed_sum_ = 0;
  std::vector<double> target_, ones_, gradient_, scratch_;
  bool bland_ = false;
};

}  // namespace tradewind::ensemble
