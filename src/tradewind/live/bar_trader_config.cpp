// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/bar_trader.hpp"

namespace tradewind::live {

using config::MapReader;

BarTraderOptions read_bar_options(MapReader& section, bool any_market) {
  BarTraderOptions options;
  if (any_market) {
    options.markets = section.text_list("markets");
    options.max_markets =
        static_cast<std::size_t>(section.whole_number("max_markets", static_cast<std::int64_t>(options.max_markets), 1, 100'000));
  }
  options.bar_seconds = section.number("bar_seconds", options.bar_seconds, 0, 1e7);
  options.min_exposure = section.number("min_exposure", options.min_exposure, 0, 1);
  options.share_per_market = section.number("share_per_market", options.share_per_market, 0.0001, 1);
  options.max_spread = section.number("max_spread", options.max_spread, 0, 1);
  options.sizing = prediction::read_sizing(section, options.sizing);
  return options;
}

std::unique_ptr<prediction::PredictionStrategy> read_bar_trader(MapReader& section) {
  BarTraderOptions options = read_bar_options(section, true);
  const std::string name = section.required_text("strategy");
  BarMember member;
  member.direction = section.choice("direction", strategies::Direction::long_only);
  const auto type = strategies::StrategyRegistry::instance().find(name);
  if (!type) {
    if (!name.empty()) section.complain("strategy", type.error().message(), type.error().hint());
    return nullptr;
  }
  member.type = *type;
  for (const ParameterSpec& spec : member.type->parameters)
    member.parameters.push_back(spec.integer ? static_cast<double>(section.whole_number(
                                                   spec.name, static_cast<std::int64_t>(spec.default_value),
                                                   static_cast<std::int64_t>(spec.minimum), static_cast<std::int64_t>(spec.maximum)))
                                             : section.number(spec.name, spec.default_value, spec.minimum, spec.maximum));
  return make_bar_trader({std::move(member)}, std::move(options));
}

}  // namespace tradewind::live
