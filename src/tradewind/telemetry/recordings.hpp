// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/config/reader.hpp"
#include "tradewind/telemetry/histogram.hpp"

namespace tradewind::telemetry {

struct MonitorSettings {
  double target_cycle_time_ms = 200;
  double target_network_latency_ms = 100;
  std::size_t performance_history_size = 100;  ///< how many last measurements of a stage statistics, grade and trends look at
};

/// Reads the keys target_cycle_time_ms, target_network_latency_ms and performance_history_size of a map that may hold others.
MonitorSettings read_monitor_settings(config::MapReader& reader);

/// The last values, at most as many as its capacity.
class Ring {
 public:
  explicit Ring(std::size_t capacity) : capacity_(capacity) {}
  void push(std::int64_t value) {
    if (values_.size() < capacity_) {
      values_.push_back(value);
    } else {
      values_[oldest_] = value;
      oldest_ = oldest_ + 1 == capacity_ ? 0 : oldest_ + 1;
    }
  }
  std::size_t size() const noexcept { return values_.size(); }
  /// Oldest first.
  std::vector<std::int64_t> values() const;
  std::int64_t sum() const noexcept;

 private:
  std::size_t capacity_;
  std::size_t oldest_ = 0;
  std::vector<std::int64_t> values_;
};

/// The place of a stage in Recordings::stages.
enum class Stage : std::uint16_t { detection, decision, execution, network, total_cycle };
inline constexpr std::size_t kBuiltinStages = 5;
inline constexpr std::size_t kMostStages = 64;      ///< custom ones beyond are gathered under "other"
inline constexpr std::size_t kMostEndpoints = 256;  ///< further ones are gathered under "other"
inline constexpr std::size_t kMostGroups = 32;      ///< further ones are gathered under "other"

/// Durations of one stage in nanoseconds.
struct StageRecord {
  std::string name;
  Histogram session;        ///< all since the start
  Ring history;             ///< the last ones
  Ring in_cycles;           ///< time spent in this stage in each of the last complete cycles
  std::int64_t this_cycle;  ///< so far
};

struct EndpointRecord {
  std::string name;
  std::size_t group = 0;
  std::uint64_t calls = 0;
  std::uint64_t slow = 0;  ///< above the target latency
  std::uint64_t failures = 0;
  std::int64_t sum = 0;
  std::int64_t greatest = 0;
};

/// Endpoints whose names differ in an identifier only.
struct EndpointGroup {
  std::string name;
  Histogram latency;
  std::uint64_t slow = 0;
  std::uint64_t failures = 0;
};

/// Everything a monitor has seen: plain data, copied freely. What is found in it is in performance_report.hpp.
struct Recordings {
  MonitorSettings settings;
  std::vector<StageRecord> stages;  ///< the built-in ones in order of Stage, then custom ones
  std::vector<EndpointRecord> endpoints;
  std::vector<EndpointGroup> groups;
  std::uint64_t cycles = 0;  ///< complete ones
  std::uint64_t cycles_within_target = 0;
  std::uint64_t incomplete_cycles = 0;  ///< started and not ended before the next, or ended before they began
  std::uint64_t ends_without_start = 0;
  std::uint64_t measurements_in_cycles = 0;
  std::uint64_t measurements_outside_cycles = 0;
  std::uint64_t clock_steps_back = 0;  ///< measurements dropped because they would be negative
  std::uint64_t opportunities = 0;
  std::uint64_t failures = 0;

  const StageRecord& stage(Stage which) const { return stages[static_cast<std::size_t>(which)]; }
  /// Null when no stage has this name.
  const StageRecord* find(std::string_view name) const noexcept;
  std::vector<std::string> stage_names() const;
};

/// Recordings of nothing yet, with the five built-in stages.
Recordings empty_recordings(const MonitorSettings& settings);

/// The group of an endpoint: its name before the first `_`, `/`, `-`, `:`, `?` or `=` whose next part holds a digit. prices_0x12ab and
/// prices_77 are both "prices"; markets stays "markets".
std::string_view endpoint_group(std::string_view endpoint) noexcept;

}  // namespace tradewind::telemetry
