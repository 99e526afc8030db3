// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/analysis/strategy_study.hpp"
#include "tradewind/metrics/overfitting.hpp"

namespace tradewind::analysis {

/// How much of the best strategy's figures the number of trials explains.
struct SelectionBias {
  metrics::OverfitReport report;  ///< of all trials; `best` is an index into Study::strategies
  bool sampled = false;           ///< there were too many to look at all that moved
  std::size_t looked_at = 0;      ///< strategies whose returns the trial counts and the PBO come from: all, or evenly chosen ones
};

/// Trial counts and PBO are computed from at most kMostTrials return series and from no more returns than fit into kMostReturns.
inline constexpr std::size_t kMostTrials = 1000;
inline constexpr std::size_t kMostReturns = std::size_t{1} << 25;

/// Everything from the selection part only. The effective number of trials of a sample is carried over to all by its mean ρ².
/// Errors: as overfit_report and RunInput::returns.
Result<SelectionBias> measure_selection_bias(RunInput& input, const Study& study, const StudyOptions& options);

}  // namespace tradewind::analysis
