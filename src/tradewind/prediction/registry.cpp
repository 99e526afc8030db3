// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
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
  if (type.name.empty() || !type.make) return Error(Errc::invalid_config, "a kind of strategy needs a name and a maker", type.name);
  const auto same = [&](const auto& known) { return known->name == type.name; };
  if (std::any_of(types_.begin(), types_.end(), same))
    return Error(Errc::already_exists, fmt::format("strategy '{}' is registered already", type.name));
  types_.push_back(std::make_unique<PredictionStrategyType>(std::move(type)));
  return {};
}

Result<const PredictionStrategyType*> PredictionRegistry::find(std::string_view name) const {
  for (const auto& type : types_)
    if (type->name == name) return type.get();
  return Error(Errc::unknown_name, fmt::format("there is no strategy '{}'", printable(name)), {}, suggestion(name, names()));
}

std::vector<std::string> PredictionRegistry::names() const {
  std::vector<std::string> all;
  for (const auto& type : types_) all.push_back(type->name);
  return all;
}

}  // namespace tradewind::prediction
