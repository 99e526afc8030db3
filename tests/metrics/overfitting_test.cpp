// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/overfitting.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "oracle.hpp"
#include "tradewind/base/random.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::metrics {
namespace {

using Columns = std::vector<std::vector<double>>;

std::vector<std::span<const double>> spans(const Columns& columns) { return {columns.begin(), columns.end()}; }

Columns noise(std::size_t trials, std::size_t bars, std::uint64_t seed) {
  Random random(seed);
  Columns columns(trials, std::vector<double>(bars));
  for (auto& column : columns) {
    for (auto& r : column) r = 0.01 * random.normal();
  }
  return columns;
}

TEST(Normal, quantile_is_the_inverse_to_the_last_bits) {
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-15);
  EXPECT_NEAR(normal_quantile(0.95), 1.6448536269514722, 1e-15);
  EXPECT_EQ(normal_quantile(0.5), 0);
  EXPECT_NEAR(normal_quantile(1e-12), -7.034483825301131, 1e-13);
  for (double p = 1e-9; p < 1; p += 0.00173) EXPECT_NEAR(normal_cdf(normal_quantile(p)) / p, 1, 1e-13);
}

TEST(Sharpe, a_normal_track_record) {
  const ReturnMoments m{.bars = 101, .sharpe = 0.1, .skewness = 0, .kurtosis = 3};
  EXPECT_NEAR(probabilistic_sharpe(m).number, normal_cdf(0.1 * 10 / std::sqrt(1.005)), 1e-15);
  EXPECT_NEAR(minimum_track_record(m).number, 1 + 1.005 * std::pow(1.6448536269514722 / 0.1, 2), 1e-10);
  EXPECT_EQ(minimum_track_record(m, 0.1).why, Undefined::not_above_benchmark);
  EXPECT_EQ(probabilistic_sharpe({.bars = 3, .sharpe = 0.1}).why, Undefined::too_few);
  EXPECT_EQ(expected_maximum_sharpe(0.01, 1).why, Undefined::insufficient_trials);
}

TEST(Sharpe, moments_of_a_hand_computed_series) {
  ReturnMoments m;
  EXPECT_EQ(return_moments(std::vector<double>{0, 0, 0, 4}, m), Undefined::defined);  // mean 1, deviations −1 −1 −1 3
  EXPECT_NEAR(m.sharpe, 0.5, 1e-15);
  EXPECT_NEAR(m.skewness, 6 / std::pow(3, 1.5), 1e-15);
  EXPECT_NEAR(m.kurtosis, 21.0 / 9, 1e-14);
  EXPECT_EQ(return_moments(std::vector<double>{1, 1}, m), Undefined::zero_variance);
}

TEST(EffectiveTrials, copies_do_not_count) {
  auto columns = noise(6, 4000, 3);
  for (std::size_t k = 3; k < 6; ++k) columns[k] = columns[k - 3];
  EXPECT_NEAR(effective_trials(spans(columns)), 3, 0.02);
  EXPECT_NEAR(effective_trials(spans(noise(20, 20000, 4))), 20, 0.05);
  EXPECT_EQ(effective_trials(spans(noise(1, 50, 4))), 1);
}

TEST(ClusteredTrials, families_are_counted_once) {
  const auto base = noise(4, 1500, 21);
  const auto jitter = noise(24, 1500, 22);
  Columns families;
  for (std::size_t k = 0; k < 24; ++k) {
    families.push_back(base[k % 4]);
    for (std::size_t t = 0; t < 1500; ++t) families[k][t] += 0.4 * jitter[k][t];
  }
  EXPECT_EQ(clustered_trials(spans(families)), 4);
  EXPECT_EQ(clustered_trials(spans(families), 3), 4);
  families.push_back(noise(1, 1500, 23)[0]);
  EXPECT_EQ(clustered_trials(spans(families)), 5) << "a loner is a family";
  EXPECT_EQ(clustered_trials(spans(noise(30, 1000, 24))), 30) << "independent trials are no families";
  EXPECT_EQ(clustered_trials(spans(noise(1, 100, 24))), 1);
  EXPECT_EQ(clustered_trials({}), 0);
  const auto one = noise(1, 500, 25);
  EXPECT_EQ(clustered_trials(spans({one[0], one[0]})), 1) << "two identical ones";
  EXPECT_EQ(clustered_trials(spans(Columns(5, one[0]))), 1);
  Columns constant = noise(3, 500, 26);
  constant.emplace_back(500, 0.01);
  EXPECT_EQ(clustered_trials(spans(constant)), 4);
}

