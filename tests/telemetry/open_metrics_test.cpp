// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/open_metrics.hpp"
#include "../support/paths.hpp"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "fake_clock.hpp"
#include "open_metrics_checker.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/telemetry/monitor_metrics.hpp"
#include "tradewind/telemetry/performance_monitor.hpp"

namespace tradewind::telemetry {
namespace {

std::string text_of(const std::vector<MetricFamily>& families) {
  const auto text = open_metrics_text(families);
  EXPECT_TRUE(text) << (text ? "" : text.error().message());
  return text ? *text : "";
}

std::string all_faults(const std::string& text) {
  std::string out;
  const OpenMetricsChecker checker(text);
  for (const std::string& each : checker.faults()) out += each + "\n";
  return out;
}

std::vector<MetricFamily> families_of_a_session() {
  FakeClock clock;
  PerformanceMonitor monitor(MonitorSettings{}, clock);
  for (int i = 0; i < 30; ++i) {
    monitor.start_cycle();
    const auto start = monitor.time();
    clock.pass_ms(3 + i);
    monitor.measure_network_latency(start, i % 2 == 0 ? "markets" : "odd \"name\"\\\n\xff");
    monitor.measure_detection_speed(start, 2);
    monitor.end_cycle();
  }
  monitor.record_failure("markets");
  monitor.start_cycle();
  monitor.end_cycle();
  return monitor_metrics(monitor.snapshot());
}

TEST(OpenMetrics, writes_exactly_this) {
  std::vector<MetricFamily> families;
  families.emplace_back(MetricDeclaration{"jobs", MetricType::counter, "", "Jobs \"done\".", "kind"}).add(3, "a\"b\\c\nd").add(1.5, "");
  families.emplace_back(MetricDeclaration{"room_celsius", MetricType::gauge, "celsius", "Warmth."}).add(-2.5);
  families.emplace_back(MetricDeclaration{"mood", MetricType::state_set, "", ""})
      .add_states(std::vector<std::string>{"good", "bad"}, "bad");
  families.emplace_back(MetricDeclaration{"program", MetricType::info, "", "", "version"}).add(1, "1.0");
  EXPECT_EQ(text_of(families),
            "# TYPE jobs counter\n# HELP jobs Jobs \\\"done\\\".\njobs_total{kind=\"a\\\"b\\\\c\\nd\"} 3\njobs_total{kind=\"\"} 1.5\n"
            "# TYPE room_celsius gauge\n# UNIT room_celsius celsius\n# HELP room_celsius Warmth.\nroom_celsius -2.5\n"
            "# TYPE mood stateset\nmood{mood=\"good\"} 0\nmood{mood=\"bad\"} 1\n"
            "# TYPE program info\nprogram_info{version=\"1.0\"} 1\n# EOF\n");
  EXPECT_EQ(all_faults(text_of(families)), "");
  EXPECT_EQ(text_of({}), "# EOF\n");
}

TEST(OpenMetrics, histograms_are_cumulative) {
  Histogram durations;
  for (const std::int64_t ms : {1, 2, 40, 40, 700, 60'000}) durations.record(ms * 1'000'000);
  std::vector<MetricFamily> families;
  families.emplace_back(MetricDeclaration{"a_seconds", MetricType::histogram, "seconds", "x", "stage"}).add_histogram(durations, "s");
  const OpenMetricsChecker read(text_of(families));
  EXPECT_EQ(all_faults(text_of(families)), "");
  EXPECT_EQ(read.value("a_seconds_bucket", {{"stage", "s"}, {"le", "0.0005"}}), 0);
  EXPECT_EQ(read.value("a_seconds_bucket", {{"stage", "s"}, {"le", "0.025"}}), 2);
  EXPECT_EQ(read.value("a_seconds_bucket", {{"stage", "s"}, {"le", "0.05"}}), 4);
  EXPECT_EQ(read.value("a_seconds_bucket", {{"stage", "s"}, {"le", "10.0"}}), 5);
  EXPECT_EQ(read.value("a_seconds_bucket", {{"stage", "s"}, {"le", "+Inf"}}), 6);
  EXPECT_EQ(read.value("a_seconds_count", {{"stage", "s"}}), 6);
  EXPECT_NEAR(read.value("a_seconds_sum", {{"stage", "s"}}).value(), 60.783, 1e-9);
}

TEST(OpenMetrics, what_does_not_exist_is_left_out) {
  std::vector<MetricFamily> families;
  families.emplace_back(MetricDeclaration{"g", MetricType::gauge, "", ""}).add(std::nan("")).add(std::numeric_limits<double>::infinity());
  EXPECT_EQ(text_of(families), "# TYPE g gauge\n# EOF\n");
}

TEST(OpenMetrics, refuses_what_breaks_the_format) {
  const auto family = [](MetricDeclaration declaration) { return MetricFamily(declaration); };
  const auto refused = [](const std::vector<MetricFamily>& families) {
    const auto text = open_metrics_text(families);
    return !text && text.error().code() == Errc::usage;
  };
  EXPECT_TRUE(refused({family({"1a", MetricType::gauge, "", ""})}));
  EXPECT_TRUE(refused({family({"a b", MetricType::gauge, "", ""})}));
  EXPECT_TRUE(refused({family({"a\nb 1", MetricType::gauge, "", ""})}));
  EXPECT_TRUE(refused({family({"", MetricType::gauge, "", ""})}));
  EXPECT_TRUE(refused({family({"time", MetricType::gauge, "seconds", ""})}));
  EXPECT_TRUE(refused({family({"a_total", MetricType::counter, "", ""})}));
  EXPECT_TRUE(refused({family({"a", MetricType::gauge, "", ""}), family({"a", MetricType::gauge, "", ""})}));
  EXPECT_TRUE(refused({family({"a", MetricType::counter, "", ""}), family({"a_total", MetricType::gauge, "", ""})}));
  EXPECT_TRUE(refused({family({"a", MetricType::gauge, "", "", "bad label"}).add(1, "x")}));
  EXPECT_TRUE(refused({family({"a", MetricType::gauge, "", "", "k"}).add(1, "x").add(2, "x")}));
  EXPECT_TRUE(refused({family({"a", MetricType::counter, "", ""}).add(-1)}));
}

TEST(OpenMetrics, the_checker_sees_faults) {
  for (const char* bad :
       {"a 1\n", "a 1\n# EOF\nb 1\n# EOF\n", "# TYPE a gauge\na{b=\"c} 1\n# EOF\n", "# TYPE a gauge\na{b=\"\\x\"} 1\n# EOF\n",
        "# TYPE a counter\na 1\n# EOF\n", "# TYPE a gauge\na NaN\n# EOF\n", "# TYPE a gauge\na 1\n# TYPE a gauge\n# EOF\n",
        "# TYPE a gauge\na 1\na 1\n# EOF\n", "# TYPE a gauge\nb 1\n# EOF\n", "# HELP a x\n# TYPE a gauge\n# EOF\n",
        "# TYPE a histogram\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 1\n# EOF\n",
        "# TYPE a histogram\na_bucket{le=\"1.0\"} 2\na_count 2\na_sum 1\n# EOF\n", "# TYPE a stateset\na{a=\"x\"} 2\n# EOF\n",
        "# TYPE a_b gauge\n# UNIT a_b c\n# EOF\n", "# TYPE a gauge\na  1\n# EOF\n"})
    EXPECT_NE(all_faults(bad), "") << bad;
}

TEST(MonitorMetrics, are_valid_and_complete) {
  const auto families = families_of_a_session();
  const std::string text = text_of(families);
  EXPECT_EQ(all_faults(text), "") << text;
  ASSERT_EQ(families.size(), kMonitorMetrics.size());
  for (std::size_t i = 0; i < families.size(); ++i) EXPECT_EQ(families[i].name, kMonitorMetrics[i].name);
  const OpenMetricsChecker read(text);
  EXPECT_EQ(read.value("tradewind_cycles_total"), 31);
  EXPECT_EQ(read.value("tradewind_detected_opportunities_total"), 60);
  EXPECT_EQ(read.value("tradewind_network_failures_total", {{"endpoint", "markets"}}), 1);
  EXPECT_EQ(read.value("tradewind_network_latency_seconds_count", {{"endpoint", "markets"}}), 15);
  EXPECT_EQ(read.value("tradewind_performance_grade", {{"tradewind_performance_grade", "A+"}}), 1);
  EXPECT_EQ(read.value("tradewind_performance_grade", {{"tradewind_performance_grade", "F"}}), 0);
  EXPECT_EQ(read.value("tradewind_cycle_target_seconds"), 0.2);
  EXPECT_EQ(read.value("tradewind_recent_cycle_seconds", {{"percentile", "50"}}), 0.017);
  if (const char* path = std::getenv("TRADEWIND_METRICS_OUT")) std::ofstream(path) << text;
}

TEST(MonitorMetrics, before_any_cycle_are_valid_too) {
  const std::string text = text_of(monitor_metrics(empty_recordings({})));
  EXPECT_EQ(all_faults(text), "");
  EXPECT_EQ(OpenMetricsChecker(text).value("tradewind_performance_grade", {{"tradewind_performance_grade", "N/A"}}), 1);
}

TEST(LiveMetrics, can_be_written) {
  std::vector<MetricFamily> families;
  for (const MetricDeclaration& each : kLiveMetrics) {
    MetricFamily& family = families.emplace_back(metric(each.name));
    if (each.type == MetricType::state_set)
      family.add_states(std::vector<std::string>{"running", "halted"}, "halted");
    else
      family.add(2, "x");
  }
  const std::string text = text_of(families);
  EXPECT_EQ(all_faults(text), "");
  const OpenMetricsChecker read(text);
  EXPECT_EQ(read.value("tradewind_orders_total", {{"state", "x"}}), 2);
  EXPECT_EQ(read.value("tradewind_no_trade_total", {{"reason", "x"}}), 2);
  EXPECT_EQ(read.value("tradewind_trading_state", {{"tradewind_trading_state", "halted"}}), 1);
}

/// Every metric a panel asks for is exported, and everything exported has a panel.
TEST(GrafanaDashboard, shows_what_is_exported_and_nothing_else) {
  std::ifstream file(test::source_dir() / "docs/grafana/tradewind-live.json");
  const Json dashboard = Json::parse(file);
  std::map<std::string, std::string> family_of;
  std::set<std::string> families;
  const auto declare = [&](const MetricDeclaration& each) {
    families.emplace(each.name);
    for (const std::string& name : sample_names(each)) family_of.emplace(name, each.name);
  };
  for (const MetricDeclaration& each : kMonitorMetrics) declare(each);
  for (const MetricDeclaration& each : kLiveMetrics) declare(each);
  std::set<std::string> shown;
  static const std::regex kInBraces(R"(\{[^}]*\}|\[[^\]]*\]|by \([^)]*\))");
  static const std::regex kWord(R"([a-zA-Z_:][a-zA-Z0-9_:]*)");
  const std::set<std::string> functions{"sum", "rate", "histogram_quantile", "scalar"};
  for (const Json& panel : dashboard.at("panels")) {
    if (panel.at("type") == "row") continue;
    ASSERT_FALSE(panel.at("targets").empty()) << panel.at("title");
    for (const Json& target : panel.at("targets")) {
      const std::string expression = std::regex_replace(target.at("expr").get<std::string>(), kInBraces, "");
      int metrics = 0;
      for (std::sregex_iterator word(expression.begin(), expression.end(), kWord); word != std::sregex_iterator(); ++word) {
        if (functions.contains(word->str())) continue;
        ASSERT_TRUE(family_of.contains(word->str())) << word->str() << " in " << panel.at("title");
        shown.insert(family_of.at(word->str()));
        ++metrics;
      }
      EXPECT_GT(metrics, 0) << expression;
    }
  }
  EXPECT_EQ(shown, families);
}

}  // namespace
}  // namespace tradewind::telemetry
