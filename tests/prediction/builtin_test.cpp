// SPDX-License-Identifier: Apache-2.0
// The built-in strategies from a configuration: defaults, every key, and what is said about wrong ones.
#include <gtest/gtest.h>

#include "books.hpp"

namespace tradewind::prediction {
namespace {

TEST(BuiltinTest, The_four_are_registered_and_made_with_their_defaults) {
  const auto names = PredictionRegistry::instance().names();
  ASSERT_GE(names.size(), 4U);
  const std::vector<std::string> first(names.begin(), names.begin() + 4);
  EXPECT_EQ(first, (std::vector<std::string>{"arbitrage", "momentum", "statistical_arb", "news"}));
  for (const auto& type : PredictionRegistry::instance().types()) {
    EXPECT_FALSE(type->summary.empty() || type->formula.empty() || type->source.empty()) << type->name;
    const Made made = make(type->name, "");
    ASSERT_NE(made.strategy, nullptr);
    EXPECT_EQ(made.complaints, "");
    Universe empty;
    EXPECT_TRUE(look(*made.strategy, empty.view()).empty());
    EXPECT_EQ(made.strategy->get_statistics().opportunities_found, 0U);
  }
}

struct Wrong {
  const char* strategy;
  const char* yaml;
  const char* said;
};

TEST(BuiltinTest, A_wrong_key_or_value_is_named_with_its_line) {
  const Wrong all[] = {
      {"arbitrage", "max_legs: 4\nmin_profit_margn: 0.01\n", "desk.yaml:2 strategies.arbitrage.min_profit_margn: unknown key"},
      {"arbitrage", "min_profit_margin: nan\n", "is not a number"},
      {"arbitrage", "implications:\n  - {if: A}\n", "desk.yaml:2 strategies.arbitrage.implications[0].then: is missing"},
      {"arbitrage", "implications: [{if: A, then: A}]\n", "is the same market"},
      {"arbitrage", "implications: yes\n", "must be a list"},
      {"arbitrage", "kelly_fraction: 0.9\n", "outside"},
      {"momentum", "window: 3.5\n", "is not a whole number"},
      {"momentum", "space: logits\n", "strategies.momentum.space: 'logits' is unknown"},
      {"statistical_arb", "pairs: [[A]]\n", "a pair is a list of two market ids"},
      {"statistical_arb", "pairs: [[A, A]]\n", "no pair with itself"},
      {"statistical_arb", "exit: 3\n", "must be below entry"},
      {"statistical_arb", "hedge: kalmann\n", "'kalmann' is unknown"},
      {"news", "markets: [{id: m, keyword: x}]\n", "strategies.news.markets[0].keyword: unknown key"},
      {"news", "sources: {wire: 100}\n", "outside"},
      {"news", "lexicon: {soars: much}\n", "is not a number"},
  };
  for (const Wrong& wrong : all) {
    const Made made = make(wrong.strategy, wrong.yaml);
    EXPECT_NE(made.complaints.find(wrong.said), std::string::npos) << wrong.yaml << made.complaints;
    EXPECT_NE(made.strategy, nullptr) << "the other complaints of the file are wanted too";
  }
  EXPECT_EQ(make("arbitrage", "min_profit_margn: 0.01\n").hint, "did you mean 'min_profit_margin'?");
}

TEST(BuiltinTest, Every_documented_key_is_taken) {
  EXPECT_EQ(
      make("arbitrage",
           "{min_profit_margin: 0.01, min_profit: 1, max_legs: 5, buy_sets: true, sell_sets: false, multi_outcome: true, lasting: false, "
           "exit_slippage: 0.02, implications: [{if: A, then: B}], kelly_fraction: 0.1, max_trade_share: 0.2, max_depth_share: 0.5}")
          .complaints,
      "");
  EXPECT_EQ(
      make("momentum",
           "{space: price, window: 30, entry: 2.5, continuation: 0.1, min_edge: 0.02, min_volume: 10, min_depth: 5, max_spread: 0.1, "
           "min_hours_to_end: 1, take_profit: 0.1, stop_loss: 0.1, max_holding_hours: 2, exit_hours_before_end: 1, exit_slippage: 0.01, "
           "max_gap: 1, kelly_fraction: 0.1, max_trade_share: 0.2, max_depth_share: 0.5}")
          .complaints,
      "");
  EXPECT_EQ(make("statistical_arb",
                 "{pairs: [[A, B]], discover: true, discovery_window: 500, discovery_error: 0.01, min_correlation: 0.5, max_pairs: 10, "
                 "hedge: kalman, hedge_ratio: 1, delta: 0.001, "
                 "measurement: 0.01, window: 40, max_gap: 1, entry: 2, exit: 0.4, stop: 5, min_half_life: 1, max_half_life: 20, "
                 "stationary: true, lags: 1, min_edge: 0.01, min_depth: 5, max_spread: 0.1, max_holding_hours: 5, entry_slippage: 0.01, "
                 "exit_slippage: 0.02, min_volume: 1, min_hours_to_end: 2, exit_hours_before_end: 1}")
                .complaints,
            "");
  EXPECT_EQ(make("news",
                 "{markets: [{id: m, keywords: [fed, rate cut], polarity: -1}], sources: {wire: 0.5}, lexicon: {soars: 0.6}, strength: 2, "
                 "tau_hours: 3, min_relevance: 0.5, duplicate_distance: 6, min_edge: 0.01, exit_impact: 0.3, memory: 100, min_depth: 1, "
                 "take_profit: 0.3, kelly_fraction: 0.2}")
                .complaints,
            "");
}

}  // namespace
}  // namespace tradewind::prediction
