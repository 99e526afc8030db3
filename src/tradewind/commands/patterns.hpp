// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tradewind/analysis/run_input.hpp"
#include "tradewind/commands/output.hpp"
#include "tradewind/discovery/pattern_miner.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::commands {

struct PatternsArguments {
  Path file;
  std::vector<std::string> signals = {"signal"};  ///< columns of −1, 0, 1, one per strategy, known at the bar's close
  std::string returns = "ret";                    ///< the return of each bar
  std::string regimes;                            ///< column of labels known at the bar's close; empty: "regime" where the file has it
  std::string volume;                             ///< column of traded volume; empty: none
  metrics::NanPolicy nan_policy = metrics::NanPolicy::reject;  ///< of files: rows without a finite signal or return
  discovery::MinerOptions options;                             ///< its cost and excess are those below
  std::optional<double> cost;                                  ///< of acting on one occurrence; default: the run's, of a file 0
  std::optional<bool> excess;  ///< returns less what holding earns in the same regime; default: of a run yes, of a file no
  bool model = false;          ///< also test what boosted trees can tell from signals, regimes and recent returns
  std::string lightgbm;        ///< fit the model with this shared library of LightGBM; empty: the built-in trees
  int shapes = 0;              ///< also look for motifs and discords of this many bars in the cumulated returns; 0: no
};

/// `tradewind patterns`: what followed sequences of signals and changes of regime, beside what chance alone would show.
Result<CommandOutput> patterns_of_file(const PatternsArguments& arguments, const Context& context);

/// The same for strategies of a run: the best of those that pass the selection's condition and, beside it, others on its symbol. What is
/// predicted is the symbol's own return of the next bar; `regimes` names a classifier of the run (empty: the symbol's first one); recorded
/// event traces are taken in. Writes analytics/patterns.json into the run.
Result<CommandOutput> patterns_of_run(const PatternsArguments& arguments, const analysis::RunSelection& selection, const Context& context);

}  // namespace tradewind::commands
