// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

struct OverfitArguments {
  Path file;                         ///< one column of returns per bar for each trial
  std::vector<std::string> columns;  ///< the trials; empty: every numeric column
  int splits = 16;                   ///< blocks of the cross-validation: even, 2 … 20
};

/// `tradewind overfit`: how much of the best trial's Sharpe ratio is selection.
Result<CommandOutput> overfit_of_file(const OverfitArguments& arguments, const Context& context);

/// The same for every strategy of a run with stored signals, all of them being trials. Writes the columns psr and dsr into the catalog, so that
/// `scan` shows them, and analytics/overfitting.json.
Result<CommandOutput> overfit_of_run(const std::string& run_id, int splits, const Context& context);

}  // namespace tradewind::commands
