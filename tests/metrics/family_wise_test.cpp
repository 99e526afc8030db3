// SPDX-License-Identifier: Apache-2.0
// The test that the verdict on luck rests on: its size on noise, its power, and that other edges take nothing away from one.
#include "tradewind/metrics/family_wise.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tradewind/base/random.hpp"

namespace tradewind::metrics {
namespace {

using LuckColumns = std::vector<std::vector<double>>;
std::vector<std::span<const double>> luck_spans(const LuckColumns& columns) { return {columns.begin(), columns.end()}; }

LuckColumns luck_noise(std::size_t trials, std::size_t bars, std::uint64_t seed, double mean = 0) {
  Random random(seed);
  LuckColumns columns(trials, std::vector<double>(bars));
  for (auto& column : columns)
    for (auto& r : column) r = mean + 0.01 * random.normal();
  return columns;
}
FamilyWise luck_of(const LuckColumns& columns, const Benchmarks& benchmarks = {}, FamilyWiseOptions options = {.replicates = 400}) {
  auto result = family_wise(luck_spans(columns), benchmarks, options);
  EXPECT_TRUE(result) << result.error().message();
  return std::move(*result);
}

TEST(FamilyWiseTest, Noise_is_named_as_seldom_as_promised) {
  int named = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) named += luck_of(luck_noise(60, 300, 1000 + seed)).believed.empty() ? 0 : 1;
  EXPECT_GE(named, 2) << "a test that never names anything has no power";
  EXPECT_LE(named, 20) << "5 % of 200 and three standard errors";
}

TEST(FamilyWiseTest, An_edge_is_found_and_others_take_nothing_away_from_it) {
  LuckColumns columns = luck_noise(10, 2000, 7);
  Random random(8);
  double mean = 0;
  for (double& r : columns[0]) r = 0.01 * random.normal(), mean += r / 2000;
  for (double& r : columns[0]) r += 0.0009 - mean;
  const FamilyWise alone = luck_of(columns);
  EXPECT_EQ(alone.best, 0U);
  EXPECT_EQ(alone.believed, std::vector<std::size_t>{0});
  for (std::size_t k = 1; k < columns.size(); ++k)
    for (double& r : columns[k]) r += 0.0007;
  const FamilyWise among_edges = luck_of(columns);
  EXPECT_LE(among_edges.p[0].number, alone.p[0].number);
  EXPECT_TRUE(std::ranges::count(among_edges.believed, 0U));
  EXPECT_GE(among_edges.believed.size(), 5U);
}

TEST(FamilyWiseTest, Copies_of_a_trial_are_one_try) {
  LuckColumns columns = luck_noise(1, 500, 3, 0.0012);
  const double alone = luck_of(columns).p[0].number;
  for (int i = 0; i < 50; ++i) columns.push_back(columns[0]);
  const FamilyWise copies = luck_of(columns);
  EXPECT_NEAR(copies.p[0].number, alone, 0.02);
  EXPECT_NEAR(copies.effective_trials.number, 1, 0.3);
  EXPECT_GT(luck_of(luck_noise(50, 500, 4)).effective_trials.number, 25);
}

TEST(FamilyWiseTest, Drift_is_no_skill_against_holding_it) {
  int against_nothing = 0, against_holding = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Random random(500 + seed);
    std::vector<double> market(1500);
    for (double& r : market) r = 0.0008 + 0.01 * random.normal();
    LuckColumns rules(20, std::vector<double>(market.size()));
    for (auto& rule : rules) {
      bool held = false;
      for (std::size_t t = 0; t < market.size(); ++t) {
        if (random.uniform() < 0.05) held = !held;
        rule[t] = held ? market[t] : 0.0;
      }
    }
    const std::vector<std::span<const double>> each(rules.size(), market);
    against_nothing += luck_of(rules).believed.empty() ? 0 : 1;
    against_holding += luck_of(rules, Benchmarks(each, Against::matched)).believed.empty() ? 0 : 1;
  }
  EXPECT_GT(against_nothing, 20);
  EXPECT_LE(against_holding, 8) << "5 % of 60 and three standard errors";
}

TEST(FamilyWiseTest, Flat_trials_are_named_and_change_nothing) {
  LuckColumns columns = luck_noise(5, 400, 11, 0.0006);
  const FamilyWise before = luck_of(columns);
  columns.insert(columns.begin() + 2, std::vector<double>(400, 0.0));
  const FamilyWise after = luck_of(columns);
  EXPECT_EQ(after.flat, std::vector<std::size_t>{2});
  EXPECT_EQ(after.p[2].why, Undefined::zero_variance);
  for (const std::size_t k : {0U, 1U}) EXPECT_EQ(after.p[k].number, before.p[k].number);
  for (const std::size_t k : {3U, 4U, 5U}) EXPECT_EQ(after.p[k].number, before.p[k - 1].number);
}

TEST(FamilyWiseTest, Trials_that_are_clearly_worse_do_not_stand_in_the_way) {
  LuckColumns columns = luck_noise(1, 1000, 21, 0.0009);
  const double alone = luck_of(columns).p[0].number;
  for (auto& bad : luck_noise(200, 1000, 22, -0.003)) columns.push_back(bad);
  EXPECT_NEAR(luck_of(columns).p[0].number, alone, 0.02);
}

TEST(FamilyWiseTest, Is_the_same_at_any_thread_count) {
  const LuckColumns columns = luck_noise(37, 1500, 5, 0.0003);
  const FamilyWise one = luck_of(columns, {}, {.replicates = 333, .seed = 9, .threads = 1});
  const FamilyWise three = luck_of(columns, {}, {.replicates = 333, .seed = 9, .threads = 3});
  for (std::size_t k = 0; k < columns.size(); ++k) EXPECT_EQ(one.p[k].number, three.p[k].number);
  EXPECT_EQ(one.expected_max.number, three.expected_max.number);
}

TEST(FamilyWiseTest, Names_what_it_cannot_test) {
  EXPECT_EQ(luck_of({}).p_best.why, Undefined::insufficient_trials);
  EXPECT_EQ(luck_of(luck_noise(3, 9, 1)).p_best.why, Undefined::insufficient_bars);
  EXPECT_EQ(luck_of({std::vector<double>(50, 0.0)}).p_best.why, Undefined::zero_variance);
  const LuckColumns columns = luck_noise(2, 50, 1);
  EXPECT_FALSE(family_wise(luck_spans(columns), {}, {.replicates = 99}));
  EXPECT_FALSE(family_wise(luck_spans(columns), {}, {.level = 1.0}));
  EXPECT_FALSE(family_wise(luck_spans(columns), std::vector<double>(49, 0.0)));
  LuckColumns broken = columns;
  broken[1][7] = std::nan("");
  EXPECT_FALSE(family_wise(luck_spans(broken)));
}

}  // namespace
}  // namespace tradewind::metrics
