// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/metrics_json.hpp"

#include <cmath>

#include "tradewind/base/json.hpp"

namespace tradewind::analysis {

Json metrics_json(const metrics::PerformanceMetrics& m, Json& undefined) {
  Json json;
  for (std::size_t i = 0; i < metrics::kMetricCount; ++i) {
    const std::string name(enum_name(static_cast<metrics::Metric>(i)));
    json[name] = number_or_null(m.value[i]);
    if (m.reason[i] != metrics::Undefined::defined) undefined[name] = enum_name(m.reason[i]);
  }
  json["unit"] = m.unit == metrics::Unit::trade ? "trade" : "bar";
  json["bars"] = m.bars;
  json["zeros"] = m.zeros;
  json["ruin"] = m.ruin;
  if (m.unit == metrics::Unit::trade || m.total_fills > 0) {
    json["total_trades"] = m.total_trades;
    json["won_trades"] = m.won_trades;
    json["lost_trades"] = m.lost_trades;
    json["flat_trades"] = m.flat_trades;
    json["total_fills"] = m.total_fills;
  }
  return json;
}

void put_distribution(Json& json, Json& undefined, const metrics::DistributionMetrics& figures) {
  for (std::size_t i = 0; i < metrics::kDistributionCount; ++i) {
    const auto metric = static_cast<metrics::DistributionMetric>(i);
    if (metric == metrics::DistributionMetric::psr || metric == metrics::DistributionMetric::min_track_record) continue;
    const std::string name(enum_name(metric));
    put_value(json, undefined, "", name, figures[metric]);
    if (name.ends_with("_streak") && figures[metric].defined()) json[name] = static_cast<std::int64_t>(figures[metric].number);
  }
}

Json luck_json(const metrics::DistributionMetrics& figures, double sharpe_benchmark) {
  Json json = {{"sharpe_benchmark", sharpe_benchmark}};
  Json undefined = Json::object();
  for (const auto metric : {metrics::DistributionMetric::psr, metrics::DistributionMetric::min_track_record})
    put_value(json, undefined, "", std::string(enum_name(metric)), figures[metric]);
  json["undefined"] = std::move(undefined);
  return json;
}

Json benchmark_json(const metrics::ActiveFigures& c) {
  Json json = Json::object(), undefined = Json::object();
  const std::pair<const char*, const metrics::Value*> values[] = {{"alpha", &c.alpha},
                                                                  {"beta", &c.beta},
                                                                  {"r_squared", &c.r_squared},
                                                                  {"correlation", &c.correlation},
                                                                  {"information_ratio", &c.information_ratio},
                                                                  {"tracking_error", &c.tracking_error},
                                                                  {"up_capture", &c.up_capture},
                                                                  {"down_capture", &c.down_capture},
                                                                  {"treynor", &c.treynor},
                                                                  {"batting_average", &c.batting_average}};
  for (const auto& [name, value] : values) put_value(json, undefined, "", name, *value);
  json["bars"] = c.bars;
  json["left_out"] = c.left_out;
  json["undefined"] = std::move(undefined);
  return json;
}

Json yearly_json(std::span<const double> returns, std::span<const double> benchmark, std::span<const std::int64_t> days) {
  std::vector<double> own, other;
  std::vector<std::int64_t> when;
  for (std::size_t t = 0; t < returns.size(); ++t)
    if (!std::isnan(benchmark[t])) own.push_back(returns[t]), other.push_back(benchmark[t]), when.push_back(days[t]);
  const auto ours = metrics::calendar_returns(own, when), theirs = metrics::calendar_returns(other, when);
  Json years = Json::array();
  for (std::size_t i = 0; i < ours.years.size(); ++i) {
    const double mine = ours.years[i].total_return, its = theirs.years[i].total_return;
    years.push_back({{"year", ours.years[i].year}, {"return", mine}, {"benchmark", its}, {"excess", mine - its}});
  }
  return years;
}

namespace {

/// `digits` of the date: 10 for a day, 7 for a month, 4 for a year.
Json dated_json(const std::optional<metrics::DatedReturn>& one, std::size_t digits) {
  if (!one) return nullptr;
  return {{"date", format_time(one->day * kNanosPerDay, true).substr(0, digits)}, {"return", one->total_return}};
}

}  // namespace

Json calendar_json(const metrics::CalendarReturns& calendar) {
  Json json = {{"best_day", dated_json(calendar.best_day, 10)},
               {"worst_day", dated_json(calendar.worst_day, 10)},
               {"best_month", dated_json(calendar.best_month, 7)},
               {"worst_month", dated_json(calendar.worst_month, 7)},
               {"best_year", dated_json(calendar.best_year, 4)},
               {"worst_year", dated_json(calendar.worst_year, 4)},
               {"days", calendar.days},
               {"winning_days", calendar.won_days},
               {"months", calendar.months},
               {"winning_months", calendar.won_months}};
  Json& months = json["monthly_returns"] = {{"years", Json::array()}, {"returns", Json::array()}, {"totals", Json::array()}};
  for (const metrics::CalendarYear& year : calendar.years) {
    Json row = Json::array();
    for (const double month : year.months) row.push_back(number_or_null(month));
    months["years"].push_back(year.year);
    months["returns"].push_back(std::move(row));
    months["totals"].push_back(year.total_return);
  }
  return json;
}

std::vector<std::int64_t> local_days(std::span<const UnixNanos> times, const std::vector<market::UtcOffset>& clock) {
  std::vector<std::int64_t> days;
  days.reserve(times.size());
  for (const UnixNanos utc : times) {
    const UnixNanos time = utc + market::offset_at(clock, utc) * kNanosPerSecond;
    days.push_back(time >= 0 ? time / kNanosPerDay : (time + 1) / kNanosPerDay - 1);
  }
  return days;
}

void put_value(Json& object, Json& undefined, const std::string& prefix, const std::string& name, const metrics::Value& value) {
  object[name] = number_or_null(value.number);
  if (!value.defined()) undefined[prefix + name] = enum_name(value.why);
}

Json interval_json(Json& undefined, const std::string& name, const metrics::Interval& interval) {
  if (interval.defined()) return Json::array({interval.low, interval.high});
  undefined[name] = enum_name(interval.why);
  return nullptr;
}

Json regimes_json(const metrics::RegimeReport& report, Json& undefined, const std::string& prefix) {
  Json regimes = Json::object();
  for (const metrics::RegimeSlice& slice : report.slices) {
    const std::string path = prefix + slice.label + ".";
    Json one = {{"bars", slice.bars}, {"runs", slice.runs}};
    put_value(one, undefined, path, "occupancy", slice.occupancy);
    put_value(one, undefined, path, "mean", slice.mean);
    put_value(one, undefined, path, "volatility", slice.volatility);
    put_value(one, undefined, path, "sharpe_ratio", slice.sharpe_ratio);
    put_value(one, undefined, path, "sortino_ratio", slice.sortino_ratio);
    put_value(one, undefined, path, "annualized_return", slice.annualized_return);
    put_value(one, undefined, path, "contribution", slice.contribution);
    put_value(one, undefined, path, "win_rate", slice.win_rate);
    put_value(one, undefined, path, "worst_run_drawdown", slice.worst_run_drawdown);
    put_value(one, undefined, path, "drawdown_share", slice.drawdown_share);
    one["intervals"]["sharpe_ratio"] = interval_json(undefined, path + "intervals.sharpe_ratio", slice.sharpe_interval);
    one["small_sample"] = slice.sharpe_interval.small_sample;
    if (slice.sharpe_interval.left_out > 0) one["draws_left_out"] = slice.sharpe_interval.left_out;
    regimes[slice.label] = std::move(one);
  }
  return regimes;
}

}  // namespace tradewind::analysis
