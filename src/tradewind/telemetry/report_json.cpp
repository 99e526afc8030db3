// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/report_json.hpp"

#include "tradewind/base/json.hpp"

namespace tradewind::telemetry {
namespace {

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json stage_json(const StageMetrics& stage) {
  Json out = to_json(stage.recent);
  out["session"] = to_json(stage.session);
  out["share_of_cycle"] = or_null(stage.share_of_cycle);
  return out;
}

Json endpoints_json(const std::vector<EndpointMetrics>& endpoints) {
  Json out = Json::object();
  for (const EndpointMetrics& each : endpoints) {
    Json one = to_json(each.session);
    one["endpoints"] = each.endpoints;
    one["slow"] = each.slow;
    one["failures"] = each.failures;
    out[each.group] = std::move(one);
  }
  return out;
}

}  // namespace

Json to_json(const Statistics& statistics) {
  const auto number = [&](double value) { return statistics.count == 0 ? Json(nullptr) : number_or_null(value); };
  return {{"min", number(statistics.min)},   {"max", number(statistics.max)},
          {"mean", number(statistics.mean)}, {"median", number(statistics.median)},
          {"p95", number(statistics.p95)},   {"p99", number(statistics.p99)},
          {"count", statistics.count}};
}

Json to_json(const Trend& trend) {
  const bool known = trend.direction != TrendDirection::unknown;
  const auto number = [&](double value) { return known ? number_or_null(value) : Json(nullptr); };
  return {{"direction", enum_name(trend.direction)},
          {"slope_ms_per_measurement", number(trend.slope_ms_per_measurement)},
          {"change_percent", number(trend.change_percent)},
          {"p_value", number(trend.p_value)},
          {"measurements", trend.measurements}};
}

Json to_json(const GradeDetails& details) {
  return {{"grade", details.grade},
          {"description", details.description},
          {"median_cycle_time_ms", or_null(details.median_cycle_time_ms)},
          {"p95_cycle_time_ms", or_null(details.p95_cycle_time_ms)},
          {"target_cycle_time_ms", details.target_cycle_time_ms},
          {"meets_target", or_null(details.meets_target)},
          {"cycles_measured", details.cycles_measured}};
}

Json to_json(const Bottlenecks& bottlenecks) {
  Json list = Json::array();
  for (const Bottleneck& each : bottlenecks.bottlenecks)
    list.push_back({{"component", each.component},
                    {"issue", each.issue},
                    {"severity", enum_name(each.severity)},
                    {"recommendation", each.recommendation},
                    {"share_of_cycle", or_null(each.share_of_cycle)}});
  return {{"bottlenecks", std::move(list)},
          {"recommendations", bottlenecks.recommendations},
          {"critical_component", or_null(bottlenecks.critical_component)}};
}

Json to_json(const Competition& competition) {
  Json comparisons = Json::object();
  for (const BenchmarkComparison& each : competition.comparisons)
    comparisons[each.name] = {{"benchmark_ms", each.benchmark_ms},
                              {"difference_ms", each.difference_ms},
                              {"speed_ratio", each.speed_ratio},
                              {"faster", each.faster}};
  return {{"our_median_speed_ms", or_null(competition.our_median_speed_ms)},
          {"competitive_position", or_null(competition.competitive_position)},
          {"tier_description", competition.tier_description},
          {"comparisons", std::move(comparisons)},
          {"estimated_market_percentile", or_null(competition.estimated_market_percentile)}};
}

Json to_json(const Reliability& reliability) {
  return {{"total_cycles", reliability.total_cycles},
          {"within_target_percent", or_null(reliability.within_target_percent)},
          {"completed_percent", or_null(reliability.completed_percent)},
          {"incomplete_cycles", reliability.incomplete_cycles},
          {"ends_without_start", reliability.ends_without_start},
          {"measurements_outside_cycles", reliability.measurements_outside_cycles},
          {"clock_steps_back", reliability.clock_steps_back},
          {"network_calls", reliability.network_calls},
          {"slow_network_calls", reliability.slow_network_calls},
          {"slow_network_percent", or_null(reliability.slow_network_percent)},
          {"failures", reliability.failures}};
}

Json to_json(const PerformanceReport& report) {
  Json stages = Json::object();
  for (const StageMetrics& each : report.detailed_metrics) stages[each.name] = stage_json(each);
  Json trends = Json::object();
  for (const auto& [name, trend] : report.performance_trends) trends[name] = to_json(trend);
  return {{"generated_at", format_time(report.generated_at)},
          {"total_cycles", report.total_cycles},
          {"opportunities_found", report.opportunities_found},
          {"overall_grade", to_json(report.overall_grade)},
          {"competitive_position", to_json(report.competitive_position)},
          {"bottleneck_analysis", to_json(report.bottleneck_analysis)},
          {"detailed_metrics", std::move(stages)},
          {"network_by_endpoint", endpoints_json(report.network_by_endpoint)},
          {"performance_trends", std::move(trends)},
          {"reliability_metrics", to_json(report.reliability_metrics)}};
}

}  // namespace tradewind::telemetry
