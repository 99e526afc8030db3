// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "tradewind/analysis/analysis_report.hpp"
#include "tradewind/analysis/correlation_json.hpp"
#include "tradewind/analysis/holding.hpp"
#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/analysis/run_input.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/commands/benchmark_input.hpp"
#include "tradewind/commands/ensemble.hpp"
#include "tradewind/commands/metrics.hpp"
#include "tradewind/commands/overfit.hpp"
#include "tradewind/commands/series_input.hpp"
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

/// What is said when a run's combinations of strategies were no candidates.
void note_combinations(const analysis::RunInput& input, Json& notes) {
  if (input.metadata().is_replay())
    notes.push_back("the run is a replay: its strategies are looked at; the ensemble and its baselines, which combine them, are not");
}

ensemble::ReturnPanel panel_of(const replay::ReturnTable& table) {
  ensemble::ReturnPanel panel;
  for (std::size_t i = 0; i < table.names.size(); ++i) panel.add(table.names[i], table.returns[i]);
  return panel;
}

/// psr against 0 and dsr against the maximum that chance expects, for every strategy.
std::vector<workspace::CatalogColumn> probability_columns(const replay::ReturnTable& table, const OverfitFigures& figures) {
  const metrics::Value& expected_maximum = figures.report.expected_max_sharpe;
  workspace::CatalogColumn psr{"psr", {}}, dsr{"dsr", {}}, family{"family_wise_p", {}};
  for (std::size_t i = 0; i < table.names.size(); ++i) {
    if (figures.family.p[i].defined()) family.values[table.names[i]] = figures.family.p[i].number;
    metrics::ReturnMoments moments;
    if (metrics::return_moments(table.returns[i], moments) != metrics::Undefined::defined) continue;
    psr.values[table.names[i]] = metrics::probabilistic_sharpe(moments).number;
    if (expected_maximum.defined()) dsr.values[table.names[i]] = metrics::probabilistic_sharpe(moments, expected_maximum.number).number;
  }
  return {std::move(psr), std::move(dsr), std::move(family)};
}

/// What the strategies of a run must beat.
struct RunBenchmark {
  std::map<std::string, std::vector<double>> holding;  ///< by symbol
  std::vector<std::span<const double>> each;           ///< by strategy
  metrics::Against how = metrics::Against::whole;
  std::string name = "0";
  std::string note;
};

Result<RunBenchmark> what_to_beat(analysis::RunInput& input, const replay::ReturnTable& table, const OverfitArguments& arguments) {
  RunBenchmark out;
  const std::string& wanted = arguments.benchmark;
  const auto& symbols = input.metadata().symbols;
  const bool own = wanted.empty() && analysis::can_be_held(input);
  if (!own && (wanted.empty() || wanted == "none" || wanted == "0")) {
    out.note = "strategies are tested against a return of 0 in every bar";
    return out;
  }
  if (own) {
    TRADEWIND_ASSIGN(const auto rows, input.run().strategies(table.names));
    for (const auto& row : rows) {
      auto [at, fresh] = out.holding.try_emplace(row.symbol);
      if (fresh) {
        TRADEWIND_ASSIGN(at->second, analysis::holding_returns(input, row.symbol, table.timestamp));
      }
      out.each.emplace_back(at->second);
    }
    out.how = metrics::Against::matched;
    out.name = "holding";
    out.note =
        "each strategy is tested against holding its own symbol, as much of it as the strategy's returns move with (beta 0 to 1), "
        "net of costs; --benchmark none asks for a return above 0 only";
    return out;
  }
  std::vector<double>& series = out.holding[wanted];
  TRADEWIND_ASSIGN(series, benchmark_of_run(input, wanted, table.timestamp));
  const bool symbol = std::find(symbols.begin(), symbols.end(), wanted) != symbols.end();
  out.note = symbol ? fmt::format("strategies are tested against holding {} all the time, net of costs", wanted)
                    : fmt::format("strategies are tested against the returns of {}", wanted);
  out.each.assign(table.names.size(), series);
  out.name = wanted;
  return out;
}

}  // namespace

