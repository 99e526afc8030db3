// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/telemetry/performance_report.hpp"
#include "tradewind/telemetry/recordings.hpp"

namespace tradewind::telemetry {

/// Measures trading cycles and their stages. A start is a time of the clock's monotonic side, from `time()`. Durations are milliseconds;
/// nullopt means that the clock went back: such a measurement is counted and dropped.
///
/// All but snapshot() belong to one thread, the one that trades. Recording takes no lock: measurements gather in a fixed buffer that
/// end_cycle() hands over if nobody is taking a snapshot at that moment, else a later one does. (Only a new name, or 4096 measurements
/// without any hand-over, wait for the snapshot being taken.) What statistics cost is paid by who asks for them.
class PerformanceMonitor {
 public:
  /// `clock` outlives the monitor.
  explicit PerformanceMonitor(const MonitorSettings& settings = {}, const Clock& clock = system_clock());
  ~PerformanceMonitor();
  PerformanceMonitor(PerformanceMonitor&&) noexcept;
  PerformanceMonitor& operator=(PerformanceMonitor&&) noexcept;

  /// Now, as a start to measure from.
  std::int64_t time() const { return clock_->steady(); }

  /// A cycle that was not ended is counted as incomplete and not measured.
  void start_cycle();
  /// Time since start_cycle(); nullopt also when there was none, which is counted.
  std::optional<double> end_cycle();

  std::optional<double> measure_detection_speed(std::int64_t start, std::uint64_t opportunities_found = 0);
  std::optional<double> measure_decision_speed(std::int64_t start) { return measure(Stage::decision, start); }
  std::optional<double> measure_execution_speed(std::int64_t start) { return measure(Stage::execution, start); }
  /// One call of a network. Endpoints have statistics of their own (256 at most, others are gathered under "other") and are grouped by
  /// endpoint_group().
  std::optional<double> measure_network_latency(std::int64_t start, std::string_view endpoint = "unknown");
  /// A call that failed; its time may be measured besides.
  void record_failure(std::string_view endpoint = "unknown");

  /// The stage of a custom name, made when it is new; from the 59th on "other".
  Stage stage(std::string_view name);
  /// A measurement of a built-in or custom stage. `total_cycle` is measured by end_cycle() only: nullopt.
  std::optional<double> measure(Stage stage, std::int64_t start);
  std::optional<double> measure(std::string_view stage_name, std::int64_t start) { return measure(stage(stage_name), start); }

  /// Complete cycles.
  std::uint64_t total_cycles() const noexcept;

  /// Of the last performance_history_size measurements of a stage, exactly. Errors: Errc::unknown_name.
  Result<Statistics> get_statistics(std::string_view metric = "total_cycle") const;
  /// Of all measurements since the start; percentiles within 0.4 %. Errors: Errc::unknown_name.
  Result<Statistics> get_session_statistics(std::string_view metric = "total_cycle") const;
  /// The last measurements in milliseconds, oldest first; empty for unknown names.
  std::vector<double> history(std::string_view metric = "total_cycle") const;

  Bottlenecks analyze_bottlenecks() const;
  /// "A+" … "F", "N/A" before the first complete cycle; with what it rests on.
  std::pair<std::string, GradeDetails> get_performance_grade() const;
  Competition compare_to_competition() const;
  PerformanceReport generate_performance_report() const;

  /// A copy of everything recorded up to a recent end of a cycle. From any thread.
  Recordings snapshot() const;

 private:
  struct State;
  const Recordings& recordings() const;
  std::optional<double> record(Stage stage, std::int64_t start, std::uint16_t endpoint);

  const Clock* clock_;
  std::unique_ptr<State> state_;
};

/// Measures a stage from its making to its end of life or stop(), whichever is first.
class StageTimer {
 public:
  StageTimer(PerformanceMonitor& monitor, Stage stage) : monitor_(&monitor), stage_(stage), start_(monitor.time()) {}
  StageTimer(PerformanceMonitor& monitor, std::string_view stage) : StageTimer(monitor, monitor.stage(stage)) {}
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;
  ~StageTimer() { stop(); }
  /// The measurement; nullopt when it was taken before.
  std::optional<double> stop() {
    PerformanceMonitor* const monitor = std::exchange(monitor_, nullptr);
    return monitor == nullptr ? std::nullopt : monitor->measure(stage_, start_);
  }

 private:
  PerformanceMonitor* monitor_;
  Stage stage_;
  std::int64_t start_;
};

}  // namespace tradewind::telemetry
