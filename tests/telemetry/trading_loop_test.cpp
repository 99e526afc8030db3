// SPDX-License-Identifier: Apache-2.0
// The loop of docs/telemetry.md as a program: measure, report, suggest, apply.
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fake_clock.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/telemetry/monitor_metrics.hpp"
#include "tradewind/telemetry/optimizer/optimizer_json.hpp"
#include "tradewind/telemetry/report_json.hpp"

namespace tradewind::telemetry {
namespace {

struct Market {
  std::string id;
};

/// A session whose strategies take half a second until they run in parallel.
struct Session {
  FakeClock clock;
  PerformanceMonitor monitor{MonitorSettings{}, clock};
  PerformanceOptimizer optimizer{OptimizerSettings{}, clock};
  std::vector<Market> markets{{"0x1"}, {"0x2"}, {"0x3"}};

  void cycle() {
    monitor.start_cycle();
    auto start = monitor.time();
    clock.pass_ms(20);
    monitor.measure_network_latency(start, "markets");
    for (const Market& market : markets) {
      start = monitor.time();
      clock.pass_ms(10);
      monitor.measure_network_latency(start, fmt::format("prices_{}", market.id));
    }
    start = monitor.time();
    clock.pass_ms(optimizer.settings().use_multiprocessing ? 150 : 500);
    monitor.measure_detection_speed(start, 2);
    start = monitor.time();
    clock.pass_ms(15);
    monitor.measure_execution_speed(start);
    monitor.end_cycle();
  }
};

TEST(TradingLoop, measures_reports_suggests_and_applies) {
  Session session;
  int applied = 0;
  while (session.monitor.total_cycles() < 200) {
    session.cycle();
    if (session.monitor.total_cycles() % 10 != 0) continue;
    const PerformanceReport report = session.monitor.generate_performance_report();
    const std::string& grade = report.overall_grade.grade;
    if (grade != "C" && grade != "D" && grade != "F") continue;
    const Suggestions suggestions = session.optimizer.optimize_config(report);
    EXPECT_NE(suggestions.priority, Severity::low);
    const ConfigChange change{"use_multiprocessing", true, "", "", ""};  // what a machine with several cores is advised
    if (applied == 0 && session.optimizer.apply(change, &session.monitor)) ++applied;
  }
  EXPECT_EQ(applied, 1);
  const Json report = to_json(session.monitor.generate_performance_report());
  EXPECT_EQ(report["overall_grade"]["grade"], "B");
  EXPECT_EQ(report["overall_grade"]["median_cycle_time_ms"], 215);
  EXPECT_EQ(report["opportunities_found"], 400);
  EXPECT_EQ(report["network_by_endpoint"]["prices"]["endpoints"], 3);
  EXPECT_EQ(report["network_by_endpoint"]["prices"]["count"], 600);
  EXPECT_EQ(session.optimizer.measure_effect("use_multiprocessing", session.monitor)->verdict, EffectVerdict::too_few_cycles)
      << "only the ten cycles before the change are there to compare with";
  EXPECT_TRUE(open_metrics_text(monitor_metrics(session.monitor.snapshot())));
  session.optimizer.cleanup();
}

}  // namespace
}  // namespace tradewind::telemetry
