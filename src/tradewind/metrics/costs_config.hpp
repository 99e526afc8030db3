// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/config/reader.hpp"
#include "tradewind/metrics/execution_costs.hpp"

namespace tradewind::metrics {

/// Costs as every configuration writes them: `commission: 10bps` and `slippage: {model: linear|sqrt, rate: 5bps}` of a section; what is not
/// given is the default.
ExecutionCosts read_costs(config::MapReader& section);

}  // namespace tradewind::metrics
