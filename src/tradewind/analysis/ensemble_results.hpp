// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tradewind/analysis/analysis_options.hpp"
#include "tradewind/analysis/ensemble_study.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/metrics/performance_metrics.hpp"

namespace tradewind::analysis {

/// One way of holding the selected strategies, replayed with costs.
struct HoldingPath {
  std::string name;  ///< "ensemble", "adaptive weights", "static weights", "held always", "equal weight", "best single", "buy and hold"
  std::string kind;  ///< ensemble, adaptive, static, ungated, equal, single, baseline
  std::string strategy_id;  ///< of a single strategy
  metrics::PerformanceMetrics selection;
  metrics::PerformanceMetrics holdout;
  metrics::Interval holdout_sharpe;  ///< annualised
  metrics::Value switching_costs;    ///< of the held-out part, in units of the capital at its start; undefined where nothing switches
  metrics::Value turnover;           ///< of the held-out part, a year: Σ|Δw| over its switches
  std::vector<double> returns;       ///< net, on the run's timeline
};

/// The ensemble beside what needs no optimiser.
struct EnsembleResults {
  std::vector<HoldingPath> paths;
  int confirm_bars = 1;                 ///< bars a regime must have held before the weights follow: the best on the selection part
  std::map<int, double> confirm_tried;  ///< wait -> its net Sharpe ratio there
  /// Each strategy alone, as it is held: on the selection part, and on the held-out part.
  std::vector<metrics::PerformanceMetrics> selection, holdout;
  Json adaptive;  ///< whether adapting the weights through time paid after costs, and the rule; null when there are too few bars
};

/// Replays the weighed strategies, by the regimes of a classifier of the run (empty: none), over the selection part and, with fresh
/// capital, over the held-out part. Errors: as the replays.
Result<EnsembleResults> replay_ensemble(RunInput& input, const Study& study, const EnsembleStudy& ensemble,
                                        const std::string& classifier_id, const AnalysisOptions& options);

}  // namespace tradewind::analysis
