// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/performance_monitor.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::telemetry {
namespace {

constexpr std::size_t kMostPending = 4096;
constexpr std::size_t kMostName = 128;
constexpr std::string_view kOther = "other";

enum class What : std::uint8_t { measured, cycle_ended, cycle_started, cycle_abandoned, end_without_start, clock_back, failed, found };

struct Event {
  std::int64_t value;  ///< nanoseconds, or how many were found
  Stage stage;
  std::uint16_t endpoint;
  What what;
  bool in_cycle;
};

void record_network(Recordings& out, const Event& event, std::int64_t slow_from) {
  EndpointRecord& endpoint = out.endpoints[event.endpoint];
  EndpointGroup& group = out.groups[endpoint.group];
  const bool slow = event.value > slow_from;
  ++endpoint.calls;
  endpoint.slow += slow ? 1 : 0;
  endpoint.sum += event.value;
  endpoint.greatest = std::max(endpoint.greatest, event.value);
  group.latency.record(event.value);
  group.slow += slow ? 1 : 0;
}

void forget_cycle(Recordings& out) {
  for (StageRecord& each : out.stages) each.this_cycle = 0;
}

void record_cycle(Recordings& out, std::int64_t nanoseconds) {
  StageRecord& cycle = out.stages[static_cast<std::size_t>(Stage::total_cycle)];
  cycle.session.record(nanoseconds);
  cycle.history.push(nanoseconds);
  cycle.this_cycle = nanoseconds;
  for (StageRecord& each : out.stages) each.in_cycles.push(std::exchange(each.this_cycle, 0));
  ++out.cycles;
  if (milliseconds(nanoseconds) <= out.settings.target_cycle_time_ms) ++out.cycles_within_target;
}

void record_stage(Recordings& out, const Event& event) {
  StageRecord& stage = out.stages[static_cast<std::size_t>(event.stage)];
  stage.session.record(event.value);
  stage.history.push(event.value);
  if (event.in_cycle) {
    stage.this_cycle += event.value;
    ++out.measurements_in_cycles;
  } else {
    ++out.measurements_outside_cycles;
  }
  if (event.stage == Stage::network) record_network(out, event, static_cast<std::int64_t>(out.settings.target_network_latency_ms * 1e6));
}

void apply(Recordings& out, const Event& event) {
  switch (event.what) {
    case What::measured: return record_stage(out, event);
    case What::cycle_ended: return record_cycle(out, event.value);
    case What::cycle_started: return forget_cycle(out);
    case What::cycle_abandoned: ++out.incomplete_cycles; return forget_cycle(out);
    case What::end_without_start: ++out.ends_without_start; return;
    case What::clock_back: ++out.clock_steps_back; return;
    case What::found: out.opportunities += static_cast<std::uint64_t>(event.value); return;
    case What::failed:
      ++out.failures;
      ++out.endpoints[event.endpoint].failures;
      ++out.groups[out.endpoints[event.endpoint].group].failures;
      return;
  }
}

std::string clean_name(std::string_view name) { return name.empty() ? "unknown" : printable(name, kMostName); }

}  // namespace

/// `pending`, the names and the flags belong to the recording thread; `shared` to who holds `mutex`.
struct PerformanceMonitor::State {
  explicit State(const MonitorSettings& settings) : shared(empty_recordings(settings)) {
    pending.reserve(kMostPending);
    for (std::size_t i = 0; i < kBuiltinStages; ++i) stages.emplace(shared.stages[i].name, static_cast<Stage>(i));
  }

  void fold() {
    for (const Event& each : pending) apply(shared, each);
    pending.clear();
  }
  void push(const Event& event) {
    if (pending.size() == kMostPending) {
      const std::lock_guard lock(mutex);
      fold();
    }
    pending.push_back(event);
  }
  /// Without waiting: a snapshot being taken leaves the work to the next end of a cycle.
  void hand_over() {
    const std::unique_lock lock(mutex, std::try_to_lock);
    if (lock.owns_lock()) fold();
  }
  std::uint16_t endpoint(std::string_view name);
  std::size_t group(std::string_view name);
  Stage stage(std::string_view name);

  std::mutex mutex;
  Recordings shared;
  std::vector<Event> pending;
  std::map<std::string, Stage, std::less<>> stages;
  std::map<std::string, std::uint16_t, std::less<>> endpoints;
  bool in_cycle = false;
  std::int64_t cycle_start = 0;
  std::uint64_t cycles = 0;
};

std::size_t PerformanceMonitor::State::group(std::string_view name) {
  const auto by_name = [&](std::string_view wanted) {
    return std::find_if(shared.groups.begin(), shared.groups.end(), [&](const EndpointGroup& each) { return each.name == wanted; });
  };
  if (shared.groups.size() + 1 >= kMostGroups && by_name(name) == shared.groups.end()) name = kOther;
  const auto found = by_name(name);
  if (found != shared.groups.end()) return static_cast<std::size_t>(found - shared.groups.begin());
  shared.groups.push_back({std::string(name), Histogram{}, 0, 0});
  return shared.groups.size() - 1;
}

std::uint16_t PerformanceMonitor::State::endpoint(std::string_view name) {
  if (const auto found = endpoints.find(name); found != endpoints.end()) return found->second;
  std::string clean = clean_name(name);
  if (endpoints.size() + 1 >= kMostEndpoints) clean = kOther;
  if (const auto found = endpoints.find(clean); found != endpoints.end()) return found->second;
  const std::lock_guard lock(mutex);
  const auto index = static_cast<std::uint16_t>(shared.endpoints.size());
  EndpointRecord record;
  record.group = group(endpoint_group(clean));
  record.name = clean;
  shared.endpoints.push_back(std::move(record));
  endpoints.emplace(std::move(clean), index);
  return index;
}

