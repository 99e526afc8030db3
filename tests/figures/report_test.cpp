// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/report.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <regex>
#include <set>

#include "fixture.hpp"

namespace tradewind::figures {
namespace {

using Json = nlohmann::ordered_json;

std::string report(const Json& analysis, const ReportOptions& options = {}) { return html_report(analysis, options).value(); }

/// The page without the chart library, which is not ours.
std::string our_part(const std::string& page) { return page.substr(0, page.rfind("<script>", page.rfind("<script>") - 1)); }

std::size_t times(const std::string& page, std::string_view text) {
  std::size_t n = 0;
  for (std::size_t at = page.find(text); at != std::string::npos; at = page.find(text, at + text.size())) ++n;
  return n;
}

TEST(Report, EqualInputGivesEqualBytes) { EXPECT_EQ(report(fixture()), report(fixture())); }

TEST(Report, SectionsComeInTheirOrder) {
  const std::string page = report(fixture());
  std::size_t last = 0;
  for (const char* id : {"verdict", "funnel", "ensemble", "findings", "strategies", "tear-sheet", "regimes", "correlation", "patterns",
                         "overfitting", "surface", "provenance"}) {
    const std::size_t at = page.find("<section id=\"" + std::string(id) + "\"");
    ASSERT_NE(at, std::string::npos) << id;
    EXPECT_GT(at, last) << id;
    last = at;
  }
}

TEST(Report, TellsOfASessionWhatWasExpectedAndWhatWasEarned) {
  const Json figures{{"trades", 40},
                     {"expected_profit", 12.5},
                     {"realized_profit", -3.25},
                     {"hit_rate_percent", 37.5},
                     {"legs", 80},
                     {"legs_short", 20},
                     {"markout_cents", {{"1", -0.5}, {"10", nullptr}, {"60", -1.25}}}};
  Json session{{"simulated", true},
               {"calibration", {{"mine", {{"complete_set_buy", figures}}}, {"<b>", {{"news", nullptr}}}}},
               {"recommendations", Json::array({{{"text", "do not believe <it>"}}})}};
  const std::string id = fixture()["run_id"].get<std::string>();
  const std::string page = our_part(report(fixture(), {.title = "", .headline = "", .replays = {}, .sessions = {{id, session}}}));
  EXPECT_EQ(times(page, "<section id="), 13u);
  EXPECT_NE(page.find("href=\"#session\""), std::string::npos);
  for (const char* text : {"complete set buy", "12.50", "−3.25", ">38 %<", "−0.50", "−1.25", "25.0 %", "do not believe &lt;it&gt;",
                           "&lt;b&gt;", "no money was at stake", "no book of that time was seen"})
    EXPECT_NE(page.find(text), std::string::npos) << text;
  EXPECT_EQ(times(our_part(report(fixture())), "id=\"session\""), 0u) << "other runs have no such section";
  session["calibration"] = Json::object();
  EXPECT_NE(report(fixture(), {.title = "", .headline = "", .replays = {}, .sessions = {{id, session}}}).find("has not traded"),
            std::string::npos);
  for (const Json& odd :
       {Json(nullptr), Json(7), Json("text"), Json::array({1}), Json{{"calibration", 3}}, Json{{"calibration", {{"a", 1}}}}})
    EXPECT_NE(report(fixture(), {.title = "", .headline = "", .replays = {}, .sessions = {{id, odd}}}).find("</html>"), std::string::npos);
}

TEST(Report, SaysWhatToTradeWhyAndHowSure) {
  const std::string page = report(fixture());
  EXPECT_NE(page.find("Trade the ensemble of 3 strategies."), std::string::npos);
  EXPECT_NE(page.find("How sure: <b>high</b>"), std::string::npos);
  EXPECT_NE(page.find("95 % interval 0.55 to 2.98"), std::string::npos);
  EXPECT_NE(page.find("up (latest)"), std::string::npos);
  const std::string nothing = report(fixture("analysis_nothing.json"));
  EXPECT_NE(nothing.find("Trade nothing."), std::string::npos);
  EXPECT_EQ(nothing.find("Which ensemble"), std::string::npos);
  Json lost = fixture();
  lost["ensemble"]["performance"][0]["holdout"]["sharpe_ratio"] = -0.4;
  const std::string failed = report(lost);
  EXPECT_NE(failed.find("The ensemble that failed"), std::string::npos);
  EXPECT_EQ(failed.find("What to hold"), std::string::npos);
}

TEST(Report, UndefinedNumbersAreDashesWithTheirReason) {
  const std::string page = report(fixture("analysis_nothing.json"));
  EXPECT_NE(page.find("<abbr title=\"too few observations\">–</abbr>"), std::string::npos);
  Json analysis = fixture();
  analysis["strategies"][0]["selection"]["profit_factor"] = nullptr;
  analysis["undefined"]["strategies.0.selection.profit_factor"] = "no_losses";
  EXPECT_NE(report(analysis).find("<abbr title=\"no losses\">–</abbr>"), std::string::npos);
  const std::string ours = our_part(page);
  EXPECT_FALSE(std::regex_search(ours, std::regex(">\\s*−?(nan|inf)"))) << "no NaN may be shown";
}

TEST(Report, WhateverIsMissingIsRenderedPolitely) {
  const Json whole = fixture();
  for (const auto& [key, value] : whole.items()) {
    if (key == "schema") continue;
    for (const Json& odd : {Json(nullptr), Json::object(), Json::array(), Json("text"), Json(7), Json(true)}) {
      Json analysis = whole;
      analysis[key] = odd;
      const std::string page = report(analysis);
      EXPECT_EQ(times(page, "<section id="), 12u) << key;
      EXPECT_NE(page.find("</html>"), std::string::npos) << key;
    }
    Json without = whole;
    without.erase(key);
    EXPECT_TRUE(html_report(without)) << key;
  }
  EXPECT_TRUE(html_report(Json{{"schema", "tradewind.analyze/1"}})) << "nothing but the schema";
}

/// Replaces one leaf after the other, depth first; true until all were.
bool spoil(Json& node, std::size_t& skip, const Json& with) {
  if (node.is_structured() && !node.empty()) {
    for (auto& child : node) {
      if (spoil(child, skip, with)) return true;
    }
    return false;
  }
  if (skip-- > 0) return false;
  node = with;
  return true;
}

TEST(Report, NoValueOfAWrongTypeBreaksIt) {
  Json small = fixture();
  for (Json& series : small["curves"]["series"]) {  // three points are enough here
    for (const char* key : {"equity", "drawdown"}) series[key].erase(series[key].begin() + 3, series[key].end());
  }
  for (const char* section : {"curves", "rolling_sharpe"}) {
    Json& times_ = small[section]["timestamp"];
    times_.erase(times_.begin() + 3, times_.end());
  }
  for (Json& series : small["rolling_sharpe"]["series"]) series["values"].erase(series["values"].begin() + 3, series["values"].end());
  std::size_t first = 1;  // leaf 0 is the schema
  for (const Json& odd : {Json(nullptr), Json("text"), Json(-1), Json::array({Json::object()})}) {
    for (std::size_t leaf = first++;; leaf += 23) {  // some of them, others for each value, keeps this quick
      Json analysis = small;
      std::size_t skip = leaf;
      if (!spoil(analysis, skip, odd)) break;
      ASSERT_TRUE(html_report(analysis)) << leaf;
    }
  }
}

TEST(Report, NothingFromTheDocumentBecomesMarkup) {
  const std::string evil = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&<!--";
  Json analysis = fixture();
  std::size_t strings = 0;
  const std::function<void(Json&)> poison = [&](Json& node) {
    if (node.is_string() && ++strings)
      node = evil;
    else if (node.is_object() || node.is_array()) {
      for (auto& child : node) poison(child);
    }
  };
  poison(analysis);
  analysis["schema"] = "tradewind.analyze/1";
  Json renamed = Json::object();  // keys too
  for (auto& [id, weights] : analysis["ensemble"]["weights"].items()) renamed[id + evil] = {{evil, 1.0}};
  analysis["ensemble"]["weights"] = renamed;
  analysis["ensemble"]["excluded"] = {{evil, evil}};
  analysis["criteria"][evil] = evil;
  ReportOptions options;
  options.title = options.headline = evil;
  options.replays = Json::array({{{"name", evil}, {"run_id", evil}, {"performance", {{"undefined", {{"sharpe_ratio", evil}}}}}}});
  const std::string ours = our_part(report(analysis, options));
  ASSERT_GT(strings, 100u);
  EXPECT_EQ(ours.find("<script>alert"), std::string::npos);
  EXPECT_EQ(ours.find("<img"), std::string::npos);
  EXPECT_EQ(ours.find("<!--"), std::string::npos);
  EXPECT_EQ(times(ours, "</script>"), times(ours, "<script type=\"application/json\""));
  EXPECT_EQ(ours.find("&lt;/script&gt;\""), std::string::npos) << "a quote would end its attribute";
  EXPECT_NE(ours.find("&lt;/script&gt;&quot;&#39;"), std::string::npos);
}

TEST(Report, BytesThatAreNotTextAreShownNotCopied) {
  Json analysis = fixture();
  analysis["findings"][0]["text"] = "bad \xff byte";
  analysis["strategies"][0]["strategy_id"] = "bad\xc3";
  const std::string ours = our_part(report(analysis));
  EXPECT_NE(ours.find("bad \\xFF byte"), std::string::npos);
  EXPECT_EQ(ours.find('\xff'), std::string::npos);
}

TEST(Report, RefusesWhatIsNoAnalysis) {
  EXPECT_EQ(html_report(Json::object()).error().code(), Errc::invalid_data);
  EXPECT_EQ(html_report(Json{{"schema", "tradewind.scan/1"}}).error().code(), Errc::invalid_data);
  EXPECT_EQ(html_report(Json{{"schema", "tradewind.analyze/2"}}).error().code(), Errc::newer_format);
  EXPECT_EQ(html_report(Json("text")).error().code(), Errc::invalid_data);
  EXPECT_EQ(html_report(std::vector<Json>{}).error().code(), Errc::usage);
}

TEST(Report, SeveralRunsShareOnePageWithoutSharingIds) {
  ReportOptions options;
  options.headline = "One of two runs holds something to trade.";
  const std::string page = our_part(html_report(std::vector<Json>{fixture(), fixture("analysis_nothing.json")}, options).value());
  EXPECT_NE(page.find("<h1>One of two runs holds something to trade.</h1>"), std::string::npos);
  EXPECT_EQ(times(page, "<h1"), 1u);
  std::set<std::string> ids;
  const std::regex id(" id=\"([^\"]+)\"");
  for (std::sregex_iterator match(page.begin(), page.end(), id), end; match != end; ++match)
    EXPECT_TRUE(ids.insert((*match)[1]).second) << (*match)[1];
  EXPECT_TRUE(ids.contains("r1-figure-strategy_comparison") && ids.contains("r2-verdict"));
}

TEST(Report, HasOneMainHeadingAndEveryTableItsCaption) {
  const std::string page = our_part(report(fixture()));
  EXPECT_EQ(times(page, "<h1"), 1u);
  EXPECT_EQ(times(page, "<table"), times(page, "<caption>"));
  EXPECT_EQ(times(page, "<figure "), times(page, "<summary>View as table</summary>"));
  EXPECT_EQ(times(page, "<figure "), 9u);
  EXPECT_NE(page.find("<noscript>"), std::string::npos);
}

TEST(Report, ReplaysAreATable) {
  ReportOptions options;
  options.replays =
      Json::array({{{"name", "ensemble"},
                    {"run_id", "r"},
                    {"performance", {{"sharpe_ratio", 1.234}, {"total_costs", nullptr}, {"undefined", {{"total_costs", "no_fills"}}}}}}});
  const std::string page = report(fixture(), options);
  EXPECT_NE(page.find("id=\"replays\""), std::string::npos);
  EXPECT_NE(page.find(">1.23<"), std::string::npos);
  EXPECT_NE(page.find("no position was taken"), std::string::npos);
  EXPECT_EQ(report(fixture()).find("id=\"replays\""), std::string::npos);
}

}  // namespace
}  // namespace tradewind::figures
