// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/builtin_internal.hpp"
#include "tradewind/prediction/strategy.hpp"

namespace tradewind::prediction {

PredictionRegistry& PredictionRegistry::instance() {
  static PredictionRegistry registry = [] {
    PredictionRegistry built;
    for (PredictionStrategyType& type : builtin_prediction_strategies())
      TRADEWIND_ASSERT(built.add(std::move(type)), "built-in strategies are valid");
    return built;
  }();
  return registry;
}

Status PredictionRegistry::add(PredictionStrategyType type) {
  if (!type.make) return Error(Errc::invalid_config, "strategy '" + type.name + "' needs a maker", type.name);
  return Registry::add(std::move(type));
}

}  // namespace tradewind::prediction
