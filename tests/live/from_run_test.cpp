// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/from_run_internal.hpp"

#include "../analysis/analysis_test_support.hpp"
#include "tradewind/analysis/run_classifier.hpp"

namespace tradewind::live {
namespace {

class FromRun : public analysis::Bench {};

TEST_F(FromRun, A_classifier_made_anew_says_what_the_run_has_stored) {
  write(analysis::spells("ONE", 1, 500));
  write(analysis::spells("TWO", 2, 500));
  // The consensus hears them in this order, which is not that of their names.
  sweep("r",
        data_of({"ONE", "TWO"}) + kStrategies +
            "classifiers:\n  - {type: volatility_terciles, window: 20}\n  - {type: trend, window: [30, 10]}\n  - {type: change_point}\n");
  auto input = analysis::RunInput::open("r", {}, ws());
  ASSERT_TRUE(input) << input.error().message();
  const auto all = *input->classifiers();
  ASSERT_EQ(all.size(), 10U) << "four classifiers of two symbols, and their consensus";
  for (const auto& stored : all) {
    SCOPED_TRACE(stored.classifier_id);
    auto made = analysis::classifier_of_run(input->run(), stored.classifier_id);
    ASSERT_TRUE(made) << made.error().message();
    EXPECT_EQ(made->symbol, stored.symbol);
    const market::Bars& bars = **input->series(stored.symbol);
    EXPECT_EQ(regimes::classify(*made->classifier, bars), input->states_on(stored.classifier_id, bars.timestamp)->state);
  }
  const auto missing = analysis::classifier_of_run(input->run(), "ONE.trend");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), Errc::not_found);
}

TEST(ReturnsPerBar, Are_those_whose_annual_figures_are_given) {
  const auto daily = returns_per_bar(1.5, 0.2, 252, 0);
  ASSERT_TRUE(daily);
  EXPECT_NEAR(daily->mean / daily->deviation * std::sqrt(252), 1.5, 1e-12);
  EXPECT_NEAR(daily->deviation * std::sqrt(252), 0.2, 1e-12);
  EXPECT_GT(returns_per_bar(1.5, 0.2, 252, 0.03)->mean, daily->mean) << "the Sharpe ratio is beyond the risk-free rate";
  EXPECT_FALSE(returns_per_bar(std::nan(""), 0.2, 252, 0));
  EXPECT_FALSE(returns_per_bar(1.5, 0, 252, 0));
  EXPECT_FALSE(returns_per_bar(1.5, 0.2, 0, 0));
  StrategyOrigin origin;
  BarTraderOptions options;
  options.share_per_market = 0.25;
  options.bar_seconds = 60;
  expect_of_account(origin, daily, options);
  EXPECT_DOUBLE_EQ(origin.expected->mean, daily->mean * 0.25);
  EXPECT_DOUBLE_EQ(origin.expected->sharpe(), daily->sharpe());
  EXPECT_EQ(origin.bar_seconds, 60);
}

}  // namespace
}  // namespace tradewind::live
