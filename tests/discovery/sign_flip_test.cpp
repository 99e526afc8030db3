// SPDX-License-Identifier: Apache-2.0
#include "tradewind/discovery/sign_flip.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"

namespace tradewind::discovery {
namespace {

struct Outcome {
  std::uint32_t block;
  double value;
};

std::vector<std::vector<Outcome>> random_outcomes(std::uint64_t seed, std::size_t associations, std::uint32_t blocks) {
  Random random(seed);
  std::vector<std::vector<Outcome>> all(associations);
  for (std::size_t a = 0; a < associations; ++a)
    for (std::uint32_t b = 0; b < blocks; ++b)
      for (std::uint64_t k = random.below(3); k > 0; --k) all[a].push_back({b, random.normal() + (a == 0 ? 0.4 : 0.0)});
  return all;
}

OutcomeTable table_of(const std::vector<std::vector<Outcome>>& all, std::size_t blocks) {
  OutcomeTable table(blocks);
  for (const auto& outcomes : all) {
    table.begin();
    for (const auto& [block, value] : outcomes) table.add(block, value);
  }
  return table;
}

/// The definition: one random sign per block and permutation, every outcome turned one by one, step-down maxima by brute force.
std::vector<double> naive_adjusted(const std::vector<std::vector<Outcome>>& all, std::size_t blocks, int permutations, std::uint64_t seed) {
  const std::size_t m = all.size();
  const auto statistic = [&](std::size_t a, const std::vector<double>& sign) {
    double sum = 0;
    double squares = 0;
    for (const auto& [block, value] : all[a]) {
      sum += sign[block] * value;
      squares += value * value;
    }
    return std::fabs(sum) / std::sqrt(squares);
  };
  std::vector<double> observed(m);
  for (std::size_t a = 0; a < m; ++a) observed[a] = statistic(a, std::vector<double>(blocks, 1.0));
  std::vector<double> hits(m);
  for (int p = 0; p < permutations; ++p) {
    Random random(seed, static_cast<std::uint64_t>(p) / 64);
    std::vector<double> sign(blocks);
    for (double& s : sign) s = (random.next() >> (p % 64) & 1U) != 0 ? -1 : 1;
    for (std::size_t a = 0; a < m; ++a) {
      double largest = 0;
      for (std::size_t other = 0; other < m; ++other)
        if (observed[other] <= observed[a]) largest = std::max(largest, statistic(other, sign));
      hits[a] += largest >= observed[a] ? 1 : 0;
    }
  }
  std::vector<double> adjusted(m);
  for (std::size_t a = 0; a < m; ++a)
    for (std::size_t other = 0; other < m; ++other)
      if (observed[other] >= observed[a]) adjusted[a] = std::max(adjusted[a], (hits[other] + 1) / (permutations + 1));
  return adjusted;
}

TEST(SignFlip, agrees_with_the_definition) {
  const auto all = random_outcomes(4, 7, 60);
  SignFlipOptions options;
  options.permutations = 150;
  options.seed = 9;
  const auto found = sign_flip_test(table_of(all, 60), options);
  ASSERT_TRUE(found);
  const auto expected = naive_adjusted(all, 60, 150, 9);
  for (std::size_t a = 0; a < all.size(); ++a) {
    EXPECT_NEAR((*found)[a].p_adjusted.number, expected[a], 1e-12) << a;
    EXPECT_LE((*found)[a].p_value.number, (*found)[a].p_adjusted.number);
    EXPECT_LE((*found)[a].p_value.number, (*found)[a].q_value.number);
  }
  EXPECT_LT((*found)[0].p_adjusted.number, 0.05);
}

TEST(SignFlip, is_the_same_at_any_thread_count) {
  const OutcomeTable table = table_of(random_outcomes(5, 20, 300), 300);
  SignFlipOptions options;
  options.permutations = 300;
  const auto one = *sign_flip_test(table, options);
  options.threads = 3;
  const auto three = *sign_flip_test(table, options);
  for (std::size_t a = 0; a < one.size(); ++a) {
    EXPECT_EQ(one[a].p_value.number, three[a].p_value.number);
    EXPECT_EQ(one[a].p_adjusted.number, three[a].p_adjusted.number);
  }
}

TEST(SignFlip, few_blocks_are_no_evidence) {
  OutcomeTable table(4);
  table.begin();
  for (std::uint32_t block = 0; block < 4; ++block) table.add(block, 1.0);
  const auto found = *sign_flip_test(table, {});
  EXPECT_GE(found[0].p_value.number, 0.1) << "2 of 16 sign patterns are as extreme, whatever t says";
  EXPECT_EQ(found[0].blocks, 4);
  EXPECT_DOUBLE_EQ(found[0].statistic, 2);
}

TEST(SignFlip, cost_is_taken_off_before_testing) {
  OutcomeTable table(100);
  table.begin();
  Random random(1);
  for (std::uint32_t block = 0; block < 100; ++block) table.add(block, 0.01 + 0.001 * random.normal());
  SignFlipOptions options;
  EXPECT_LT((*sign_flip_test(table, options))[0].p_adjusted.number, 0.01);
  options.cost = 0.0105;
  const auto eaten = (*sign_flip_test(table, options))[0];
  EXPECT_EQ(eaten.statistic, 0);
  EXPECT_EQ(eaten.p_adjusted.number, 1);
}

TEST(SignFlip, says_when_there_is_nothing_to_test) {
  OutcomeTable table(3);
  table.begin();
  table.begin();
  table.add(1, 0.0);
  const auto found = *sign_flip_test(table, {});
  EXPECT_EQ(found[0].p_value.why, metrics::Undefined::too_few);
  EXPECT_EQ(found[1].p_adjusted.why, metrics::Undefined::zero_variance);
  EXPECT_TRUE(sign_flip_test(OutcomeTable(0), {})->empty());
  EXPECT_EQ(sign_flip_test(table, {.permutations = 5}).error().code(), Errc::usage);
}

TEST(BenjaminiHochberg, by_hand) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> p = {0.04, 0.01, nan, 0.03, 0.5};
  const auto q = benjamini_hochberg(p);
  EXPECT_DOUBLE_EQ(q[1], 0.04);
  EXPECT_DOUBLE_EQ(q[3], 0.04 * 4 / 3);
  EXPECT_DOUBLE_EQ(q[0], 0.04 * 4 / 3);
  EXPECT_DOUBLE_EQ(q[4], 0.5);
  EXPECT_TRUE(std::isnan(q[2]));
}

}  // namespace
}  // namespace tradewind::discovery
