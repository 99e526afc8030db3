// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

struct DemoArguments {
  Path folder = "tradewind-demo";  ///< gets the simulated data and the configuration
  std::uint64_t seed = 42;
  bool rerun = false;  ///< compute a run that exists already once more, under a new name
};

/// `tradewind demo`: a simulated market whose surprises are known, a sweep over it, the workflow that finds them, the HTML report, and a
/// paper trading session on simulated prediction markets.
Result<CommandOutput> demo(const DemoArguments& arguments, const Context& context);

}  // namespace tradewind::commands
