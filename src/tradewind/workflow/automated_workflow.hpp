// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tradewind/workflow/analytics_coordinator.hpp"

namespace tradewind::workflow {

/// What became of a run that was scanned.
struct RunVerdict {
  std::string run_id;
  bool qualified = false;
  std::string reason;  ///< why not
};

/// A strategy × classifier combination that the criteria chose.
struct SelectedCombination {
  std::string run_id;
  std::string strategy_id;
  std::string classifier_id;  ///< empty: traded always
  double score = 0;
  Json figures;  ///< its entry in the analysis: sharpe ratios, dsr, regimes
};

struct WorkflowReport {
  std::vector<RunVerdict> runs;
  std::size_t scanned_runs = 0;
  std::size_t qualified_runs = 0;
  std::vector<analysis::AnalysisReport> analyses;          ///< of the runs that could be analysed
  std::vector<SelectedCombination> selected_combinations;  ///< best score first
  std::vector<PreparedReplay> replay_configurations;       ///< of what was selected, over all runs
  std::vector<ReplaySummary> replay_results;               ///< empty unless replays were asked for
  std::vector<analysis::Recommendation> recommendations;
};

/// From the runs of a workspace to replayed ensembles, without anyone's help. Every step is kept in the workspace and not done again.
class AutomatedAnalyticsWorkflow {
 public:
  AutomatedAnalyticsWorkflow(analysis::SelectionCriteria criteria, const AnalyticsCoordinator& coordinator)
      : criteria_(std::move(criteria)), coordinator_(coordinator) {}

  /// All steps on all runs of the workspace, or on those named. Replays run when criteria.auto_execute_replay says so.
  /// Errors: `not_found` for a run that was named and is not there; what damages one run of many is its verdict, not an error.
  Result<WorkflowReport> run_automated_analysis(const std::vector<std::string>& run_ids = {}) const;

  // The steps, for workflows that put something between them.
  /// Finished sweeps and imports, by id; runs of other kinds and damaged ones get their reason.
  Result<std::vector<RunVerdict>> scan_runs(const std::vector<std::string>& run_ids) const;
  /// Analyses the runs that are left; one that cannot be analysed gets its reason. Sets `qualified`.
  Result<std::vector<analysis::AnalysisReport>> analyze_runs(std::vector<RunVerdict>& runs) const;
  /// The best combinations over all reports that are not too correlated with better ones, at most max_selections.
  Result<std::vector<SelectedCombination>> rank_combinations(const std::vector<analysis::AnalysisReport>& reports) const;
  /// What was selected, as it is held: of all runs that are traded alike (costs, bars a year) one replay. Where nothing but the ensemble of
  /// one run was selected it is that ensemble, else the selected strategies are weighed anew.
  Result<std::vector<PreparedReplay>> prepare_replays(const std::vector<analysis::AnalysisReport>& reports,
                                                      const std::vector<SelectedCombination>& selected) const;
  /// Runs replays on all threads and stores each as a run of its own; one that is stored already is not run again.
  Result<std::vector<ReplaySummary>> execute_replays(const std::vector<PreparedReplay>& prepared) const;
  std::vector<analysis::Recommendation> recommend(const std::vector<analysis::AnalysisReport>& reports,
                                                  const std::vector<SelectedCombination>& selected) const;

 private:
  analysis::SelectionCriteria criteria_;
  const AnalyticsCoordinator& coordinator_;
};

}  // namespace tradewind::workflow
