// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace tradewind::metrics {

/// Compensated running sum [Neumaier 1974]: an error of about one rounding whatever the number of terms.
class CompensatedSum {
 public:
  void add(double term) noexcept {
    const double next = sum_ + term;
    compensation_ += std::fabs(sum_) >= std::fabs(term) ? (sum_ - next) + term : (term - next) + sum_;
    sum_ = next;
  }
  double value() const noexcept { return sum_ + compensation_; }
  /// The plain sum, which keeps NaN and infinity visible.
  double plain() const noexcept { return sum_; }

 private:
  double sum_ = 0;
  double compensation_ = 0;
};

/// Two doubles in one 128-bit register, which every 64-bit processor has: the order of additions is fixed by this
/// code and not by the machine. Four lanes (two of these) run side by side; blocks of kBlock terms are compensated.
using Pair = double __attribute__((vector_size(16)));
using PairMask = std::int64_t __attribute__((vector_size(16)));
inline constexpr std::size_t kBlock = 256;
inline constexpr std::size_t kLanes = 4;

inline Pair load_pair(const double* from) noexcept {
  Pair pair;
  std::memcpy(&pair, from, sizeof pair);
  return pair;
}

/// A sum over four lanes.
struct LaneSum {
  Pair low{};
  Pair high{};
  double total() const noexcept { return (low[0] + high[0]) + (low[1] + high[1]); }
};

/// Sums of a return series that need no mean. NaN and infinities in the input show in `sum`.
struct FirstPass {
  double sum = 0;
  double gains = 0;     ///< Σ of r > 0
  double losses = 0;    ///< Σ of r < 0, ≤ 0
  double downside = 0;  ///< Σ min(r − target, 0)²
  double smallest = 0;
  double largest = 0;
  std::int64_t wins = 0;    ///< bars with r > 0
  std::int64_t losers = 0;  ///< bars with r < 0
  std::int64_t below = 0;   ///< bars with r < target
  double equity = 1;        ///< Π(1 + r)
  double worst_ratio = 1;   ///< lowest equity / peak so far, the start counting as a peak
};
FirstPass first_pass(std::span<const double> returns, double target) noexcept;

/// Σ(r − mean)², corrected for the rounding of the mean.
double squared_deviations(std::span<const double> returns, double mean) noexcept;

/// Mean and standard deviation (ddof 1; 0 for n < 2).
struct MeanDeviation {
  double mean = 0;
  double deviation = 0;
};
MeanDeviation mean_deviation(std::span<const double> values) noexcept;

/// Scaled to mean 0 and length 1, so that products of two columns are correlations; all zero without variance.
std::vector<double> standardised(std::span<const double> values);

}  // namespace tradewind::metrics
