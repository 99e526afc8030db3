// SPDX-License-Identifier: Apache-2.0
#include "tradewind/discovery/condition_model.hpp"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "streams.hpp"
#include "tradewind/discovery/purged_folds.hpp"

namespace tradewind::discovery {
namespace {

TEST(PurgedFolds, no_training_row_knows_a_test_outcome) {
  const auto folds = purged_folds(100, 4, 3, 5);
  ASSERT_EQ(folds.size(), 4U);
  std::size_t covered = 0;
  for (const Fold& fold : folds) {
    covered += fold.test_end - fold.test_begin;
    for (const std::size_t row : fold.train) {
      const bool before = row + 3 <= fold.test_begin;
      const bool after = row >= fold.test_end + 3 + 5;
      EXPECT_TRUE(before || after);
    }
  }
  EXPECT_EQ(covered, 100U);
  EXPECT_EQ(folds[1].train.front(), 0U);
  EXPECT_EQ(folds[1].train.size(), 23U + (100 - 58));
  EXPECT_EQ(purged_folds(2, 5, 1, 0).size(), 2U);
  EXPECT_TRUE(purged_folds(0, 5, 1, 0).empty());
}

TEST(BoostedTrees, learn_an_interaction_and_name_its_features) {
  Random random(5);
  std::vector<std::vector<double>> columns(3);
  std::vector<double> target;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < 4000; ++i) {
    for (auto& column : columns) column.push_back(random.uniform());
    target.push_back((columns[0].back() > 0.5 && columns[2].back() > 0.3 ? 1.0 : 0.0) + 0.1 * random.normal());
    rows.push_back(i);
  }
  const auto model = BoostedTrees::fit(columns, target, rows, {.trees = 100});
  double error = 0;
  for (std::size_t i = 0; i < 4000; ++i) error += std::pow(model.predict(columns, i) - (columns[0][i] > 0.5 && columns[2][i] > 0.3), 2);
  EXPECT_LT(std::sqrt(error / 4000), 0.1);
  EXPECT_GT(model.gains()[0], 50 * model.gains()[1]);
  EXPECT_GT(model.gains()[2], 20 * model.gains()[1]);
}

TEST(BoostedTrees, by_hand) {
  const std::vector<std::vector<double>> columns = {{0, 0, 1, 1}};
  const std::vector<double> target = {1, 1, 3, 3};
  const std::vector<std::size_t> rows = {0, 1, 2, 3};
  const BoostingOptions exact{.trees = 1, .depth = 1, .learning_rate = 1, .min_leaf = 1, .regularisation = 0};
  const auto model = BoostedTrees::fit(columns, target, rows, exact);
  EXPECT_DOUBLE_EQ(model.base(), 2);
  EXPECT_DOUBLE_EQ(model.predict(columns, 0), 1);
  EXPECT_DOUBLE_EQ(model.predict(columns, 3), 3);
  EXPECT_DOUBLE_EQ(model.gains()[0], 4) << "the whole sum of squares";
  EXPECT_EQ(BoostedTrees::fit(columns, target, {}, exact).predict(columns, 0), 0);
}

ConditionSkill skill_of(const Stream& stream, int threads = 1) {
  ConditionOptions options;
  options.threads = threads;
  return *test_conditions(*conditions_of(stream.streams(), stream.returns, stream.regimes()), options);
}

/// The next return leans with the signal where the regime is 2.
Stream conditional_stream(std::uint64_t seed) {
  Stream stream = make_stream(8000, seed);
  for (std::size_t t = 0; t + 1 < stream.returns.size(); ++t)
    if (stream.states[t] == 2) stream.returns[t + 1] += 0.012 * stream.signals[t];
  return stream;
}

TEST(Conditions, a_conditional_edge_is_found_out_of_fold_and_named) {
  const auto skill = skill_of(conditional_stream(3));
  EXPECT_TRUE(skill.skilled);
  EXPECT_GT(skill.information_coefficient.number, 0.05);
  EXPECT_GT(skill.r_squared.number, 0);
  const std::set<std::string> leading = {skill.importance[0].first, skill.importance[1].first};
  EXPECT_EQ(leading, (std::set<std::string>{"s[0]", "regime=2"}));
  EXPECT_EQ(skill.fold_coefficients.size(), 5U);
}

TEST(Conditions, noise_has_no_skill) {
  int skilled = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) skilled += skill_of(make_stream(2500, 500 + seed)).skilled ? 1 : 0;
  EXPECT_LE(skilled, 3);
}

