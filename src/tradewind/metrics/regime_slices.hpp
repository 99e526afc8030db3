// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/metrics/bootstrap.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::metrics {

/// The regime of every bar, borrowed for the duration of a call.
struct RegimeLabels {
  std::span<const std::int8_t> state;  ///< per bar: an index into `names`, −1 while not known
  std::span<const std::string> names;
  bool aligned = false;  ///< false: known at the bar's close, so it applies to the next return; true: to its own bar
};

/// What happened in the bars of one regime. Mean, volatility, Sharpe and Sortino are conditional statistics of these bars; nothing is
/// computed on a path stitched together from separate runs, which nobody could have lived through.
struct RegimeSlice {
  std::string label;
  std::int64_t bars = 0;
  std::int64_t runs = 0;     ///< maximal stretches of consecutive bars with this label
  Value occupancy;           ///< share of the labelled bars
  Value mean;                ///< per bar
  Value volatility;          ///< annualised
  Value sharpe_ratio;        ///< annualised
  Value sortino_ratio;       ///< annualised
  Value annualized_return;   ///< on the regime's own clock; insufficient_bars below 60 bars or 5 runs
  Value win_rate;            ///< bars that gained / bars that gained or lost
  Value contribution;        ///< Σ ln(1 + r): additive, with the unlabelled bars it sums to ln(1 + total_return); `empty` after ruin
  Value worst_run_drawdown;  ///< deepest drawdown within one run, positive
  Value drawdown_share;      ///< share of the full path's deepest decline (in logarithms) that fell into this regime; may be negative
  Interval sharpe_interval;  ///< runs drawn with replacement
};

/// Every label of `names` in order, those that never occur included (with 0 bars and undefined figures).
struct RegimeReport {
  std::vector<RegimeSlice> slices;
  std::int64_t unlabelled_bars = 0;
  Value unlabelled_contribution;
};

/// Slices net returns by regime; the cost of a position change is in the bar where it was made and so belongs to the regime entered.
/// Errors: `invalid_data` for lengths that differ, states outside −1 … names.size() − 1, and as calculate_metrics. O(n + replicates ·
/// runs).
Result<RegimeReport> regime_slices(std::span<const double> returns, const RegimeLabels& labels, const ReturnOptions& options,
                                   const BootstrapOptions& bootstrap = {});

inline constexpr std::int64_t kMinRegimeBars = 60;
inline constexpr std::int64_t kMinRegimeRuns = 5;

}  // namespace tradewind::metrics
