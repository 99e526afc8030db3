// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

struct WorkflowArguments {
  Path config;
};

/// `tradewind workflow CONFIG`: sweep, analyse, select, replay and report by one configuration. What is finished is kept in the workspace
/// (_workflows/NAME), so the same command after any interruption goes on where it stopped and ends in the same report.
/// Errors: Errc::invalid_config with every complaint; those of the phases, with the phase's name.
Result<CommandOutput> workflow(const WorkflowArguments& arguments, const Context& context);

}  // namespace tradewind::commands
