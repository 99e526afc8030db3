// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "tradewind/analysis/analysis_internal.hpp"
#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/metrics/calendar_returns.hpp"
#include "tradewind/metrics/reduce.hpp"
#include "tradewind/metrics/rolling.hpp"

namespace tradewind::analysis {
namespace {

/// Values of a parameter on an axis of the surface at most.
constexpr std::size_t kSurfaceValues = 120;

struct Curve {
  std::vector<double> equity;
  std::vector<double> drawdown;
};

Curve curve_of(std::span<const double> returns) {
  Curve curve;
  double equity = 1, peak = 1;
  for (const double r : returns) {
    equity *= 1 + r;
    peak = std::max(peak, equity);
    curve.equity.push_back(equity);
    curve.drawdown.push_back(1 - equity / peak);
  }
  return curve;
}

template <class Values>
Json at_rows(const Values& values, const std::vector<std::size_t>& rows) {
  Json json = Json::array();
  for (const std::size_t row : rows) json.push_back(number_or_null(values[row]));
  return json;
}

/// Stretches of one regime, as the ribbon under a curve shows them.
Json ribbon_json(const EnsembleStudy& e) {
  Json ribbon = Json::array();
  for (std::size_t row = 0; row < e.state.size();) {
    std::size_t end = row;
    while (end < e.state.size() && e.state[end] == e.state[row]) ++end;
    if (e.state[row] >= 0)
      ribbon.push_back({{"from", format_time(e.timestamp[row])},
                        {"to", format_time(e.timestamp[std::min(end, e.state.size() - 1)])},
                        {"label", e.regimes[static_cast<std::size_t>(e.state[row])]}});
    row = end;
  }
  return ribbon.size() > kCurvePoints ? Json::array() : ribbon;
}

/// Year and month of a time, months from 0.
std::pair<int, int> month_of(UnixNanos utc, const std::vector<market::UtcOffset>& clock) {
  const UnixNanos time = utc + market::offset_at(clock, utc) * kNanosPerSecond;
  const std::string text = format_time(time);
  return {std::stoi(text.substr(0, 4)), std::stoi(text.substr(5, 2)) - 1};
}

using ParameterMap = std::map<std::string, double>;

ParameterMap numeric_parameters(const workspace::SignalMetadata& row) {
  ParameterMap map;
  for (const auto& p : row.parameters) {
    if (const auto* integer = std::get_if<std::int64_t>(&p.value)) map[p.name] = static_cast<double>(*integer);
    if (const auto* number = std::get_if<double>(&p.value)) map[p.name] = *number;
  }
  return map;
}

bool same_but(const ParameterMap& a, const ParameterMap& b, const std::string& x, const std::string& y) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const auto& entry) {
           if (entry.first == x || entry.first == y) return true;
           const auto other = b.find(entry.first);
           return other != b.end() && other->second == entry.second;
         });
}

std::vector<double> thinned(const std::set<double>& values) {
  std::vector<double> all(values.begin(), values.end());
  if (all.size() <= kSurfaceValues) return all;
  std::vector<double> some;
  for (std::size_t i = 0; i < kSurfaceValues; ++i) some.push_back(all[i * (all.size() - 1) / (kSurfaceValues - 1)]);
  return some;
}

/// The strategies of the type and symbol of one, with the same direction and so the same text parameters.
std::vector<std::size_t> relatives(const Study& study, const workspace::SignalMetadata& of) {
  const auto texts = [](const workspace::SignalMetadata& row) {
    std::map<std::string, std::string> map;
    for (const auto& p : row.parameters)
      if (const auto* text = std::get_if<std::string>(&p.value)) map[p.name] = *text;
    return map;
  };
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < study.strategies.size(); ++i) {
    const auto& row = study.row_of(study.strategies[i]);
    if (row.strategy_type == of.strategy_type && row.symbol == of.symbol && texts(row) == texts(of)) found.push_back(i);
  }
  return found;
}

}  // namespace

Json curves_json(const Analysis& analysis) {
  const auto& paths = analysis.results.paths;
  if (paths.empty()) return nullptr;
  const auto& timestamp = analysis.ensemble.timestamp;
  std::vector<Curve> curves;
  for (const HoldingPath& path : paths) curves.push_back(curve_of(path.returns));
  std::vector<std::span<const double>> shapes;
  for (const Curve& curve : curves) shapes.emplace_back(curve.equity);
  const std::vector<std::size_t> rows = metrics::m4_indices(shapes, kCurvePoints);
  Json json = {{"timestamp", Json::array()}, {"boundary", format_time(analysis.study.split.boundary)}, {"series", Json::array()}};
  for (const std::size_t row : rows) json["timestamp"].push_back(format_time(timestamp[row]));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const HoldingPath& path = paths[i];
    const Curve& curve = curves[i];
    Json one = {
        {"name", path.name}, {"kind", path.kind}, {"equity", at_rows(curve.equity, rows)}, {"drawdown", at_rows(curve.drawdown, rows)}};
    if (!path.strategy_id.empty()) one["strategy_id"] = path.strategy_id;
    json["series"].push_back(std::move(one));
  }
  json["regimes"] = ribbon_json(analysis.ensemble);
  return json;
}

