// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tradewind::metrics {

/// Mean and standard deviation (ddof 1) of a sample of which only the sums are kept.
struct SampleMoments {
  double mean = 0;
  double deviation = 0;
  bool zero_variance = true;  ///< by the relative tolerance of the definitions, 1e-12 of the mean
  /// mean / deviation · √ppy [Sharpe 1994]; NaN with zero variance.
  double sharpe_ratio(double periods_per_year) const noexcept;
};
/// From Σx, Σx² and n; NaN, and zero variance, for n < 2 but for the mean of one. Cancellation is harmless where Σx² ≫ n·mean², as for
/// returns of bars.
SampleMoments sample_moments(double sum, double squares, double n) noexcept;

/// Pearson correlation over the places where both are finite, in [−1, 1]; NaN for fewer than two of them or without variance. Two passes.
double correlation(std::span<const double> a, std::span<const double> b) noexcept;

/// The state that applies to each bar's return: the one known at the close of the bar before, −1 for the first. The one home of the rule
/// that a label known at t is held during t + 1.
std::vector<int> applied_states(std::span<const std::int8_t> known);

}  // namespace tradewind::metrics
