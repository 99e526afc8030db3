// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/tear_sheet.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/analysis/analysis_internal.hpp"
#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/metrics/calendar_returns.hpp"
#include "tradewind/metrics/drawdown.hpp"
#include "tradewind/metrics/reduce.hpp"
#include "tradewind/metrics/rolling.hpp"

namespace tradewind::analysis {
namespace {

constexpr std::size_t kWorstDrawdowns = 5;
constexpr std::size_t kFewestForWindow = 40;
constexpr double kMostBins = 60, kFewestBins = 10;

/// A bar as the page names it: its time, or its number from 1.
std::string bar_name(const TearSheetInput& input, std::size_t bar) {
  return input.timestamp.empty() ? std::to_string(bar + 1) : format_time(input.timestamp[bar]);
}

struct SheetCurve {
  std::string name, kind;
  std::vector<double> equity, drawdown;
};

/// Compounded from `start`; NaN before the first return and where there is none.
SheetCurve sheet_curve(std::string name, std::string kind, std::span<const double> returns, double start) {
  SheetCurve curve{std::move(name), std::move(kind), {}, {}};
  double equity = start, peak = start;
  for (const double r : returns) {
    if (!std::isnan(r)) equity *= 1 + r;
    peak = std::max(peak, equity);
    curve.equity.push_back(std::isnan(r) ? r : equity);
    curve.drawdown.push_back(std::isnan(r) ? r : 1 - equity / peak);
  }
  return curve;
}

/// The benchmark starts where the returns stand at its first bar, so that both lines part there.
SheetCurve benchmark_curve(const TearSheetInput& input) {
  double start = 1;
  for (std::size_t t = 0; t < input.benchmark.size() && std::isnan(input.benchmark[t]); ++t) start *= 1 + input.returns[t];
  return sheet_curve(input.benchmark_name, "baseline", input.benchmark, start > 0 ? start : 1);
}

template <class Values>
Json sheet_rows(const Values& values, const std::vector<std::size_t>& rows) {
  Json json = Json::array();
  for (const std::size_t row : rows) json.push_back(number_or_null(values[row]));
  return json;
}

Json names_of_rows(const TearSheetInput& input, const std::vector<std::size_t>& rows) {
  Json json = Json::array();
  for (const std::size_t row : rows) json.push_back(bar_name(input, row));
  return json;
}

Json sheet_curves(const TearSheetInput& input) {
  std::vector<SheetCurve> curves = {sheet_curve(input.name, "ensemble", input.returns, 1)};
  if (!input.gross.empty()) curves.push_back(sheet_curve("before costs", "static", input.gross, 1));
  if (!input.benchmark.empty()) curves.push_back(benchmark_curve(input));
  std::vector<std::span<const double>> shapes;
  for (const SheetCurve& curve : curves) shapes.emplace_back(curve.equity);
  const auto rows = metrics::m4_indices(shapes, kCurvePoints);
  Json json = {{"timestamp", names_of_rows(input, rows)}, {"series", Json::array()}};
  for (const SheetCurve& curve : curves)
    json["series"].push_back({{"name", curve.name},
                              {"kind", curve.kind},
                              {"equity", sheet_rows(curve.equity, rows)},
                              {"drawdown", sheet_rows(curve.drawdown, rows)}});
  return json;
}

Json sheet_drawdowns(const TearSheetInput& input) {
  const auto point = [&](std::size_t at) { return at == 0 ? Json("start") : Json(bar_name(input, at - 1)); };
  Json list = Json::array();
  for (const metrics::Drawdown& one : metrics::drawdown_table(input.returns, kWorstDrawdowns)) {
    const std::size_t end = one.recovery.value_or(input.returns.size());
    list.push_back({{"depth", one.depth},
                    {"start", point(one.peak)},
                    {"trough", point(one.trough)},
                    {"end", one.recovery ? point(*one.recovery) : Json(nullptr)},
                    {"bars", end - one.peak},
                    {"decline_bars", one.decline_bars()},
                    {"recovery_bars", one.recovery_bars() ? Json(*one.recovery_bars()) : Json(nullptr)}});
  }
  return list;
}

Json sheet_rolling(const TearSheetInput& input) {
  const auto bars = static_cast<double>(input.returns.size());
  if (input.returns.size() < kFewestForWindow) return nullptr;
  const auto window = static_cast<std::size_t>(std::clamp(std::round(input.options.periods_per_year / 2), 20.0, std::max(20.0, bars / 5)));
  const auto rolling = metrics::rolling_metrics(input.returns, window, input.options);
  if (!rolling) return nullptr;
  std::vector<double> beta;
  if (!input.benchmark.empty()) beta = metrics::rolling_beta(input.returns, input.benchmark, window);
  std::vector<std::span<const double>> shapes = {rolling->sharpe_ratio, rolling->volatility};
  if (!beta.empty()) shapes.emplace_back(beta);
  const auto rows = metrics::m4_indices(shapes, kCurvePoints);
  Json json = {{"window", window},
               {"timestamp", names_of_rows(input, rows)},
               {"sharpe_ratio", sheet_rows(rolling->sharpe_ratio, rows)},
               {"volatility", sheet_rows(rolling->volatility, rows)}};
  if (!beta.empty()) json["beta"] = sheet_rows(beta, rows);
  return json;
}

/// Of the bars with a return other than 0, in equal bins as wide as Freedman & Diaconis 1981 have it: 2 · interquartile range / n^⅓.
Json sheet_histogram(std::span<const double> returns) {
  std::vector<double> moved;
  double sum = 0;
  for (const double r : returns) {
    if (r != 0) moved.push_back(r);
    sum += r;
  }
  if (moved.size() < 2) return nullptr;
  const double width = 2 * (metrics::quantile(moved, 0.75) - metrics::quantile(moved, 0.25)) / std::cbrt(static_cast<double>(moved.size()));
  const auto [least, most] = std::minmax_element(moved.begin(), moved.end());
  const double low = *least, range = *most - low;
  if (!(range > 0)) return nullptr;
  const double bins = std::clamp(width > 0 ? std::ceil(range / width) : kFewestBins, kFewestBins, kMostBins);
  std::vector<std::int64_t> counts(static_cast<std::size_t>(bins), 0);
  for (const double r : moved) ++counts[static_cast<std::size_t>(std::min(bins - 1, std::floor((r - low) / range * bins)))];
  return {{"low", low},
          {"high", *most},
          {"mean", sum / static_cast<double>(returns.size())},
          {"left_out", returns.size() - moved.size()},
          {"counts", counts}};
}

Json sheet_metrics(const TearSheetInput& input) {
  Json undefined = Json::object();
  Json json = metrics_json(input.performance, undefined);
  put_distribution(json, undefined, input.distribution);
  json["undefined"] = std::move(undefined);
  return json;
}

void add_sheet_benchmark(Json& json, const TearSheetInput& input, std::span<const std::int64_t> days) {
  if (input.benchmark.empty()) return;
  Json compared = {{"name", input.benchmark_name}};
  compared.update(
      benchmark_json(metrics::compare_with_benchmark(input.returns, input.benchmark, input.risk_free, input.options.periods_per_year)));
  std::vector<double> own;
  for (const double r : input.benchmark)
    if (!std::isnan(r)) own.push_back(r);
  if (const auto performance = metrics::calculate_metrics(own, input.options)) {
    Json undefined = Json::object();
    compared["metrics"] = metrics_json(*performance, undefined);
    const auto shape = metrics::distribution_metrics({.returns = own, .performance = &*performance}, input.options);
    put_distribution(compared["metrics"], undefined, shape);
    compared["metrics"]["undefined"] = std::move(undefined);
  }
  if (!days.empty()) compared["yearly"] = yearly_json(input.returns, input.benchmark, days);
  json["benchmark"] = std::move(compared);
}

}  // namespace

Json tear_sheet_json(const TearSheetInput& input) {
  Json json = {{"schema", "tradewind.tear_sheet/1"}, {"name", input.name}, {"bars", input.returns.size()}};
  if (!input.timestamp.empty()) {
    json["from"] = format_time(input.timestamp.front());
    json["to"] = format_time(input.timestamp.back());
  }
  json["periods_per_year"] = input.options.periods_per_year;
  json["metrics"] = sheet_metrics(input);
  json["luck"] = luck_json(input.distribution, input.sharpe_benchmark);
  const auto days = local_days(input.timestamp, input.clock);
  add_sheet_benchmark(json, input, days);
  if (!days.empty()) {
    json["calendar"] = calendar_json(metrics::calendar_returns(input.returns, days));
    json["calendar"]["zone"] = input.clock.empty() ? "UTC" : "exchange";
    json["monthly_returns"] = json["calendar"]["monthly_returns"];
    json["calendar"].erase("monthly_returns");
  }
  json["drawdowns"] = sheet_drawdowns(input);
  json["curves"] = sheet_curves(input);
  json["rolling"] = sheet_rolling(input);
  json["histogram"] = sheet_histogram(input.returns);
  json["notes"] = input.notes;
  return json;
}

}  // namespace tradewind::analysis
