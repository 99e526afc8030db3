// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::metrics {

/// How the tests of many trials against one benchmark are drawn. Replicate i uses stream i of the seed, so threads change nothing.
struct SuperiorAbilityOptions {
  int replicates = 1000;    ///< ≥ 100
  double level = 0.05;      ///< family-wise error of `superior`, in (0, 1)
  double block_length = 0;  ///< mean in bars, ≥ 1, at most a third of the bars is used; 0: the mean of the trials' optimal_block_length, at
                            ///< most longest_block
  bool studentised = true;  ///< compare t statistics; false: mean differences per bar, which favour volatile trials
  std::uint64_t seed = 1;
  int threads = 1;
};

/// Whether the best of many trials beats a benchmark by more than the luck of having tried them all, and which of them do.
struct SuperiorAbility {
  Value statistic;                    ///< largest t over the trials, at least 0 (largest mean difference · √n when not studentised)
  Value p_lower;                      ///< trials worse than the benchmark count as equal to their sample mean: too small
  Value p_consistent;                 ///< Hansen's: clearly worse ones are left out of the null
  Value p_upper;                      ///< every trial counts as equal to the benchmark [White 2000]: too large
  std::vector<Value> t;               ///< √n · mean difference / long-run deviation, per trial; zero_variance
  std::vector<Value> p_adjusted;      ///< StepM: step-down p of each trial, adjusted for all of them
  std::vector<std::size_t> superior;  ///< trials with p_adjusted ≤ level, in order of index
  double block_length = 0;            ///< in bars
  std::size_t bars_per_step = 1;      ///< bars that were added up before anything was drawn
};

/// The longest mean block that a test of so many trials is drawn with, in bars: long blocks make the trials' own deviations uncertain, and
/// of many uncertain ones the smallest wins. bars / (50 ln N), at least 1.
double longest_block(std::size_t bars, std::size_t trials) noexcept;

/// Test for superior predictive ability [Hansen 2005] and StepM [Romano & Wolf 2005, p values as Romano & Wolf 2016] of mean differences
/// trial − benchmark, by the stationary bootstrap [Politis & Romano 1994]. The null of the former: no trial has a larger mean than the
/// benchmark; the latter names those that have, with a probability of at most `level` of naming any falsely.
/// The long-run deviation is the bootstrap's own in closed form: ω² = γ₀ + 2 Σ κ(i) γᵢ [Hansen 2005, (3)].
/// More than 2^25 returns are first added up over so many bars that 1,024 sums or fewer remain (`bars_per_step`). A trial that differs from
/// it by a constant has no t (zero_variance) and takes no part. Undefined: insufficient_trials (none), insufficient_bars (below 10),
/// zero_variance (no trial takes part); all means at most the benchmark's: p = 1. Errors: `usage` for options out of range or a benchmark
/// of another length; `invalid_data` for trials of different lengths or values that are not finite; `interrupted`. O(trials · bars ·
/// replicates / block length); one copy of the data.
Result<SuperiorAbility> superior_ability(Trials trials, const Benchmarks& benchmarks = {}, const SuperiorAbilityOptions& options = {},
                                         const Cancellation* cancellation = nullptr);

/// Success, or `invalid_data` naming the trial and row of the first value that is not finite, or trials of different lengths.
Status check_trials(Trials trials);

}  // namespace tradewind::metrics