TEST(Conditions, are_the_same_at_any_thread_count) {
  const Stream stream = conditional_stream(4);
  const auto one = skill_of(stream);
  const auto four = skill_of(stream, 4);
  EXPECT_EQ(one.information_coefficient.number, four.information_coefficient.number);
  EXPECT_EQ(one.p_value.number, four.p_value.number);
  EXPECT_EQ(one.importance, four.importance);
}

TEST(Conditions, do_not_look_ahead) {
  Stream stream = make_stream(300, 6);
  const auto before = *conditions_of(stream.streams(), stream.returns, stream.regimes());
  for (std::size_t t = 200; t < 300; ++t) {
    stream.returns[t] = -stream.returns[t] + 0.001;
    stream.signals[t] = 0;
    stream.states[t] = 0;
  }
  const auto after = *conditions_of(stream.streams(), stream.returns, stream.regimes());
  for (std::size_t row = 0; row < before.bar.size() && before.bar[row] < 200; ++row)
    for (std::size_t f = 0; f < before.columns.size(); ++f) EXPECT_EQ(before.columns[f][row], after.columns[f][row]);
}

TEST(Conditions, degenerate_input_says_so) {
  EXPECT_EQ(skill_of(Stream{}).p_value.why, Undefined::too_few);
  EXPECT_EQ(skill_of(make_stream(100, 1)).information_coefficient.why, Undefined::too_few);
  Stream still = make_stream(3000, 1);
  still.returns.assign(3000, 0.0);
  EXPECT_EQ(skill_of(still).rows, 0) << "without volatility nothing can be scaled";
  Stream short_signals = make_stream(50, 1);
  short_signals.signals.pop_back();
  EXPECT_EQ(conditions_of(short_signals.streams(), short_signals.returns, short_signals.regimes()).error().code(), Errc::invalid_data);
  ConditionOptions options;
  options.folds = 1;
  EXPECT_EQ(test_conditions({}, options).error().code(), Errc::usage);
}

ConditionOptions with_library(const std::string& library) {
  ConditionOptions options;
  options.lightgbm = library;
  return options;
}

TEST(LightGbm, what_cannot_be_loaded_is_named) {
  const Stream stream = conditional_stream(3);
  const auto conditions = *conditions_of(stream.streams(), stream.returns, stream.regimes());
  EXPECT_EQ(test_conditions(conditions, with_library("/nowhere/lib_lightgbm.so")).error().code(), Errc::not_found);
  EXPECT_EQ(test_conditions(conditions, with_library("libm.so.6")).error().code(), Errc::invalid_data);
}

/// TRADEWIND_LIGHTGBM names a lib_lightgbm.so to test with.
TEST(LightGbm, finds_the_conditional_edge_too) {
  const char* const library = std::getenv("TRADEWIND_LIGHTGBM");
  if (library == nullptr) GTEST_SKIP() << "TRADEWIND_LIGHTGBM is not set";
  const Stream stream = conditional_stream(3);
  const auto conditions = *conditions_of(stream.streams(), stream.returns, stream.regimes());
  const auto skill = test_conditions(conditions, with_library(library));
  ASSERT_TRUE(skill) << skill.error().message();
  EXPECT_TRUE(skill->skilled);
  const auto built_in = *test_conditions(conditions, {});
  EXPECT_NEAR(skill->information_coefficient.number, built_in.information_coefficient.number, 0.03);
  EXPECT_EQ(skill->importance[0].first, built_in.importance[0].first);
  EXPECT_EQ(skill->p_value.number, test_conditions(conditions, with_library(library))->p_value.number);
}

}  // namespace
}  // namespace tradewind::discovery
