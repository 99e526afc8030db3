// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/performance_report.hpp"
#include "tradewind/base/json.hpp"

#include <gtest/gtest.h>

#include "fake_clock.hpp"
#include "tradewind/telemetry/performance_monitor.hpp"
#include "tradewind/telemetry/report_json.hpp"

namespace tradewind::telemetry {
namespace {

/// Cycles made of stages of given length, `rest` in none.
Recordings recorded(int cycles, double detection, double network, double rest, MonitorSettings settings = {}) {
  FakeClock clock;
  PerformanceMonitor monitor(settings, clock);
  for (int i = 0; i < cycles; ++i) {
    monitor.start_cycle();
    auto start = monitor.time();
    clock.pass_ms(detection);
    monitor.measure_detection_speed(start);
    if (network > 0) {
      start = monitor.time();
      clock.pass_ms(network);
      monitor.measure_network_latency(start, "markets");
    }
    clock.pass_ms(rest);
    monitor.end_cycle();
  }
  return monitor.snapshot();
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> out;
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}

using Names = std::vector<std::string>;

TEST(Bottlenecks, the_largest_stage_of_late_cycles) {
  const auto found = analyze_bottlenecks(recorded(5, 180, 90, 10));
  ASSERT_EQ(found.bottlenecks.size(), 1U);
  EXPECT_EQ(found.bottlenecks[0].component, "detection");
  EXPECT_EQ(found.bottlenecks[0].severity, Severity::medium);
  EXPECT_NEAR(found.bottlenecks[0].share_of_cycle.value(), 180.0 / 280, 1e-12);
  EXPECT_EQ(found.critical_component, "detection");
  EXPECT_EQ(found.recommendations.size(), 1U);
  EXPECT_EQ(analyze_bottlenecks(recorded(5, 400, 50, 0)).bottlenecks.at(0).severity, Severity::high) << "above twice the target";
}

TEST(Bottlenecks, a_stage_that_fills_cycles_in_time_is_low) {
  const auto found = analyze_bottlenecks(recorded(5, 60, 40, 0));
  ASSERT_EQ(found.bottlenecks.size(), 1U);
  EXPECT_EQ(found.bottlenecks[0].severity, Severity::low);
  EXPECT_TRUE(analyze_bottlenecks(recorded(5, 49, 49, 2)).bottlenecks.empty());
}

TEST(Bottlenecks, slow_networks) {
  const auto slow = analyze_bottlenecks(recorded(5, 1, 101, 0));
  ASSERT_GE(slow.bottlenecks.size(), 1U);
  EXPECT_EQ(slow.bottlenecks[0].component, "network");
  EXPECT_EQ(slow.bottlenecks[0].severity, Severity::medium);
  EXPECT_NE(slow.bottlenecks[0].issue.find("101.0 ms"), std::string::npos) << slow.bottlenecks[0].issue;
  EXPECT_EQ(analyze_bottlenecks(recorded(5, 1, 201, 0)).bottlenecks[0].severity, Severity::high);
  EXPECT_TRUE(analyze_bottlenecks(recorded(5, 60, 100, 0, {.target_cycle_time_ms = 1000})).bottlenecks.at(0).severity == Severity::low);
}

TEST(Bottlenecks, time_in_no_stage) {
  const auto found = analyze_bottlenecks(recorded(5, 10, 0, 30));
  ASSERT_EQ(found.bottlenecks.size(), 1U);
  EXPECT_EQ(found.bottlenecks[0].component, "unmeasured");
  EXPECT_NEAR(found.bottlenecks[0].share_of_cycle.value(), 0.75, 1e-12);
}

TEST(Bottlenecks, a_long_tail) {
  FakeClock clock;
  PerformanceMonitor monitor(MonitorSettings{}, clock);
  for (int i = 0; i < 100; ++i) {
    monitor.start_cycle();
    const auto start = monitor.time();
    clock.pass_ms(i % 20 == 0 ? 500 : 10);
    monitor.measure_decision_speed(start);
    monitor.end_cycle();
  }
  const auto found = monitor.analyze_bottlenecks();
  EXPECT_EQ(found.bottlenecks.at(0).component, "total_cycle");
  EXPECT_EQ(found.bottlenecks.at(0).severity, Severity::medium);
}

TEST(Bottlenecks, failing_endpoints) {
  FakeClock clock;
  PerformanceMonitor monitor(MonitorSettings{}, clock);
  for (int i = 0; i < 40; ++i) monitor.measure_network_latency(monitor.time(), "orders");
  monitor.record_failure("orders");
  monitor.record_failure("orders");
  EXPECT_TRUE(monitor.analyze_bottlenecks().bottlenecks.empty()) << "two of 40";
  monitor.record_failure("orders");
  ASSERT_EQ(monitor.analyze_bottlenecks().bottlenecks.size(), 1U);
  EXPECT_NE(monitor.analyze_bottlenecks().bottlenecks[0].issue.find("'orders'"), std::string::npos);
}

TEST(Competition, positions_have_exact_borders) {
  for (const auto& [ms, position] :
       {std::pair{49.0, "elite"}, {50.0, "competitive"}, {499.0, "competitive"}, {500.0, "amateur"}, {4999.0, "amateur"}, {5000.0, "slow"}})
    EXPECT_EQ(compare_to_competition(recorded(3, ms, 0, 0)).competitive_position, position) << ms;
}

TEST(Competition, compares_with_each_benchmark) {
  const auto out = compare_to_competition(recorded(3, 100, 0, 0));
  EXPECT_DOUBLE_EQ(out.our_median_speed_ms.value(), 100);
  ASSERT_EQ(out.comparisons.size(), 3U);
  EXPECT_EQ(out.comparisons[0].name, "professional_bots");
  EXPECT_DOUBLE_EQ(out.comparisons[0].difference_ms, 50);
  EXPECT_DOUBLE_EQ(out.comparisons[0].speed_ratio, 0.5);
  EXPECT_FALSE(out.comparisons[0].faster);
  EXPECT_DOUBLE_EQ(out.comparisons[1].speed_ratio, 5);
  EXPECT_TRUE(out.comparisons[1].faster);
  EXPECT_DOUBLE_EQ(out.comparisons[2].benchmark_ms, 5000);
}

TEST(Competition, percentile_falls_with_time) {
  const auto percentile = [](double ms) { return compare_to_competition(recorded(1, ms, 0, 0)).estimated_market_percentile.value(); };
  EXPECT_DOUBLE_EQ(percentile(0), 99);
  EXPECT_NEAR(percentile(50), 90, 1e-9);
  EXPECT_NEAR(percentile(500), 50, 1e-9);
  EXPECT_NEAR(percentile(5000), 10, 1e-9);
  EXPECT_DOUBLE_EQ(percentile(1e6), 1);
  EXPECT_NEAR(percentile(158.1139), 70, 0.001) << "half way between 50 and 500 ms, in logarithms";
}

TEST(PerformanceReport, before_any_cycle_is_null_and_not_zero) {
  const Json report = to_json(performance_report(empty_recordings({}), 0));
  EXPECT_EQ(report["overall_grade"]["grade"], "N/A");
  EXPECT_TRUE(report["overall_grade"]["median_cycle_time_ms"].is_null());
  EXPECT_TRUE(report["competitive_position"]["competitive_position"].is_null());
  EXPECT_TRUE(report["competitive_position"]["estimated_market_percentile"].is_null());
  EXPECT_TRUE(report["bottleneck_analysis"]["critical_component"].is_null());
  EXPECT_TRUE(report["bottleneck_analysis"]["bottlenecks"].empty());
  EXPECT_TRUE(report["detailed_metrics"]["total_cycle"]["p99"].is_null());
  EXPECT_EQ(report["performance_trends"]["total_cycle"]["direction"], "unknown");
  EXPECT_TRUE(report["performance_trends"]["total_cycle"]["p_value"].is_null());
  EXPECT_TRUE(report["reliability_metrics"]["within_target_percent"].is_null());
}

TEST(PerformanceReport, has_the_documented_keys) {
  const Json report = to_json(performance_report(recorded(30, 150, 100, 10), 0));
  EXPECT_EQ(keys(report),
            (Names{"generated_at", "total_cycles", "opportunities_found", "overall_grade", "competitive_position", "bottleneck_analysis",
                   "detailed_metrics", "network_by_endpoint", "performance_trends", "reliability_metrics"}));
  EXPECT_EQ(keys(report["overall_grade"]), (Names{"grade", "description", "median_cycle_time_ms", "p95_cycle_time_ms",
                                                  "target_cycle_time_ms", "meets_target", "cycles_measured"}));
  EXPECT_EQ(keys(report["competitive_position"]),
            (Names{"our_median_speed_ms", "competitive_position", "tier_description", "comparisons", "estimated_market_percentile"}));
  EXPECT_EQ(keys(report["bottleneck_analysis"]), (Names{"bottlenecks", "recommendations", "critical_component"}));
  EXPECT_EQ(keys(report["bottleneck_analysis"]["bottlenecks"][0]),
            (Names{"component", "issue", "severity", "recommendation", "share_of_cycle"}));
  EXPECT_EQ(keys(report["detailed_metrics"]), (Names{"detection", "decision", "execution", "network", "total_cycle"}));
  EXPECT_EQ(keys(report["detailed_metrics"]["network"]),
            (Names{"min", "max", "mean", "median", "p95", "p99", "count", "session", "share_of_cycle"}));
  EXPECT_EQ(report["overall_grade"]["median_cycle_time_ms"], 260);
  EXPECT_EQ(report["reliability_metrics"]["within_target_percent"], 0);
  EXPECT_EQ(report["performance_trends"]["total_cycle"]["direction"], "stable");
}

}  // namespace
}  // namespace tradewind::telemetry
