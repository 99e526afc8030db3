// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/active_set_internal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tradewind/ensemble/kernel_internal.hpp"

namespace tradewind::ensemble {
namespace {

constexpr double kSingular = 1e-13;  // a pivot below this share of its diagonal is rounding noise

}  // namespace

double distance_from_anchor(const BoxProblem& problem, std::span<const double> weights) noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < problem.anchor.size(); ++i) sum += std::fabs(weights[i] - problem.anchor[i]);
  return sum;
}

std::vector<double> times(const BoxProblem& problem, std::span<const double> weights) {
  std::vector<std::size_t> columns;
  std::vector<double> values;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    columns.push_back(i);
    values.push_back(weights[i]);
  }
  std::vector<double> out(weights.size());
  combine_columns(problem.matrix.data(), weights.size(), columns, values, out.data());
  return out;
}

std::vector<double> best_vertex(const BoxProblem& problem, std::span<const double> value, double kink) {
  struct Segment {
    double gain;
    std::size_t variable;
    double width;
    double end;
  };
  std::vector<Segment> segments;
  std::vector<double> weights(problem.lower);
  double left = 1;
  for (std::size_t i = 0; i < problem.count(); ++i) {
    left -= weights[i];
    const double l = problem.lower[i];
    const double u = problem.upper[i];
    if (!problem.has_anchor()) {
      if (u > l) segments.push_back({value[i], i, u - l, u});
      continue;
    }
    const double a = std::clamp(problem.anchor[i], l, u);
    if (a > l) segments.push_back({value[i] + kink, i, a - l, a});
    if (u > a) segments.push_back({value[i] - kink, i, u - a, u});
  }
  std::stable_sort(segments.begin(), segments.end(), [](const Segment& x, const Segment& y) { return x.gain > y.gain; });
  for (const Segment& segment : segments) {
    if (left <= 0) break;
    const bool whole = segment.width <= left;
    weights[segment.variable] = whole ? segment.end : weights[segment.variable] + left;
    left = whole ? left - segment.width : 0;
  }
  return weights;
}

ActiveSet::ActiveSet(const BoxProblem& problem) : problem_(problem), n_(problem.count()), factor_(n_) {
  double trace = 0;
  for (std::size_t i = 0; i < n_; ++i) trace += problem.matrix[i * n_ + i];
  shift_ = trace > 0 ? trace / static_cast<double>(n_) : 1;
}

double ActiveSet::slope(std::size_t i) const noexcept { return static_cast<double>(slope_[i]); }

void ActiveSet::start(std::span<const double> weights) {
  weights_.assign(weights.begin(), weights.end());
  place_.assign(n_, Place::free);
  low_.assign(n_, 0);
  high_.assign(n_, 0);
  slope_.assign(n_, 0);
  free_.clear();
  factor_.clear();
  fixed_sum_ = 0;
  std::vector<std::size_t> interior;
  for (std::size_t i = 0; i < n_; ++i) {
    if (weights_[i] <= problem_.lower[i]) {
      weights_[i] = problem_.lower[i];
      place_[i] = Place::lower;
    } else if (weights_[i] >= problem_.upper[i]) {
      weights_[i] = problem_.upper[i];
      place_[i] = Place::upper;
    } else if (problem_.has_anchor() && weights_[i] == problem_.anchor[i]) {
      place_[i] = Place::anchor;
    } else {
      interior.push_back(i);
    }
  }
  fixed_force_ = times(problem_, weights_);
  for (const double weight : weights_) fixed_sum_ += weight;
  for (const std::size_t i : interior) {
    // An interior variable that cannot be free (the block would be singular) slides to a bound inside release().
    const bool above = problem_.has_anchor() && weights_[i] > problem_.anchor[i];
    place_[i] = Place::anchor;
    release(i, above ? 1 : -1);
  }
}

void ActiveSet::move_fixed(std::size_t variable, double from, double to) {
  if (from == to) return;
  fixed_sum_ += to - from;
  axpy(to - from, problem_.matrix.data() + variable * n_, fixed_force_.data(), n_);
}

void ActiveSet::set_segment(std::size_t variable, int direction) {
  low_[variable] = problem_.lower[variable];
  high_[variable] = problem_.upper[variable];
  slope_[variable] = 0;
  if (!problem_.has_anchor()) return;
  const double anchor = problem_.anchor[variable];
  const double weight = weights_[variable];
  const bool above = weight > anchor || (weight == anchor && direction > 0);
  slope_[variable] = above ? 1 : -1;
  if (above) low_[variable] = std::max(low_[variable], anchor);
  if (!above) high_[variable] = std::min(high_[variable], anchor);
}

void ActiveSet::fix(std::size_t position, Place place, double value) {
  const std::size_t variable = free_[position];
  factor_.remove(position);
  free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(position));
  weights_[variable] = value;
  place_[variable] = place;
  move_fixed(variable, 0, value);
}

