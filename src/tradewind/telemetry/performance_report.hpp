// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/telemetry/recordings.hpp"
#include "tradewind/telemetry/statistics.hpp"

namespace tradewind::telemetry {

struct Grade {
  std::string_view grade;
  double below_ms;  ///< of the median cycle; infinity for the last
  std::string_view description;
};
/// A+ < 50 ms, A < 100, B < 250, C < 500, D < 1000, F from 1000 on.
extern const std::array<Grade, 6> kGrades;

struct GradeDetails {
  std::string grade = "N/A";
  std::string description;  ///< "Elite" …; why there is no grade for N/A
  std::optional<double> median_cycle_time_ms;
  std::optional<double> p95_cycle_time_ms;
  double target_cycle_time_ms = 0;
  std::optional<bool> meets_target;   ///< the median does
  std::uint64_t cycles_measured = 0;  ///< the median rests on
};

enum class Severity { low, medium, high };
constexpr auto names_of(Severity) { return std::to_array<std::string_view>({"low", "medium", "high"}); }

struct Bottleneck {
  std::string component;  ///< a stage, "total_cycle" or "unmeasured"
  std::string issue;
  Severity severity = Severity::low;
  std::string recommendation;
  /// Time in the component during the last cycles over the time of those cycles; above 1 where its calls overlap.
  std::optional<double> share_of_cycle;
};

struct Bottlenecks {
  std::vector<Bottleneck> bottlenecks;  ///< severest first, then largest share
  std::vector<std::string> recommendations;
  std::optional<std::string> critical_component;  ///< of the first bottleneck
};

struct BenchmarkComparison {
  std::string name;  ///< professional_bots, amateur_bots, human_traders
  double benchmark_ms = 0;
  double difference_ms = 0;  ///< ours less theirs
  double speed_ratio = 0;    ///< theirs over ours: 2 is twice as fast as they
  bool faster = false;
};

struct Competition {
  std::optional<double> our_median_speed_ms;
  /// elite: faster than professional bots (50 ms); competitive: than amateur bots (500 ms); amateur: than people (5000 ms); slow: none.
  std::optional<std::string> competitive_position;
  std::string tier_description;
  std::vector<BenchmarkComparison> comparisons;
  /// A rule of thumb, not a measurement: log-linear through 5 ms = 99, 50 ms = 90, 500 ms = 50, 5000 ms = 10, 50 s = 1.
  std::optional<double> estimated_market_percentile;
};

struct StageMetrics {
  std::string name;
  Statistics recent;   ///< of the history
  Statistics session;  ///< of all
  std::optional<double> share_of_cycle;
};

struct EndpointMetrics {
  std::string group;
  Statistics session;
  std::uint64_t slow = 0;
  std::uint64_t failures = 0;
  std::size_t endpoints = 0;  ///< gathered in the group
};

struct Reliability {
  std::uint64_t total_cycles = 0;
  std::uint64_t incomplete_cycles = 0;
  std::uint64_t ends_without_start = 0;
  std::optional<double> within_target_percent;  ///< of all complete cycles
  std::optional<double> completed_percent;      ///< of all cycles started and left
  std::uint64_t measurements_outside_cycles = 0;
  std::uint64_t clock_steps_back = 0;
  std::uint64_t network_calls = 0;
  std::uint64_t slow_network_calls = 0;
  std::optional<double> slow_network_percent;
  std::uint64_t failures = 0;
};

struct PerformanceReport {
  UnixNanos generated_at = 0;
  std::uint64_t total_cycles = 0;
  std::uint64_t opportunities_found = 0;
  MonitorSettings settings;
  GradeDetails overall_grade;
  Competition competitive_position;
  Bottlenecks bottleneck_analysis;
  std::vector<StageMetrics> detailed_metrics;
  std::vector<EndpointMetrics> network_by_endpoint;
  std::vector<std::pair<std::string, Trend>> performance_trends;  ///< by stage
  Reliability reliability_metrics;
};

GradeDetails performance_grade(const Recordings& recordings);
/// What slows the cycles, by these rules: a median network latency above its target; a stage that takes at least 40 % of cycles above
/// their target (50 % of those within it: severity low); 50 % of a cycle in no stage; a p99 above five medians; 5 % of network calls
/// failed.
Bottlenecks analyze_bottlenecks(const Recordings& recordings);
Competition compare_to_competition(const Recordings& recordings);
Reliability reliability_of(const Recordings& recordings);
PerformanceReport performance_report(const Recordings& recordings, UnixNanos now);

/// Errors: Errc::unknown_name, with the names there are.
Result<const StageRecord*> find_stage(const Recordings& recordings, std::string_view name);
/// Time in a stage during the last cycles over the time of those cycles; nullopt before the first.
std::optional<double> share_of_cycle(const Recordings& recordings, const StageRecord& stage);

}  // namespace tradewind::telemetry
