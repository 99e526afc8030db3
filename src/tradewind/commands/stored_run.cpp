// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/analysis/correlation_json.hpp"
#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/analysis/run_input.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/commands/ensemble.hpp"
#include "tradewind/commands/metrics.hpp"
#include "tradewind/commands/overfit.hpp"
#include "tradewind/ensemble/correlation.hpp"
#include "tradewind/metrics/moments.hpp"
#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::commands {
namespace {

/// Returns of more strategies × bars than this do not fit comfortably in memory (2 GiB).
constexpr std::size_t kMaxReturns = std::size_t{1} << 28;
/// Pairs correlated above this are listed as redundant.
constexpr double kRedundant = 0.7;

Status check_size(const analysis::RunInput& input, std::size_t strategies) {
  const auto spanned = static_cast<double>(input.metadata().end_date - input.metadata().start_date);
  const double bars = std::min(1e9, spanned / (365.25 * static_cast<double>(kNanosPerDay)) * input.metadata().periods_per_year * 1.5);
  if (static_cast<double>(strategies) * bars <= static_cast<double>(kMaxReturns)) return {};
  return Error(Errc::too_large, fmt::format("the returns of {} strategies do not fit in memory", strategies), {},
               "narrow the choice, e.g. by --where or a smaller sweep");
}

ensemble::ReturnPanel panel_of(const replay::ReturnTable& table) {
  ensemble::ReturnPanel panel;
  for (std::size_t i = 0; i < table.names.size(); ++i) panel.add(table.names[i], table.returns[i]);
  return panel;
}

/// psr against 0 and dsr against the maximum that chance expects, for every strategy.
std::vector<workspace::CatalogColumn> probability_columns(const replay::ReturnTable& table, const metrics::Value& expected_maximum) {
  workspace::CatalogColumn psr{"psr", {}};
  workspace::CatalogColumn dsr{"dsr", {}};
  for (std::size_t i = 0; i < table.names.size(); ++i) {
    metrics::ReturnMoments moments;
    if (metrics::return_moments(table.returns[i], moments) != metrics::Undefined::defined) continue;
    psr.values[table.names[i]] = metrics::probabilistic_sharpe(moments).number;
    if (expected_maximum.defined()) dsr.values[table.names[i]] = metrics::probabilistic_sharpe(moments, expected_maximum.number).number;
  }
  return {std::move(psr), std::move(dsr)};
}

}  // namespace

Result<CommandOutput> ensemble_of_run(const EnsembleArguments& given, const analysis::RunSelection& selection, const Context& context) {
  TRADEWIND_ASSIGN(analysis::RunInput input, analysis::RunInput::open(selection.run, {}, context.workspace));
  TRADEWIND_ASSIGN(const auto ids,
                   analysis::best_strategies(selection.run, selection.where, "net_sharpe", selection.top, context.workspace));
  TRADEWIND_TRY(check_size(input, ids.size()));
  TRADEWIND_ASSIGN(const replay::ReturnTable table, input.returns(ids));
  const ensemble::ReturnPanel panel = panel_of(table);
  EnsembleArguments arguments(given);
  if (arguments.options.periods_per_year <= 0) arguments.options.periods_per_year = input.metadata().periods_per_year;
  analysis::RunInput::StatesOn states;
  if (!arguments.regimes.empty()) {
    TRADEWIND_ASSIGN(states, input.states_on(arguments.regimes, table.timestamp));
  }
  const std::vector<int> applied = metrics::applied_states(states.state);
  const ensemble::RegimeRows regimes{applied, states.labels};
  TRADEWIND_ASSIGN(Json computed, ensemble_json(panel, arguments.regimes.empty() ? nullptr : &regimes, arguments, context));
  CommandOutput output{schema_object("ensemble"), computed["status"] == "infeasible" ? 3 : 0};
  Json& json = output.json;
  json["file"] = selection.run;
  json["run_id"] = selection.run;
  json["bars"] = panel.rows;
  json["strategies"] = panel.columns();
  json["method"] = enum_name(arguments.options.objective);
  json["covariance"] = enum_name(arguments.options.covariance);
  json["periods_per_year"] = arguments.options.periods_per_year;
  for (auto& [key, value] : computed.items()) json[key] = std::move(value);
  json["notes"] =
      Json::array({fmt::format("the {} strategies were chosen by their net Sharpe ratio on these same bars: the walk-forward figures judge "
                               "the weights, not that choice",
                               ids.size())});

  TRADEWIND_ASSIGN(const auto matrix, ensemble::correlation_matrix(panel, ensemble::CorrelationKind::sample, thread_count(context.threads),
                                                                   context.cancellation));
  TRADEWIND_TRY(workspace::write_document(context.workspace, selection.run, "analytics/correlation_matrix.json",
                                          dump_json(analysis::correlation_json(panel, matrix, kRedundant), 1) + "\n"));
  Json weights = {{"objective", json["method"]},
                  {"weights", json["weights"]},
                  {"status", json["status"]},
                  {"where", selection.where},
                  {"regimes", arguments.regimes}};
  TRADEWIND_TRY(
      workspace::write_document(context.workspace, selection.run, "analytics/optimal_weights.json", dump_json(weights, 1) + "\n"));
  return output;
}

