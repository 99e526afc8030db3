// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/metrics_json.hpp"

namespace tradewind::commands {

Json metrics_json(const metrics::PerformanceMetrics& m, Json& undefined) {
  Json json;
  for (std::size_t i = 0; i < metrics::kMetricCount; ++i) {
    const std::string name(metrics::metric_name(static_cast<metrics::Metric>(i)));
    json[name] = number_or_null(m.value[i]);
    if (m.reason[i] != metrics::Undefined::defined) undefined[name] = metrics::undefined_name(m.reason[i]);
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

}  // namespace tradewind::commands
