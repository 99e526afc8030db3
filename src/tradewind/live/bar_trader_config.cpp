// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tradewind/analysis/run_input.hpp"
#include "tradewind/live/bar_trader.hpp"
#include "tradewind/live/from_run_internal.hpp"

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

namespace {

/// A strategy of a run with what it earned there.
struct StoredStrategy {
  BarMember member;
  std::optional<metrics::DriftBaseline> earned;  ///< per bar, net of costs
};

Result<StoredStrategy> read_stored(const std::string& run_id, const std::string& strategy, const Path& workspace) {
  TRADEWIND_ASSIGN(const auto input, analysis::RunInput::open(run_id, {}, workspace));
  TRADEWIND_ASSIGN(const auto rows, input.run().strategies(std::span(&strategy, 1)));
  StoredStrategy stored;
  TRADEWIND_ASSIGN(stored.member, member_of(rows.front(), 1));
  const auto figure = [&](metrics::Metric metric) {
    const auto& columns = input.run().metric_columns();
    const auto at = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), enum_name(metric)) - columns.begin());
    return at < rows.front().values.size() ? rows.front().values[at] : std::nan("");
  };
  stored.earned = returns_per_bar(figure(metrics::Metric::sharpe_ratio), figure(metrics::Metric::volatility),
                                  input.execution().periods_per_year, input.execution().risk_free);
  return stored;
}

}  // namespace

std::unique_ptr<prediction::PredictionStrategy> read_bar_trader(MapReader& section, const Path& workspace, StrategyOrigin& origin) {
  BarTraderOptions options = read_bar_options(section, true);
  if (section.has("run")) {
    const std::string run = section.required_text("run");
    const std::string strategy = section.required_text("strategy");
    if (run.empty() || strategy.empty()) return nullptr;
    auto stored = read_stored(run, strategy, workspace);
    if (!stored) {
      section.complain("strategy", stored.error().message(), stored.error().hint());
      return nullptr;
    }
    expect_of_account(origin, stored->earned, options);
    return make_bar_trader({std::move(stored->member)}, std::move(options));
  }
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