Result<CommandOutput> overfit_of_run(const OverfitArguments& arguments, const Context& context) {
  const std::string run_id = arguments.file.string();
  TRADEWIND_ASSIGN(analysis::RunInput input, analysis::RunInput::open(run_id, {}, context.workspace));
  const std::vector<std::string> ids = input.run().strategy_ids();
  TRADEWIND_TRY(check_size(input, ids.size()));
  TRADEWIND_ASSIGN(const replay::ReturnTable table, input.returns(ids));
  const TrialColumns trials{{table.returns.begin(), table.returns.end()}, table.names, {}};
  metrics::OverfitReport report;
  TRADEWIND_ASSIGN(Json computed, overfit_json(trials, arguments, context, &report));

  CommandOutput output{schema_object("overfit")};
  output.json["file"] = run_id;
  output.json["run_id"] = run_id;
  output.json.update(computed);
  output.json["notes"] = Json::array();
  Json document = output.json;
  document.erase("milliseconds");  // equal inputs give equal bytes
  TRADEWIND_TRY(workspace::set_columns(context.workspace, run_id, probability_columns(table, report.expected_max_sharpe)));
  TRADEWIND_TRY(workspace::write_document(context.workspace, run_id, "analytics/overfitting.json", dump_json(document, 1) + "\n"));
  return output;
}

Result<CommandOutput> metrics_of_run(const RunMetricsArguments& arguments, const Context& context) {
  TRADEWIND_ASSIGN(analysis::RunInput input, analysis::RunInput::open(arguments.run, {}, context.workspace));
  TRADEWIND_ASSIGN(const auto ids,
                   analysis::best_strategies(arguments.run, arguments.where, "net_sharpe", arguments.top, context.workspace));
  TRADEWIND_TRY(check_size(input, ids.size()));
  TRADEWIND_ASSIGN(const auto rows, input.run().strategies(ids));
  TRADEWIND_ASSIGN(const auto classifiers, input.run().classifiers());
  metrics::ReturnOptions options;
  options.periods_per_year = input.metadata().periods_per_year;
  options.risk_free = input.execution().risk_free;
  metrics::BootstrapOptions bootstrap;
  bootstrap.seed = arguments.seed;

  CommandOutput output{schema_object("metrics")};
  output.json["run_id"] = arguments.run;
  output.json["strategies"] = Json::object();
  Json undefined = Json::object();
  const Stopwatch watch;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    TRADEWIND_ASSIGN(const replay::ReturnTable table, input.returns(std::span(&ids[i], 1)));
    Json by_classifier = Json::object();
    for (const auto& classifier : classifiers) {
      if (classifier.symbol != rows[i].symbol) continue;
      TRADEWIND_ASSIGN(const auto states, input.states_on(classifier.classifier_id, table.timestamp));
      TRADEWIND_ASSIGN(const auto report,
                       metrics::regime_slices(table.returns.front(), {states.state, states.labels, false}, options, bootstrap));
      by_classifier[classifier.classifier_id] = analysis::regimes_json(report, undefined, ids[i] + "." + classifier.classifier_id + ".");
    }
    output.json["strategies"][ids[i]] = std::move(by_classifier);
    context.progress->update("regimes", i + 1, ids.size(), "strategies");
    if (context.cancellation != nullptr && context.cancellation->requested()) return interrupted_error();
  }
  output.json["undefined"] = std::move(undefined);
  const std::string document = dump_json(output.json, 1) + "\n";
  output.json["milliseconds"] = watch.milliseconds();
  TRADEWIND_TRY(workspace::write_document(context.workspace, arguments.run, "analytics/regime_performance.json", document));
  return output;
}

}  // namespace tradewind::commands
