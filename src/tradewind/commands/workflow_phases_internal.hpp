// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tradewind/workflow/automated_workflow.hpp"
#include "tradewind/workflow/phase_graph.hpp"
#include "tradewind/workflow/workflow_config.hpp"

namespace tradewind::commands {

/// A run of that name that another configuration made would be added to, and its trials counted together.
Status check_same_sweep(const Path& root, const workflow::PhaseConfig& phase);

/// Ids of the runs an analyze phase looks at: those it names and those of the sweeps it needs; with all_runs those of the workspace.
std::vector<std::string> runs_of(const workflow::PhaseConfig& phase, const workflow::PhaseResults& needed);

/// Null when there is none of that name.
const workflow::PhaseConfig* phase_named(const workflow::WorkflowConfig& config, const std::string& name);

/// The analyze phases among what a phase needs, with their results.
std::vector<std::pair<const workflow::PhaseConfig*, const Json*>> analyses_in(const workflow::WorkflowConfig& config,
                                                                              const workflow::PhaseResults& needed);

/// The result of the select phase among what a phase needs.
Result<const Json*> selection_in(const workflow::PhaseResults& needed, const char* who);

}  // namespace tradewind::commands
