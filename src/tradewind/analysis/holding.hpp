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

/// Whether the run says on which prices its strategies trade.
inline bool has_prices(const RunInput& input) { return !input.metadata().execution.data.empty(); }

}  // namespace tradewind::analysis
