// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::metrics {

/// How intervals are drawn. The same seed gives the same interval at any thread count: replicate i uses stream i of the seed.
struct BootstrapOptions {
  int replicates = 1000;     ///< ≥ 100
  double confidence = 0.95;  ///< in (0, 1): the percentile interval's coverage
  std::uint64_t seed = 1;
  double block_length = 0;  ///< mean block length in bars, ≥ 1; 0 chooses it from the data
  int threads = 1;
};

/// Percentile intervals of a series' metrics.
struct BootstrapIntervals {
  Interval mean;        ///< per bar
  Interval volatility;  ///< annualised, as the rest
  Interval sharpe_ratio;
  Interval sortino_ratio;
  Interval annualized_return;  ///< short_sample as the metric
  Interval max_drawdown;
  double block_length = 0;
};

/// Stationary bootstrap [Politis & Romano 1994]: blocks of geometric length from the circular series, so that dependence between
/// neighbouring bars survives. An interval is undefined (too_few, or the metric's reason) when fewer than half of the replicates
/// define the metric. Errors: as calculate_metrics; `usage` for options out of range. O(replicates · n).
Result<BootstrapIntervals> bootstrap_intervals(std::span<const double> returns, const ReturnOptions& options,
                                               const BootstrapOptions& bootstrap = {});

/// Percentile interval of the Sharpe ratio per bar alone, by the same replicates: values are finite and may be below −1 (excess returns).
/// Undefined: empty, too_few (n < 2), zero_variance. Errors: `usage` for options out of range. O(replicates · n / block length).
Result<Interval> sharpe_interval(std::span<const double> returns, const BootstrapOptions& bootstrap = {});

/// Mean block length for the stationary bootstrap of the mean [Politis & White 2004, corrected by Patton, Politis & White 2009],
/// at least 1. Values are finite. O(n · lags), lags ≤ √n + log₁₀ n.
double optimal_block_length(std::span<const double> values);

/// Sums of one block of consecutive bars around a common centre: Σ(r − c) and Σ(r − c)².
struct BlockMoments {
  double count = 0;
  double sum = 0;
  double squares = 0;
};

/// Percentile interval of the annualised Sharpe ratio when whole blocks (the runs of a regime) are drawn with replacement.
/// Above kMaxBlocks neighbours are joined. insufficient_bars for fewer than two blocks. O(replicates · blocks).
Interval block_sharpe_interval(std::span<const BlockMoments> blocks, double center, const ReturnOptions& options,
                               const BootstrapOptions& bootstrap, std::uint64_t stream);
inline constexpr std::size_t kMaxBlocks = 2000;

/// The central interval of coverage `confidence` of a sample (linear between order statistics); NaN entries are left out,
/// and `otherwise` is the reason when fewer than half remain. Reorders the sample.
Interval percentile_interval(std::vector<double>& sample, double confidence, Undefined otherwise);

}  // namespace tradewind::metrics