/// Frees a variable that is to move in `direction`. False when it ended at another bound instead, which happens along a direction
/// without curvature.
bool ActiveSet::release(std::size_t variable, int direction) {
  set_segment(variable, direction);
  for (;;) {
    scratch_.resize(free_.size());
    const double* row = problem_.matrix.data() + variable * n_;
    for (std::size_t k = 0; k < free_.size(); ++k) scratch_[k] = row[free_[k]] + shift_;
    if (factor_.append(scratch_, row[variable] + shift_, kSingular)) break;
    if (!slide(variable, direction)) return false;
  }
  move_fixed(variable, weights_[variable], 0);
  free_.push_back(variable);
  place_[variable] = Place::free;
  return true;
}

/// Moves along the direction without curvature that `variable` opens until a bound stops it. True when that was the bound of a
/// free variable, which is fixed there; false when `variable` itself arrived at one.
bool ActiveSet::slide(std::size_t variable, int direction) {
  std::vector<double> change(scratch_);
  factor_.solve(change.data());
  for (double& c : change) c *= -direction;
  const double own = direction > 0 ? high_[variable] - weights_[variable] : weights_[variable] - low_[variable];
  double length = own;
  std::size_t blocking = free_.size();
  for (std::size_t k = 0; k < free_.size(); ++k) {
    const std::size_t i = free_[k];
    if (std::fabs(change[k]) < 1e-12) continue;
    const double room = change[k] > 0 ? (high_[i] - weights_[i]) / change[k] : (low_[i] - weights_[i]) / change[k];
    if (room < length) {
      length = std::max(room, 0.0);
      blocking = k;
    }
  }
  for (std::size_t k = 0; k < free_.size(); ++k) weights_[free_[k]] += length * change[k];
  const double before = weights_[variable];
  const bool arrived = blocking == free_.size();
  weights_[variable] = arrived ? (direction > 0 ? high_[variable] : low_[variable]) : before + direction * length;
  move_fixed(variable, before, weights_[variable]);
  if (arrived) {
    const double w = weights_[variable];
    place_[variable] = w <= problem_.lower[variable] ? Place::lower : w >= problem_.upper[variable] ? Place::upper : Place::anchor;
    return false;
  }
  const std::size_t i = free_[blocking];
  const double value = change[blocking] > 0 ? high_[i] : low_[i];
  fix(blocking, value <= problem_.lower[i] ? Place::lower : value >= problem_.upper[i] ? Place::upper : Place::anchor, value);
  return true;
}

/// Minimiser on the present face, ignoring bounds: S_FF x = linear − kink · slope − S_FB w_B + λ, Σ x = 1 − Σ w_B.
void ActiveSet::face_target(std::span<const double> linear, double kink) {
  const std::size_t m = free_.size();
  target_.resize(m);
  ones_.assign(m, 1.0);
  for (std::size_t k = 0; k < m; ++k) {
    const std::size_t i = free_[k];
    target_[k] = (linear.empty() ? 0 : linear[i] - kink * slope(i)) - fixed_force_[i];
  }
  factor_.solve(target_.data());
  factor_.solve(ones_.data());
  double sum = 0;
  double unit = 0;
  for (std::size_t k = 0; k < m; ++k) {
    sum += target_[k];
    unit += ones_[k];
  }
  const double lambda = (1 - fixed_sum_ - sum) / unit;
  for (std::size_t k = 0; k < m; ++k) target_[k] += lambda * ones_[k];
}

/// True when the target was reached; otherwise one variable was stopped and fixed at its bound.
bool ActiveSet::step_to_target() {
  double length = 1;
  std::size_t blocking = free_.size();
  for (std::size_t k = 0; k < free_.size(); ++k) {
    const std::size_t i = free_[k];
    const double change = target_[k] - weights_[i];
    if (target_[k] >= low_[i] && target_[k] <= high_[i]) continue;
    const double room = change > 0 ? (high_[i] - weights_[i]) / change : (low_[i] - weights_[i]) / change;
    if (room < length || (room == length && bland_ && blocking < free_.size() && i < free_[blocking])) {
      length = std::max(room, 0.0);
      blocking = k;
    }
  }
  if (blocking == free_.size()) {
    for (std::size_t k = 0; k < free_.size(); ++k) weights_[free_[k]] = std::clamp(target_[k], low_[free_[k]], high_[free_[k]]);
    return true;
  }
  const std::size_t i = free_[blocking];
  const double value = target_[blocking] > weights_[i] ? high_[i] : low_[i];
  for (std::size_t k = 0; k < free_.size(); ++k) weights_[free_[k]] += length * (target_[k] - weights_[free_[k]]);
  fix(blocking, value <= problem_.lower[i] ? Place::lower : value >= problem_.upper[i] ? Place::upper : Place::anchor, value);
  return false;
}

void ActiveSet::gradient(std::span<const double> linear) {
  gradient_.resize(n_);
  std::vector<double> values(free_.size());
  for (std::size_t k = 0; k < free_.size(); ++k) values[k] = weights_[free_[k]];
  combine_columns(problem_.matrix.data(), n_, free_, values, gradient_.data());
  for (std::size_t i = 0; i < n_; ++i) gradient_[i] += fixed_force_[i] - (linear.empty() ? 0 : linear[i]);
}