Result<CommandOutput> ensemble_of_run(const EnsembleArguments& given, const analysis::RunSelection& selection, const Context& context) {
  TRADEWIND_TRY(no_prices_of_run(given.prices));
  TRADEWIND_ASSIGN(analysis::RunInput input, analysis::RunInput::open(selection.run, {}, context.workspace));
  TRADEWIND_ASSIGN(const auto ids,
                   analysis::best_strategies(selection.run, selection.condition(input), "net_sharpe", selection.top, context.workspace));
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
  CommandOutput output{schema_object("ensemble"), exit_code_of_weights(computed)};
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
  note_combinations(input, json["notes"]);

  TRADEWIND_ASSIGN(const auto matrix, ensemble::correlation_matrix(panel, ensemble::CorrelationKind::sample, thread_count(context.threads),
                                                                   context.cancellation));
  if (workspace::read_document(context.workspace, selection.run, analysis::kAnalysisDocument)) {
    json["notes"].push_back(
        "the run's analysis has judged weights of its own: optimal_weights.json and correlation_matrix.json stay as they are");
  } else {
    TRADEWIND_TRY(workspace::write_document(context.workspace, selection.run, "analytics/correlation_matrix.json",
                                            dump_json(analysis::correlation_json(panel, matrix, kRedundant), 1) + "\n"));
    const Json weights = {{"qualified", false},          {"verdict", nullptr},       {"objective", json["method"]},
                          {"weights", json["weights"]},  {"status", json["status"]}, {"where", selection.condition(input)},
                          {"regimes", arguments.regimes}};
    TRADEWIND_TRY(
        workspace::write_document(context.workspace, selection.run, "analytics/optimal_weights.json", dump_json(weights, 1) + "\n"));
  }
  return output;
}

Result<CommandOutput> overfit_of_run(const OverfitArguments& arguments, const Context& context) {
  const std::string run_id = arguments.file.string();
  if (!arguments.columns.empty())
    return Error(Errc::usage, "the trials of a run are its strategies, not columns", "--column", "choose them by --where");
  TRADEWIND_TRY(no_prices_of_run(arguments.prices));
  TRADEWIND_ASSIGN(analysis::RunInput input, analysis::RunInput::open(run_id, {}, context.workspace));
  std::vector<std::string> ids = input.run().strategy_ids();
  if (!arguments.where.empty() || input.metadata().is_replay()) {
    TRADEWIND_ASSIGN(const auto chosen, analysis::best_strategies(run_id, arguments.where, "net_sharpe", 0, context.workspace));
    const std::set<std::string> wanted(chosen.begin(), chosen.end());
    std::erase_if(ids, [&](const std::string& id) { return !wanted.contains(id); });
  }
  TRADEWIND_TRY(check_size(input, ids.size()));
  TRADEWIND_ASSIGN(const replay::ReturnTable table, input.returns(ids));
  TRADEWIND_ASSIGN(const RunBenchmark benchmark, what_to_beat(input, table, arguments));
  const TrialColumns trials{{table.returns.begin(), table.returns.end()},
                            table.names,
                            benchmark.each.empty() ? metrics::Benchmarks() : metrics::Benchmarks(benchmark.each, benchmark.how),
                            benchmark.name};
  OverfitFigures figures;
  TRADEWIND_ASSIGN(Json computed, overfit_json(trials, arguments, context, &figures));

  CommandOutput output{schema_object("overfit")};
  output.json["file"] = run_id;
  output.json["run_id"] = run_id;
  output.json.update(computed);
  output.json["notes"] = Json::array({benchmark.note});
  note_combinations(input, output.json["notes"]);
  if (!arguments.where.empty() || !arguments.benchmark.empty()) {
    output.json["notes"].push_back(
        "nothing was stored: the run's own columns are of all its strategies and the benchmark they have by default");
    return output;
  }
  Json document = output.json;
  document.erase("milliseconds");  // equal inputs give equal bytes
  TRADEWIND_TRY(workspace::set_columns(context.workspace, run_id, probability_columns(table, figures)));
  TRADEWIND_TRY(workspace::write_document(context.workspace, run_id, "analytics/overfitting.json", dump_json(document, 1) + "\n"));
  return output;
}

Result<CommandOutput> metrics_of_run(const RunMetricsArguments& arguments, const Context& context) {
  TRADEWIND_TRY(no_prices_of_run(arguments.prices));
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
  output.json["notes"] = Json::array();
  note_combinations(input, output.json["notes"]);
  const std::string document = dump_json(output.json, 1) + "\n";
  output.json["milliseconds"] = watch.milliseconds();
  TRADEWIND_TRY(workspace::write_document(context.workspace, arguments.run, "analytics/regime_performance.json", document));
  return output;
}

}  // namespace tradewind::commands
