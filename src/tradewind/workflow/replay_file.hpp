// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/workflow/analytics_coordinator.hpp"

namespace tradewind::workflow {

/// Whether the name is that of a configuration of a replay (.json, .yaml, .yml), which may be of a user's own or written by a workflow.
bool is_replay_file(const std::string& name);

/// A prepared replay as a file that `tradewind replay FILE` replays and a live ensemble's `file: FILE` trades: strategies with weight,
/// classifier and the regimes they are held in; the ensemble's classifier with the weights by regime; window; what was judged of it.
Json replay_file_json(const PreparedReplay& prepared);

/// Reads such a file; docs/replay.md lists the keys. A file without a verdict is nobody's judgement. Errors: `invalid_config` with every
/// complaint; `unknown_name`; as RunInput.
Result<PreparedReplay> read_replay_file(const Path& path, const analysis::RunData& data, const Path& workspace);

}  // namespace tradewind::workflow
