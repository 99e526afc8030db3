// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/benchmark.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/metrics/positions.hpp"

namespace tradewind::metrics {
namespace {

const std::vector<double> kOwn = {0.012,  -0.008, 0.005, 0,     0.021,  -0.015, -0.004, 0.009,  0.003, -0.022, 0.017, 0.001,
                                  -0.006, 0.014,  0,     0.008, -0.011, 0.019,  0.002,  -0.003, 0.006, -0.027, 0.010, 0.004};
const std::vector<double> kOther = {0.010,  -0.012, 0.002, 0.001, 0.015,  -0.010, -0.008, 0.004,  0.006, -0.018, 0.012, -0.002,
                                    -0.009, 0.011,  0.003, 0.005, -0.014, 0.013,  0.004,  -0.005, 0.002, -0.021, 0.007, 0.006};
const RiskFree kTwoPercent(0.02, 252);

// The numbers are numpy's for the same series.
TEST(Benchmark, agrees_with_numpy) {
  const auto c = compare_with_benchmark(kOwn, kOther, kTwoPercent, 252);
  EXPECT_NEAR(c.beta.number, 1.1642148111119046, 1e-13);
  EXPECT_NEAR(c.alpha.number, 0.34630350144052086, 1e-13);
  EXPECT_NEAR(c.correlation.number, 0.9645644286281799, 1e-13);
  EXPECT_NEAR(c.r_squared.number, 0.9645644286281799 * 0.9645644286281799, 1e-13);
  EXPECT_NEAR(c.information_ratio.number, 6.047527655035821, 1e-11);
  EXPECT_NEAR(c.tracking_error.number, 0.05729614145897573, 1e-14);
  EXPECT_NEAR(c.up_capture.number, 1.7566327211448167, 1e-11);
  EXPECT_NEAR(c.down_capture.number, 0.9925790219792445, 1e-12);
  EXPECT_NEAR(c.treynor.number, 0.29865329946094255, 1e-13);
  EXPECT_NEAR(c.batting_average.number, 2.0 / 3, 1e-15);
  EXPECT_EQ(c.bars, 24);
  EXPECT_EQ(c.left_out, 0);
}

TEST(Benchmark, a_series_of_one_rate_is_that_rate) {
  const std::vector<double> series(kOwn.size(), rate_per_bar(0.02, 252));
  EXPECT_NEAR(compare_with_benchmark(kOwn, kOther, RiskFree(series), 252).alpha.number, 0.34630350144052086, 1e-13);
}

TEST(Benchmark, bars_it_does_not_have_are_left_out_and_counted) {
  std::vector<double> own = kOwn, other = kOther;
  own.insert(own.begin() + 3, 0.5);
  other.insert(other.begin() + 3, std::nan(""));
  const auto c = compare_with_benchmark(own, other, kTwoPercent, 252);
  EXPECT_NEAR(c.beta.number, 1.1642148111119046, 1e-13);
  EXPECT_EQ(c.bars, 24);
  EXPECT_EQ(c.left_out, 1);
}

TEST(Benchmark, what_there_is_not_has_a_reason) {
  const std::vector<double> none(3, std::nan("")), still(3, 0.0), rising = {0.01, 0.02, 0.01}, own = {0.01, -0.01, 0.02};
  EXPECT_EQ(compare_with_benchmark(own, none, kTwoPercent, 252).beta.why, Undefined::empty);
  const auto c = compare_with_benchmark(own, still, kTwoPercent, 252);
  EXPECT_EQ(c.beta.why, Undefined::zero_variance);
  EXPECT_EQ(c.up_capture.why, Undefined::no_wins);
  EXPECT_TRUE(c.tracking_error.defined());
  EXPECT_EQ(compare_with_benchmark(own, rising, kTwoPercent, 252).down_capture.why, Undefined::no_losses);
  const auto same = compare_with_benchmark(own, own, kTwoPercent, 252);
  EXPECT_EQ(same.tracking_error.number, 0);
  EXPECT_EQ(same.information_ratio.why, Undefined::zero_variance);
  EXPECT_NEAR(same.beta.number, 1, 1e-15);
  EXPECT_NEAR(same.up_capture.number, 1, 1e-15);
  const std::vector<double> one = {0.01};
  EXPECT_EQ(compare_with_benchmark(one, one, kTwoPercent, 252).beta.why, Undefined::too_few);
  EXPECT_EQ(compare_with_benchmark(still, rising, RiskFree(0, 252), 252).correlation.why, Undefined::zero_variance);
  const std::vector<double> ruin = {0.1, -1, 0.1}, falls = {0.1, -0.1, 0.2};
  EXPECT_LT(compare_with_benchmark(ruin, falls, kTwoPercent, 252).down_capture.number, 1.01);
}

TEST(Benchmark, a_risk_free_series_sets_every_sharpe_ratio) {
  const std::vector<std::int8_t> positions(kOwn.size(), 1);
  const auto costed =
      apply_costs(kOwn, positions, {.commission_rate = 0.001, .slippage_model = SlippageModel::linear, .slippage_bps = 0}, 252);
  auto options = ReturnOptions{.periods_per_year = 252};
  auto plain = calculate_metrics(*costed, positions, options);
  options.risk_free = 0.02;
  const auto want = calculate_metrics(*costed, positions, options);
  set_risk_free(*plain, costed->net, costed->gross, std::vector<double>(kOwn.size(), rate_per_bar(0.02, 252)), 252);
  for (const Metric metric : {Metric::sharpe_ratio, Metric::net_sharpe, Metric::gross_sharpe, Metric::cost_impact})
    EXPECT_NEAR((*plain)[metric], (*want)[metric], 1e-12) << enum_name(metric);
}

TEST(Benchmark, rolling_beta_is_that_of_each_window) {
  Random random(2);
  std::vector<double> own(300), other(300);
  for (std::size_t t = 0; t < own.size(); ++t) {
    other[t] = 0.01 * random.normal();
    own[t] = 0.5 * other[t] + 0.005 * random.normal();
  }
  other[150] = std::nan("");
  for (const std::size_t window : {2U, 7U, 63U, 300U}) {
    const auto beta = rolling_beta(own, other, window);
    for (std::size_t end = 0; end < own.size(); ++end) {
      const bool gap = end + 1 < window || (end >= 150 && end < 150 + window);
      EXPECT_EQ(std::isnan(beta[end]), gap) << window << " " << end;
      if (gap) continue;
      const auto part = [&](const std::vector<double>& of) { return std::span(of).subspan(end + 1 - window, window); };
      EXPECT_NEAR(beta[end], compare_with_benchmark(part(own), part(other), RiskFree(0, 252), 252).beta.number, 1e-9);
    }
  }
}

}  // namespace
}  // namespace tradewind::metrics
