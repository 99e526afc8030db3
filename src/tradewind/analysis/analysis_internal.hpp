// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/analysis/analysis_options.hpp"
#include "tradewind/analysis/analysis_report.hpp"
#include "tradewind/analysis/correlation_json.hpp"
#include "tradewind/analysis/ensemble_results.hpp"
#include "tradewind/analysis/ensemble_study.hpp"
#include "tradewind/analysis/selection.hpp"
#include "tradewind/analysis/selection_bias.hpp"
#include "tradewind/analysis/strategy_study.hpp"
#include "tradewind/analysis/verdict.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/discovery/condition_model.hpp"
#include "tradewind/discovery/pattern_miner.hpp"
#include "tradewind/ensemble/correlation.hpp"
#include "tradewind/metrics/regime_slices.hpp"

namespace tradewind::analysis {

/// A strategy that is described in full: with its returns, intervals and regime slices.
struct DescribedStrategy {
  std::size_t strategy = 0;                    ///< in Study::strategies
  std::vector<double> returns;                 ///< on the run's timeline
  metrics::Interval sharpe_interval;           ///< of the selection part, annualised
  std::vector<metrics::RegimeReport> regimes;  ///< of the selection part, per classifier of its symbol
};

/// Everything an analysis computes, before it is written down.
struct Analysis {
  Study study;
  SelectionBias bias;
  Selection selection;
  EnsembleStudy ensemble;
  EnsembleResults results;
  std::vector<DescribedStrategy> details;  ///< the strategies shown, best Sharpe ratio of the selection part first
  std::vector<std::size_t> correlated;     ///< in `details`: those of the correlation matrix
  ensemble::ReturnPanel correlated_panel;  ///< their returns in the selection part
  ensemble::CorrelationMatrix correlation;
  std::string mined_symbol;  ///< of the patterns
  discovery::MinedPatterns patterns;
  discovery::RegimePatterns transitions;
  discovery::ConditionSkill model;
  std::vector<market::UtcOffset> clock;  ///< of the exchange of what is held; empty: UTC, or exchanges with several
  std::vector<std::string> notes;

  const StudiedStrategy& of(const DescribedStrategy& detail) const { return study.strategies[detail.strategy]; }
  const workspace::SignalMetadata& row(const DescribedStrategy& detail) const { return study.row_of(of(detail)); }
};

/// Strategies described in full besides those selected and found remarkable, and those of the correlation matrix.
inline constexpr std::size_t kShownStrategies = 50;
inline constexpr std::size_t kCorrelatedStrategies = 30;  ///< the best of every symbol and type first
/// Points of a curve: more than the pixels of any screen it is shown on at report width.
inline constexpr std::size_t kCurvePoints = 1500;

/// The catalog columns an analysis adds.
inline constexpr std::array<const char*, 5> kAnalysisColumns = {"psr", "dsr", "selection_sharpe", "holdout_sharpe", "family_wise_p"};
/// The stored analysis, when it is whole, answers the same question, and the catalog still has the columns it added.
Result<std::optional<AnalysisReport>> stored_report(const Path& root, const RunInput& input, const std::string& hash);

/// The parts of the document; each is one key.
Json provenance_json(RunInput& input, const AnalysisOptions& options, std::size_t bars);
Json funnel_json(const Selection& selection);
/// What became of every strategy and why, of at most so many.
Json selection_document_json(const Analysis& analysis, const std::string& run_id, std::size_t most);
Json strategies_json(const Analysis& analysis, const std::vector<std::string>& metric_columns);
Json classifiers_json(const Analysis& analysis);
Json overfitting_json(const Analysis& analysis);
Json pattern_section_json(const Analysis& analysis);
Json combinations_json(const Analysis& analysis);
Json ensemble_section_json(const Analysis& analysis, const AnalysisOptions& options);
/// The ensemble beside buying and holding, or beside a benchmark, over the held-out part: {name, of, alpha, beta, …}; null without a path
/// of either.
Json ensemble_benchmark_json(const Analysis& analysis, const metrics::ReturnOptions& options,
                             const std::optional<AnalysisBenchmark>& benchmark);
Json curves_json(const Analysis& analysis);
/// Whether every time is in the same month by both clocks.
bool same_months(const std::vector<market::UtcOffset>& a, const std::vector<market::UtcOffset>& b, std::span<const UnixNanos> times);
Json monthly_json(const Analysis& analysis);
Json rolling_json(const Analysis& analysis, double periods_per_year);
Json parameter_surface_json(const Analysis& analysis);

/// What is worth a remark: [{kind, text, strategies, numbers}].
Json findings_json(const Analysis& analysis, const AnalysisOptions& options, double periods_per_year);
/// What to do, from the finished document and what was judged of it: [{kind, text, reason, strategies, numbers}].
Json recommendations_json(const Json& document, const Verdict& verdict);

}  // namespace tradewind::analysis
