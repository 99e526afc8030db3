// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/commands/benchmark_input.hpp"
#include "tradewind/commands/series_input.hpp"
#include "tradewind/metrics/benchmark.hpp"
#include "tradewind/metrics/calendar_returns.hpp"
#include "tradewind/metrics/distribution.hpp"
#include "tradewind/metrics/drawdown.hpp"
#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/metrics/regime_slices.hpp"
#include "tradewind/metrics/rolling.hpp"

namespace tradewind::commands {
namespace {

using metrics::Metric;
using metrics::Undefined;

/// The columns a computation works on, rows left out by the NaN policy already gone.
struct Input {
  market::SeriesTable table;
  std::string column;
  metrics::CleanReturns returns;
  std::vector<std::int8_t> positions;
  std::vector<std::int8_t> states;
  std::vector<std::string> labels;
  std::optional<SeriesBeside> benchmark;
  RiskFreeInput risk_free;

  std::vector<UnixNanos> times() const {
    std::vector<UnixNanos> out;
    if (!table.timestamp.empty())
      for (const std::size_t row : returns.rows) out.push_back(table.timestamp[row]);
    return out;
  }
};

Result<std::vector<std::int8_t>> read_positions(const Input& input, const MetricsArguments& arguments) {
  TRADEWIND_ASSIGN(const market::SeriesColumn* const column, input.table.numbers(arguments.signals));
  std::vector<std::int8_t> positions;
  for (const std::size_t row : input.returns.rows) {
    const double value = column->values[row];
    if (value != -1 && value != 0 && value != 1) {
      return Error(Errc::invalid_data, fmt::format("signal '{}' is {}; it must be -1, 0 or 1", column->name, value),
                   fmt::format("{}:{}", arguments.file.string(), input.table.line[row]));
    }
    positions.push_back(static_cast<std::int8_t>(value));
  }
  return positions;
}

Status read_regimes(Input& input, const MetricsArguments& arguments) {
  TRADEWIND_ASSIGN(const market::SeriesColumn* const column, input.table.column(arguments.regimes));
  std::map<std::string, std::int8_t> known;
  for (const std::size_t row : input.returns.rows) {
    if (!column->texts[row].empty()) known.emplace(column->texts[row], std::int8_t{0});
  }
  if (known.size() > 100) {
    return Error(Errc::invalid_data,
                 fmt::format("column '{}' has {} different labels; at most 100 make sense as regimes", column->name, known.size()),
                 arguments.file.string());
  }
  for (auto& [label, state] : known) {
    state = static_cast<std::int8_t>(input.labels.size());
    input.labels.push_back(label);
  }
  for (const std::size_t row : input.returns.rows)
    input.states.push_back(column->texts[row].empty() ? std::int8_t{-1} : known.at(column->texts[row]));
  return {};
}

/// The series beside the returns: what they are compared with, and what is earned without risk.
Status read_beside(Input& input, const MetricsArguments& arguments) {
  auto& notes = input.table.notes;
  if (!arguments.benchmark.empty()) {
    TRADEWIND_ASSIGN(input.benchmark, series_beside(arguments.benchmark, input.table, arguments.file, input.returns.rows, "benchmark"));
    notes.insert(notes.end(), input.benchmark->notes.begin(), input.benchmark->notes.end());
  }
  TRADEWIND_ASSIGN(input.risk_free, risk_free_input(arguments.risk_free, arguments.options.risk_free, input.table, arguments.file,
                                                    input.returns.rows, notes));
  if (input.risk_free.series.empty() || (arguments.regimes.empty() && !arguments.intervals && arguments.rolling == 0)) return {};
  return Error(Errc::usage, "regimes, intervals and rolling windows take one risk-free rate, not a series of them", "--risk-free",
               "give a yearly rate such as 0.02");
}

/// The columns of the file that hold prices.
std::vector<std::string> priced_columns(const Input& input, const MetricsArguments& arguments) {
  std::vector<std::string> columns = {input.column};
  if (!arguments.benchmark.empty() && arguments.benchmark != input.column && !names_file(arguments.benchmark))
    columns.push_back(arguments.benchmark);
  return columns;
}

Result<Input> read_input(const MetricsArguments& arguments) {
  Input input;
  market::SeriesOptions options;
  if (!arguments.regimes.empty()) options.text_columns = {arguments.regimes};
  TRADEWIND_ASSIGN(input.table, market::read_series(arguments.file, options));
  if (input.table.rows() == 0 && arguments.column.empty() && !input.table.columns.empty()) {
    input.column = input.table.columns.front().name;
  } else {
    TRADEWIND_ASSIGN(const market::SeriesColumn* const column,
                     choose_column(input.table, arguments.file, arguments.column,
                                   {arguments.signals, arguments.regimes, arguments.benchmark, arguments.risk_free}));
    input.column = column->name;
    if (arguments.prices)
      TRADEWIND_TRY(make_returns(input.table, priced_columns(input, arguments), arguments.file));  // the column stays where it is
    else
      TRADEWIND_TRY(check_returns(*column, arguments.file, input.table.notes));
    auto clean = metrics::apply_nan_policy(column->values, arguments.nan_policy);
    if (!clean) return locate(clean.error().with_context(fmt::format("column '{}'", column->name)), input.table, arguments.file);
    input.returns = std::move(*clean);
  }
  if (!arguments.signals.empty()) {
    TRADEWIND_ASSIGN(input.positions, read_positions(input, arguments));
  }
  if (!arguments.regimes.empty()) TRADEWIND_TRY(read_regimes(input, arguments));
  TRADEWIND_TRY(read_beside(input, arguments));
  return input;
}

void add_intervals(Json& json, const metrics::BootstrapIntervals& b) {
  Json& undefined = json["undefined"];
  Json intervals;
  const std::pair<const char*, const metrics::Interval*> kAll[] = {{"mean", &b.mean},
                                                                   {"volatility", &b.volatility},
                                                                   {"sharpe_ratio", &b.sharpe_ratio},
                                                                   {"sortino_ratio", &b.sortino_ratio},
                                                                   {"annualized_return", &b.annualized_return},
                                                                   {"max_drawdown", &b.max_drawdown}};
  for (const auto& [name, interval] : kAll)
    intervals[name] = analysis::interval_json(undefined, std::string("intervals.") + name, *interval);
  json["intervals"] = std::move(intervals);
  json["block_length"] = b.block_length;
  json["small_sample"] = b.mean.small_sample;
}

/// An equity point of the drawdown table as row of the file and, when there are timestamps, as time; the start is null.
void put_point(Json& json, const std::string& name, const Input& input, std::size_t point) {
  json[name] = point;
  if (input.table.timestamp.empty()) return;
  json[name + "_time"] = point == 0 ? Json(nullptr) : Json(format_time(input.table.timestamp[input.returns.rows[point - 1]], true));
}

void add_drawdowns(Json& json, const Input& input, std::span<const double> returns, std::size_t count) {
  Json rows = Json::array();
  for (const metrics::Drawdown& drawdown : metrics::drawdown_table(returns, count)) {
    Json row = {{"depth", drawdown.depth}};
    put_point(row, "peak", input, drawdown.peak);
    put_point(row, "trough", input, drawdown.trough);
    if (drawdown.recovery) {
      put_point(row, "recovery", input, *drawdown.recovery);
    } else {
      row["recovery"] = nullptr;
    }
    row["decline_bars"] = drawdown.decline_bars();
    row["recovery_bars"] = drawdown.recovery_bars() ? Json(*drawdown.recovery_bars()) : Json(nullptr);
    rows.push_back(std::move(row));
  }
  json["drawdowns"] = std::move(rows);
}

Json series_json(const std::vector<double>& values) {
  Json json = Json::array();
  for (const double value : values) json.push_back(number_or_null(value));
  return json;
}

void warn_of_clock(const Input& input, const MetricsArguments& arguments, const Context& context, Json& notes) {
  const auto observed = observed_periods_per_year(input.table);
  const double given = arguments.options.periods_per_year;
  if (!observed || std::fabs(*observed / given - 1) <= 0.05) return;
  const std::string text = fmt::format("--periods-per-year is {}, but the timestamps show {:.1f} bars a year", given, *observed);
  context.progress->warn(text);
  notes.push_back(text);
}

/// The metrics of the returns, net where there are positions; and the net returns.
struct Measured {
  metrics::PerformanceMetrics performance;
  std::vector<double> net, gross, trades;
};

Result<Measured> measure(const Input& input, const MetricsArguments& arguments, const metrics::ReturnOptions& options, Json& notes) {
  Measured out;
  out.net = input.returns.values;
  if (arguments.signals.empty()) {
    TRADEWIND_ASSIGN(out.performance, metrics::calculate_metrics(out.net, options));
  } else {
    const auto costs = arguments.costs.value_or(metrics::ExecutionCosts::none());
    TRADEWIND_TRY(metrics::check(options));
    TRADEWIND_ASSIGN(auto costed, metrics::apply_costs(out.net, input.positions, costs, options.periods_per_year, arguments.returns_of));
    TRADEWIND_ASSIGN(out.performance, metrics::calculate_metrics(costed, input.positions, options));
    if (arguments.returns_of == metrics::ReturnsOf::strategy && costed.flat_bars_with_return > 0) {
      notes.push_back(fmt::format("{} bars without a position have a return; if '{}' holds the asset's returns, say --returns-of asset",
                                  costed.flat_bars_with_return, input.column));
    }
    out.trades = metrics::closed_trades(costed, input.positions);
    out.gross = std::move(costed.gross);
    out.net = std::move(costed.net);
  }
  if (!input.risk_free.series.empty())
    metrics::set_risk_free(out.performance, out.net, out.gross, input.risk_free.series, options.periods_per_year);
  return out;
}

metrics::DistributionMetrics distribution_of(const Input& input, const Measured& measured, const MetricsArguments& arguments,
                                             const metrics::ReturnOptions& options) {
  metrics::DistributionInput of{.returns = measured.net, .performance = &measured.performance};
  std::vector<double> excess;
  if (!input.risk_free.series.empty()) excess = metrics::excess_returns(measured.net, input.risk_free.series);
  of.trades = measured.trades;
  of.positions = input.positions;
  of.excess = excess;
  of.sharpe_benchmark = arguments.sharpe_benchmark;
  return metrics::distribution_metrics(of, options);
}

void add_benchmark(Json& json, const Input& input, const Measured& measured, const metrics::ReturnOptions& options) {
  const metrics::RiskFree risk_free = input.risk_free.series.empty() ? metrics::RiskFree(options.risk_free, options.periods_per_year)
                                                                     : metrics::RiskFree(input.risk_free.series);
  Json compared = {{"name", input.benchmark->name}};
  compared.update(analysis::benchmark_json(
      metrics::compare_with_benchmark(measured.net, input.benchmark->returns, risk_free, options.periods_per_year), json["undefined"]));
  if (const auto times = input.times(); !times.empty())
    compared["yearly"] = analysis::yearly_json(measured.net, input.benchmark->returns, analysis::local_days(times));
  json["benchmark"] = std::move(compared);
}

/// Everything the command computes, timed by its caller.
Result<Json> compute(const Input& input, const MetricsArguments& arguments, const Context& context) {
  Json json;
  Json notes = input.table.notes;
  Json undefined = Json::object();
  metrics::ReturnOptions options = arguments.options;
  options.risk_free = input.risk_free.annual;
  TRADEWIND_ASSIGN(const Measured measured, measure(input, arguments, options, notes));
  const std::vector<double>& net = measured.net;
  const auto distribution = distribution_of(input, measured, arguments, options);
  json["metrics"] = analysis::metrics_json(measured.performance, undefined);
  analysis::put_distribution(json["metrics"], undefined, distribution);
  json["luck"] = analysis::luck_json(distribution, arguments.sharpe_benchmark);
  json["undefined"] = std::move(undefined);
  if (input.benchmark) add_benchmark(json, input, measured, options);
  if (const auto times = input.times(); !times.empty())
    json["calendar"] = analysis::calendar_json(metrics::calendar_returns(net, analysis::local_days(times)));
  const metrics::BootstrapOptions bootstrap{.seed = arguments.seed, .threads = context.threads};
  if (!arguments.regimes.empty()) {
    TRADEWIND_ASSIGN(const auto report,
                     metrics::regime_slices(net, {input.states, input.labels, arguments.labels_aligned}, options, bootstrap));
    json["regimes"] = analysis::regimes_json(report, json["undefined"], "regimes.");
    json["unlabelled_bars"] = report.unlabelled_bars;
  }
  if (arguments.intervals) {
    TRADEWIND_ASSIGN(const auto intervals, metrics::bootstrap_intervals(net, options, bootstrap));
    add_intervals(json, intervals);
  }
  if (arguments.rolling > 0) {
    TRADEWIND_ASSIGN(const auto rolling, metrics::rolling_metrics(net, arguments.rolling, options));
    json["rolling"] = {{"window", arguments.rolling},
                       {"sharpe_ratio", series_json(rolling.sharpe_ratio)},
                       {"volatility", series_json(rolling.volatility)},
                       {"max_drawdown", series_json(rolling.max_drawdown)}};
    if (input.benchmark) json["rolling"]["beta"] = series_json(metrics::rolling_beta(net, input.benchmark->returns, arguments.rolling));
  }
  if (arguments.drawdowns > 0) add_drawdowns(json, input, net, arguments.drawdowns);
  json["notes"] = std::move(notes);
  return json;
}

}  // namespace

Result<double> parse_rate(std::string_view text, const std::string& option, double otherwise) {
  if (text.empty()) return otherwise;
  if (const auto value = tradewind::parse_rate(text); value && *value > -1 && *value < 1) return *value;
  return Error(Errc::usage, fmt::format("{} must be a rate between -100% and 100%, not '{}'", option, printable(text)), option,
               "0.001, 10bps and 0.1% are the same");
}

Result<double> parse_yearly_rate(std::string_view text, const std::string& option, double otherwise) {
  if (text.empty()) return otherwise;
  if (const auto value = tradewind::parse_rate(text); value && *value > -1) return *value;
  return Error(Errc::usage, fmt::format("{} must be a yearly rate above -100%, not '{}'", option, printable(text)), option,
               "0.02, 200bps and 2% are the same; 2 is 200%");
}

Result<double> parse_cost(std::string_view text, const std::string& option, double otherwise) {
  TRADEWIND_ASSIGN(const double rate, parse_rate(text, option, otherwise));
  if (rate >= 0) return rate;
  return Error(Errc::usage, fmt::format("{} is paid: it must be 0 or more, not '{}'", option, printable(text)), option);
}

Result<CommandOutput> metrics_of_file(const MetricsArguments& arguments, const Context& context) {
  if (arguments.costs && arguments.signals.empty()) {
    return Error(Errc::usage, "costs are charged where positions change, but no signals are given", "--commission, --slippage",
                 "name the column of positions with --signals");
  }
  TRADEWIND_TRY(metrics::check(arguments.options));
  TRADEWIND_ASSIGN(const Input input, read_input(arguments));
  const Stopwatch watch;
  auto computed = compute(input, arguments, context);
  if (!computed) return locate(computed.error(), input.table, arguments.file, input.returns.rows);
  const double milliseconds = watch.milliseconds();
  warn_of_clock(input, arguments, context, (*computed)["notes"]);

  CommandOutput output{schema_object("metrics"), 0};
  Json& json = output.json;
  json["file"] = arguments.file.string();
  json["column"] = input.column;
  json["periods_per_year"] = arguments.options.periods_per_year;
  json["nan_policy"] = enum_name(arguments.nan_policy);
  json["nan_rows"] = input.returns.replaced;
  json["risk_free"] = input.risk_free.series.empty() ? Json(input.risk_free.annual) : Json(input.risk_free.name);
  for (auto& [key, value] : computed->items()) json[key] = std::move(value);
  json["milliseconds"] = milliseconds;
  return output;
}

}  // namespace tradewind::commands
