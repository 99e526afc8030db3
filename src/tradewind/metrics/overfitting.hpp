// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::metrics {

/// Moments of a return series per bar, as the Sharpe statistics want them.
struct ReturnMoments {
  std::int64_t bars = 0;
  double sharpe = 0;    ///< mean / standard deviation (ddof 1), not annualised
  double skewness = 0;  ///< population
  double kurtosis = 3;  ///< population, raw: 3 is normal
};
/// Error as Value: too_few below 2 bars, zero_variance. Values are finite.
Undefined return_moments(std::span<const double> returns, ReturnMoments& moments) noexcept;

/// Probability that the true Sharpe ratio per bar exceeds `benchmark` [Bailey & López de Prado 2012]:
/// Φ((SR − b) √(n−1) / √(1 − skew·SR + (kurt−1)/4·SR²)). too_few below 4 bars; zero_variance when the root is not positive.
Value probabilistic_sharpe(const ReturnMoments& moments, double benchmark = 0) noexcept;

/// Bars needed before the Sharpe ratio exceeds `benchmark` with `confidence` [same]; not rounded. not_above_benchmark otherwise.
Value minimum_track_record(const ReturnMoments& moments, double benchmark = 0, double confidence = 0.95) noexcept;

/// The Sharpe ratio that the best of `trials` skill-less trials is expected to show, whose Sharpe ratios vary by `variance`
/// [Bailey & López de Prado 2014]. insufficient_trials below 2.
Value expected_maximum_sharpe(double variance, double trials) noexcept;

/// Φ⁻¹(p) for p in (0, 1), to the last bits.
double normal_quantile(double p) noexcept;
double normal_cdf(double x) noexcept;

/// One return series per trial, all of one length; borrowed for the duration of a call.
using Trials = std::span<const std::span<const double>>;

/// How a benchmark is taken off a trial's returns.
enum class Against : std::uint8_t {
  whole,    ///< r − b
  matched,  ///< r − β·b, β by least squares within [0, 1]: holding as much of it as the trial's returns move with
};
/// What a trial earned above its benchmark, bar by bar; `benchmark` empty: its returns. Lengths are equal. The matched one is the fair
/// question to a rule that is in a rising market now and then: did it do better than holding as much of it all the time?
std::vector<double> excess_returns(std::span<const double> returns, std::span<const double> benchmark, Against how = Against::whole);

/// What trials are measured against, bar by bar: nothing (0), one series for all of them, or one series for each. Borrowed.
class Benchmarks {
 public:
  Benchmarks() = default;
  Benchmarks(std::span<const double> one) : one_(one) {}     // NOLINT: implicit by design
  Benchmarks(const std::vector<double>& one) : one_(one) {}  // NOLINT: implicit by design
  Benchmarks(std::span<const std::span<const double>> each, Against how) : each_(each), how_(how) {}
  /// The series of a trial; empty: 0 in every bar.
  std::span<const double> of(std::size_t trial) const noexcept { return each_.empty() ? one_ : each_[trial]; }
  Against how() const noexcept { return how_; }
  /// `usage` for a series of another length than the trials or a number of series that is not theirs; `invalid_data` for values that are
  /// not finite.
  Status check(Trials trials) const;

 private:
  std::span<const double> one_;
  std::span<const std::span<const double>> each_;
  Against how_ = Against::whole;
};

/// Trials that never vary.
struct FlatTrials {
  std::vector<std::size_t> flat;  ///< ascending
  std::vector<std::size_t> live;  ///< the others
  /// A flat trial earns something else than 0 in every bar, and more than three in four of the others do on average: without risk it
  /// would have to be the best, which no Sharpe ratio can say.
  bool dominate = false;
};
/// Looks at the first `bars` of each. Exact: a trial is flat when all its values are one value, or their spread is rounding.
FlatTrials flat_trials(Trials trials, std::size_t bars);

/// How many independent trials N correlated ones amount to: N² / Σ ρ², the participation ratio of the correlation matrix's eigenvalues.
/// The ρ² that chance alone gives is taken off first. In [1, N]; M clusters of equal trials count as M. Trials without variance count as
/// uncorrelated. Above 2,000 trials the mean ρ² comes from 2,000 of them, evenly chosen. O(min(N, 2000)² · bars).
double effective_trials(Trials trials, int threads = 1);

/// How many families correlated trials form: clusters by average linkage on the distance √((1 − ρ)/2), their number that of the largest
/// mean silhouette [Rousseeuw 1987], after the clustered trial count of López de Prado & Lewis 2019. Correlations within chance count as 0.
/// Where no number of clusters shows structure (silhouette below 0.25), fewer than three trials included, it is effective_trials rounded.
/// In [1, N]; above 400 trials of 400 evenly chosen ones, and so at most 400. O(min(N, 400)³ + min(N, 400)² · bars).
std::int64_t clustered_trials(Trials trials, int threads = 1);

/// Probability of backtest overfitting by combinatorially symmetric cross-validation.
struct PboResult {
  Value pbo;                        ///< share of splits in which the best trial in sample is in the lower half out of sample (logit ≤ 0)
  Value loss_probability;           ///< share of splits in which it has a negative Sharpe ratio out of sample
  std::int64_t splits = 0;          ///< C(S, S/2)
  std::int64_t rows_used = 0;       ///< bars · S div S: the remainder is dropped from the newest end
  std::vector<std::size_t> sparse;  ///< trials that vary too seldom to be ranked in every half
};
/// [Bailey, Borwein, López de Prado & Zhu 2017] over S = `blocks` (even, 2 … 20). A trial that varies in half of the blocks or fewer has no
/// Sharpe ratio in some half: it takes no part (`sparse`), nor does one that never varies, so that neither moves the figure of the
/// others. Undefined: insufficient_trials (N < 2), insufficient_bars (T < 2S), zero_variance (fewer than two trials take part, or flat
/// ones dominate). Block sums replace the concatenation of blocks: O(splits · N).
/// Errors: `usage` for an odd or too large S; `interrupted`.
Result<PboResult> probability_of_overfitting(Trials trials, int blocks = 16, int threads = 1, const Cancellation* cancellation = nullptr);

/// Everything about the best of N trials.
struct OverfitReport {
  std::int64_t trials = 0;
  double effective_trials = 0;
  std::int64_t clustered_trials = 0;
  std::size_t best = 0;           ///< index of the highest Sharpe ratio
  std::vector<std::size_t> flat;  ///< trials without variance: they count as trials, and nothing else is made of them
  Value sharpe_per_period;        ///< of the best
  Value psr;                      ///< of the best against 0
  Value min_track_record;         ///< of the best against 0, at 95 %
  Value expected_max_sharpe;      ///< from all N trials; flat ones have earned a Sharpe ratio of 0
  Value dsr;                      ///< deflated Sharpe ratio: psr against expected_max_sharpe
  Value dsr_clustered;            ///< the same, with the clustered number of trials
  PboResult pbo;
};
/// Errors: `invalid_data` for lengths that differ or values that are not finite (naming trial and row); as probability_of_overfitting.
Result<OverfitReport> overfit_report(Trials trials, int blocks = 16, int threads = 1, const Cancellation* cancellation = nullptr);

}  // namespace tradewind::metrics
