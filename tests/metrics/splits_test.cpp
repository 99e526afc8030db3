// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/splits.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::metrics {
namespace {

enum Use : char { kUnused, kTrain, kTest };

std::vector<char> uses(const Split& split, std::size_t bars) {
  std::vector<char> use(bars, kUnused);
  for (const auto& [ranges, what] : {std::pair{split.train, kTrain}, {split.test, kTest}}) {
    for (const BarRange& range : ranges) {
      EXPECT_LT(range.begin, range.end);
      for (std::size_t t = range.begin; t < range.end; ++t) {
        EXPECT_EQ(use[t], kUnused);
        use[t] = what;
      }
    }
  }
  return use;
}

/// The rule, bar by bar: a training bar has no test bar within `purge` on either side, nor one within purge + embargo before it.
void expect_apart(const std::vector<char>& use, std::size_t purge, std::size_t embargo) {
  for (std::size_t t = 0; t < use.size(); ++t) {
    if (use[t] != kTrain) continue;
    for (std::size_t test = t > purge + embargo ? t - purge - embargo : 0; test < std::min(use.size(), t + purge + 1); ++test)
      EXPECT_NE(use[test], kTest) << "training bar " << t << ", test bar " << test;
  }
}

TEST(Splits, purged_ones_keep_their_distance_and_test_every_bar_equally_often) {
  Random random(1);
  for (int round = 0; round < 60; ++round) {
    PurgedOptions o{.groups = 3 + random.below(6), .purge = random.below(4), .embargo = random.below(5)};
    o.test_groups = 1 + random.below(std::min<std::size_t>(3, o.groups - 1));
    const std::size_t bars = 100 + random.below(150);
    const auto purged = purged_splits(bars, o);
    ASSERT_TRUE(purged) << purged.error().message();
    const auto choose = [](std::size_t n, std::size_t k) {
      return static_cast<std::size_t>(
          std::lround(std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(static_cast<double>(n - k) + 1.0))));
    };
    EXPECT_EQ(purged->splits.size(), choose(o.groups, o.test_groups));
    EXPECT_EQ(purged->paths.size(), choose(o.groups - 1, o.test_groups - 1));
    std::vector<std::size_t> tested(bars, 0);
    for (const Split& split : purged->splits) {
      const auto use = uses(split, bars);
      expect_apart(use, o.purge, o.embargo);
      for (std::size_t t = 0; t < bars; ++t) {
        tested[t] += use[t] == kTest;
        if (o.purge + o.embargo == 0) {
          EXPECT_NE(use[t], kUnused);
        }
      }
    }
    for (const std::size_t times : tested) EXPECT_EQ(times, purged->paths.size());
    for (std::size_t g = 0; g < o.groups; ++g) {
      std::vector<std::size_t> seen;
      for (const auto& path : purged->paths) {
        const auto& groups = purged->tested[path[g]];
        EXPECT_TRUE(std::find(groups.begin(), groups.end(), g) != groups.end());
        EXPECT_TRUE(std::find(seen.begin(), seen.end(), path[g]) == seen.end()) << "no split serves two paths in one group";
        seen.push_back(path[g]);
      }
    }
  }
}

TEST(Splits, walk_forward_trains_before_it_tests) {
  Random random(2);
  for (int round = 0; round < 60; ++round) {
    const WalkForwardWindows o{.train = 1 + random.below(40),
                               .test = 1 + random.below(20),
                               .expanding = random.below(2) == 1,
                               .purge = random.below(4),
                               .embargo = random.below(4)};
    const std::size_t bars = 60 + random.below(100);
    const auto splits = walk_forward_splits(bars, o);
    ASSERT_TRUE(splits);
    std::size_t next = o.train + o.purge + o.embargo;
    for (const Split& split : *splits) {
      ASSERT_EQ(split.train.size(), 1U);
      ASSERT_EQ(split.test.size(), 1U);
      EXPECT_EQ(split.test[0].begin, next) << "every bar after the first window is tested once";
      EXPECT_EQ(split.test[0].begin - split.train[0].end, o.purge + o.embargo);
      EXPECT_EQ(split.train[0].begin, o.expanding ? 0 : split.train[0].end - o.train);
      next = split.test[0].end;
    }
    EXPECT_EQ(next, bars);
  }
  const auto overlapping = walk_forward_splits(20, {.train = 10, .test = 6, .step = 2});
  EXPECT_EQ(overlapping->size(), 5U);
  EXPECT_EQ((*overlapping)[4].test[0], (BarRange{18, 20}));
}

