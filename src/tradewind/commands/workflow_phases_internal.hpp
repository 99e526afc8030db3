// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tradewind/analysis/automated_workflow.hpp"
#include "tradewind/analysis/phase_graph.hpp"
#include "tradewind/commands/workflow_config.hpp"

namespace tradewind::commands {

/// A run of that name that another configuration made would be added to, and its trials counted together.
Status check_same_sweep(const Path& root, const PhaseConfig& phase);

/// Ids of the runs an analyze phase looks at: those it names and those of the sweeps it needs; with all_runs those of the workspace.
std::vector<std::string> runs_of(const PhaseConfig& phase, const analysis::PhaseResults& needed);

/// Null when there is none of that name.
const PhaseConfig* phase_named(const WorkflowConfig& config, const std::string& name);

/// The analyze phases among what a phase needs, with their results.
std::vector<std::pair<const PhaseConfig*, const Json*>> analyses_in(const WorkflowConfig& config, const analysis::PhaseResults& needed);

/// The result of the select phase among what a phase needs.
Result<const Json*> selection_in(const analysis::PhaseResults& needed, const char* who);

}  // namespace tradewind::commands
