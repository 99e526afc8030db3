// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/verdict.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "fixture.hpp"

namespace tradewind::figures {
namespace {

using Json = nlohmann::ordered_json;

/// An ensemble that passes every check.
Json sound() {
  Json analysis = fixture();
  analysis["overfitting"]["dsr"] = 0.97;
  return analysis;
}
Json& holdout(Json& analysis, std::size_t path) { return analysis["ensemble"]["performance"][path]["holdout"]; }

TEST(Verdict, AllFourPassedIsHigh) {
  const Verdict verdict = verdict_of(sound());
  EXPECT_EQ(verdict.confidence, Confidence::high);
  EXPECT_EQ(verdict.headline, "Trade the ensemble of 3 strategies.");
  ASSERT_EQ(verdict.checks.size(), 4u);
  for (const Check& check : verdict.checks) EXPECT_EQ(check.outcome, CheckOutcome::passed) << check.name << ": " << check.text;
}

TEST(Verdict, ADoubtLowersIt) {
  Json analysis = sound();
  analysis["overfitting"]["dsr"] = 0.8;
  EXPECT_EQ(verdict_of(analysis).confidence, Confidence::moderate);
  analysis["overfitting"]["pbo"] = 0.3;
  EXPECT_EQ(verdict_of(analysis).confidence, Confidence::moderate);
  holdout(analysis, 0)["intervals"]["sharpe_ratio"] = {-0.2, 3.0};
  EXPECT_EQ(verdict_of(analysis).confidence, Confidence::low) << "only one check left";
  EXPECT_NE(verdict_of(analysis).headline.find("Paper-trade"), std::string::npos);
}

TEST(Verdict, SaysWhatTheAnalysisAdvises) {
  Json analysis = sound();
  analysis["overfitting"]["dsr"] = 0.8;
  EXPECT_EQ(verdict_of(analysis).headline, "Trade the ensemble of 3 strategies, small at first.");
  analysis["recommendations"][0]["kind"] = "paper_trade";
  EXPECT_EQ(verdict_of(analysis).headline, "Paper-trade the ensemble of 3 strategies first; most of the evidence is good.");
}

TEST(Verdict, AFailureIsLow) {
  for (const auto& [key, value] : {std::pair{"dsr", 0.49}, {"pbo", 0.5}}) {
    Json analysis = sound();
    analysis["overfitting"][key] = value;
    EXPECT_EQ(verdict_of(analysis).confidence, Confidence::low) << key;
  }
  Json analysis = sound();
  holdout(analysis, 4)["sharpe_ratio"] = 9.0;  // buy and hold did better
  EXPECT_EQ(verdict_of(analysis).confidence, Confidence::low);
  analysis = sound();
  holdout(analysis, 2)["sharpe_ratio"] = 9.0;  // equal weight did better: a doubt, not a failure
  EXPECT_EQ(verdict_of(analysis).confidence, Confidence::moderate);
}

TEST(Verdict, AnEnsembleThatEarnedNothingOnUnseenDataIsNotTraded) {
  Json analysis = sound();
  holdout(analysis, 0)["sharpe_ratio"] = 0.0;
  const Verdict verdict = verdict_of(analysis);
  EXPECT_EQ(verdict.confidence, Confidence::lost);
  EXPECT_TRUE(verdict.headline.starts_with("Trade nothing")) << verdict.headline;
}

TEST(Verdict, WhatIsUnknownIsNoPass) {
  Json analysis = sound();
  analysis["overfitting"] = nullptr;
  analysis["undefined"]["overfitting"] = "too_few";
  const Verdict verdict = verdict_of(analysis);
  EXPECT_EQ(verdict.confidence, Confidence::moderate);
  EXPECT_EQ(verdict.checks[1].outcome, CheckOutcome::unknown);
  EXPECT_EQ(verdict.checks[1].text, "No deflated Sharpe ratio: too few observations.");
  EXPECT_TRUE(std::ranges::count(verdict.unknowns, verdict.checks[1].text));
}

TEST(Verdict, NothingQualified) {
  const Verdict verdict = verdict_of(fixture("analysis_nothing.json"));
  EXPECT_EQ(verdict.confidence, Confidence::nothing_qualified);
  EXPECT_EQ(verdict.headline, "Trade nothing.");
  EXPECT_NE(verdict.summary.find("None of 9,900 strategies"), std::string::npos) << verdict.summary;
  EXPECT_NE(verdict.summary.find("7,412, were rejected at \"Sharpe ratio\": below 2 after costs"), std::string::npos) << verdict.summary;
  EXPECT_TRUE(verdict.checks.empty());
}

TEST(Verdict, QualifiedWithoutWeightsIsNothingToTrade) {
  Json analysis = sound();
  analysis["ensemble"] = {{"status", "degenerate"}};
  EXPECT_EQ(verdict_of(analysis).confidence, Confidence::nothing_qualified);
  EXPECT_NE(verdict_of(analysis).summary.find("degenerate"), std::string::npos);
  EXPECT_EQ(verdict_of(Json::object()).headline, "Trade nothing.");
}

TEST(Verdict, NamesWhatMakesTheNumbersTooGood) {
  Json analysis = sound();
  analysis["provenance"]["commission_rate"] = 0;
  analysis["provenance"]["slippage_bps"] = 0;
  analysis["provenance"]["fill"] = "close";
  analysis["provenance"]["symbols"] = {"SPY"};
  analysis["split"]["holdout_bars"] = 100;
  const Verdict verdict = verdict_of(analysis);
  const auto says = [&](std::string_view text) {
    return std::ranges::any_of(verdict.unknowns, [&](const std::string& one) { return one.find(text) != std::string::npos; });
  };
  EXPECT_TRUE(says("No costs were charged"));
  EXPECT_TRUE(says("close of the signal's own bar"));
  EXPECT_TRUE(says("Only one market was looked at: SPY"));
  EXPECT_TRUE(says("held-out part is short: 100 bars, 0.4 years"));
}

TEST(Verdict, OneStrategyIsNoEnsemble) {
  Json analysis = sound();
  analysis["ensemble"]["strategies"] = {"a"};
  analysis["ensemble"]["weights"] = Json::object();
  analysis["ensemble"]["global_weights"] = {{"a", 1.0}};
  EXPECT_EQ(verdict_of(analysis).headline, "Trade one strategy.");
}

}  // namespace
}  // namespace tradewind::figures