bool same_months(const std::vector<market::UtcOffset>& a, const std::vector<market::UtcOffset>& b, std::span<const UnixNanos> times) {
  return a == b || std::all_of(times.begin(), times.end(), [&](UnixNanos time) {
           return market::offset_at(a, time) == market::offset_at(b, time) || month_of(time, a) == month_of(time, b);
         });
}

Json monthly_json(const Analysis& analysis) {
  if (analysis.results.paths.empty()) return nullptr;
  const HoldingPath& path = analysis.results.paths.front();
  const auto calendar = metrics::calendar_returns(path.returns, local_days(analysis.ensemble.timestamp, analysis.clock));
  const Json months = calendar_json(calendar)["monthly_returns"];
  return {{"name", path.name},
          {"calendar", analysis.clock.empty() ? "UTC" : "exchange"},
          {"years", months["years"]},
          {"returns", months["returns"]}};
}

Json rolling_json(const Analysis& analysis, double periods_per_year) {
  if (analysis.results.paths.empty()) return nullptr;
  const std::size_t bars = analysis.results.paths.front().returns.size();
  const auto window =
      static_cast<std::size_t>(std::clamp(std::round(periods_per_year / 2), 20.0, std::max(20.0, static_cast<double>(bars) / 5)));
  metrics::ReturnOptions options;
  options.periods_per_year = periods_per_year;
  Json json = {{"window", window}, {"timestamp", Json::array()}, {"series", Json::array()}};
  std::vector<std::pair<std::string, std::vector<double>>> series;
  for (const HoldingPath& path : analysis.results.paths)
    if (auto rolling = metrics::rolling_metrics(path.returns, window, options))
      series.emplace_back(path.name, std::move(rolling->sharpe_ratio));
  std::vector<std::span<const double>> shapes;
  for (const auto& [name, values] : series) shapes.emplace_back(values);
  const std::vector<std::size_t> rows = metrics::m4_indices(shapes, kCurvePoints);
  for (const std::size_t row : rows) json["timestamp"].push_back(format_time(analysis.ensemble.timestamp[row]));
  for (const auto& [name, values] : series) json["series"].push_back({{"name", name}, {"values", at_rows(values, rows)}});
  return json;
}

Json parameter_surface_json(const Analysis& analysis) {
  if (analysis.selection.selected.empty()) return nullptr;
  const Study& study = analysis.study;
  const auto& best = study.row_of(study.strategies[analysis.selection.selected.front()]);
  const ParameterMap centre = numeric_parameters(best);
  const std::vector<std::size_t> family = relatives(study, best);
  std::map<std::string, std::set<double>> values;
  for (const std::size_t i : family)
    for (const auto& [name, value] : numeric_parameters(study.row_of(study.strategies[i]))) values[name].insert(value);
  std::vector<std::string> axes;
  for (const auto& parameter : best.parameters)
    if (values.contains(parameter.name) && values[parameter.name].size() > 1) axes.push_back(parameter.name);
  std::stable_sort(axes.begin(), axes.end(), [&](const auto& a, const auto& b) { return values[a].size() > values[b].size(); });
  if (axes.size() < 2) return nullptr;
  const std::vector<double> xs = thinned(values[axes[0]]), ys = thinned(values[axes[1]]);
  std::map<std::pair<double, double>, double> sharpe;
  for (const std::size_t i : family) {
    const ParameterMap own = numeric_parameters(study.row_of(study.strategies[i]));
    if (same_but(own, centre, axes[0], axes[1]))
      sharpe[{own.at(axes[0]), own.at(axes[1])}] = study.strategies[i].selection[metrics::Metric::sharpe_ratio];
  }
  Json json = {{"strategy_type", best.strategy_type},
               {"symbol", best.symbol},
               {"x", {{"name", axes[0]}, {"values", xs}}},
               {"y", {{"name", axes[1]}, {"values", ys}}},
               {"z", Json::array()}};
  for (const double y : ys) {
    Json row = Json::array();
    for (const double x : xs) {
      const auto found = sharpe.find({x, y});
      row.push_back(found == sharpe.end() ? Json(nullptr) : number_or_null(found->second));
    }
    json["z"].push_back(std::move(row));
  }
  return json;
}

}  // namespace tradewind::analysis
