// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/adaptive_json.hpp"

#include "tradewind/base/stored_document.hpp"

namespace tradewind::replay {
namespace {

Json regime_json(const ensemble::AdaptiveRegime& regime) {
  Json covariance = Json::array();
  const std::size_t n = regime.weights.size();
  for (std::size_t i = 0; i < n; ++i)
    covariance.push_back(std::vector<double>(regime.covariance.begin() + static_cast<std::ptrdiff_t>(i * n),
                                             regime.covariance.begin() + static_cast<std::ptrdiff_t>((i + 1) * n)));
  return {{"weights", regime.weights},
          {"covariance", std::move(covariance)},
          {"risk_aversion", regime.risk_aversion},
          {"holding_bars", regime.holding_bars},
          {"bars", regime.bars},
          {"fallback", regime.fallback.empty() ? Json(nullptr) : Json(regime.fallback)}};
}

ensemble::AdaptiveRegime regime_of(const Json& json) {
  ensemble::AdaptiveRegime regime;
  regime.weights = json.at("weights").get<std::vector<double>>();
  for (const Json& row : json.at("covariance")) {
    const auto numbers = row.get<std::vector<double>>();
    regime.covariance.insert(regime.covariance.end(), numbers.begin(), numbers.end());
  }
  regime.risk_aversion = json.at("risk_aversion").get<double>();
  regime.holding_bars = json.at("holding_bars").get<double>();
  regime.bars = json.value("bars", std::size_t{0});
  if (const Json& fallback = member(json, "fallback"); fallback.is_string()) regime.fallback = fallback.get<std::string>();
  return regime;
}

}  // namespace

Json adaptive_json(const ensemble::AdaptiveModel& model, std::span<const std::string> regimes) {
  Json json = {{"cost_rate", model.cost_rate}, {"all", regime_json(model.global)}, {"regimes", Json::object()}};
  for (std::size_t k = 0; k < regimes.size(); ++k) json["regimes"][regimes[k]] = regime_json(model.regimes[k]);
  return json;
}

Result<ensemble::AdaptiveModel> adaptive_from_json(const Json& json, std::span<const std::string> regimes, std::size_t strategies) {
  return reading_document("weights that adapt", [&]() -> Result<ensemble::AdaptiveModel> {
    ensemble::AdaptiveModel model;
    model.cost_rate = json.at("cost_rate").get<double>();
    model.global = regime_of(json.at("all"));
    for (const std::string& regime : regimes) model.regimes.push_back(regime_of(json.at("regimes").at(regime)));
    TRADEWIND_TRY(ensemble::check(model, regimes.size(), strategies));
    return model;
  });
}

}  // namespace tradewind::replay