/// Fixed variables whose release lowers the objective, worst first. Without a free variable: the best pair.
std::vector<ActiveSet::Release> ActiveSet::violated(double kink, double tolerance) const {
  double lambda = 0;
  for (const std::size_t i : free_) lambda += gradient_[i] + kink * slope(i);
  lambda /= static_cast<double>(std::max<std::size_t>(free_.size(), 1));
  Release up{std::numeric_limits<double>::infinity(), n_, 1};
  Release down{-std::numeric_limits<double>::infinity(), n_, -1};
  std::vector<Release> out;
  for (std::size_t i = 0; i < n_; ++i) {
    if (place_[i] == Place::free || problem_.lower[i] == problem_.upper[i]) continue;
    const double w = weights_[i];
    const double above = problem_.has_anchor() ? (w >= problem_.anchor[i] ? kink : -kink) : 0;
    const double below = problem_.has_anchor() ? (w > problem_.anchor[i] ? kink : -kink) : 0;
    if (place_[i] != Place::upper) {
      const double g = gradient_[i] + above;
      if (g < up.violation) up = {g, i, 1};
      if (!free_.empty() && g < lambda - tolerance) out.push_back({lambda - g, i, 1});
    }
    if (place_[i] != Place::lower) {
      const double g = gradient_[i] + below;
      if (g > down.violation) down = {g, i, -1};
      if (!free_.empty() && g > lambda + tolerance) out.push_back({g - lambda, i, -1});
    }
  }
  if (free_.empty() && up.variable < n_ && down.variable < n_ && up.violation < down.violation - tolerance) return {up, down};
  if (!bland_) std::stable_sort(out.begin(), out.end(), [](const Release& a, const Release& b) { return a.violation > b.violation; });
  return out;
}

/// One step of iterative refinement on the free block.
void ActiveSet::refine(double kink) {
  const std::size_t m = free_.size();
  if (m < 2) return;
  double lambda = 0;
  double sum = fixed_sum_;
  for (const std::size_t i : free_) {
    lambda += (gradient_[i] + kink * slope(i)) / static_cast<double>(m);
    sum += weights_[i];
  }
  std::vector<double> correction(m);
  for (std::size_t k = 0; k < m; ++k) correction[k] = lambda - gradient_[free_[k]] - kink * slope(free_[k]);
  factor_.solve(correction.data());
  ones_.assign(m, 1.0);
  factor_.solve(ones_.data());
  double total = 0;
  double unit = 0;
  for (std::size_t k = 0; k < m; ++k) {
    total += correction[k];
    unit += ones_[k];
  }
  for (std::size_t k = 0; k < m; ++k) {
    double& w = weights_[free_[k]];
    w = std::clamp(w + correction[k] + (1 - sum - total) / unit * ones_[k], low_[free_[k]], high_[free_[k]]);
  }
}

bool ActiveSet::solve(std::span<const double> linear, double kink, double tolerance) {
  bland_ = false;
  double last = std::numeric_limits<double>::infinity();
  for (std::size_t round = 0; round < 50 * n_ + 200; ++round) {
    if (!free_.empty()) {
      face_target(linear, kink);
      if (!step_to_target()) continue;
    }
    gradient(linear);
    double objective = kink * distance_from_anchor(problem_, weights_);
    for (std::size_t i = 0; i < n_; ++i) objective += 0.5 * weights_[i] * (gradient_[i] - (linear.empty() ? 0 : linear[i]));
    bland_ = !(objective < last);
    last = std::min(objective, last);
    const std::vector<Release> candidates = violated(kink, tolerance);
    if (candidates.empty()) {
      refine(kink);
      return true;
    }
    // Many at once where many are wrong; one at a time, lowest index first, when the last round won nothing (Bland's rule).
    std::size_t limit = free_.empty() ? 2 : bland_ ? 1 : std::max<std::size_t>(1, std::min(candidates.size() / 3, 4 + free_.size() / 8));
    for (const Release& candidate : candidates) {
      if (limit-- == 0) break;
      if (place_[candidate.variable] != Place::free) release(candidate.variable, candidate.direction);
    }
  }
  return false;
}

double ActiveSet::ratio_parameter(std::span<const double> value, double kink) {
  std::vector<double> weights(weights_);
  if (!free_.empty()) {
    face_target({}, 0);
    for (std::size_t k = 0; k < free_.size(); ++k) weights[free_[k]] = target_[k];
  }
  double gain = 0;
  for (std::size_t i = 0; i < n_; ++i) {
    gain += value[i] * weights[i];
    if (!problem_.has_anchor()) continue;
    // On this face |w − anchor| is linear: its slope is that of the segment, not the sign at `weights`.
    const double distance =
        place_[i] == Place::free ? slope(i) * (weights[i] - problem_.anchor[i]) : std::fabs(weights[i] - problem_.anchor[i]);
    gain -= kink * distance;
  }
  if (!(gain > 0)) return std::numeric_limits<double>::quiet_NaN();
  return dot(times(problem_, weights).data(), weights.data(), n_) / gain;
}

}  // namespace tradewind::ensemble
