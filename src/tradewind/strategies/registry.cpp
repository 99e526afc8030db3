// SPDX-License-Identifier: Apache-2.0
#include "tradewind/strategies/builtin_internal.hpp"
#include "tradewind/strategies/strategy.hpp"

namespace tradewind::strategies {

StrategyRegistry& StrategyRegistry::instance() {
  static StrategyRegistry registry = [] {
    StrategyRegistry built;
    for (StrategyType& type : builtin_strategies()) TRADEWIND_ASSERT(built.add(std::move(type)), "built-in strategies are valid");
    return built;
  }();
  return registry;
}

Status StrategyRegistry::add(StrategyType type) {
  if (static_cast<bool>(type.rule) == static_cast<bool>(type.bar))
    return Error(Errc::invalid_config, "strategy type '" + type.name + "' must have either a rule or a bar function");
  return Registry::add(std::move(type));
}

}  // namespace tradewind::strategies
