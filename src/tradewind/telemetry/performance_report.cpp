// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/performance_report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::telemetry {

const std::array<Grade, 6> kGrades{{{"A+", 50, "Elite"},
                                    {"A", 100, "Excellent"},
                                    {"B", 250, "Good"},
                                    {"C", 500, "Average"},
                                    {"D", 1000, "Below average"},
                                    {"F", std::numeric_limits<double>::infinity(), "Poor"}}};

namespace {

constexpr double kProfessionalMs = 50;
constexpr double kAmateurMs = 500;
constexpr double kHumanMs = 5000;

struct Tier {
  std::string_view position;
  double below_ms;
  std::string_view description;
};
constexpr std::array<Tier, 4> kTiers{{{"elite", kProfessionalMs, "faster than professional bots"},
                                      {"competitive", kAmateurMs, "faster than amateur bots, slower than professional ones"},
                                      {"amateur", kHumanMs, "faster than people, slower than other bots"},
                                      {"slow", std::numeric_limits<double>::infinity(), "no faster than a person"}}};

double market_percentile(double ms) {
  constexpr std::array<std::pair<double, double>, 5> kPoints{{{5, 99}, {50, 90}, {500, 50}, {5000, 10}, {50'000, 1}}};
  if (ms <= kPoints.front().first) return kPoints.front().second;
  for (std::size_t i = 1; i < kPoints.size(); ++i) {
    const auto [ms_below, percentile_below] = kPoints[i - 1];
    const auto [ms_above, percentile_above] = kPoints[i];
    if (ms <= ms_above)
      return percentile_below + (percentile_above - percentile_below) * std::log(ms / ms_below) / std::log(ms_above / ms_below);
  }
  return kPoints.back().second;
}

std::optional<double> percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return 100 * static_cast<double>(part) / static_cast<double>(whole);
}

std::uint64_t slow_calls(const Recordings& recordings) {
  std::uint64_t out = 0;
  for (const EndpointGroup& each : recordings.groups) out += each.slow;
  return out;
}

std::vector<EndpointMetrics> endpoint_metrics(const Recordings& recordings) {
  std::vector<EndpointMetrics> out;
  for (const EndpointGroup& each : recordings.groups) out.push_back({each.name, statistics_of(each.latency), each.slow, each.failures, 0});
  for (const EndpointRecord& each : recordings.endpoints) ++out[each.group].endpoints;
  return out;
}

}  // namespace

Result<const StageRecord*> find_stage(const Recordings& recordings, std::string_view name) {
  if (const StageRecord* found = recordings.find(name)) return found;
  const std::vector<std::string> names = recordings.stage_names();
  return Error(Errc::unknown_name, fmt::format("no stage is called '{}'", printable(name)), {}, suggestion(name, names));
}

std::optional<double> share_of_cycle(const Recordings& recordings, const StageRecord& stage) {
  const std::int64_t cycles = recordings.stage(Stage::total_cycle).history.sum();
  if (cycles <= 0) return std::nullopt;
  return static_cast<double>(stage.in_cycles.sum()) / static_cast<double>(cycles);
}

GradeDetails performance_grade(const Recordings& recordings) {
  const Statistics cycles = statistics_of(recordings.stage(Stage::total_cycle).history.values());
  GradeDetails out;
  out.target_cycle_time_ms = recordings.settings.target_cycle_time_ms;
  out.cycles_measured = cycles.count;
  if (cycles.count == 0) {
    out.description = "no complete cycle yet: call start_cycle and end_cycle for each";
    return out;
  }
  const auto grade = std::find_if(kGrades.begin(), kGrades.end() - 1, [&](const Grade& each) { return cycles.median < each.below_ms; });
  out.grade = grade->grade;
  out.description = grade->description;
  out.median_cycle_time_ms = cycles.median;
  out.p95_cycle_time_ms = cycles.p95;
  out.meets_target = cycles.median <= out.target_cycle_time_ms;
  return out;
}

Competition compare_to_competition(const Recordings& recordings) {
  const Statistics cycles = statistics_of(recordings.stage(Stage::total_cycle).history.values());
  Competition out;
  if (cycles.count == 0) {
    out.tier_description = "no complete cycle yet";
    return out;
  }
  const double ours = cycles.median;
  const auto tier = std::find_if(kTiers.begin(), kTiers.end() - 1, [&](const Tier& each) { return ours < each.below_ms; });
  out.our_median_speed_ms = ours;
  out.competitive_position = std::string(tier->position);
  out.tier_description = tier->description;
  for (const auto& [name, theirs] :
       {std::pair{"professional_bots", kProfessionalMs}, {"amateur_bots", kAmateurMs}, {"human_traders", kHumanMs}}) {
    constexpr double kNanosecond = 1e-6;  // a cycle below the clock's step is no infinite ratio
    out.comparisons.push_back({name, theirs, ours - theirs, theirs / std::max(ours, kNanosecond), ours < theirs});
  }
  out.estimated_market_percentile = market_percentile(ours);
  return out;
}

Reliability reliability_of(const Recordings& recordings) {
  Reliability out;
  out.total_cycles = recordings.cycles;
  out.incomplete_cycles = recordings.incomplete_cycles;
  out.ends_without_start = recordings.ends_without_start;
  out.within_target_percent = percent(recordings.cycles_within_target, recordings.cycles);
  out.completed_percent = percent(recordings.cycles, recordings.cycles + recordings.incomplete_cycles);
  out.measurements_outside_cycles = recordings.measurements_outside_cycles;
  out.clock_steps_back = recordings.clock_steps_back;
  out.network_calls = recordings.stage(Stage::network).session.count();
  out.slow_network_calls = slow_calls(recordings);
  out.slow_network_percent = percent(out.slow_network_calls, out.network_calls);
  out.failures = recordings.failures;
  return out;
}

PerformanceReport performance_report(const Recordings& recordings, UnixNanos now) {
  PerformanceReport out;
  out.generated_at = now;
  out.total_cycles = recordings.cycles;
  out.opportunities_found = recordings.opportunities;
  out.settings = recordings.settings;
  out.overall_grade = performance_grade(recordings);
  out.competitive_position = compare_to_competition(recordings);
  out.bottleneck_analysis = analyze_bottlenecks(recordings);
  for (const StageRecord& each : recordings.stages) {
    const std::vector<std::int64_t> history = each.history.values();
    out.detailed_metrics.push_back({each.name, statistics_of(history), statistics_of(each.session), share_of_cycle(recordings, each)});
    out.performance_trends.emplace_back(each.name, trend_of(history));
  }
  out.network_by_endpoint = endpoint_metrics(recordings);
  out.reliability_metrics = reliability_of(recordings);
  return out;
}

}  // namespace tradewind::telemetry
