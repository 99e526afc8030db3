// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/optimizer/optimizer_json.hpp"

#include "tradewind/base/json.hpp"

namespace tradewind::telemetry {
namespace {

Json or_null(const std::optional<double>& value) { return value ? number_or_null(*value) : Json(nullptr); }

}  // namespace

Json to_json(const Suggestions& suggestions) {
  Json config = Json::object();
  for (const ConfigChange& each : suggestions.config_changes)
    config[each.key] = {{"value", std::visit([](auto value) { return Json(value); }, each.value)},
                        {"change", each.change},
                        {"expected_improvement", each.expected_improvement},
                        {"reason", each.reason}};
  Json system = Json::array();
  for (const SystemChange& each : suggestions.system_changes)
    system.push_back({{"change", each.change}, {"expected_improvement", each.expected_improvement}, {"reason", each.reason}});
  return {{"config_changes", std::move(config)}, {"system_changes", std::move(system)}, {"priority", enum_name(suggestions.priority)}};
}

Json to_json(const CacheStatistics& statistics) {
  return {{"cache_hits", statistics.cache_hits},
          {"cache_misses", statistics.cache_misses},
          {"hit_rate_percent", or_null(statistics.hit_rate_percent)},
          {"cache_size", statistics.cache_size},
          {"evictions", statistics.evictions}};
}

Json to_json(const Profile& profile) {
  Json top = Json::array();
  for (const TimeConsumer& each : profile.top_time_consumers)
    top.push_back({{"function", each.function},
                   {"samples", each.samples},
                   {"self_percent", each.self_percent},
                   {"total_percent", each.total_percent}});
  return {{"execution_time_seconds", profile.execution_time_seconds},
          {"cpu_seconds", profile.cpu_seconds},
          {"samples", profile.samples},
          {"top_time_consumers", std::move(top)},
          {"full_profile", profile.full_profile}};
}

Json to_json(const OptimizationSummary& summary) {
  return {{"optimization_score", summary.optimization_score},
          {"enabled_optimizations", summary.enabled_optimizations},
          {"system_resources",
           {{"cpu_cores", summary.system_resources.cpu_cores},
            {"max_workers", summary.system_resources.max_workers},
            {"thread_workers", summary.system_resources.thread_workers},
            {"process_workers", summary.system_resources.process_workers}}},
          {"cache_performance", to_json(summary.cache_performance)},
          {"recommendations", summary.recommendations}};
}

Json to_json(const Effect& effect) {
  return {{"verdict", enum_name(effect.verdict)},
          {"cycles_before", effect.cycles_before},
          {"cycles_after", effect.cycles_after},
          {"median_before_ms", or_null(effect.median_before_ms)},
          {"median_after_ms", or_null(effect.median_after_ms)},
          {"ratio", or_null(effect.ratio)},
          {"ratio_low", or_null(effect.ratio_low)},
          {"ratio_high", or_null(effect.ratio_high)},
          {"p_value", or_null(effect.p_value)}};
}

}  // namespace tradewind::telemetry
