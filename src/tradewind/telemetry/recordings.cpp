// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/recordings.hpp"

#include <algorithm>
#include <numeric>

namespace tradewind::telemetry {

MonitorSettings read_monitor_settings(config::MapReader& reader) {
  constexpr double kDay = 86'400'000;
  MonitorSettings out;
  out.target_cycle_time_ms = reader.number("target_cycle_time_ms", out.target_cycle_time_ms, 0.001, kDay);
  out.target_network_latency_ms = reader.number("target_network_latency_ms", out.target_network_latency_ms, 0.001, kDay);
  out.performance_history_size = static_cast<std::size_t>(
      reader.whole_number("performance_history_size", static_cast<std::int64_t>(out.performance_history_size), 1, 100'000));
  return out;
}

std::vector<std::int64_t> Ring::values() const {
  std::vector<std::int64_t> out(values_);
  std::rotate(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(oldest_), out.end());
  return out;
}

std::int64_t Ring::sum() const noexcept { return std::accumulate(values_.begin(), values_.end(), std::int64_t{0}); }

const StageRecord* Recordings::find(std::string_view name) const noexcept {
  const auto found = std::find_if(stages.begin(), stages.end(), [&](const StageRecord& each) { return each.name == name; });
  return found == stages.end() ? nullptr : &*found;
}

std::vector<std::string> Recordings::stage_names() const {
  std::vector<std::string> out;
  for (const StageRecord& each : stages) out.push_back(each.name);
  return out;
}

Recordings empty_recordings(const MonitorSettings& settings) {
  Recordings out;
  out.settings = settings;
  out.settings.performance_history_size = std::max<std::size_t>(1, settings.performance_history_size);
  const Ring ring(out.settings.performance_history_size);
  for (const char* name : {"detection", "decision", "execution", "network", "total_cycle"})
    out.stages.push_back({name, Histogram{}, ring, ring, 0});
  return out;
}

std::string_view endpoint_group(std::string_view endpoint) noexcept {
  constexpr std::string_view kSeparators = "_/-:?=";
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t at = endpoint.find_first_of(kSeparators, 1); at != std::string_view::npos;) {
    const std::size_t next = endpoint.find_first_of(kSeparators, at + 1);
    const std::string_view part = endpoint.substr(at + 1, next == std::string_view::npos ? next : next - at - 1);
    if (std::any_of(part.begin(), part.end(), is_digit)) return endpoint.substr(0, at);
    at = next;
  }
  return endpoint;
}

}  // namespace tradewind::telemetry
