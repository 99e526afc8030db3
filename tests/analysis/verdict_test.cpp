// SPDX-License-Identifier: Apache-2.0
// One judgement of an analysis, and every outlet says it.
#include "tradewind/analysis/verdict.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "../support/paths.hpp"
#include "tradewind/analysis/analysis_internal.hpp"
#include "tradewind/base/json.hpp"

namespace tradewind::analysis {
namespace {

Json fixture(const std::string& name = "analysis.json") {
  std::ifstream file(test::source_dir() / "tests/fixtures" / name);
  return Json::parse(file);
}
/// An ensemble that passes every check.
Json sound() { return fixture(); }
Json& holdout(Json& analysis, std::size_t path) { return analysis["ensemble"]["performance"][path]["holdout"]; }
void believe(Json& analysis, double p) {
  for (Json& strategy : analysis["strategies"]) strategy["family_wise_p"] = p;
}

TEST(VerdictTest, Everything_passed_is_traded_with_high_confidence) {
  const Verdict verdict = judge(sound());
  EXPECT_EQ(verdict.level, VerdictLevel::trade);
  EXPECT_EQ(verdict.confidence, Confidence::high);
  EXPECT_EQ(verdict.headline, "Trade the ensemble of 3 strategies.");
  ASSERT_EQ(verdict.reasons.size(), 4U);
  for (const auto& reason : verdict.reasons) EXPECT_EQ(reason.outcome, CheckOutcome::passed) << reason.name << ": " << reason.text;
  EXPECT_NE(verdict.find("luck")->text.find("2 of 3 held strategies, with 70 % of the weight"), std::string::npos)
      << verdict.find("luck")->text;
}

TEST(VerdictTest, A_doubt_lowers_it) {
  Json analysis = sound();
  analysis["overfitting"]["pbo"] = 0.3;
  EXPECT_EQ(judge(analysis).level, VerdictLevel::trade);
  EXPECT_EQ(judge(analysis).headline, "Trade the ensemble of 3 strategies, small at first.");
  holdout(analysis, 0)["intervals"]["sharpe_ratio"] = {-0.2, 3.0};
  EXPECT_EQ(judge(analysis).level, VerdictLevel::paper) << "it may be nothing";
  EXPECT_EQ(judge(analysis).headline, "Paper-trade the ensemble of 3 strategies first; most of the evidence is good.");
  believe(analysis, 0.15);
  EXPECT_EQ(judge(analysis).confidence, Confidence::low) << "only one check left";
  EXPECT_EQ(judge(analysis).headline, "Paper-trade the ensemble of 3 strategies; do not risk money on it yet.");
}

TEST(VerdictTest, A_failure_is_never_traded) {
  const auto expect_paper = [](const Json& analysis, const char* what) {
    EXPECT_EQ(judge(analysis).level, VerdictLevel::paper) << what;
    EXPECT_EQ(judge(analysis).confidence, Confidence::low) << what;
  };
  Json analysis = sound();
  analysis["overfitting"]["pbo"] = 0.5;
  expect_paper(analysis, "overfitting");
  analysis = sound();
  believe(analysis, 0.21);
  expect_paper(analysis, "luck");
  analysis = sound();
  holdout(analysis, 4)["sharpe_ratio"] = 9.0;
  expect_paper(analysis, "buying and holding did better");
  analysis = sound();
  holdout(analysis, 2)["sharpe_ratio"] = 9.0;
  EXPECT_EQ(judge(analysis).level, VerdictLevel::trade) << "equal weights did better: a doubt, not a failure";
  EXPECT_EQ(judge(analysis).confidence, Confidence::moderate);
}

TEST(VerdictTest, Luck_is_that_of_what_is_held) {
  Json analysis = sound();
  believe(analysis, 0.9);
  for (Json& strategy : analysis["strategies"])
    if (strategy["status"] != "selected") strategy["family_wise_p"] = 0.001;
  EXPECT_EQ(judge(analysis).find("luck")->outcome, CheckOutcome::failed) << "a better one that is not held";
  for (Json& strategy : analysis["strategies"])
    if (strategy["strategy_id"] == "SIM03.donchian_breakout.entry=40,exit=20") strategy["family_wise_p"] = 0.05;
  EXPECT_EQ(judge(analysis).find("luck")->outcome, CheckOutcome::partly) << "30 % of the weight";
}

TEST(VerdictTest, What_earned_nothing_on_unseen_data_is_not_traded) {
  Json analysis = sound();
  holdout(analysis, 0)["sharpe_ratio"] = 0.0;
  EXPECT_EQ(judge(analysis).level, VerdictLevel::nothing);
  EXPECT_TRUE(judge(analysis).headline.starts_with("Trade nothing")) << judge(analysis).headline;
  holdout(analysis, 0)["sharpe_ratio"] = nullptr;
  EXPECT_EQ(judge(analysis).level, VerdictLevel::nothing) << "it was not tested";
}

TEST(VerdictTest, What_is_unknown_is_no_pass) {
  Json analysis = sound();
  analysis["overfitting"] = nullptr;
  believe(analysis, std::nan(""));
  const Verdict verdict = judge(analysis);
  EXPECT_EQ(verdict.level, VerdictLevel::paper);
  EXPECT_EQ(verdict.find("luck")->outcome, CheckOutcome::unknown);
  EXPECT_EQ(verdict.find("overfitting")->outcome, CheckOutcome::unknown);
}

TEST(VerdictTest, Nothing_to_judge) {
  const Verdict none = judge(fixture("analysis_nothing.json"));
  EXPECT_EQ(none.level, VerdictLevel::nothing);
  EXPECT_EQ(none.headline, "Trade nothing.");
  EXPECT_NE(none.summary.find("None of 9,900 strategies"), std::string::npos) << none.summary;
  EXPECT_NE(none.summary.find("7,412, were rejected at"), std::string::npos) << none.summary;
  Json analysis = sound();
  analysis["ensemble"] = {{"status", "degenerate"}};
  EXPECT_EQ(judge(analysis).headline, "Trade nothing yet: no ensemble could be formed.");
  EXPECT_NE(judge(analysis).summary.find("degenerate"), std::string::npos);
  analysis = sound();
  analysis["split"]["selection_bars"] = 40;
  analysis["split"]["holdout_bars"] = 20;
  EXPECT_EQ(judge(analysis).headline, "Too early to judge.");
  EXPECT_NE(judge(analysis).find("record"), nullptr);
}

TEST(VerdictTest, Anything_at_all_can_be_judged) {
  for (const char* text :
       {"{}", "[]", "null", "1", R"({"qualified":true})", R"({"verdict":{"level":"trade"}})", R"({"funnel":[{}]})",
        R"({"qualified":true,"strategies":[1],"ensemble":{"strategies":[1,null],"weights":{"a":1},"performance":[1]}})"}) {
    EXPECT_EQ(judge(read_json(text)).level, VerdictLevel::nothing) << text;
    EXPECT_EQ(verdict_of(read_json(text)).level, VerdictLevel::nothing) << text;
  }
}

TEST(VerdictTest, One_strategy_is_no_ensemble) {
  Json analysis = sound();
  analysis["ensemble"]["strategies"] = {"a"};
  analysis["ensemble"]["weights"] = Json::object();
  analysis["ensemble"]["global_weights"] = {{"a", 1.0}};
  EXPECT_EQ(judge(analysis).headline, "Paper-trade one strategy first; most of the evidence is good.");
}

/// Every outlet is made of the verdict: over a grid of made-up analyses, the first recommendation and the stored form say the same.
TEST(VerdictTest, All_outlets_say_the_same_over_a_grid) {
  std::size_t traded = 0, paper = 0, nothing = 0;
  const std::vector<std::optional<double>> sharpes{std::nullopt, -0.5, 0.0, 0.4, 1.5}, ps{std::nullopt, 0.01, 0.05, 0.2, 0.7},
      pbos{std::nullopt, 0.1, 0.35, 0.6};
  for (const bool qualified : {false, true})
    for (const auto& sharpe : sharpes)
      for (const double low : {-0.3, 0.2})
        for (const auto& p : ps)
          for (const auto& pbo : pbos)
            for (const double market : {-1.0, 0.5, 5.0}) {
              Json analysis = sound();
              analysis["qualified"] = qualified;
              holdout(analysis, 0)["sharpe_ratio"] = sharpe ? Json(*sharpe) : Json(nullptr);
              holdout(analysis, 0)["intervals"]["sharpe_ratio"] = {low, 3.0};
              holdout(analysis, 4)["sharpe_ratio"] = market;
              believe(analysis, p.value_or(std::nan("")));
              analysis["overfitting"]["pbo"] = pbo ? Json(*pbo) : Json(nullptr);
              const Verdict verdict = judge(analysis);
              const Json first = recommendations_json(analysis, verdict)[0];
              EXPECT_EQ(first["kind"], verdict.level == VerdictLevel::trade   ? "trade_ensemble"
                                       : verdict.level == VerdictLevel::paper ? "paper_trade"
                                                                              : "trade_nothing");
              EXPECT_EQ(first["text"].get<std::string>() + ".", verdict.headline);
              analysis["verdict"] = to_json(verdict);
              EXPECT_EQ(to_json(verdict_of(analysis)), analysis["verdict"]);
              const auto failed = std::ranges::count(verdict.reasons, CheckOutcome::failed, &VerdictReason::outcome);
              if (verdict.level == VerdictLevel::trade) {
                EXPECT_TRUE(qualified && sharpe > 0 && low > 0 && p <= 0.05 && failed == 0);
                EXPECT_NE(verdict.confidence, Confidence::low);
              }
              if (!qualified || !(sharpe > 0)) {
                EXPECT_EQ(verdict.level, VerdictLevel::nothing);
              }
              traded += verdict.level == VerdictLevel::trade;
              paper += verdict.level == VerdictLevel::paper;
              nothing += verdict.level == VerdictLevel::nothing;
            }
  EXPECT_GT(traded, 10U);
  EXPECT_GT(paper, 100U);
  EXPECT_GT(nothing, 100U);
}

}  // namespace
}  // namespace tradewind::analysis
