// SPDX-License-Identifier: Apache-2.0
// A PerformanceMonitor by itself: cycles and their stages, a stage of one's own, grade, bottlenecks, position against others.
//
//   build/release/bin/monitor_performance
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "tradewind/base/json.hpp"
#include "tradewind/telemetry/performance_monitor.hpp"
#include "tradewind/telemetry/report_json.hpp"

namespace {

using namespace tradewind::telemetry;

/// What a trader's own functions would do.
void wait_milliseconds(double milliseconds) { std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(milliseconds)); }
std::vector<int> find_opportunities() {
  wait_milliseconds(1);
  return {1, 2, 3};
}
void call_venue() { wait_milliseconds(4); }
void custom_operation() { wait_milliseconds(0.5); }

}  // namespace

int main() {
  PerformanceMonitor monitor({.target_cycle_time_ms = 200, .target_network_latency_ms = 100, .performance_history_size = 100});
  for (int cycle = 0; cycle < 25; ++cycle) {
    monitor.start_cycle();

    const auto detection_start = monitor.time();
    const auto opportunities = find_opportunities();
    monitor.measure_detection_speed(detection_start, opportunities.size());

    const auto network_start = monitor.time();
    call_venue();
    monitor.measure_network_latency(network_start, "markets_endpoint");

    {
      const StageTimer timer(monitor, "custom_operation");  // a stage of your own, measured to the end of the block
      custom_operation();
    }
    if (const auto milliseconds = monitor.end_cycle(); milliseconds && cycle == 0)
      std::printf("Cycle completed in %.0f ms\n", *milliseconds);
  }

  const auto [grade, details] = monitor.get_performance_grade();
  std::printf("Performance grade: %s\n", grade.c_str());
  for (const char* stage : {"detection", "network", "custom_operation", "total_cycle"})
    if (const auto statistics = monitor.get_statistics(stage)) std::printf("%-17s %s\n", stage, to_json(*statistics).dump().c_str());
  for (const auto& bottleneck : monitor.analyze_bottlenecks().bottlenecks)
    std::printf("Bottleneck: %s - %s\n", bottleneck.component.c_str(), bottleneck.issue.c_str());
  std::printf("Position: %s\n", to_json(monitor.compare_to_competition())["competitive_position"].dump().c_str());
  return 0;
}
