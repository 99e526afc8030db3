// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tradewind/base/text.hpp"
#include "tradewind/strategies/builtin_internal.hpp"
#include "tradewind/strategies/strategy.hpp"

namespace tradewind::strategies {

std::string_view direction_name(Direction direction) noexcept { return direction == Direction::long_only ? "long_only" : "long_short"; }

std::optional<Direction> direction_from_name(std::string_view name) noexcept {
  if (name == "long_only") return Direction::long_only;
  if (name == "long_short") return Direction::long_short;
  return std::nullopt;
}

Registry& Registry::instance() {
  static Registry registry = [] {
    Registry built;
    for (StrategyType& type : builtin_strategies()) TRADEWIND_ASSERT(built.add(std::move(type)), "built-in strategies are valid");
    return built;
  }();
  return registry;
}

Status Registry::add(StrategyType type) {
  if (type.name.empty()) return Error(Errc::invalid_config, "a strategy type needs a name");
  if (static_cast<bool>(type.rule) == static_cast<bool>(type.bar))
    return Error(Errc::invalid_config, "strategy type '" + type.name + "' must have either a rule or a bar function");
  const auto same = [&](const auto& known) { return known->name == type.name; };
  if (std::any_of(types_.begin(), types_.end(), same))
    return Error(Errc::already_exists, "strategy type '" + type.name + "' is registered twice");
  types_.push_back(std::make_unique<StrategyType>(std::move(type)));
  return {};
}

Result<const StrategyType*> Registry::find(std::string_view name) const {
  for (const auto& type : types_)
    if (type->name == name) return type.get();
  const auto known = names();
  return Error(Errc::unknown_name, "unknown strategy type '" + printable(name) + "'", "type", suggestion(name, known));
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> result;
  for (const auto& type : types_) result.push_back(type->name);
  return result;
}

}  // namespace tradewind::strategies
