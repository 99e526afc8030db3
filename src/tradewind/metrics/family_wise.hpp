// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::metrics {

/// How the chance of a false name among many trials is bounded.
enum class FamilyWiseMethod : std::uint8_t {
  stepm,  ///< step-down maximum of t statistics, drawn by a block multiplier bootstrap
};
constexpr auto names_of(FamilyWiseMethod) { return std::to_array<std::string_view>({"stepm"}); }

/// Replicate i uses stream i of the seed, so threads change nothing.
struct FamilyWiseOptions {
  int replicates = 1000;    ///< ≥ 100
  double level = 0.05;      ///< of `believed`, in (0, 1)
  double block_length = 0;  ///< in bars, ≥ 1; 0: the median of the trials' optimal_block_length, at most longest_block
  std::uint64_t seed = 1;
  int threads = 1;
};

/// Which of many trials beat their benchmark by more than the luck of having tried them all.
struct FamilyWise {
  FamilyWiseMethod method = FamilyWiseMethod::stepm;
  std::vector<Value> p;               ///< by trial: chance of so large a statistic anywhere, had no trial an edge; zero_variance
  Value p_best;                       ///< the smallest
  std::size_t best = 0;               ///< the trial it belongs to: largest statistic
  std::vector<std::size_t> believed;  ///< trials with p ≤ level, in order of index
  std::vector<std::size_t> flat;      ///< trials that do not vary, or no other way than their benchmark
  Value effective_trials;             ///< how many independent trials would be as lucky, in [1, N]
  Value expected_max;                 ///< Sharpe ratio per bar that luck is expected to show as the best, from the null alone
  Value dsr_null;                     ///< psr of the best trial's excess over its benchmark against expected_max
  std::size_t block_length = 1;       ///< bars that are drawn together
};

/// The test, fed trial by trial, so that returns need not be kept: of each, at most 1,024 sums over consecutive bars stay.
///
/// t = √n · mean / sd of trial − benchmark, lowered where the returns are skewed to the left: t + g (2t² + 1) / 6√n, g the skewness, is
/// used when it is smaller [Hall 1992]. Under the null t is drawn as Σ_b ξ_b X_b with standard normal ξ_b and X_b the standardised
/// returns of block b [Chernozhukov, Chetverikov & Kato 2013]: correlated as the trials are, normal for each of them however seldom it
/// trades, at any number of trials. Trials that are clearly worse than their benchmark, t < −√(2 ln ln n), do not stand in the way of
/// the others [Hansen 2005]. Names are given step by step [Romano & Wolf 2005].
class FamilyWiseTest {
 public:
  /// Of trials on a timeline of `bars`. Errors: `usage` for options out of range.
  static Result<FamilyWiseTest> make(std::size_t bars, const FamilyWiseOptions& options);

  /// One trial, reduced to what the test needs.
  struct Candidate {
    ReturnMoments moments;  ///< of what it earned above its benchmark
    Undefined why = Undefined::empty;
    std::vector<float> sums;  ///< standardised returns of each step, as shares of √n
  };
  /// Thread-safe. `benchmark` empty: 0. `rows`: where the trial's bars lie on the timeline, ascending; empty: they are its first ones.
  /// Values are finite; lengths are equal. O(bars).
  Candidate measure(std::span<const double> returns, std::span<const double> benchmark = {}, Against how = Against::whole,
                    std::span<const std::uint32_t> rows = {}) const;
  /// Trials count in the order in which they are added.
  void add(Candidate candidate) { candidates_.push_back(std::move(candidate)); }
  /// Undefined: insufficient_trials (none), insufficient_bars (timeline below 10), zero_variance. Errors: `interrupted`.
  /// O(replicates · trials · min(bars, 1024)).
  Result<FamilyWise> finish(const Cancellation* cancellation = nullptr) const;

 private:
  FamilyWiseTest(std::size_t bars, const FamilyWiseOptions& options);
  std::size_t steps_together(std::span<const std::size_t> live) const;

  std::size_t bars_;
  std::size_t per_step_;  ///< bars of one sum
  FamilyWiseOptions options_;
  std::vector<Candidate> candidates_;
};

/// The same of series that are at hand. Errors: as make, finish, check_trials, Benchmarks::check.
Result<FamilyWise> family_wise(Trials trials, const Benchmarks& benchmarks = {}, const FamilyWiseOptions& options = {},
                               const Cancellation* cancellation = nullptr);

}  // namespace tradewind::metrics
