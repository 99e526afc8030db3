// SPDX-License-Identifier: Apache-2.0
// A PerformanceOptimizer by itself: advice from measurements, applied and measured afterwards; cache, parallel work, profile.
//
//   build/release/bin/optimize_performance
#include <cmath>
#include <cstdio>
#include <vector>

#include "tradewind/telemetry/optimizer/performance_optimizer.hpp"
#include "tradewind/telemetry/performance_monitor.hpp"

namespace {

using namespace tradewind::telemetry;

[[gnu::noinline]] double sum_of_roots(int count) {  // so that the profile names it
  volatile double sum = 0;
  for (int i = 1; i < count; ++i) sum = sum + std::sqrt(static_cast<double>(i));
  return sum;
}

/// Cycles whose detection computes far too long for the target, on processes once they are enabled.
void slow_cycles(PerformanceMonitor& monitor, const PerformanceOptimizer& optimizer, int count) {
  const std::vector<int> markets(4, 3'000'000);
  for (int cycle = 0; cycle < count; ++cycle) {
    monitor.start_cycle();
    const auto start = monitor.time();
    const auto found = optimizer.parallel_map(sum_of_roots, markets, true);
    monitor.measure_detection_speed(start, found ? found->size() : 0);
    monitor.end_cycle();
  }
}

}  // namespace

int main() {
  PerformanceMonitor monitor({.target_cycle_time_ms = 2});
  PerformanceOptimizer optimizer;

  slow_cycles(monitor, optimizer, 30);
  const Suggestions suggestions = optimizer.optimize_config(monitor.generate_performance_report());
  std::printf("Priority: %s\n", std::string(tradewind::enum_name(suggestions.priority)).c_str());
  for (const SystemChange& change : suggestions.system_changes)
    std::printf("Suggestion: %s\nExpected improvement: %s\n", change.change.c_str(), change.expected_improvement.c_str());

  // Applied on request only, and judged by what came of it.
  for (const ConfigChange& change : suggestions.config_changes) {
    if (!optimizer.apply(change, &monitor)) continue;
    slow_cycles(monitor, optimizer, 30);
    if (const auto effect = optimizer.measure_effect(change.key, monitor))
      std::printf("Applied %s: %s\n", change.key.c_str(), std::string(tradewind::enum_name(effect->verdict)).c_str());
  }

  optimizer.enable_multiprocessing(4);
  optimizer.enable_threading(8);

  optimizer.cache_data("expensive_calculation", sum_of_roots(20'000'000), 60.0);  // good for 60 seconds
  if (const auto cached = optimizer.get_cached_data<double>("expensive_calculation")) std::printf("Cached: %.3e\n", *cached);

  const std::vector<int> items{1, 2, 3, 4, 5};
  if (const auto results = optimizer.parallel_map([](int item) { return item * 2; }, items)) {
    for (const int result : *results) std::printf("%d ", result);
    std::printf("\n");
  }

  if (const auto profile = optimizer.profile_bottlenecks([] { sum_of_roots(50'000'000); }); profile && !profile->top_time_consumers.empty())
    std::printf("Most time in: %s\n", profile->top_time_consumers[0].function.c_str());

  std::printf("Optimization score: %d/100\n", optimizer.get_optimization_summary().optimization_score);
  optimizer.cleanup();
  return 0;
}
