// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/metrics.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/commands/return_series.hpp"
#include "tradewind/commands/series_input.hpp"
#include "tradewind/metrics/calendar_returns.hpp"
#include "tradewind/metrics/drawdown.hpp"
#include "tradewind/metrics/regime_slices.hpp"
#include "tradewind/metrics/rolling.hpp"

namespace tradewind::commands {
namespace {

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
void put_point(Json& json, const std::string& name, const ReturnSeries& input, std::size_t point) {
  json[name] = point;
  if (input.table.timestamp.empty()) return;
  json[name + "_time"] = point == 0 ? Json(nullptr) : Json(format_time(input.table.timestamp[input.returns.rows[point - 1]], true));
}

void add_drawdowns(Json& json, const ReturnSeries& input, std::span<const double> returns, std::size_t count) {
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

/// Everything the command computes, timed by its caller.
Result<Json> compute(const ReturnSeries& input, const MetricsArguments& arguments, const Context& context) {
  Json json;
  std::vector<std::string> notes = input.table.notes;
  Json undefined = Json::object();
  metrics::ReturnOptions options = arguments.options;
  options.risk_free = input.risk_free.annual;
  TRADEWIND_ASSIGN(const MeasuredReturns measured, measure_returns(input, arguments, options, notes));
  const std::vector<double>& net = measured.net;
  json["metrics"] = analysis::metrics_json(measured.performance, undefined);
  analysis::put_distribution(json["metrics"], undefined, measured.distribution);
  json["luck"] = analysis::luck_json(measured.distribution, arguments.sharpe_benchmark);
  json["undefined"] = std::move(undefined);
  const auto days = analysis::local_days(input.times(), input.table.clock);
  if (input.benchmark)
    put_benchmark(json, *input.benchmark, net, input.risk_free_over(options.periods_per_year), options.periods_per_year, days);
  if (!days.empty()) json["calendar"] = analysis::calendar_json(metrics::calendar_returns(net, days));
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
  if (arguments.costs && arguments.signals.empty()) return costs_without_signals();
  TRADEWIND_TRY(metrics::check(arguments.options));
  TRADEWIND_ASSIGN(const ReturnSeries input, read_return_series(arguments));
  const Stopwatch watch;
  auto computed = compute(input, arguments, context);
  if (!computed) return locate(computed.error(), input.table, arguments.file, input.returns.rows);
  const double milliseconds = watch.milliseconds();
  std::vector<std::string> warnings;
  warn_of_clock(input.table, arguments.options.periods_per_year, context, warnings);
  for (std::string& warning : warnings) (*computed)["notes"].push_back(std::move(warning));

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
