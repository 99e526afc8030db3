// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/tear_sheet.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tradewind/base/json.hpp"

namespace tradewind::figures {
namespace {

/// A small sheet with everything on it.
Json small_sheet() {
  return {
      {"schema", "tradewind.tear_sheet/1"},
      {"name", "mine"},
      {"bars", 3},
      {"from", "2020-01-01T00:00:00Z"},
      {"to", "2020-01-03T00:00:00Z"},
      {"periods_per_year", 252},
      {"metrics",
       {{"total_return", 0.5},
        {"sharpe_ratio", 1.25},
        {"calmar_ratio", nullptr},
        {"unit", "bar"},
        {"undefined", {{"calmar_ratio", "no_drawdown"}}}}},
      {"luck", {{"sharpe_benchmark", 0}, {"psr", 0.75}, {"min_track_record", nullptr}, {"undefined", {{"min_track_record", "too_few"}}}}},
      {"benchmark",
       {{"name", "index"},
        {"beta", 0.5},
        {"alpha", 0.02},
        {"bars", 2},
        {"left_out", 1},
        {"yearly", Json::array({{{"year", 2020}, {"return", 0.5}, {"benchmark", 0.25}, {"excess", 0.25}}})}}},
      {"calendar", {{"best_day", {{"date", "2020-01-02"}, {"return", 0.3}}}, {"zone", "UTC"}}},
      {"monthly_returns",
       {{"years", {2020}},
        {"returns", Json::array({Json::array(
                        {0.5, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr})})},
        {"totals", {0.5}}}},
      {"drawdowns",
       Json::array(
           {{{"depth", 0.1}, {"start", "2020-01-01T00:00:00Z"}, {"trough", "2020-01-02T00:00:00Z"}, {"end", nullptr}, {"bars", 2}}})},
      {"curves",
       {{"timestamp", {"2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", "2020-01-03T00:00:00Z"}},
        {"series", Json::array({{{"name", "mine"}, {"kind", "ensemble"}, {"equity", {1, 12, 110}}, {"drawdown", {0, 0, 0}}},
                                {{"name", "index"}, {"kind", "baseline"}, {"equity", {1, 1.1, 1.2}}, {"drawdown", {0, 0, 0}}}})}}},
      {"rolling",
       {{"window", 2}, {"timestamp", {"2020-01-02T00:00:00Z"}}, {"sharpe_ratio", {1.5}}, {"volatility", {0.2}}, {"beta", {0.4}}}},
      {"histogram", {{"low", -0.1}, {"high", 0.1}, {"mean", 0.01}, {"left_out", 4}, {"counts", {1, 2}}}},
      {"notes", {"a note"}},
      {"provenance", {{"file", "mine.csv"}}}};
}

const NamedFigure& named(const std::vector<NamedFigure>& figures, std::string_view name) {
  return *std::ranges::find(figures, name, &NamedFigure::name);
}

TEST(TearSheetPage, draws_every_figure_it_has_data_for) {
  const auto figures = tear_sheet_figures(small_sheet());
  std::vector<std::string> names;
  for (const NamedFigure& figure : figures) names.push_back(figure.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"equity_and_drawdown", "monthly_returns", "yearly_returns", "return_histogram", "rolling_figures"}));
  EXPECT_TRUE(tear_sheet_figures(Json::object()).empty());
}

TEST(TearSheetPage, a_wide_log_axis_names_few_numbers) {
  const auto figures = tear_sheet_figures(small_sheet());
  const Json& axis = named(figures, "equity_and_drawdown").figure.layout["yaxis"];
  EXPECT_EQ(axis["type"], "log");
  EXPECT_EQ(axis["ticktext"], Json({"1", "2", "5", "10", "20", "50", "100"}));
}

TEST(TearSheetPage, the_heatmap_has_a_column_of_years) {
  const auto figures = tear_sheet_figures(small_sheet());
  const Json& trace = named(figures, "monthly_returns").figure.data[0];
  EXPECT_EQ(trace["x"].size(), 13U);
  EXPECT_EQ(trace["z"][0].size(), 13U);
  EXPECT_EQ(trace["text"][0][12], "+50.0");
}

TEST(TearSheetPage, numbered_bars_have_no_axis_of_dates) {
  Json sheet = small_sheet();
  sheet["curves"]["timestamp"] = {"1", "2", "3"};
  EXPECT_EQ(named(tear_sheet_figures(sheet), "equity_and_drawdown").figure.layout["xaxis"]["type"], "linear");
}

TEST(TearSheetPage, says_what_the_sheet_says) {
  const auto page = html_tear_sheet(small_sheet());
  ASSERT_TRUE(page) << page.error().message();
  for (const char* words :
       {"<h1>mine</h1>", "1 became 1.50", "Sortino", "Calmar", "VaR", "Skew", "there was no drawdown", "not over", "a note", "mine.csv",
        "1 without its return are left out", "75.0 %", "2020-01-02", "4 bars without one are left out", "Excess"})
    EXPECT_NE(page->find(words), std::string::npos) << words;
  EXPECT_EQ(*page, *html_tear_sheet(small_sheet()));
}

TEST(TearSheetPage, whatever_is_missing_or_hostile_makes_a_page) {
  EXPECT_TRUE(html_tear_sheet(Json{{"schema", "tradewind.tear_sheet/1"}}));
  const Json whole = small_sheet();
  for (const auto& [key, value] : whole.items()) {
    if (key == "schema") continue;
    for (const Json& other : {Json(nullptr), Json(3), Json("</script><b>"), Json::array({1, "x", nullptr}), Json{{"a", {{"b", 1}}}}}) {
      Json sheet = small_sheet();
      sheet[key] = other;
      const auto page = html_tear_sheet(sheet);
      ASSERT_TRUE(page) << key;
      EXPECT_EQ(page->find("</script><b>"), std::string::npos) << key;
    }
  }
}

TEST(TearSheetPage, refuses_other_documents) {
  EXPECT_EQ(html_tear_sheet(Json::object()).error().code(), Errc::invalid_data);
  EXPECT_EQ(html_tear_sheet(Json{{"schema", "tradewind.analyze/1"}}).error().code(), Errc::invalid_data);
  EXPECT_EQ(html_tear_sheet(Json{{"schema", "tradewind.tear_sheet/2"}}).error().code(), Errc::newer_format);
}

}  // namespace
}  // namespace tradewind::figures
