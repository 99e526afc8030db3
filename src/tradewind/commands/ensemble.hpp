// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/analysis/run_input.hpp"
#include "tradewind/commands/output.hpp"
#include "tradewind/ensemble/ensemble_optimizer.hpp"
#include "tradewind/ensemble/walk_forward.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::commands {

struct EnsembleArguments {
  Path file;
  std::vector<std::string> columns;                            ///< empty: every numeric column
  bool prices = false;                                         ///< of files: the columns hold prices, of which returns are made
  metrics::NanPolicy nan_policy = metrics::NanPolicy::reject;  ///< of files: rows in which a column has no finite number
  std::string regimes;                                         ///< column of labels, read as words; empty: none
  bool labels_aligned = false;                                 ///< a label belongs to its own row; otherwise it applies to the next one
  ensemble::EnsembleOptions options;
  std::string risk_free;  ///< annual rate as text (0.02, 2%, 200bps); empty: that of the options
  std::string target;     ///< annual minimum acceptable return of sortino, likewise
  std::string benchmark;  ///< of files: a column or file that the out-of-sample returns are compared with; empty: none
  ensemble::WalkForwardOptions walk_forward;
  bool walk = true;  ///< also the out-of-sample figures
};

/// `tradewind ensemble`: weights for the return columns of a file, in sample and walk-forward, beside equal weight and inverse
/// volatility. Where there are no weights, for constraints that are infeasible or data that are degenerate, the exit code is 3 with the
/// status and the reason in the object.
Result<CommandOutput> ensemble_of_file(const EnsembleArguments& arguments, const Context& context);

/// The same for the strategies of a run, with `regimes` naming one of its classifiers. Writes analytics/optimal_weights.json and
/// analytics/correlation_matrix.json into the run.
Result<CommandOutput> ensemble_of_run(const EnsembleArguments& arguments, const analysis::RunSelection& selection, const Context& context);

/// 0, or 3 when an object of these commands has no weights.
int exit_code_of_weights(const Json& ensemble);

/// The same for a panel that is already in memory, as the strategies of a run; `regimes` may be null. `walked` gets the walk-forward.
Result<Json> ensemble_json(const ensemble::ReturnPanel& panel, const ensemble::RegimeRows* regimes, const EnsembleArguments& arguments,
                           const Context& context, ensemble::WalkForwardReport* walked = nullptr);

}  // namespace tradewind::commands
