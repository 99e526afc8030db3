// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/analysis_report.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace tradewind::analysis {
namespace {

Json document() {
  return Json::parse(R"({"schema":"tradewind.analyze/1","run_id":"r","input_hash":"abc","qualified":true,
    "strategies":[{"strategy_id":"a","status":"selected","reason":"","selection":{"sharpe_ratio":1.5,"win_rate":null},
                   "holdout":{"sharpe_ratio":0.5},"dsr":0.9},
                  {"strategy_id":"b","status":"rejected","reason":"too few","selection":{},"holdout":{},"dsr":null}],
    "classifiers":[{"classifier_id":"c"}],"patterns":{"tested":3},
    "ensemble":{"global_weights":{"a":1.0},"weights":{"up":{"a":0.5},"down":{}}},
    "recommendations":[{"kind":"paper_trade","text":"do","reason":"because","strategies":["a"],"numbers":{}}]})");
}

TEST(AnalysisReport, is_a_view_of_its_document) {
  const auto report = AnalysisReport::from(document());
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->document, document());
  EXPECT_EQ(report->run_id, "r");
  EXPECT_EQ(report->input_hash, "abc");
  EXPECT_TRUE(report->qualified);
  ASSERT_EQ(report->strategy_performances.size(), 2U);
  EXPECT_EQ(report->strategy_performances[0].selection,
            (std::map<std::string, double>{{"sharpe_ratio", 1.5}}));  // undefined ones are left out
  EXPECT_EQ(report->strategy_performances[0].dsr, 0.9);
  EXPECT_EQ(report->strategy_performances[1].reason, "too few");
  EXPECT_TRUE(std::isnan(report->strategy_performances[1].dsr));
  EXPECT_EQ(report->ensemble_weights.at("").at("a"), 1);
  EXPECT_EQ(report->ensemble_weights.at("up").at("a"), 0.5);
  EXPECT_TRUE(report->ensemble_weights.at("down").empty());
  ASSERT_EQ(report->recommendations.size(), 1U);
  EXPECT_EQ(report->recommendations[0].kind, "paper_trade");
  EXPECT_EQ(report->recommendations[0].strategies, (std::vector<std::string>{"a"}));
}

TEST(AnalysisReport, needs_no_ensemble) {
  Json json = document();
  json["ensemble"] = nullptr;
  const auto report = AnalysisReport::from(std::move(json));
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->ensemble_weights.empty());
}

TEST(AnalysisReport, refuses_what_is_no_analysis) {
  for (const char* text : {"null", "[]", "3", "\"x\"", "{}", R"({"schema":3})", R"({"schema":null})", R"({"schema":"tradewind.sweep/1"})",
                           R"({"schema":"https://example.org/x"})"}) {
    const auto report = AnalysisReport::from(Json::parse(text));
    ASSERT_FALSE(report) << text;
    EXPECT_EQ(report.error().code(), Errc::corrupt) << text;
    EXPECT_FALSE(report.error().hint().empty()) << text;
  }
}

TEST(AnalysisReport, refuses_newer_documents_as_newer) {
  Json json = document();
  json["schema"] = "tradewind.analyze/2";
  const auto report = AnalysisReport::from(std::move(json));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), Errc::newer_format);
  EXPECT_NE(report.error().message().find("tradewind.analyze/2"), std::string::npos);
}

TEST(AnalysisReport, refuses_damaged_documents) {
  for (const char* key : {"run_id", "input_hash", "qualified", "strategies", "classifiers", "patterns", "ensemble", "recommendations"}) {
    Json json = document();
    json.erase(key);
    const auto missing = AnalysisReport::from(json);
    ASSERT_FALSE(missing) << key;
    EXPECT_EQ(missing.error().code(), Errc::corrupt) << key;
  }
  for (const auto& [pointer, value] : std::vector<std::pair<const char*, Json>>{{"/run_id", 3},
                                                                                {"/qualified", "yes"},
                                                                                {"/strategies", {{"a", 1}}},
                                                                                {"/strategies/0", 3},
                                                                                {"/strategies/0/status", nullptr},
                                                                                {"/ensemble/global_weights", 1},
                                                                                {"/ensemble/weights", Json::array({1})},
                                                                                {"/ensemble/weights/up/a", "much"},
                                                                                {"/recommendations/0/strategies", 1}}) {
    Json json = document();
    json[Json::json_pointer(pointer)] = value;
    const auto report = AnalysisReport::from(std::move(json));
    ASSERT_FALSE(report) << pointer;
    EXPECT_EQ(report.error().code(), Errc::corrupt) << pointer;
  }
}

}  // namespace
}  // namespace tradewind::analysis
