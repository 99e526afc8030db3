// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/from_run_internal.hpp"

#include <algorithm>
#include <cmath>

#include "tradewind/analysis/run_classifier.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/strategies/position_stream.hpp"

namespace tradewind::live {

Result<BarMember> member_of(const workspace::SignalMetadata& row, double weight) {
  BarMember member;
  TRADEWIND_ASSIGN(member.type, strategies::StrategyRegistry::instance().find(row.strategy_type));
  member.weight = weight;
  for (const ParameterSpec& spec : member.type->parameters) {
    const auto given = std::find_if(row.parameters.begin(), row.parameters.end(), [&](const auto& one) { return one.name == spec.name; });
    const auto value = given == row.parameters.end() ? std::optional(spec.default_value) : analysis::number_of(given->value);
    member.parameters.push_back(value.value_or(spec.default_value));
  }
  for (const workspace::Parameter& parameter : row.parameters)
    if (const auto* text = std::get_if<std::string>(&parameter.value); parameter.name == "direction" && text != nullptr)
      member.direction = enum_from_name<strategies::Direction>(*text).value_or(member.direction);
  TRADEWIND_TRY(strategies::make_position_stream(*member.type, member.parameters, member.direction));
  return member;
}

std::optional<metrics::DriftBaseline> returns_per_bar(double sharpe_ratio, double volatility, double periods_per_year, double risk_free) {
  if (!std::isfinite(sharpe_ratio) || !(volatility > 0) || !(periods_per_year > 0)) return std::nullopt;
  const double root = std::sqrt(periods_per_year);
  const double deviation = volatility / root;
  return metrics::DriftBaseline{sharpe_ratio * deviation / root + metrics::rate_per_bar(risk_free, periods_per_year), deviation};
}

void expect_of_account(StrategyOrigin& origin, const std::optional<metrics::DriftBaseline>& backtest, const BarTraderOptions& options) {
  origin.bar_seconds = options.bar_seconds;
  if (backtest) origin.expected = {backtest->mean * options.share_per_market, backtest->deviation * options.share_per_market};
}

}  // namespace tradewind::live
