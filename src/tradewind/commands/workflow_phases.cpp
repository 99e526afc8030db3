// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/workflow_phases_internal.hpp"

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/workspace/reader.hpp"

namespace tradewind::commands {

using analysis::PhaseResults;

Status check_same_sweep(const Path& root, const PhaseConfig& phase) {
  if (phase.run_id.empty()) return {};
  const auto metadata = workspace::read_run_metadata(root, phase.run_id);
  if (!metadata || metadata->config.empty()) return {};
  if (read_json(metadata->config) == read_json(phase.sweep->json)) return {};
  return Error(Errc::already_exists, fmt::format("run '{}' was made by another configuration", phase.run_id), "run_id",
               "give the sweep another run_id, leave it out, or remove that run");
}

std::vector<std::string> runs_of(const PhaseConfig& phase, const PhaseResults& needed) {
  std::vector<std::string> runs = phase.runs;
  for (const auto& [name, result] : needed)
    if (result.contains("run_id")) runs.push_back(result["run_id"]);
  return runs;
}

const PhaseConfig* phase_named(const WorkflowConfig& config, const std::string& name) {
  for (const PhaseConfig& phase : config.phases)
    if (phase.name == name) return &phase;
  return nullptr;
}

std::vector<std::pair<const PhaseConfig*, const Json*>> analyses_in(const WorkflowConfig& config, const PhaseResults& needed) {
  std::vector<std::pair<const PhaseConfig*, const Json*>> found;
  for (const auto& [name, result] : needed)
    if (const PhaseConfig* phase = phase_named(config, name); phase != nullptr && phase->type == PhaseType::analyze)
      found.emplace_back(phase, &result);
  return found;
}

Result<const Json*> selection_in(const PhaseResults& needed, const char* who) {
  for (const auto& [name, result] : needed)
    if (result.contains("selected_combinations")) return &result;
  return Error(Errc::invalid_config, fmt::format("a {} phase needs a select phase", who), "phases", "add its name to `needs`");
}

}  // namespace tradewind::commands
