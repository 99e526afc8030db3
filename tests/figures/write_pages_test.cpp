// SPDX-License-Identifier: Apache-2.0
// Writes the pages and figures that tests/e2e/test_report.py opens in a browser, into the folder $TRADEWIND_REPORT_DIR.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "fixture.hpp"
#include "tradewind/figures/analysis_figures.hpp"
#include "tradewind/figures/performance_dashboard.hpp"
#include "tradewind/figures/report.hpp"

namespace tradewind::figures {
namespace {

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

Json replays() {
  return Json::array({{{"run_id", "sim-2016-replay"},
                       {"name", "ensemble"},
                       {"performance",
                        {{"sharpe_ratio", 1.75},
                         {"total_return", 0.41},
                         {"annualized_return", 0.12},
                         {"max_drawdown", 0.05},
                         {"total_costs", nullptr},
                         {"total_trades", 412},
                         {"undefined", {{"total_costs", "no_fills"}}}}}}});
}

/// A session with a kind that lost what it was expected to earn, and one without a closed trade.
Json session(const std::string& kind) {
  const Json figures{{"trades", 58},
                     {"expected_profit", 11.125},
                     {"realized_profit", -9.5},
                     {"hit_rate_percent", 21.0},
                     {"legs", 94},
                     {"legs_short", 33},
                     {"markout_cents", {{"1", -0.75}, {"10", -0.7}, {"60", nullptr}}}};
  const Json none{{"trades", 0}, {"expected_profit", 0}, {"realized_profit", 0}, {"hit_rate_percent", nullptr},
                  {"legs", 0},   {"legs_short", 0}};
  return {{"simulated", true},
          {"calibration", {{"momentum", {{kind, figures}}}, {"arbitrage", {{"complete_set_buy", none}}}}},
          {"recommendations", Json::array({{{"text", kind + ": do not believe its expectation"}}})}};
}

void write_figures(const std::filesystem::path& folder) {
  for (const NamedFigure& named : analysis_figures(fixture())) write(folder / (named.name + ".json"), named.figure.text());
  metrics::PerformanceMetrics m;
  m.bars = 300;
  m.set(metrics::Metric::sharpe_ratio, 1.1);
  m.set(metrics::Metric::avg_win, 0.02);
  m.set(metrics::Metric::avg_loss, -0.01);
  write(folder / "expected_and_realized.json", expected_and_realized(std::vector<ExpectedBar>{{"a", 1.5, -2}, {"b", kMissing, 3}}).text());
  const PerformanceDashboard dashboard;
  write(folder / "dashboard_comparison.json", dashboard.create_strategy_comparison({{"a", m}, {"b", {}}}).text());
  write(folder / "dashboard_regimes.json", dashboard.create_regime_heatmap({{"a", {{"up", m}}}, {"b", {{"down", m}}}}).text());
  write(folder / "dashboard_correlation.json",
        dashboard.create_correlation_matrix({{"a", "b", "c"}, {{1, 2, 3}, {1, 2, 2}, {3, 1, 2}}})->text());
}

TEST(WritePages, ForTheBrowserTests) {
  const char* wanted = std::getenv("TRADEWIND_REPORT_DIR");
  if (wanted == nullptr) GTEST_SKIP() << "TRADEWIND_REPORT_DIR is not set";
  const std::filesystem::path folder = wanted;
  const Json full = fixture(), none = fixture("analysis_nothing.json");
  ReportOptions options;
  options.replays = replays();
  write(folder / "report.html", html_report(full, options).value());
  write(folder / "session.html",
        html_report(none,
                    {.title = "", .headline = "", .replays = {}, .sessions = {{none["run_id"].get<std::string>(), session("momentum")}}})
            .value());
  write(folder / "nothing.html", html_report(none).value());
  write(folder / "several.html",
        html_report(std::vector<Json>{full, none},
                    {.title = "", .headline = "One of two runs holds something to trade.", .replays = {}, .sessions = {}})
            .value());
  Json hostile = full;
  hostile["run_id"] = "<script>alert(1)</script>";
  hostile["strategies"][0]["strategy_id"] = "\"><img src=x onerror=alert(2)></script><script>alert(3)</script>";
  hostile["ensemble"]["strategies"][0] = hostile["strategies"][0]["strategy_id"];
  hostile["curves"]["series"][0]["name"] = "<b onmouseover=alert(4)>x</b><img src=https://example.com/x.png>";
  hostile["findings"][0]["text"] = "<iframe src='https://example.com'></iframe>";
  const Json traded = session("<img src=x onerror=alert(5)>");
  write(folder / "hostile.html",
        html_report(hostile, {.title = "", .headline = "", .replays = {}, .sessions = {{hostile["run_id"].get<std::string>(), traded}}})
            .value());
  std::filesystem::create_directories(folder / "figures");
  write_figures(folder / "figures");
}

}  // namespace
}  // namespace tradewind::figures
