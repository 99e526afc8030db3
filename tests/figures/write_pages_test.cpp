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

void write_figures(const std::filesystem::path& folder) {
  for (const NamedFigure& named : analysis_figures(fixture())) write(folder / (named.name + ".json"), named.figure.text());
  metrics::PerformanceMetrics m;
  m.bars = 300;
  m.set(metrics::Metric::sharpe_ratio, 1.1);
  m.set(metrics::Metric::avg_win, 0.02);
  m.set(metrics::Metric::avg_loss, -0.01);
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
  write(folder / "hostile.html", html_report(hostile).value());
  std::filesystem::create_directories(folder / "figures");
  write_figures(folder / "figures");
}

}  // namespace
}  // namespace tradewind::figures
