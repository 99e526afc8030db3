// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/analysis/analysis_options.hpp"
#include "tradewind/analysis/regime_fit.hpp"
#include "tradewind/analysis/run_input.hpp"
#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/progress.hpp"
#include "tradewind/metrics/family_wise.hpp"
#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/metrics/performance_metrics.hpp"

namespace tradewind::analysis {

/// The two parts of a run's bars: strategies are chosen on the first and judged on the last.
struct HoldoutSplit {
  double holdout = 0.3;    ///< share of the bars that is held out
  UnixNanos boundary = 0;  ///< time of the first held-out bar
  std::size_t selection_bars = 0;
  std::size_t holdout_bars = 0;

  /// How many times of an ascending timeline belong to the selection part.
  std::size_t rows(std::span<const UnixNanos> timeline) const;
};

/// A classifier of the run on the bars of its own symbol.
struct StudiedClassifier {
  workspace::ClassifierMetadata metadata;
  std::vector<int> state;  ///< per bar of the symbol: the regime known at the bar before, which applies to this bar's return; −1 unknown
};

/// Everything one pass over a strategy's returns tells. Trades are those of accounts of its own: one that ends with the selection part, one
/// that starts with the held-out part by entering the position then held.
struct StudiedStrategy {
  std::size_t row = 0;  ///< in Study::rows
  metrics::PerformanceMetrics selection;
  metrics::PerformanceMetrics holdout;
  std::optional<metrics::PerformanceMetrics> full;  ///< of all bars; only with other costs than the run's, whose own are in its catalog
  metrics::ReturnMoments moments;                   ///< of the selection part
  metrics::Undefined moments_undefined = metrics::Undefined::empty;
  metrics::Value psr;            ///< P(true Sharpe ratio > 0)
  metrics::Value dsr;            ///< P(true Sharpe ratio > what chance alone makes the best of all trials show)
  metrics::Value family_wise_p;  ///< chance that luck among all trials shows so much above holding the symbol [metrics::FamilyWise]
  std::vector<RegimeFit> fits;   ///< one per classifier of its symbol, in the order of Study::classifiers_of
};

/// A run looked at strategy by strategy.
struct Study {
  HoldoutSplit split;
  std::vector<workspace::SignalMetadata> rows;  ///< every strategy of the run, by ordinal
  std::vector<StudiedStrategy> strategies;      ///< those with stored signals, by ordinal
  std::vector<StudiedClassifier> classifiers;   ///< by id
  double sharpe_variance = 0;                   ///< of the trials' Sharpe ratios per bar
  metrics::Value expected_max_sharpe;           ///< per bar, of as many trials as the run has strategies
  metrics::FamilyWise luck;                     ///< of the selection part, by index into `strategies`; see StudyOptions
  std::string benchmark = "holding";            ///< what luck is measured against: holding the symbol, a benchmark by name, or "0"

  /// Indices into `classifiers` of a symbol's.
  std::vector<std::size_t> classifiers_of(const std::string& symbol) const;
  const workspace::SignalMetadata& row_of(const StudiedStrategy& strategy) const { return rows[strategy.row]; }
};

/// Luck is measured against holding the strategy's own symbol, as much of it as its returns move with, net of costs;
/// against 0 when the run's prices are the strategies' own accounts (sessions, imported returns); against a benchmark as a whole, when one
/// is given.
struct StudyOptions {
  double holdout = 0.3;    ///< in (0, 0.9]
  std::uint64_t seed = 1;  ///< of the family-wise test
  int threads = 1;
  Progress* progress = &silent_progress();
  const Cancellation* cancellation = nullptr;
  const AnalysisBenchmark* benchmark = nullptr;
};

/// Computes the study of a run with the input's costs. Signals stream through in blocks; of each strategy at most 1,024 floats stay.
/// Errors: `invalid_data` when a part would have fewer than two bars, or without stored signals; data and storage errors; `interrupted`.
/// O(strategies · bars · classifiers), on all threads, the same bytes at any number of them.
Result<Study> study_run(RunInput& input, const StudyOptions& options);

}  // namespace tradewind::analysis
