// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tradewind/strategies/strategy.hpp"

namespace tradewind::strategies {

/// The built-in strategy types; docs/strategies.md explains each.
std::vector<StrategyType> builtin_strategies();

}  // namespace tradewind::strategies
