// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tradewind/analysis/run_input.hpp"
#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

struct ReplayArguments {
  std::string source;                       ///< a run, or the configuration of a replay (.yaml, .yml, .json)
  std::vector<std::string> strategies;      ///< "ID" or "ID=WEIGHT"; several without weights share equally
  int top = 0;                              ///< instead of names: the best N by net Sharpe, equally weighted
  bool ensemble = false;                    ///< the ensemble of the run's analysis over the held-out part
  std::vector<std::string> target_regimes;  ///< of it: hold it in these only; empty: in all
  int confirm_bars = 0;                 ///< of it: bars a regime must have held before the weights follow; 0: what the analysis found best
  bool adaptive = false;                ///< of it: weights that follow the probabilities of the regimes
  std::vector<std::string> data_files;  ///< SYMBOL=FILE where the data has moved
  bool allow_changed_data = false;
  std::string benchmark;    ///< a symbol of the run, a file or "none"; empty: what is traded, held instead
  std::string equity_out;   ///< optional: .csv with timestamp, equity, gross_equity, return
  std::string trades_out;   ///< optional: .csv, a line per trade
  std::string weights_out;  ///< optional: .csv, the share of the equity in each strategy's account at every bar
  std::string events;       ///< of an ensemble: configuration whose section `events` says who is told; empty: nobody
  bool trace = false;       ///< record the events of the strategies: bar, signal, fill; of an ensemble in its stored run
  int drawdowns = 5;        ///< rows of the drawdown table
};

/// `tradewind replay`: stored signals over the same data again, with the run's costs. Strategies that are named or the best ones with fixed
/// shares; the ensemble of an analysis or of a configuration, whose weights follow the regimes, beside its baselines, stored as a run; or,
/// for a run that is a replay and without names, that replay once more. Every option works or is refused. Errors: Errc::usage for options
/// that say nothing to what is replayed; `not_found` for a run without an analysis; `invalid_config` with every complaint;
/// Errc::invalid_data when the data is not what the run was made on; as SignalReplayEngine.
Result<CommandOutput> replay(const ReplayArguments& arguments, const Context& context);

/// `tradewind trace RUN EVENT`: what led to an event and what came of it.
Result<CommandOutput> trace(const std::string& run_id, std::int64_t event_id, const Context& context);

}  // namespace tradewind::commands
