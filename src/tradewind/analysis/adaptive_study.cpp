// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/adaptive_study.hpp"

#include "tradewind/analysis/pattern_study.hpp"
#include "tradewind/ensemble/adaptive_walk_forward.hpp"
#include "tradewind/replay/adaptive_json.hpp"

namespace tradewind::analysis {
namespace {

Json value_of(const metrics::Value& value) { return number_or_null(value.number); }

Json adaptive_path_json(const ensemble::AdaptivePath& path) {
  return {{"sharpe_ratio", value_of(path.sharpe_ratio)},
          {"annualized_return", value_of(path.annualized_return)},
          {"volatility", value_of(path.volatility)},
          {"max_drawdown", value_of(path.max_drawdown)},
          {"turnover", path.turnover},
          {"costs", path.costs},
          {"moves", path.moves}};
}

Json report_json(const ensemble::AdaptiveReport& report, double periods_per_year) {
  const auto& interval = report.growth_interval;
  return {{"paid", interval.defined() ? Json(report.paid) : Json(nullptr)},
          {"verdict", report.verdict},
          {"adaptive", adaptive_path_json(report.adaptive)},
          {"static", adaptive_path_json(report.static_weights)},
          {"equal_weight", adaptive_path_json(report.equal_weight)},
          {"difference", value_of(report.growth_difference)},
          {"difference_interval", interval.defined() ? Json::array({interval.low, interval.high}) : Json(nullptr)},
          {"refits", report.refits.size()},
          {"turnover", report.adaptive.turnover * periods_per_year / static_cast<double>(report.bars)},
          {"bars", report.bars}};
}

/// What a unit of capital costs to move: half of the mean way in and out over the symbols traded.
Result<double> moving_cost(const EnsembleStudy& ensemble, RunInput& input) {
  TRADEWIND_ASSIGN(const auto rows, input.run().strategies(ensemble.strategies));
  double sum = 0;
  for (const auto& row : rows) {
    TRADEWIND_ASSIGN(const double both_ways, occurrence_cost(input, row.symbol));
    sum += both_ways / 2;
  }
  return sum / static_cast<double>(rows.size());
}

}  // namespace

Result<std::optional<AdaptiveStudy>> study_adaptive(const EnsembleStudy& ensemble, RunInput& input, const replay::ReplayRegimes& regimes,
                                                    const AnalysisOptions& options) {
  if (ensemble.regimes.empty() || ensemble.strategies.size() < 2) return std::optional<AdaptiveStudy>();
  const auto& execution = input.execution();
  ensemble::AdaptiveOptions adaptive;
  adaptive.ensemble = options.ensemble;
  adaptive.ensemble.periods_per_year = execution.periods_per_year;
  adaptive.ensemble.risk_free = execution.risk_free;
  TRADEWIND_ASSIGN(adaptive.cost_rate, moving_cost(ensemble, input));
  const std::vector<double> known = regimes.on(ensemble.timestamp, ensemble.regimes.size());
  ensemble::WalkForwardOptions walk;
  walk.first_fit = ensemble.selection_rows;
  metrics::BootstrapOptions bootstrap;
  bootstrap.seed = options.seed;
  TRADEWIND_ASSIGN(const auto report, ensemble::adaptive_walk_forward(ensemble.panel, {known, ensemble.regimes}, adaptive, walk, bootstrap,
                                                                      options.cancellation));
  if (report.bars == 0) return std::optional<AdaptiveStudy>();
  AdaptiveStudy out{report.refits.front().model,
                    report_json(report, execution.periods_per_year)};  // the first fit knows the selection part
  out.json["rule"] = replay::adaptive_json(out.model, ensemble.regimes);
  return std::optional(std::move(out));
}

}  // namespace tradewind::analysis
