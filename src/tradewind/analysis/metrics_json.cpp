// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/metrics_json.hpp"

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