TEST(Splits, what_cannot_be_split_is_refused) {
  EXPECT_EQ(walk_forward_splits(10, {.train = 0, .test = 1}).error().code(), Errc::usage);
  EXPECT_EQ(walk_forward_splits(10, {.train = 5, .test = 0}).error().code(), Errc::usage);
  EXPECT_EQ(walk_forward_splits(10, {.train = 10, .test = 1}).error().code(), Errc::invalid_data);
  EXPECT_EQ(walk_forward_splits(10, {.train = 5, .test = 1, .purge = static_cast<std::size_t>(-1)}).error().code(), Errc::invalid_data);
  EXPECT_EQ(purged_splits(100, {.groups = 1}).error().code(), Errc::usage);
  EXPECT_EQ(purged_splits(100, {.groups = 6, .test_groups = 6}).error().code(), Errc::usage);
  EXPECT_EQ(purged_splits(100, {.groups = 20, .test_groups = 10}).error().code(), Errc::usage) << "184,756 splits";
  EXPECT_EQ(purged_splits(5, {.groups = 6}).error().code(), Errc::invalid_data);
  EXPECT_EQ(purged_splits(100, {.purge = 100}).error().code(), Errc::invalid_data);
}

using SplitTrials = std::vector<std::vector<double>>;
std::vector<std::span<const double>> split_spans(const SplitTrials& columns) { return {columns.begin(), columns.end()}; }

SplitTrials split_noise(std::size_t trials, std::size_t bars, std::uint64_t seed) {
  Random random(seed);
  SplitTrials columns(trials, std::vector<double>(bars));
  for (auto& column : columns) {
    for (auto& r : column) r = 0.01 * random.normal();
  }
  return columns;
}

TEST(CrossValidatedSharpe, equals_the_definition) {
  const auto columns = split_noise(5, 203, 3);
  const PurgedOptions o{.groups = 6, .test_groups = 2, .purge = 2, .embargo = 3};
  const auto result = cross_validated_sharpe(split_spans(columns), o, 2);
  const auto purged = purged_splits(203, o);
  ASSERT_TRUE(result && purged);
  for (std::size_t p = 0; p < purged->paths.size(); ++p) {
    std::vector<double> path;
    for (std::size_t g = 0; g < 6; ++g) {
      const Split& split = purged->splits[purged->paths[p][g]];
      std::size_t best = 0;
      double top = -1e9;
      for (std::size_t k = 0; k < 5; ++k) {
        std::vector<double> seen;
        for (const BarRange& range : split.train)
          for (std::size_t t = range.begin; t < range.end; ++t) seen.push_back(columns[k][t]);
        const double sharpe = sharpe_per_period(seen).number;
        if (sharpe > top) top = sharpe, best = k;
      }
      EXPECT_EQ(result->chosen[purged->paths[p][g]], best);
      for (std::size_t t = purged->groups[g].begin; t < purged->groups[g].end; ++t) path.push_back(columns[best][t]);
    }
    EXPECT_NEAR(result->paths[p], sharpe_per_period(path).number, 1e-14);
  }
}

TEST(CrossValidatedSharpe, selection_on_noise_promises_what_it_does_not_keep) {
  const auto columns = split_noise(50, 2000, 4);
  const auto result = cross_validated_sharpe(split_spans(columns));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->paths.size(), 9U);
  EXPECT_GT(result->in_sample.number, 0.03);
  EXPECT_LT(result->mean.number, 0.02);
  EXPECT_LE(result->low.number, result->mean.number);
  EXPECT_GE(result->high.number, result->mean.number);
}

TEST(CrossValidatedSharpe, degenerate_inputs_are_answered) {
  const auto columns = split_noise(1, 100, 5);
  const auto single = cross_validated_sharpe(split_spans(columns));
  EXPECT_NEAR(single->mean.number, sharpe_per_period(columns[0]).number, 1e-15);
  EXPECT_NEAR(single->deviation.number, 0, 1e-15);
  EXPECT_EQ(cross_validated_sharpe({})->mean.why, Undefined::insufficient_trials);
  EXPECT_EQ(cross_validated_sharpe(split_spans(split_noise(3, 12, 1)))->mean.why, Undefined::insufficient_bars);
  EXPECT_EQ(cross_validated_sharpe(split_spans(split_noise(3, 100, 1)), {.purge = 100})->mean.why, Undefined::insufficient_bars);
  EXPECT_EQ(cross_validated_sharpe(split_spans({std::vector<double>(100, 0.1)}))->mean.why, Undefined::zero_variance);
  auto negative = split_noise(2, 200, 6);
  for (auto& column : negative)
    for (auto& r : column) r = -std::fabs(r);
  EXPECT_EQ(cross_validated_sharpe(split_spans(negative))->loss_probability.number, 1);
  EXPECT_EQ(cross_validated_sharpe(split_spans(columns), {.groups = 10, .test_groups = 1})->deviation.why, Undefined::too_few)
      << "one path";
  EXPECT_EQ(cross_validated_sharpe(split_spans(columns), {.groups = 1}).error().code(), Errc::usage);
}

}  // namespace
}  // namespace tradewind::metrics
