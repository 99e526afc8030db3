// SPDX-License-Identifier: Apache-2.0
// What measuring costs the trading thread. Prints name,value,unit.
#include <time.h>

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/time.hpp"
#include "tradewind/telemetry/performance_monitor.hpp"

namespace {

constexpr int kCycles = 100'000;
constexpr int kStages = 5;

double processor_nanoseconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

/// Nanoseconds of processor time per cycle of `work`, the best of five rounds: a busy machine changes little.
template <class Work>
double nanoseconds_per_cycle(const Work& work) {
  double best = 1e300;
  for (int round = 0; round < 5; ++round) {
    const double start = processor_nanoseconds();
    for (int i = 0; i < kCycles; ++i) work();
    best = std::min(best, (processor_nanoseconds() - start) / kCycles);
  }
  return best;
}

}  // namespace

int main() {
  using namespace tradewind;
  using namespace tradewind::telemetry;
  PerformanceMonitor monitor;
  const double cycle = nanoseconds_per_cycle([&] {
    monitor.start_cycle();
    monitor.end_cycle();
  });
  const double with_stages = nanoseconds_per_cycle([&] {
    monitor.start_cycle();
    monitor.measure_network_latency(monitor.time(), "markets");
    monitor.measure_network_latency(monitor.time(), "prices_0x12ab");
    monitor.measure_detection_speed(monitor.time(), 1);
    monitor.measure_decision_speed(monitor.time());
    monitor.measure_execution_speed(monitor.time());
    monitor.end_cycle();
  });
  std::int64_t sum = 0;
  const double clock = nanoseconds_per_cycle([&] { sum += monitor.time(); });
  if (monitor.total_cycles() != 10 * kCycles || monitor.get_session_statistics("network")->count != 2 * 5 * kCycles || sum <= 0) return 1;
  fmt::print("clock_read,{:.1f},ns\n", clock);
  fmt::print("stage_measurement,{:.1f},ns\n", (with_stages - cycle) / kStages);
  fmt::print("start_and_end_cycle,{:.1f},ns\n", cycle);
  fmt::print("measure_cost_percent,{:.3f},%\n", with_stages / 100'000 * 100);
}
