// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/analysis/run_input.hpp"
#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

struct EnsembleReplayArguments {
  std::string source;                       ///< a run that has been analysed, the run of a replay, or a configuration (.yaml, .yml, .json)
  std::vector<std::string> target_regimes;  ///< hold the ensemble in these only; empty: in all
  int confirm_bars = 0;                     ///< bars a regime must have held before the weights follow; 0: what the analysis found best
  analysis::RunData data;
};

/// `tradewind replay RUN --ensemble`, `tradewind replay CONFIG` and `tradewind replay REPLAY_RUN`: an ensemble whose weights follow the
/// regimes, beside its baselines. The first two store the result as a run; the last makes a stored replay again. Errors: `not_found` for a
/// run without an analysis; `invalid_config` with every complaint; as SignalReplayEngine.
Result<CommandOutput> replay_ensemble(const EnsembleReplayArguments& arguments, const Context& context);

/// Whether the source of a replay is an ensemble by itself: a configuration, or the run of a replay.
bool is_ensemble_replay(const std::string& source, const Context& context);

}  // namespace tradewind::commands
