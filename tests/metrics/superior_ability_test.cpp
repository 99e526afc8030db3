// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/superior_ability.hpp"
#include "../support/paths.hpp"

#include <cmath>

#include "oracle.hpp"
#include "tradewind/base/random.hpp"

namespace tradewind::metrics {
namespace {

using AbilityTrials = std::vector<std::vector<double>>;

std::vector<std::span<const double>> ability_spans(const AbilityTrials& columns) { return {columns.begin(), columns.end()}; }

AbilityTrials ability_noise(std::size_t trials, std::size_t bars, std::uint64_t seed) {
  Random random(seed);
  AbilityTrials columns(trials, std::vector<double>(bars));
  for (auto& column : columns) {
    for (auto& r : column) r = 0.01 * random.normal();
  }
  return columns;
}

TEST(SuperiorAbility, agrees_with_the_reference_within_what_drawing_leaves_open) {
  const auto folder = test::source_dir() / "tests/fixtures/superior_ability";
  const auto reference = read_json(folder / "reference.json");
  const auto columns = read_columns(folder / "returns.csv");
  for (const auto& expected : reference["cases"]) {
    AbilityTrials chosen;
    for (const std::size_t k : expected["columns"]) chosen.push_back(columns[k]);
    const std::vector<double> benchmark = expected["benchmark"].is_null() ? std::vector<double>() : columns[0];
    for (const bool studentised : {true, false}) {
      const auto result = superior_ability(
          ability_spans(chosen), benchmark,
          {.replicates = 20000, .block_length = reference["block"].get<double>(), .studentised = studentised, .threads = 2});
      ASSERT_TRUE(result) << result.error().message();
      for (std::size_t k = 0; k < chosen.size(); ++k) expect_close(result->t[k].number, expected["z"][k].get<double>(), "t");
      const auto& p = expected[studentised ? "studentised" : "plain"];
      const auto agree = [](const Value& ours, double theirs) {
        const double error = std::sqrt(2 * theirs * (1 - theirs) / 20000);
        EXPECT_NEAR(ours.number, theirs, 4 * error + 1e-4);
      };
      agree(result->p_lower, p["p_lower"]);
      agree(result->p_consistent, p["p_consistent"]);
      agree(result->p_upper, p["p_upper"]);
      EXPECT_EQ(result->superior, p["superior"].get<std::vector<std::size_t>>());
    }
  }
}

TEST(SuperiorAbility, is_the_same_at_any_thread_count_and_another_for_another_seed) {
  const auto columns = ability_noise(9, 300, 2);
  const auto one = superior_ability(ability_spans(columns), {}, {.seed = 4, .threads = 1});
  const auto three = superior_ability(ability_spans(columns), {}, {.seed = 4, .threads = 3});
  const auto other = superior_ability(ability_spans(columns), {}, {.seed = 5});
  ASSERT_TRUE(one && three && other);
  EXPECT_EQ(one->p_consistent.number, three->p_consistent.number);
  for (std::size_t k = 0; k < 9; ++k) EXPECT_EQ(one->p_adjusted[k].number, three->p_adjusted[k].number);
  EXPECT_NE(one->p_upper.number, other->p_upper.number);
  EXPECT_LE(one->p_lower.number, one->p_consistent.number);
  EXPECT_LE(one->p_consistent.number, one->p_upper.number);
}

TEST(SuperiorAbility, noise_is_named_no_more_often_than_the_level_says) {
  int rejected = 0, named = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto result =
        superior_ability(ability_spans(ability_noise(10, 250, 100 + seed)), {}, {.replicates = 200, .level = 0.1, .seed = seed});
    rejected += result->p_consistent.number <= 0.1;
    named += !result->superior.empty();
  }
  EXPECT_LE(rejected, 34);  // 0.1 · 200 = 20, standard deviation 4.2
  EXPECT_GE(rejected, 8);
  EXPECT_LE(named, 34);
}

TEST(SuperiorAbility, all_that_are_better_are_named_step_by_step) {
  auto columns = ability_noise(8, 1000, 7);
  for (auto& r : columns[2]) r += 0.003;
  for (auto& r : columns[5]) r += 0.0016;
  const auto result = superior_ability(ability_spans(columns));
  EXPECT_EQ(result->superior, (std::vector<std::size_t>{2, 5}));
  EXPECT_LT(result->p_consistent.number, 0.01);
  EXPECT_LE(result->p_adjusted[2].number, result->p_adjusted[5].number);
  const auto against_best = superior_ability(ability_spans(columns), columns[2]);
  EXPECT_TRUE(against_best->superior.empty());
  EXPECT_EQ(against_best->t[2].why, Undefined::zero_variance) << "the benchmark itself";
  EXPECT_EQ(against_best->p_consistent.number, 1) << "nothing beats it even in sample";
}

TEST(SuperiorAbility, copies_share_their_fate) {
  auto columns = ability_noise(3, 500, 8);
  for (auto& r : columns[1]) r += 0.002;
  columns[2] = columns[1];
  const auto result = superior_ability(ability_spans(columns));
  EXPECT_EQ(result->p_adjusted[1].number, result->p_adjusted[2].number);
}

TEST(SuperiorAbility, degenerate_inputs_are_answered) {
  auto columns = ability_noise(3, 100, 9);
  columns[1].assign(100, 0.01);
  const auto constant = superior_ability(ability_spans(columns));
  EXPECT_EQ(constant->t[1].why, Undefined::zero_variance);
  EXPECT_TRUE(constant->p_consistent.defined());
  EXPECT_EQ(superior_ability(ability_spans({columns[1]}))->p_consistent.why, Undefined::zero_variance);
  EXPECT_EQ(superior_ability({})->p_consistent.why, Undefined::insufficient_trials);
  EXPECT_EQ(superior_ability(ability_spans(ability_noise(3, 9, 1)))->p_upper.why, Undefined::insufficient_bars);
  EXPECT_TRUE(superior_ability(ability_spans(ability_noise(1, 60, 1)))->p_upper.defined()) << "one trial is a t test";
  for (auto& r : columns[0]) r = -std::fabs(r);
  for (auto& r : columns[2]) r = -std::fabs(r);
  EXPECT_EQ(superior_ability(ability_spans({columns[0], columns[2]}))->p_lower.number, 1) << "all means negative";
  EXPECT_TRUE(superior_ability(ability_spans(ability_noise(2, 40, 1)), {}, {.block_length = 1e9})->p_upper.defined());
  columns[0][17] = std::nan("");
  EXPECT_EQ(superior_ability(ability_spans(columns)).error().where(), "row 17");
  EXPECT_EQ(superior_ability(ability_spans(ability_noise(2, 50, 1)), std::vector<double>(49)).error().code(), Errc::usage);
  EXPECT_EQ(superior_ability(ability_spans(ability_noise(2, 50, 1)), {}, {.replicates = 5}).error().code(), Errc::usage);
}

}  // namespace
}  // namespace tradewind::metrics
