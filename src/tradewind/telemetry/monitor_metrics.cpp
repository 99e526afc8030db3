// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/monitor_metrics.hpp"

#include "tradewind/telemetry/performance_report.hpp"
#include "tradewind/version.hpp"

namespace tradewind::telemetry {
namespace {

class Families {
 public:
  MetricFamily& of(std::string_view name) { return all_.emplace_back(metric(name)); }
  void count(std::string_view name, std::uint64_t value) { of(name).add(static_cast<double>(value)); }
  std::vector<MetricFamily> take() { return std::move(all_); }

 private:
  std::vector<MetricFamily> all_;
};

void add_durations(const Recordings& recordings, Families& out) {
  MetricFamily& stages = out.of("tradewind_stage_duration_seconds");
  for (const StageRecord& each : recordings.stages)
    if (each.session.count() > 0) stages.add_histogram(each.session, each.name);
  MetricFamily& recent = out.of("tradewind_recent_cycle_seconds");
  const Statistics cycles = statistics_of(recordings.stage(Stage::total_cycle).history.values());
  if (cycles.count > 0) recent.add(cycles.median / 1e3, "50").add(cycles.p95 / 1e3, "95").add(cycles.p99 / 1e3, "99");
  out.of("tradewind_cycle_target_seconds").add(recordings.settings.target_cycle_time_ms / 1e3);
}

void add_grade(const Recordings& recordings, Families& out) {
  std::vector<std::string> grades{"N/A"};
  for (const Grade& each : kGrades) grades.emplace_back(each.grade);
  out.of("tradewind_performance_grade").add_states(grades, performance_grade(recordings).grade);
}

void add_counts(const Recordings& recordings, Families& out) {
  out.count("tradewind_cycles", recordings.cycles);
  out.count("tradewind_cycles_within_target", recordings.cycles_within_target);
  out.count("tradewind_incomplete_cycles", recordings.incomplete_cycles);
  out.count("tradewind_cycle_ends_without_start", recordings.ends_without_start);
  out.count("tradewind_measurements_outside_cycles", recordings.measurements_outside_cycles);
  out.count("tradewind_clock_steps_back", recordings.clock_steps_back);
  out.count("tradewind_detected_opportunities", recordings.opportunities);
}

void add_network(const Recordings& recordings, Families& out) {
  MetricFamily& latency = out.of("tradewind_network_latency_seconds");
  for (const EndpointGroup& each : recordings.groups) latency.add_histogram(each.latency, each.name);
  out.of("tradewind_network_latency_target_seconds").add(recordings.settings.target_network_latency_ms / 1e3);
  MetricFamily& slow = out.of("tradewind_slow_network_calls");
  for (const EndpointGroup& each : recordings.groups) slow.add(static_cast<double>(each.slow), each.name);
  MetricFamily& failures = out.of("tradewind_network_failures");
  for (const EndpointGroup& each : recordings.groups) failures.add(static_cast<double>(each.failures), each.name);
}

}  // namespace

std::vector<MetricFamily> monitor_metrics(const Recordings& recordings) {
  Families out;
  out.of("tradewind_build").add(1, TRADEWIND_VERSION);
  add_durations(recordings, out);
  add_grade(recordings, out);
  add_counts(recordings, out);
  add_network(recordings, out);
  return out.take();
}

}  // namespace tradewind::telemetry
