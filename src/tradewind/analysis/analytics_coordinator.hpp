// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tradewind/analysis/analysis_report.hpp"
#include "tradewind/base/task.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"

namespace tradewind::analysis {

/// A replay that is ready to run: what is held, in which regimes, with which weights, and what was judged of it.
struct PreparedReplay {
  std::string run_id;         ///< the run whose signals are replayed; of several the first, whose classifier it is
  std::string classifier_id;  ///< whose regimes the weights follow; empty: none
  replay::SignalReplayConfig config;
  std::string input_hash;          ///< of the analyses it comes from; empty for one of the user's own
  std::optional<Verdict> verdict;  ///< of the analysis it comes from

  /// The runs whose signals are replayed, each once, in the order of the strategies.
  std::vector<std::string> runs() const;
  /// The run it is stored as; the same for the same replay.
  std::string replay_run_id() const;
};

/// What came of a replay, beside what needs no optimiser.
struct ReplayOutcome {
  replay::RegimeReplayResult ensemble;
  replay::ReplayBaselines baselines;
};

/// A replay that was run and stored.
struct ReplaySummary {
  std::string run_id;  ///< of the replay
  std::string source;  ///< the run whose signals it holds
  Json summary;        ///< the replay's analytics/replay.json
};

/// Orchestrates analyses of the runs of a workspace.
class AnalyticsCoordinator {
 public:
  /// `options` hold for every analysis; their costs may be replaced per call.
  explicit AnalyticsCoordinator(Path workspace, AnalysisOptions options = {})
      : workspace_(std::move(workspace)), options_(std::move(options)) {}

  const Path& workspace() const noexcept { return workspace_; }
  const AnalysisOptions& options() const noexcept { return options_; }

  /// Starts the analysis of a run on a thread of its own; its parts run in parallel. A repeat with the same input is read back.
  /// Errors: as analyze_run; `interrupted` after cancel().
  Task<AnalysisReport> analyze_optimization_run(const std::string& run_id,
                                                std::optional<metrics::ExecutionCosts> execution_costs = {}) const;

  /// The report's ensemble as a replay over the held-out part. With `target_regimes` the ensemble is held in those only and in cash in
  /// the others; `adaptive`: its weights follow the probabilities of the regimes. Errors: `nothing_matched` when the report has no
  /// ensemble, or no weights that adapt; `unknown_name` for a regime it does not have; `usage` for both options at once; as RunInput.
  Result<PreparedReplay> prepare_signal_replay(const AnalysisReport& report, const std::vector<std::string>& target_regimes = {},
                                               bool adaptive = false) const;

  /// Strategies of one or several analysed runs as one ensemble: each as its analysis holds it, weighed anew on what all of the analyses
  /// may know, replayed where all of them had looked away. `members` are of the reports; the verdict is the most cautious of theirs. All
  /// runs must be traded at the same costs and bars a year. Errors: as prepare_signal_replay, optimize_weights.
  Result<PreparedReplay> prepare_across(std::span<const AnalysisReport* const> reports, std::vector<replay::ReplayStrategy> members) const;

  /// Runs a prepared replay with its baselines. Errors: as SignalReplayEngine.
  Result<ReplayOutcome> execute(const PreparedReplay& prepared, const replay::ReplayRunOptions& options = {}) const;

  /// Executes a prepared replay and writes it as a run whose id follows from the analysis; one that is stored already is read back.
  /// With `outcome` the replay is run either way and handed out as well.
  Result<ReplaySummary> store_replay(const PreparedReplay& prepared, const replay::ReplayRunOptions& options = {},
                                     ReplayOutcome* outcome = nullptr) const;

 private:
  Result<PreparedReplay> prepared_from(const AnalysisReport& report, const std::vector<std::string>& target_regimes, bool adaptive) const;

  Path workspace_;
  AnalysisOptions options_;
};

/// Starts the analysis of every sweep that a bus reports as complete, on a thread of its own. The coordinator must outlive it.
class AnalysisFollower {
 public:
  AnalysisFollower(const AnalyticsCoordinator& coordinator, notifications::EventBus& bus);
  /// An analysis that has ended, by its run.
  struct Finished {
    std::string run_id;
    Result<AnalysisReport> report;
  };
  /// Waits for the analyses started so far; their results in the order of the sweeps.
  std::vector<Result<AnalysisReport>> wait();
  /// Those that have ended by now, each once, in the order of the sweeps. Does not wait.
  std::vector<Finished> take_finished();

 private:
  const AnalyticsCoordinator& coordinator_;
  std::mutex mutex_;
  struct Started {
    std::string run_id;
    std::unique_ptr<Task<AnalysisReport>> task;
  };
  std::vector<Started> started_;
  notifications::Subscription subscription_;
};

}  // namespace tradewind::analysis
