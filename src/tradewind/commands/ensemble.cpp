// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/commands/benchmark_input.hpp"
#include "tradewind/commands/metrics.hpp"
#include "tradewind/commands/missing_values.hpp"
#include "tradewind/commands/series_input.hpp"

namespace tradewind::commands {
namespace {

using ensemble::EnsembleWeights;
using ensemble::PortfolioPath;
using ensemble::ReturnPanel;
using ensemble::SolveStatus;
using ensemble::WeightResult;

/// Labels per row of the panel, −1 while not known.
struct Labels {
  std::vector<int> state;
  std::vector<std::string> names;
};

Result<Labels> read_labels(const market::SeriesTable& table, const EnsembleArguments& arguments) {
  TRADEWIND_ASSIGN(const market::SeriesColumn* const column, table.column(arguments.regimes));
  std::map<std::string, int> known;
  for (const std::string& text : column->texts) {
    if (!text.empty()) known.emplace(text, 0);
  }
  if (known.size() > 100) {
    return Error(Errc::invalid_data,
                 fmt::format("column '{}' has {} different labels; at most 100 make sense as regimes", column->name, known.size()),
                 arguments.file.string());
  }
  Labels out;
  for (auto& [label, state] : known) {
    state = static_cast<int>(out.names.size());
    out.names.push_back(label);
  }
  const std::size_t delay = arguments.labels_aligned ? 0 : 1;
  out.state.assign(table.rows(), -1);
  for (std::size_t t = delay; t < table.rows(); ++t) {
    const std::string& text = column->texts[t - delay];
    if (!text.empty()) out.state[t] = known.at(text);
  }
  return out;
}

/// Makes returns of prices, or sees that the columns to be weighed hold returns.
Status returns_of(market::SeriesTable& table, const EnsembleArguments& arguments) {
  if (arguments.columns.empty()) return returns_of_columns(table, arguments.prices, arguments.regimes, arguments.file);
  if (arguments.prices) {
    std::vector<std::string> priced = arguments.columns;
    if (!arguments.benchmark.empty() && !names_file(arguments.benchmark)) priced.push_back(arguments.benchmark);
    return make_returns(table, priced, arguments.file);
  }
  for (const std::string& name : arguments.columns) {
    auto column = table.numbers(name);
    if (!column) return column.error().with_context("reading " + arguments.file.string());
    TRADEWIND_TRY(check_returns(**column, arguments.file, table.notes));
  }
  return {};
}

/// What stands beside the strategies in the file is none of them.
bool is_beside(const std::string& column, const EnsembleArguments& arguments) {
  return column == arguments.regimes || (column == arguments.benchmark && !names_file(arguments.benchmark));
}

/// The columns to be weighed: those asked for, else every numeric one.
std::vector<std::string> weighed(const market::SeriesTable& table, const EnsembleArguments& arguments) {
  if (!arguments.columns.empty()) return arguments.columns;
  std::vector<std::string> names;
  for (const market::SeriesColumn* column : table.numeric_columns())
    if (!is_beside(column->name, arguments)) names.push_back(column->name);
  return names;
}

Result<ReturnPanel> read_panel(const market::SeriesTable& table, const EnsembleArguments& arguments) {
  ReturnPanel panel;
  if (arguments.columns.empty()) {
    for (const market::SeriesColumn* column : table.numeric_columns())
      if (!is_beside(column->name, arguments)) panel.add(column->name, column->values);
  }
  for (const std::string& name : arguments.columns) {
    TRADEWIND_ASSIGN(const market::SeriesColumn* const column, table.numbers(name));
    panel.add(column->name, column->values);
  }
  if (panel.columns() == 0) return table.no_numbers(arguments.file);
  if (auto good = ensemble::check(panel); !good) return locate(good.error(), table, arguments.file);
  return panel;
}

Json path_json(const PortfolioPath& path, Json& undefined, const std::string& prefix, bool turnover) {
  Json json = Json::object();
  analysis::put_value(json, undefined, prefix, "sharpe_ratio", path.sharpe_ratio);
  analysis::put_value(json, undefined, prefix, "annualized_return", path.annualized_return);
  analysis::put_value(json, undefined, prefix, "volatility", path.volatility);
  if (turnover) analysis::put_value(json, undefined, prefix, "turnover", path.turnover);
  return json;
}

Json weights_json(const ReturnPanel& panel, const std::vector<double>& weights) {
  Json json = Json::object();
  for (std::size_t j = 0; j < weights.size(); ++j) {
    if (weights[j] > 0) json[panel.names[j]] = weights[j];
  }
  return json;
}

/// What there is to say of one solve besides its weights.
void add_result(Json& json, Json& undefined, const ReturnPanel& panel, const WeightResult& result) {
  analysis::put_value(json, undefined, "", "objective", result.objective);
  json["status"] = enum_name(result.status);
  json["gap"] = number_or_null(result.gap.number);
  json["kkt_residual"] = number_or_null(result.kkt_residual.number);
  json["reason"] = result.reason.empty() ? Json(nullptr) : Json(result.reason);
  Json excluded = Json::object();
  for (const ensemble::Exclusion& one : result.excluded) excluded[panel.names[one.column]] = one.reason;
  json["excluded"] = std::move(excluded);
}

void add_weights(Json& json, const ReturnPanel& panel, const EnsembleWeights& weights, bool by_regime) {
  if (!by_regime) {
    json["weights"] = weights_json(panel, weights.global.weights);
    return;
  }
  Json all = Json::object();
  Json fallback = Json::object();
  Json status = Json::object();
  for (const ensemble::RegimeWeights& one : weights.regimes) {
    all[one.regime] = weights_json(panel, one.weights);
    if (!one.fallback.empty()) fallback[one.regime] = one.fallback;
    status[one.regime] = {{"bars", one.bars},
                          {"status", enum_name(one.fallback.empty() ? one.result.status : weights.global.status)},
                          {"objective", number_or_null((one.fallback.empty() ? one.result : weights.global).objective.number)}};
  }
  json["weights"] = std::move(all);
  json["fallback"] = std::move(fallback);
  json["regimes"] = std::move(status);
  json["global_weights"] = weights_json(panel, weights.global.weights);
}

Status add_walk_forward(Json& json, Json& undefined, const ReturnPanel& panel, const EnsembleArguments& arguments,
                        const ensemble::EnsembleOptions& options, ensemble::WalkForwardReport& report) {
  const Stopwatch watch;
  TRADEWIND_ASSIGN(report, ensemble::walk_forward(panel, options, arguments.walk_forward));
  Json walk = path_json(report.ensemble, undefined, "walk_forward.", true);
  walk["first_bar"] = report.first_bar;
  walk["bars"] = report.bars;
  walk["refits"] = report.refits;
  walk["fallback_refits"] = report.fallback_refits;
  walk["fit"] = arguments.walk_forward.rolling ? "rolling" : "expanding";
  walk["milliseconds"] = watch.milliseconds();
  json["walk_forward"] = std::move(walk);
  Json baselines = Json::object();
  const auto baseline = [&](const char* name, const std::vector<double>& weights, const PortfolioPath& out_of_sample) {
    const std::string prefix = std::string("baselines.") + name;
    Json one = path_json(ensemble::path_of_weights(panel, weights, options), undefined, prefix + ".", false);
    one["walk_forward"] = path_json(out_of_sample, undefined, prefix + ".walk_forward.", true);
    baselines[name] = std::move(one);
  };
  baseline("equal_weight", ensemble::equal_weights(panel), report.equal_weight);
  baseline("inverse_volatility", ensemble::inverse_volatility_weights(panel), report.inverse_volatility);
  json["baselines"] = std::move(baselines);
  return {};
}

/// Matrices of every pair of columns grow with the square of their number.
Status check_width(const ReturnPanel& panel) {
  constexpr std::size_t kMostColumns = 8000;  // some 1.5 GB
  if (panel.names.size() <= kMostColumns) return {};
  return Error(Errc::too_large, fmt::format("an ensemble of {} columns, at most {} are weighed", panel.names.size(), kMostColumns), {},
               "choose fewer: --where and --top of a run, the columns of a file");
}

}  // namespace

int exit_code_of_weights(const Json& ensemble) {
  const Json& status = ensemble["status"];
  return status == "infeasible" || status == "degenerate" ? exit_code(Errc::invalid_data) : 0;
}

Result<Json> ensemble_json(const ReturnPanel& panel, const ensemble::RegimeRows* regimes, const EnsembleArguments& arguments,
                           const Context& context, ensemble::WalkForwardReport* walked) {
  TRADEWIND_TRY(check_width(panel));
  ensemble::EnsembleOptions options(arguments.options);
  options.threads = context.threads;
  const Stopwatch watch;
  TRADEWIND_ASSIGN(const EnsembleWeights weights, ensemble::EnsembleOptimizer(options).optimize_weights(panel, regimes));
  const double milliseconds = watch.milliseconds();
  Json json;
  Json undefined = Json::object();
  add_weights(json, panel, weights, regimes != nullptr);
  add_result(json, undefined, panel, weights.global);
  if (weights.global.has_weights()) {
    json["in_sample"] = path_json(ensemble::path_of_weights(panel, weights.global.weights, options), undefined, "in_sample.", false);
  }
  ensemble::WalkForwardReport report;
  if (arguments.walk && weights.global.status != SolveStatus::infeasible)
    TRADEWIND_TRY(add_walk_forward(json, undefined, panel, arguments, options, walked != nullptr ? *walked : report));
  json["undefined"] = std::move(undefined);
  json["milliseconds"] = milliseconds;
  return json;
}

namespace {

/// The walk-forward beside a benchmark, over the bars out of sample.
Status add_walk_benchmark(Json& json, market::SeriesTable& table, const std::vector<std::size_t>& kept,
                          const ensemble::WalkForwardReport& walked, const EnsembleArguments& arguments) {
  if (arguments.benchmark.empty()) return {};
  if (walked.returns.empty()) {
    table.notes.emplace_back("there is no walk-forward that could be compared with the benchmark");
    return {};
  }
  const std::vector<std::size_t> rows(kept.end() - static_cast<std::ptrdiff_t>(walked.returns.size()), kept.end());
  TRADEWIND_ASSIGN(const SeriesBeside beside, series_beside(arguments.benchmark, table, arguments.file, rows, "benchmark"));
  std::vector<UnixNanos> times;
  if (!table.timestamp.empty())
    for (const std::size_t row : rows) times.push_back(table.timestamp[row]);
  const double clock = arguments.options.periods_per_year;
  put_benchmark(json, beside, walked.returns, metrics::RiskFree(arguments.options.risk_free, clock), clock,
                analysis::local_days(times, table.clock));
  json["benchmark"]["of"] = "walk_forward";
  table.notes.insert(table.notes.end(), beside.notes.begin(), beside.notes.end());
  return {};
}

}  // namespace

Result<CommandOutput> ensemble_of_file(const EnsembleArguments& given, const Context& context) {
  EnsembleArguments arguments(given);
  ensemble::EnsembleOptions& o = arguments.options;
  TRADEWIND_ASSIGN(o.risk_free, parse_yearly_rate(given.risk_free, "--risk-free", o.risk_free));
  TRADEWIND_ASSIGN(o.minimum_acceptable_return, parse_yearly_rate(given.target, "--target", o.minimum_acceptable_return));
  TRADEWIND_TRY(ensemble::check(arguments.options, arguments.options.constraints.current_weights.size()));
  if (!arguments.walk && !arguments.benchmark.empty())
    return Error(Errc::usage, "a benchmark is compared with the walk-forward, which is left out", "--no-walk-forward",
                 "leave one of them out");
  market::SeriesOptions reading;
  if (!arguments.regimes.empty()) reading.text_columns = {arguments.regimes};
  TRADEWIND_ASSIGN(market::SeriesTable table, market::read_series(arguments.file, reading));
  TRADEWIND_TRY(returns_of(table, arguments));
  Labels labels;
  if (!arguments.regimes.empty()) {
    TRADEWIND_ASSIGN(labels, read_labels(table, arguments));
  }
  TRADEWIND_ASSIGN(const MissingValues missing, apply_nan_policy(table, weighed(table, arguments), arguments.nan_policy, arguments.file));
  if (!arguments.regimes.empty()) labels.state = missing.of(labels.state);
  TRADEWIND_ASSIGN(const ReturnPanel panel, read_panel(table, arguments));
  const ensemble::RegimeRows regimes{labels.state, labels.names};
  ensemble::WalkForwardReport walked;
  TRADEWIND_ASSIGN(Json computed, ensemble_json(panel, arguments.regimes.empty() ? nullptr : &regimes, arguments, context, &walked));
  std::vector<std::size_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  TRADEWIND_TRY(add_walk_benchmark(computed, table, rows, walked, arguments));
  Json notes = table.notes;
  if (const auto observed = observed_periods_per_year(table);
      observed && std::fabs(*observed / arguments.options.periods_per_year - 1) > 0.05) {
    notes.push_back(
        fmt::format("--periods-per-year is {}, but the timestamps show {:.1f} bars a year", arguments.options.periods_per_year, *observed));
    context.progress->warn(notes.back().get<std::string>());
  }
  CommandOutput output{schema_object("ensemble"), 0};
  Json& json = output.json;
  json["file"] = arguments.file.string();
  json["bars"] = panel.rows;
  json["nan_rows"] = missing.changed;
  json["strategies"] = panel.columns();
  json["method"] = enum_name(arguments.options.objective);
  json["covariance"] = enum_name(arguments.options.covariance);
  json["periods_per_year"] = arguments.options.periods_per_year;
  for (auto& [key, value] : computed.items()) json[key] = std::move(value);
  json["notes"] = std::move(notes);
  output.exit_code = exit_code_of_weights(json);
  return output;
}

}  // namespace tradewind::commands
