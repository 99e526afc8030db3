// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tradewind/analysis/run_input.hpp"

namespace tradewind::analysis {

/// Net returns of buying a symbol of the run at its first bar and holding it, with the run's fills and costs, on a timeline; 0 in bars
/// that the symbol does not have. Errors: as RunInput::series.
Result<std::vector<double>> holding_returns(RunInput& input, const std::string& symbol, std::span<const UnixNanos> timeline);

/// Whether what the run's strategies trade could have been held instead: not when its prices are the strategies' own accounts.
inline bool can_be_held(const RunInput& input) {
  const workspace::RunExecution& execution = input.metadata().execution;
  return !execution.data.empty() && !execution.accounts;
}

}  // namespace tradewind::analysis
