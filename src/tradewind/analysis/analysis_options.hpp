// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/analysis/run_input.hpp"
#include "tradewind/analysis/selection_criteria.hpp"
#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/progress.hpp"
#include "tradewind/ensemble/objectives.hpp"
#include "tradewind/metrics/execution_costs.hpp"
#include "tradewind/notifications/event_bus.hpp"

namespace tradewind::analysis {

/// What the strategies of a run could have been instead of holding their symbols.
struct AnalysisBenchmark {
  std::string name;             ///< "0": nothing, a return above 0 is asked for
  std::vector<double> returns;  ///< on the run's timeline; empty for nothing
};

/// What an analysis of a run may vary.
struct AnalysisOptions {
  SelectionCriteria criteria;
  std::optional<metrics::ExecutionCosts> costs;  ///< none: those of the run
  ensemble::EnsembleOptions ensemble;            ///< periods_per_year and risk_free are those of the run
  double holdout = 0.3;                          ///< newest share of the bars that only judges, in (0, 0.9]
  std::uint64_t seed = 1;
  std::optional<AnalysisBenchmark> benchmark = {};  ///< what luck is measured against, and what the ensemble stands beside; none: holding
  RunData data;

  int threads = 1;
  notifications::EventBus* events = nullptr;  ///< told of analyses that are ready, replays that are done and how they go; null: nobody
  bool use_cache = true;                      ///< take a stored analysis of the same input
  Progress* progress = &silent_progress();
  const Cancellation* cancellation = nullptr;
};

}  // namespace tradewind::analysis
