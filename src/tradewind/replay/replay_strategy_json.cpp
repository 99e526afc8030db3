// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/replay_strategy_json.hpp"

#include "tradewind/base/stored_document.hpp"

namespace tradewind::replay {

Json strategy_json(const ReplayStrategy& strategy) {
  return {{"run_id", strategy.run_id},
          {"strategy_id", strategy.strategy_id},
          {"weight", strategy.weight},
          {"classifier_id", strategy.gate ? Json(strategy.gate->classifier_id) : Json(nullptr)},
          {"held_in", strategy.gate ? Json(strategy.gate->held_in) : Json(nullptr)}};
}

Result<ReplayStrategy> strategy_from_json(const Json& json) {
  return reading_document("a strategy that is held", [&]() -> Result<ReplayStrategy> {
    ReplayStrategy out;
    out.run_id = json.at("run_id").get<std::string>();
    out.strategy_id = json.at("strategy_id").get<std::string>();
    out.weight = json.at("weight").get<double>();
    const Json& classifier = member(json, "classifier_id");
    if (classifier.is_string()) out.gate = RegimeGate{classifier.get<std::string>(), json.at("held_in").get<std::vector<std::string>>()};
    return out;
  });
}

}  // namespace tradewind::replay