Stage PerformanceMonitor::State::stage(std::string_view name) {
  if (const auto found = stages.find(name); found != stages.end()) return found->second;
  std::string clean = clean_name(name);
  if (stages.size() + 1 >= kMostStages) clean = kOther;
  if (const auto found = stages.find(clean); found != stages.end()) return found->second;
  const std::lock_guard lock(mutex);
  fold();
  const Ring ring(shared.settings.performance_history_size);
  StageRecord record{clean, Histogram{}, ring, ring, 0};
  for (std::size_t i = 0; i < shared.stage(Stage::total_cycle).history.size(); ++i) record.in_cycles.push(0);
  shared.stages.push_back(std::move(record));
  const auto made = static_cast<Stage>(shared.stages.size() - 1);
  stages.emplace(std::move(clean), made);
  return made;
}

PerformanceMonitor::PerformanceMonitor(const MonitorSettings& settings, const Clock& clock)
    : clock_(&clock), state_(std::make_unique<State>(settings)) {}
PerformanceMonitor::~PerformanceMonitor() = default;
PerformanceMonitor::PerformanceMonitor(PerformanceMonitor&&) noexcept = default;
PerformanceMonitor& PerformanceMonitor::operator=(PerformanceMonitor&&) noexcept = default;

void PerformanceMonitor::start_cycle() {
  state_->push({0, Stage::total_cycle, 0, state_->in_cycle ? What::cycle_abandoned : What::cycle_started, false});
  state_->in_cycle = true;
  state_->cycle_start = clock_->steady();
}

std::optional<double> PerformanceMonitor::end_cycle() {
  const std::int64_t passed = clock_->steady() - state_->cycle_start;
  std::optional<double> out;
  if (!std::exchange(state_->in_cycle, false)) {
    state_->push({0, Stage::total_cycle, 0, What::end_without_start, false});
  } else if (passed < 0) {
    state_->push({0, Stage::total_cycle, 0, What::clock_back, false});
    state_->push({0, Stage::total_cycle, 0, What::cycle_abandoned, false});
  } else {
    state_->push({passed, Stage::total_cycle, 0, What::cycle_ended, true});
    ++state_->cycles;
    out = milliseconds(passed);
  }
  state_->hand_over();
  return out;
}

std::optional<double> PerformanceMonitor::record(Stage stage, std::int64_t start, std::uint16_t endpoint) {
  const std::int64_t passed = clock_->steady() - start;
  const bool back = passed < 0;
  state_->push({passed, stage, endpoint, back ? What::clock_back : What::measured, state_->in_cycle});
  return back ? std::nullopt : std::optional(milliseconds(passed));
}

std::optional<double> PerformanceMonitor::measure(Stage stage, std::int64_t start) {
  if (stage == Stage::total_cycle) return std::nullopt;
  return record(stage, start, stage == Stage::network ? state_->endpoint("unknown") : std::uint16_t{0});
}

std::optional<double> PerformanceMonitor::measure_detection_speed(std::int64_t start, std::uint64_t opportunities_found) {
  const auto out = record(Stage::detection, start, 0);
  if (opportunities_found > 0)
    state_->push({static_cast<std::int64_t>(opportunities_found), Stage::detection, 0, What::found, state_->in_cycle});
  return out;
}

std::optional<double> PerformanceMonitor::measure_network_latency(std::int64_t start, std::string_view endpoint) {
  return record(Stage::network, start, state_->endpoint(endpoint));
}

void PerformanceMonitor::record_failure(std::string_view endpoint) {
  state_->push({0, Stage::network, state_->endpoint(endpoint), What::failed, state_->in_cycle});
}

Stage PerformanceMonitor::stage(std::string_view name) { return state_->stage(name); }

std::uint64_t PerformanceMonitor::total_cycles() const noexcept { return state_->cycles; }

/// With everything recorded so far. Read without the lock: only the recording thread, which is here, ever changes them.
const Recordings& PerformanceMonitor::recordings() const {
  const std::lock_guard lock(state_->mutex);
  state_->fold();
  return state_->shared;
}

Result<Statistics> PerformanceMonitor::get_statistics(std::string_view metric) const {
  TRADEWIND_ASSIGN(const StageRecord* stage, find_stage(recordings(), metric));
  return statistics_of(stage->history.values());
}

Result<Statistics> PerformanceMonitor::get_session_statistics(std::string_view metric) const {
  TRADEWIND_ASSIGN(const StageRecord* stage, find_stage(recordings(), metric));
  return statistics_of(stage->session);
}

std::vector<double> PerformanceMonitor::history(std::string_view metric) const {
  std::vector<double> out;
  if (const StageRecord* stage = recordings().find(metric))
    for (const std::int64_t each : stage->history.values()) out.push_back(milliseconds(each));
  return out;
}

Bottlenecks PerformanceMonitor::analyze_bottlenecks() const { return telemetry::analyze_bottlenecks(recordings()); }

std::pair<std::string, GradeDetails> PerformanceMonitor::get_performance_grade() const {
  GradeDetails details = performance_grade(recordings());
  return {details.grade, std::move(details)};
}

Competition PerformanceMonitor::compare_to_competition() const { return telemetry::compare_to_competition(recordings()); }

PerformanceReport PerformanceMonitor::generate_performance_report() const { return performance_report(recordings(), clock_->now()); }

Recordings PerformanceMonitor::snapshot() const {
  const std::lock_guard lock(state_->mutex);
  return state_->shared;
}

}  // namespace tradewind::telemetry
