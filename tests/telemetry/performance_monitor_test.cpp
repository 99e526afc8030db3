// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/performance_monitor.hpp"
#include "tradewind/base/json.hpp"

#include <atomic>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fake_clock.hpp"
#include "tradewind/telemetry/report_json.hpp"

namespace tradewind::telemetry {
namespace {

class PerformanceMonitorTest : public testing::Test {
 protected:
  void cycle(double milliseconds) {
    monitor.start_cycle();
    clock.pass_ms(milliseconds);
    monitor.end_cycle();
  }
  void stage(Stage which, double milliseconds) {
    const auto start = monitor.time();
    clock.pass_ms(milliseconds);
    monitor.measure(which, start);
  }

  FakeClock clock;
  PerformanceMonitor monitor{MonitorSettings{}, clock};
};

TEST_F(PerformanceMonitorTest, measures_a_cycle_and_its_stages) {
  monitor.start_cycle();
  auto start = monitor.time();
  clock.pass_ms(30);
  EXPECT_DOUBLE_EQ(monitor.measure_network_latency(start, "markets").value(), 30);
  start = monitor.time();
  clock.pass_ms(12);
  EXPECT_DOUBLE_EQ(monitor.measure_detection_speed(start, 3).value(), 12);
  start = monitor.time();
  clock.pass_ms(2.5);
  EXPECT_DOUBLE_EQ(monitor.measure_decision_speed(start).value(), 2.5);
  start = monitor.time();
  clock.pass_ms(5);
  EXPECT_DOUBLE_EQ(monitor.measure_execution_speed(start).value(), 5);
  EXPECT_DOUBLE_EQ(monitor.end_cycle().value(), 49.5);
  EXPECT_EQ(monitor.total_cycles(), 1U);
  for (const auto& [name, ms] :
       {std::pair{"network", 30.0}, {"detection", 12.0}, {"decision", 2.5}, {"execution", 5.0}, {"total_cycle", 49.5}}) {
    const auto recent = monitor.get_statistics(name);
    ASSERT_TRUE(recent);
    EXPECT_DOUBLE_EQ(recent->median, ms) << name;
    EXPECT_EQ(recent->count, 1U);
    EXPECT_DOUBLE_EQ(monitor.get_session_statistics(name)->median, ms);
  }
  EXPECT_EQ(monitor.snapshot().opportunities, 3U);
}

TEST_F(PerformanceMonitorTest, statistics_look_at_the_last_measurements_and_at_all) {
  for (int i = 1; i <= 250; ++i) cycle(i);
  const auto recent = monitor.get_statistics();
  EXPECT_EQ(recent->count, 100U);
  EXPECT_DOUBLE_EQ(recent->min, 151);
  EXPECT_DOUBLE_EQ(recent->median, 200.5);
  EXPECT_DOUBLE_EQ(recent->p95, 245.05);
  const auto all = monitor.get_session_statistics();
  EXPECT_EQ(all->count, 250U);
  EXPECT_DOUBLE_EQ(all->min, 1);
  EXPECT_NEAR(all->median, 125, 1);
  EXPECT_EQ(monitor.history().front(), 151);
  EXPECT_EQ(monitor.history().back(), 250);
  EXPECT_TRUE(monitor.history("nothing").empty());
}

TEST_F(PerformanceMonitorTest, an_unknown_metric_names_the_known) {
  const auto wrong = monitor.get_statistics("detecton");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code(), Errc::unknown_name);
  EXPECT_NE(wrong.error().hint().find("detection"), std::string::npos);
  EXPECT_EQ(monitor.get_statistics("detection")->count, 0U);
  EXPECT_TRUE(to_json(*monitor.get_statistics("detection"))["median"].is_null());
}

TEST_F(PerformanceMonitorTest, grades_have_exact_borders) {
  EXPECT_EQ(monitor.get_performance_grade().first, "N/A");
  EXPECT_FALSE(monitor.get_performance_grade().second.median_cycle_time_ms);
  for (const auto& [ms, grade] : {std::pair{49.999, "A+"},
                                  {50.0, "A"},
                                  {99.999, "A"},
                                  {100.0, "B"},
                                  {249.999, "B"},
                                  {250.0, "C"},
                                  {499.999, "C"},
                                  {500.0, "D"},
                                  {999.999, "D"},
                                  {1000.0, "F"},
                                  {9e6, "F"},
                                  {0.0, "A+"}}) {
    PerformanceMonitor fresh(MonitorSettings{}, clock);
    fresh.start_cycle();
    clock.pass_ms(ms);
    fresh.end_cycle();
    EXPECT_EQ(fresh.get_performance_grade().first, grade) << ms;
  }
}

TEST_F(PerformanceMonitorTest, grades_the_median_of_the_history) {
  for (const double ms : {10.0, 90.0, 5'000.0}) cycle(ms);
  const auto [grade, details] = monitor.get_performance_grade();
  EXPECT_EQ(grade, "A");
  EXPECT_EQ(details.description, "Excellent");
  EXPECT_DOUBLE_EQ(details.median_cycle_time_ms.value(), 90);
  EXPECT_EQ(details.cycles_measured, 3U);
  EXPECT_TRUE(details.meets_target.value());
}

TEST_F(PerformanceMonitorTest, abandoned_cycles_are_counted_and_not_measured) {
  monitor.start_cycle();
  stage(Stage::detection, 1'000);
  cycle(10);
  EXPECT_EQ(monitor.total_cycles(), 1U);
  EXPECT_DOUBLE_EQ(monitor.get_statistics()->max, 10);
  const auto reliability = monitor.generate_performance_report().reliability_metrics;
  EXPECT_EQ(reliability.incomplete_cycles, 1U);
  EXPECT_DOUBLE_EQ(reliability.completed_percent.value(), 50);
  EXPECT_DOUBLE_EQ(share_of_cycle(monitor.snapshot(), monitor.snapshot().stages[0]).value(), 0) << "its stages belong to no cycle";
}

TEST_F(PerformanceMonitorTest, an_end_without_a_start_is_counted) {
  EXPECT_FALSE(monitor.end_cycle());
  cycle(5);
  EXPECT_FALSE(monitor.end_cycle());
  EXPECT_EQ(monitor.total_cycles(), 1U);
  EXPECT_EQ(monitor.get_statistics()->count, 1U);
  EXPECT_EQ(monitor.snapshot().ends_without_start, 2U);
}

TEST_F(PerformanceMonitorTest, a_clock_going_back_is_counted_and_dropped) {
  monitor.start_cycle();
  const auto start = monitor.time();
  clock.pass_ms(-20);
  EXPECT_FALSE(monitor.measure_detection_speed(start));
  EXPECT_FALSE(monitor.end_cycle());
  EXPECT_EQ(monitor.get_statistics("detection")->count, 0U);
  EXPECT_EQ(monitor.get_statistics()->count, 0U);
  EXPECT_EQ(monitor.get_performance_grade().first, "N/A");
  EXPECT_EQ(monitor.snapshot().clock_steps_back, 2U);
  EXPECT_EQ(monitor.snapshot().incomplete_cycles, 1U);
}

TEST_F(PerformanceMonitorTest, measurements_outside_a_cycle_count_but_take_no_share_of_one) {
  stage(Stage::detection, 500);
  cycle(10);
  EXPECT_EQ(monitor.get_statistics("detection")->count, 1U);
  const auto report = monitor.generate_performance_report();
  EXPECT_EQ(report.reliability_metrics.measurements_outside_cycles, 1U);
  EXPECT_DOUBLE_EQ(report.detailed_metrics[0].share_of_cycle.value(), 0);
}

TEST_F(PerformanceMonitorTest, custom_stages_and_timers) {
  cycle(10);
  monitor.start_cycle();
  {
    StageTimer timer(monitor, "parsing");
    clock.pass_ms(4);
    EXPECT_DOUBLE_EQ(timer.stop().value(), 4);
    EXPECT_FALSE(timer.stop());
  }
  {
    const StageTimer timer(monitor, monitor.stage("parsing"));
    clock.pass_ms(2);
  }
  const auto start = monitor.time();
  clock.pass_ms(4);
  monitor.measure("logging", start);
  EXPECT_FALSE(monitor.measure("total_cycle", start)) << "only end_cycle measures cycles";
  monitor.end_cycle();
  EXPECT_EQ(monitor.get_statistics("parsing")->count, 2U);
  EXPECT_DOUBLE_EQ(monitor.get_statistics("parsing")->max, 4);
  EXPECT_DOUBLE_EQ(share_of_cycle(monitor.snapshot(), *monitor.snapshot().find("parsing")).value(), 6.0 / 20);
  EXPECT_EQ(monitor.get_statistics()->count, 2U);
}

TEST_F(PerformanceMonitorTest, names_are_bounded_in_number) {
  for (int i = 0; i < 1'000; ++i) {
    monitor.measure_network_latency(monitor.time(), fmt::format("endpoint{}", i));
    monitor.measure(fmt::format("stage {}", i), monitor.time());
  }
  monitor.record_failure("one more");
  monitor.end_cycle();
  const Recordings all = monitor.snapshot();
  EXPECT_EQ(all.endpoints.size(), kMostEndpoints);
  EXPECT_EQ(all.endpoints.back().name, "other");
  EXPECT_EQ(all.endpoints.back().calls, 1'000U - 255);
  EXPECT_EQ(all.endpoints.back().failures, 1U);
  EXPECT_EQ(all.groups.size(), kMostGroups);
  EXPECT_EQ(all.groups.back().name, "other");
  EXPECT_EQ(all.stages.size(), kMostStages);
  EXPECT_EQ(all.stages.back().name, "other");
  EXPECT_EQ(all.stages.back().session.count(), 1'000U - 58);
}

TEST(EndpointGroup, is_the_name_without_its_identifier) {
  for (const auto& [name, group] : std::vector<std::pair<std::string, std::string>>{{"prices_0x12ab", "prices"},
                                                                                    {"prices_77", "prices"},
                                                                                    {"markets", "markets"},
                                                                                    {"markets_endpoint", "markets_endpoint"},
                                                                                    {"book/token/12", "book/token"},
                                                                                    {"order_v2_7", "order"},
                                                                                    {"7", "7"},
                                                                                    {"_7", "_7"},
                                                                                    {"a_", "a_"},
                                                                                    {"", ""}})
    EXPECT_EQ(endpoint_group(name), group) << name;
}

TEST_F(PerformanceMonitorTest, network_calls_are_grouped_in_the_report) {
  for (int i = 0; i < 10; ++i) {
    const auto start = monitor.time();
    clock.pass_ms(i < 2 ? 150 : 100);
    monitor.measure_network_latency(start, fmt::format("prices_{}", i));
  }
  monitor.measure_network_latency(monitor.time(), "");
  monitor.record_failure("prices_3");
  const auto report = monitor.generate_performance_report();
  ASSERT_EQ(report.network_by_endpoint.size(), 2U);
  EXPECT_EQ(report.network_by_endpoint[0].group, "prices");
  EXPECT_EQ(report.network_by_endpoint[0].endpoints, 10U);
  EXPECT_EQ(report.network_by_endpoint[0].session.count, 10U);
  EXPECT_EQ(report.network_by_endpoint[0].slow, 2U) << "100 ms is the target, not above it";
  EXPECT_EQ(report.network_by_endpoint[0].failures, 1U);
  EXPECT_EQ(report.network_by_endpoint[1].group, "unknown");
  EXPECT_DOUBLE_EQ(report.reliability_metrics.slow_network_percent.value(), 200.0 / 11);
  EXPECT_EQ(report.reliability_metrics.failures, 1U);
}

TEST_F(PerformanceMonitorTest, measurements_without_any_cycle_are_kept_beyond_the_buffer) {
  for (int i = 0; i < 10'000; ++i) stage(Stage::decision, 1);
  EXPECT_EQ(monitor.get_session_statistics("decision")->count, 10'000U);
}

/// The trading thread records while others take snapshots; the sanitizers judge.
TEST(PerformanceMonitorThreads, snapshots_are_whole) {
  PerformanceMonitor monitor;
  std::atomic<bool> done{false};
  std::thread reader([&] {
    std::uint64_t last = 0;
    while (!done) {
      const Recordings all = monitor.snapshot();
      EXPECT_GE(all.cycles, last);
      EXPECT_EQ(all.stage(Stage::total_cycle).session.count(), all.cycles);
      EXPECT_EQ(all.stage(Stage::detection).session.count(), all.cycles);
      last = all.cycles;
    }
  });
  for (int i = 0; i < 20'000; ++i) {
    monitor.start_cycle();
    monitor.measure_detection_speed(monitor.time(), 1);
    if (i % 1'000 == 0) monitor.measure_network_latency(monitor.time(), fmt::format("e{}", i));
    monitor.end_cycle();
  }
  done = true;
  reader.join();
  EXPECT_EQ(monitor.get_session_statistics()->count, 20'000U);
  EXPECT_EQ(monitor.snapshot().cycles, 20'000U);
}

TEST(MonitorSettings, are_read_from_a_configuration) {
  const auto document =
      config::parse_config("{target_cycle_time_ms: 20, target_network_latency_ms: 5.5, performance_history_size: 7, other: 1}", "c.yaml");
  config::Complaints complaints("c.yaml");
  config::MapReader reader(*document, "", complaints);
  const MonitorSettings settings = read_monitor_settings(reader);
  EXPECT_TRUE(complaints.empty());
  EXPECT_EQ(settings.target_cycle_time_ms, 20);
  EXPECT_EQ(settings.target_network_latency_ms, 5.5);
  EXPECT_EQ(settings.performance_history_size, 7U);
}

TEST(MonitorSettings, bad_ones_are_complained_about) {
  for (const char* bad :
       {"target_cycle_time_ms: 0", "target_network_latency_ms: fast", "performance_history_size: 0", "performance_history_size: 1.5"}) {
    const auto document = config::parse_config(bad, "c.yaml");
    config::Complaints complaints("c.yaml");
    config::MapReader reader(*document, "", complaints);
    const MonitorSettings settings = read_monitor_settings(reader);
    EXPECT_FALSE(complaints.empty()) << bad;
    EXPECT_EQ(settings.target_cycle_time_ms, 200);
    EXPECT_EQ(settings.performance_history_size, 100U);
  }
}

}  // namespace
}  // namespace tradewind::telemetry
