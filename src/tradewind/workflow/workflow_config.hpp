// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tradewind/analysis/analysis_options.hpp"
#include "tradewind/config/value.hpp"
#include "tradewind/notifications/settings.hpp"
#include "tradewind/sweep/sweep_config.hpp"

namespace tradewind::workflow {

/// What an analysis phase does and the costs it does it with.
struct AnalysisSettings {
  analysis::SelectionCriteria criteria;
  std::optional<metrics::ExecutionCosts> costs;
  ensemble::EnsembleOptions ensemble;
  double holdout = 0.3;
};

enum class PhaseType { sweep, analyze, select, replay, report };

/// One phase as the user describes it, or as the short form of a workflow implies it.
struct PhaseConfig {
  std::string name;
  PhaseType type = PhaseType::sweep;
  std::vector<std::string> needs;
  std::optional<sweep::SweepConfig> sweep;  ///< of a sweep phase
  std::string run_id;                       ///< of a sweep phase; empty: made from its content
  bool all_runs = false;                    ///< of an analyze phase: every run of the workspace, not only those named
  std::vector<std::string> runs;            ///< of an analyze phase, besides the sweeps it needs
  AnalysisSettings analysis;                ///< of an analyze phase
  Path out;                                 ///< of a report phase
};

/// A workflow as the user describes it; docs/workflow.md lists every key.
struct WorkflowConfig {
  std::string name;
  std::vector<PhaseConfig> phases;
  std::uint64_t seed = 1;
  int confirm_bars = 0;  ///< of replays: bars a regime must have held before the weights follow; 0: what the analysis found best
  notifications::EventSettings events;  ///< who outside is told of what happens
  Path folder;                          ///< of the configuration: what relative paths start from
};

/// Errors: Errc::invalid_config with every complaint, each with its line and the nearest known name.
Result<WorkflowConfig> load_workflow_config(const Path& path);

/// What `tradewind follow` does with every sweep it hears of.
struct FollowConfig {
  notifications::EventSettings events;
  AnalysisSettings analysis;
  std::uint64_t seed = 1;
};

/// The keys `events` (required), `criteria`, `costs`, `ensemble`, `holdout`, `seed` of a workflow; the others are passed over, so that a
/// workflow's own file will do. Errors as load_workflow_config.
Result<FollowConfig> load_follow_config(const Path& path);

/// The section `events` of any configuration. Errors as load_workflow_config.
Result<notifications::EventSettings> load_event_settings(const Path& path);

}  // namespace tradewind::workflow
