// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "panels.hpp"
#include "tradewind/ensemble/correlation.hpp"

namespace tradewind::ensemble {
namespace {

double pearson(std::span<const double> a, std::span<const double> b) {
  double ma = 0;
  double mb = 0;
  const double n = static_cast<double>(a.size());
  for (std::size_t t = 0; t < a.size(); ++t) {
    ma += a[t] / n;
    mb += b[t] / n;
  }
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t t = 0; t < a.size(); ++t) {
    ab += (a[t] - ma) * (b[t] - mb);
    aa += (a[t] - ma) * (a[t] - ma);
    bb += (b[t] - mb) * (b[t] - mb);
  }
  return ab / std::sqrt(aa * bb);
}

TEST(Correlation, Tiles_agree_with_the_plain_formula_at_any_thread_count) {
  const ReturnPanel panel = random_panel(150, 1100, 5);
  const auto one = correlation_matrix(panel, CorrelationKind::sample, 1);
  const auto many = correlation_matrix(panel, CorrelationKind::sample, 4);
  ASSERT_TRUE(one && many);
  EXPECT_EQ(one->values, many->values);
  for (std::size_t i = 0; i < 150; i += 7) {
    for (std::size_t j = 0; j < 150; ++j) EXPECT_NEAR((*one)(i, j), i == j ? 1 : pearson(panel.column(i), panel.column(j)), 1e-12);
  }
}

TEST(Correlation, Ranks_are_unmoved_by_outliers_and_ties_are_shared) {
  ReturnPanel panel;
  panel.add("a", std::vector<double>{1, 2, 3, 4, 5});
  panel.add("b", std::vector<double>{1, 2, 3, 4, 500});
  panel.add("c", std::vector<double>{1, 2, 2, 3, 4});
  const auto rank = correlation_matrix(panel, CorrelationKind::rank);
  ASSERT_TRUE(rank);
  EXPECT_NEAR((*rank)(0, 1), 1, 1e-15);
  EXPECT_NEAR((*rank)(0, 2), pearson(std::vector<double>{1, 2, 3, 4, 5}, std::vector<double>{1, 2.5, 2.5, 4, 5}), 1e-15);
}

TEST(Correlation, Downside_looks_at_losses_only_and_constants_are_undefined) {
  ReturnPanel panel;
  panel.add("a", std::vector<double>{-1, 2, -3, 1, 0});
  panel.add("b", std::vector<double>{-1, 0, -3, 7, 5});
  panel.add("never", std::vector<double>{1, 2, 3, 1, 2});
  const auto down = correlation_matrix(panel, CorrelationKind::downside);
  ASSERT_TRUE(down);
  EXPECT_NEAR((*down)(0, 1), 1, 1e-15);
  EXPECT_TRUE(down->undefined[2]);
  EXPECT_TRUE(std::isnan((*down)(0, 2)));
}

TEST(Correlation, Families_are_found_again) {
  Random random(4);
  ReturnPanel panel;
  std::vector<std::vector<double>> factor(3, std::vector<double>(500));
  for (auto& one : factor) {
    for (double& value : one) value = random.normal();
  }
  for (std::size_t j = 0; j < 30; ++j) {
    std::vector<double> column(factor[j % 3]);
    for (double& value : column) value += 0.4 * random.normal();
    panel.add("s" + std::to_string(j), column);
  }
  const auto correlation = correlation_matrix(panel, CorrelationKind::sample);
  ASSERT_TRUE(correlation);
  const Families families = strategy_families(*correlation, 0.3);
  // Ward heights grow with size, so cutting at a pairwise distance may split a family; never may it mix two.
  for (std::size_t i = 0; i < 30; ++i) {
    for (std::size_t j = 0; j < 30; ++j) {
      if (families.family[i] == families.family[j]) {
        EXPECT_EQ(i % 3, j % 3);
      }
    }
  }
  ASSERT_EQ(families.tree.size(), 29u);
  EXPECT_EQ(families.tree.back().size, 30u);
  const auto three = cut(families.tree, 30, (families.tree[26].height + families.tree[27].height) / 2);
  for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(three[i], i % 3);
}

TEST(Correlation, Ward_heights_are_those_of_scipy) {
  // Points 0, 1, 4, 9: {0, 1} at 1; then 4 joins at √(2·2·1/3)·|4 − 0.5|; then 9 at √(2·3·1/4)·|9 − 5/3|.
  const double x[] = {0, 1, 4, 9};
  std::vector<double> d(16);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) d[i * 4 + j] = std::fabs(x[i] - x[j]);
  }
  const auto tree = agglomerate(d, 4, Linkage::ward);
  ASSERT_EQ(tree.size(), 3u);
  EXPECT_NEAR(tree[0].height, 1, 1e-12);
  EXPECT_NEAR(tree[1].height, std::sqrt(4.0 / 3) * 3.5, 1e-12);
  EXPECT_NEAR(tree[2].height, std::sqrt(6.0 / 4) * (9 - 5.0 / 3), 1e-12);
  EXPECT_EQ(tree[2].size, 4u);
  EXPECT_EQ(leaf_order(tree, 4).size(), 4u);
}

TEST(Correlation, Redundancy_keeps_the_better_of_a_pair) {
  ReturnPanel panel = random_panel(3, 300, 6);
  std::vector<double> better(panel.column(0).begin(), panel.column(0).end());
  for (double& value : better) value += 0.001;
  panel.add("better", better);
  const auto report = redundancy_report(panel, 0.9);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->pairs.size(), 1u);
  EXPECT_EQ(report->pairs[0].first, 0u);
  EXPECT_EQ(report->pairs[0].second, 3u);
  EXPECT_EQ(report->replaced_by, (std::vector<std::size_t>{3, 1, 2, 3}));
}

TEST(Covariance, Shrinkage_and_denoising_keep_what_they_promise) {
  const ReturnPanel panel = random_panel(15, 120, 2);
  const auto sample = estimate_moments(panel, CovarianceMethod::sample);
  const auto shrunk = estimate_moments(panel, CovarianceMethod::ledoit_wolf);
  const auto cleaned = estimate_moments(panel, CovarianceMethod::denoised);
  ASSERT_TRUE(sample && shrunk && cleaned);
  double trace[3] = {0, 0, 0};
  for (std::size_t j = 0; j < 15; ++j) {
    trace[0] += sample->variance(j);
    trace[1] += shrunk->variance(j);
    EXPECT_DOUBLE_EQ(cleaned->variance(j), sample->variance(j));
  }
  EXPECT_NEAR(trace[1] / trace[0], 1, 1e-12);
  EXPECT_GT(shrunk->shrinkage, 0);
  EXPECT_LT(shrunk->shrinkage, 1);
  EXPECT_GT(cleaned->noise_factors, 10u);
  EXPECT_NEAR(shrunk->covariance[1], (1 - shrunk->shrinkage) * sample->covariance[1], 1e-18);
}

}  // namespace
}  // namespace tradewind::ensemble
