// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/live/bar_trader.hpp"
#include "tradewind/strategies/position_stream.hpp"
#include "tradewind/workspace/reader.hpp"

namespace tradewind::live {
namespace {

using config::MapReader;
using config::Value;

BarTraderOptions read_options(MapReader& section) {
  BarTraderOptions options;
  options.markets = section.text_list("markets");
  options.max_markets =
      static_cast<std::size_t>(section.whole_number("max_markets", static_cast<std::int64_t>(options.max_markets), 1, 100'000));
  options.bar_seconds = section.number("bar_seconds", options.bar_seconds, 0, 1e7);
  options.min_exposure = section.number("min_exposure", options.min_exposure, 0, 1);
  options.share_per_market = section.number("share_per_market", options.share_per_market, 0.0001, 1);
  options.max_spread = section.number("max_spread", options.max_spread, 0, 1);
  options.sizing = prediction::read_sizing(section, options.sizing);
  return options;
}

std::optional<double> number_of(const workspace::ParameterValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return std::nullopt;
}

/// A stored row of a run as a member again.
Result<BarMember> member_of(const workspace::SignalMetadata& row, double weight) {
  BarMember member;
  TRADEWIND_ASSIGN(member.type, strategies::StrategyRegistry::instance().find(row.strategy_type));
  member.weight = weight;
  for (const ParameterSpec& spec : member.type->parameters) {
    const auto given = std::find_if(row.parameters.begin(), row.parameters.end(), [&](const auto& one) { return one.name == spec.name; });
    const auto value = given == row.parameters.end() ? std::optional(spec.default_value) : number_of(given->value);
    member.parameters.push_back(value.value_or(spec.default_value));
  }
  for (const workspace::Parameter& parameter : row.parameters)
    if (const auto* text = std::get_if<std::string>(&parameter.value); parameter.name == "direction" && text != nullptr)
      member.direction = enum_from_name<strategies::Direction>(*text).value_or(member.direction);
  TRADEWIND_TRY(strategies::make_position_stream(*member.type, member.parameters, member.direction));
  return member;
}

/// The ensemble of an analysed run: its members with their global weights.
Result<std::vector<BarMember>> members_of_run(const std::string& run_id, const std::map<std::string, std::string>& symbols,
                                              const Path& workspace) {
  TRADEWIND_ASSIGN(const std::string text, workspace::read_document(workspace, run_id, "analytics/analysis.json"));
  const Json analysis = read_json(text);
  const Json ensemble = analysis.is_object() ? analysis.value("ensemble", Json::object()) : Json::object();
  const Json weights = ensemble.is_object() ? ensemble.value("global_weights", Json::object()) : Json::object();
  if (!weights.is_object() || weights.empty())
    return Error(Errc::invalid_config, fmt::format("the analysis of run '{}' has no ensemble", run_id), {},
                 "loosen its criteria until some strategies are selected");
  std::vector<std::string> ids;
  for (const auto& [id, weight] : weights.items()) ids.push_back(id);
  TRADEWIND_ASSIGN(const workspace::Run run, workspace::Run::open(workspace, run_id));
  TRADEWIND_ASSIGN(const auto rows, run.strategies(ids));
  std::vector<BarMember> members;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Json& weight = weights[ids[i]];
    if (!weight.is_number()) return Error(Errc::corrupt, "the analysis is damaged", run_id);
    TRADEWIND_ASSIGN(BarMember member, member_of(rows[i], weight.get<double>()));
    if (const auto market = symbols.find(rows[i].symbol); market != symbols.end())
      member.market = market->second;
    else if (!symbols.empty())
      member.market = rows[i].symbol;
    members.push_back(std::move(member));
  }
  return members;
}

}  // namespace

std::unique_ptr<prediction::PredictionStrategy> read_bar_trader(MapReader& section) {
  BarTraderOptions options = read_options(section);
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

std::unique_ptr<prediction::PredictionStrategy> read_ensemble_trader(MapReader& section, const Path& workspace) {
  BarTraderOptions options = read_options(section);
  const std::string run = section.required_text("run");
  std::map<std::string, std::string> symbols;
  if (const Value* given = section.value("symbols"))
    for (const auto& [symbol, market] : given->entries) symbols[symbol] = market.text;
  for (const auto& [symbol, market] : symbols) options.markets.push_back(market);
  if (run.empty()) return nullptr;
  auto members = members_of_run(run, symbols, workspace);
  if (!members) {
    section.complain("run", members.error().message(),
                     members.error().hint().empty() ? "analyse it first: tradewind analyze " + run : members.error().hint());
    return nullptr;
  }
  return make_bar_trader(std::move(*members), std::move(options));
}

}  // namespace tradewind::live
