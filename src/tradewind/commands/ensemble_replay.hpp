// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/commands/replay.hpp"

namespace tradewind::commands {

/// Whether the source of a replay is an ensemble by itself: a configuration, or the run of a replay.
bool is_ensemble_replay(const std::string& source, const Context& context);

/// The part of `replay` that is for ensembles.
Result<CommandOutput> replay_ensemble(const ReplayArguments& arguments, const analysis::RunData& data, const Context& context);

}  // namespace tradewind::commands
