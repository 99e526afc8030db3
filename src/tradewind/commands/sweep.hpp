// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

struct SweepArguments {
  Path config;
  std::string run_id;
  std::string writer = "w0";
  std::string layout = "auto";
  std::string keep_signals = "all";
  bool resume = false;
  int trace = 0;         ///< record the events (bar, signal, fill) of the best so many by net Sharpe ratio
  Path events;           ///< a configuration whose section `events` says who is told that the run is complete; empty: nobody
  bool analyze = false;  ///< an analysis starts by itself when the run is complete
};

/// `tradewind sweep`. Exit code 5 when it was interrupted; the finished part is kept.
Result<CommandOutput> sweep(const SweepArguments& arguments, const Context& context);

/// `tradewind strategies`: the known strategy and classifier types with formula, parameters and source.
Result<CommandOutput> list_types(const Context& context);

}  // namespace tradewind::commands
