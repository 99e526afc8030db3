// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/analysis/run_input.hpp"
#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

struct ReplayArguments {
  std::string run;
  std::vector<std::string> strategies;  ///< "ID" or "ID=WEIGHT"; several without weights share equally
  int top = 0;                          ///< instead of names: the best N by net Sharpe, equally weighted
  analysis::RunData data;
  Path equity_out;     ///< optional: .csv with timestamp, equity, gross_equity, return
  bool trace = false;  ///< record the events of these strategies in the run: bar, signal, fill
  int drawdowns = 5;   ///< rows of the drawdown table
};

/// `tradewind replay RUN`: stored signals over the same data again, with the run's costs.
/// Errors: Errc::invalid_data when the data is not what the run was made on.
Result<CommandOutput> replay(const ReplayArguments& arguments, const Context& context);

/// `tradewind trace RUN EVENT`: what led to an event and what came of it.
Result<CommandOutput> trace(const std::string& run_id, std::int64_t event_id, const Context& context);

}  // namespace tradewind::commands