/// The definition, word for word: concatenate blocks, rank, count.
double naive_pbo(const Columns& columns, int blocks) {
  const std::size_t length = columns[0].size() / static_cast<std::size_t>(blocks);
  int lower = 0, splits = 0;
  for (unsigned mask = 0; mask < 1U << blocks; ++mask) {
    if (std::popcount(mask) != blocks / 2) continue;
    std::vector<double> in, out;
    for (const auto& column : columns) {
      std::vector<double> a, b;
      for (std::size_t t = 0; t < length * static_cast<std::size_t>(blocks); ++t)
        ((mask >> (t / length) & 1U) != 0 ? a : b).push_back(column[t]);
      in.push_back(sharpe_per_period(a).number);
      out.push_back(sharpe_per_period(b).number);
    }
    const double chosen = out[static_cast<std::size_t>(std::max_element(in.begin(), in.end()) - in.begin())];
    double rank = 0.5;
    for (const double value : out) rank += value < chosen ? 1 : value == chosen ? 0.5 : 0;
    const double w = rank / (static_cast<double>(columns.size()) + 1);
    lower += std::log(w / (1 - w)) <= 1e-12;
    ++splits;
  }
  return static_cast<double>(lower) / splits;
}

TEST(Pbo, block_sums_equal_the_definition) {
  for (const std::size_t trials : {2U, 7U, 12U}) {
    const auto columns = noise(trials, 205, trials);
    for (const int blocks : {2, 4, 8}) {
      const auto result = probability_of_overfitting(spans(columns), blocks, 2);
      ASSERT_TRUE(result);
      EXPECT_NEAR(result->pbo.number, naive_pbo(columns, blocks), 1e-15) << trials << " trials, " << blocks << " blocks";
      EXPECT_EQ(result->rows_used, 205 / blocks * blocks);
    }
  }
}

TEST(Pbo, skill_is_not_called_overfitting_and_noise_is_a_coin) {
  auto columns = noise(10, 1600, 5);
  const auto coin = probability_of_overfitting(spans(columns));
  EXPECT_GT(coin->pbo.number, 0.2);
  EXPECT_EQ(coin->splits, 12870);
  for (auto& r : columns[4]) r += 0.005;
  const auto skill = probability_of_overfitting(spans(columns));
  EXPECT_LT(skill->pbo.number, 0.01);
  EXPECT_LT(skill->loss_probability.number, 0.01);
}

TEST(Overfit, undefined_cases) {
  const auto columns = noise(3, 100, 6);
  EXPECT_EQ(overfit_report(spans({columns[0]}))->dsr.why, Undefined::insufficient_trials);
  EXPECT_EQ(overfit_report(spans({columns[0]}))->pbo.pbo.why, Undefined::insufficient_trials);
  EXPECT_EQ(overfit_report(spans(noise(3, 30, 1)))->pbo.pbo.why, Undefined::insufficient_bars);
  EXPECT_EQ(overfit_report(spans(noise(3, 3, 1)))->psr.why, Undefined::too_few);
  auto constant = columns;
  constant[1].assign(100, 0.001);
  EXPECT_EQ(overfit_report(spans(constant))->dsr.why, Undefined::zero_variance);
  EXPECT_EQ(overfit_report(spans(constant))->pbo.pbo.why, Undefined::zero_variance);
  EXPECT_EQ(probability_of_overfitting(spans(columns), 7).error().code(), Errc::usage);
  auto ragged = columns;
  ragged[2].pop_back();
  EXPECT_EQ(overfit_report(spans(ragged)).error().code(), Errc::invalid_data);
  EXPECT_TRUE(overfit_report({}));
}

TEST(OverfitOracle, noise_agrees) {
  const auto folder = oracle_folder() / "overfit";
  if (!std::filesystem::exists(folder / "overfit.json")) GTEST_SKIP() << "no reference results at " << folder;
  const auto expected = read_json(folder / "overfit.json")["sets"]["noise12"];
  const auto columns = read_columns(folder / "noise12.csv");
  const auto report = overfit_report(spans(columns));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->best, expected["best"].get<std::size_t>());
  expect_close(report->sharpe_per_period.number, expected["sr_per_period"].get<double>(), "sharpe");
  expect_close(report->psr.number, expected["psr"]["0"].get<double>(), "psr", 1e-9);
  expect_close(report->expected_max_sharpe.number, expected["sr0"].get<double>(), "sr0", 1e-9);
  expect_close(report->dsr.number, expected["dsr"].get<double>(), "dsr", 1e-9);
  expect_close(report->min_track_record.number, expected["min_trl_bars"]["0.0"].get<double>(), "min track record", 1e-9);
  int compared = 0;
  for (const auto& pbo : expected["pbo"]) {
    if (pbo["remainder"] != "drop_newest" || pbo["S"].get<int>() > 20) continue;
    const auto result = probability_of_overfitting(spans(columns), pbo["S"].get<int>());
    EXPECT_NEAR(result->pbo.number, pbo["pbo"].get<double>(), 1e-12);
    EXPECT_EQ(result->rows_used, pbo["rows_used"].get<std::int64_t>());
    ++compared;
  }
  EXPECT_GE(compared, 1);
}

}  // namespace
}  // namespace tradewind::metrics
