// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tradewind/analysis/analysis_options.hpp"
#include "tradewind/analysis/verdict.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/replay/replay.hpp"

namespace tradewind::analysis {

/// What one strategy of a report showed; the figures are net of costs and annualised where they have a year in them.
struct StrategyPerformance {
  std::string strategy_id;
  std::string status;                       ///< selected, candidate or rejected
  std::string reason;                       ///< why not selected
  std::map<std::string, double> selection;  ///< metric -> value, undefined ones left out
  std::map<std::string, double> holdout;
  double dsr = 0;  ///< NaN when undefined
};

struct Recommendation {
  std::string
      kind;  ///< trade_ensemble, paper_trade, trade_nothing, stay_out, prefer_simple, adapt_weights, keep_weights, watch_pattern, more_data
  std::string text;    ///< what to do
  std::string reason;  ///< why, with the numbers
  std::vector<std::string> strategies;
};

/// The analysis of one run. `document` is the whole of it (docs/analysis.md lists its keys) and the only source of numbers; the other
/// members are a typed view of its main parts.
struct AnalysisReport {
  Json document;
  std::string run_id;
  std::string input_hash;                                                 ///< of everything the analysis depends on
  bool qualified = false;                                                 ///< some strategy met the criteria
  std::vector<StrategyPerformance> strategy_performances;                 ///< best first
  Json regime_analysis;                                                   ///< the document's classifiers
  Json discovered_patterns;                                               ///< the document's patterns
  std::map<std::string, std::map<std::string, double>> ensemble_weights;  ///< regime -> strategy -> weight; "" holds the global ones
  std::vector<replay::ReplayStrategy> members;                            ///< what is held: the ensemble's strategies, with their gates
  Verdict verdict;                                                        ///< what every output says
  std::vector<Recommendation> recommendations;                            ///< the first says what the verdict says

  /// A selected strategy as this analysis holds it; always and without weight for one it does not hold.
  replay::ReplayStrategy member(const std::string& strategy_id) const;

  /// The view of a document. Errors: `corrupt` for one that is no analysis; `newer_format`.
  static Result<AnalysisReport> from(Json document);
};

/// Where a run keeps its analysis.
inline constexpr const char* kAnalysisDocument = "analytics/analysis.json";

/// The stored analysis of a run, its checksum compared. Errors: `not_found` for a run that was not analysed; `corrupt`, `newer_format`.
Result<AnalysisReport> read_analysis(const Path& root, const std::string& run_id);

/// Analyses a run: every strategy on the selection part of the data, the selected ones and their ensemble on the held-out rest.
/// Writes analytics/analysis.json, regime_performance.json, correlation_matrix.json, optimal_weights.json and the catalog columns psr,
/// dsr, selection_sharpe, holdout_sharpe and family_wise_p. A stored analysis of the same input is returned as it is (options.use_cache).
/// Same input, options and version: same bytes, at any number of threads. Errors: as RunInput, select_strategies; `interrupted`.
Result<AnalysisReport> analyze_run(const Path& root, const std::string& run_id, const AnalysisOptions& options);

}  // namespace tradewind::analysis
