// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/hmm.hpp"
#include "../support/paths.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tradewind/base/random.hpp"
#include "tradewind/regimes/exponential_internal.hpp"

namespace tradewind::regimes {
namespace {

const HmmParameters kTwo{{0.5, 0.5}, {{0.98, 0.02}, {0.05, 0.95}}, {0.0006, -0.001}, {0.00005, 0.0004}};

std::vector<double> simulate(const HmmParameters& p, std::size_t n, std::uint64_t seed, std::vector<State>* truth = nullptr) {
  Random random(seed);
  std::vector<double> series(n);
  std::size_t state = 0;
  for (auto& x : series) {
    double draw = random.uniform();
    std::size_t next = 0;
    while (next + 1 < p.states() && draw >= p.transition[state][next]) draw -= p.transition[state][next++];
    state = next;
    x = p.means[state] + std::sqrt(p.variances[state]) * random.normal();
    if (truth != nullptr) truth->push_back(static_cast<State>(state));
  }
  return series;
}

TEST(Exponential, is_exact_to_the_last_bits) {
  Random random(1);
  double worst = 0;
  std::vector<double> values(20000);
  for (auto& v : values) v = -700 * std::pow(random.uniform(), 3);
  auto result = values;
  Exponential::instance()(result.data(), result.size());
  for (std::size_t i = 0; i < values.size(); ++i) worst = std::max(worst, std::fabs(result[i] / std::exp(values[i]) - 1));
  EXPECT_LT(worst, 3e-16);
  double ends[2] = {0, -1e300};
  Exponential::instance()(ends, 2);
  EXPECT_EQ(ends[0], 1);
  EXPECT_GT(ends[1], 0);
}

/// The textbook: every path of a short series, summed and maximised.
TEST(Hmm, equals_the_sum_over_all_paths) {
  const HmmParameters p{{0.6, 0.3, 0.1}, {{0.7, 0.2, 0.1}, {0.1, 0.8, 0.1}, {0.3, 0.3, 0.4}}, {0, 1, -1}, {1, 0.5, 2}};
  const std::vector<double> x = {0.3, -2, 1.1, 0.9, -0.2, 4};
  const auto density = [&](std::size_t t, std::size_t s) {
    return std::exp(-0.5 * std::pow(x[t] - p.means[s], 2) / p.variances[s]) / std::sqrt(2 * M_PI * p.variances[s]);
  };
  double total = 0, top = 0;
  std::vector<double> marginal(x.size() * 3);
  std::vector<State> top_path;
  for (int code = 0; code < 729; ++code) {
    std::vector<State> path;
    for (int t = 0, rest = code; t < 6; ++t, rest /= 3) path.push_back(static_cast<State>(rest % 3));
    double weight = 1;
    for (std::size_t t = 0; t < 6; ++t) {
      const auto s = static_cast<std::size_t>(path[t]);
      weight *= (t == 0 ? p.start_probability[s] : p.transition[static_cast<std::size_t>(path[t - 1])][s]) * density(t, s);
    }
    total += weight;
    for (std::size_t t = 0; t < 6; ++t) marginal[t * 3 + static_cast<std::size_t>(path[t])] += weight;
    if (weight > top) top = weight, top_path = path;
  }
  const auto smooth = smoothed(p, x);
  const auto filter = filtered(p, x);
  const auto path = viterbi(p, x);
  ASSERT_TRUE(smooth && filter && path);
  EXPECT_NEAR(smooth->log_likelihood, std::log(total), 1e-12);
  EXPECT_NEAR(filter->log_likelihood, std::log(total), 1e-12);
  for (std::size_t i = 0; i < marginal.size(); ++i) EXPECT_NEAR(smooth->values[i], marginal[i] / total, 1e-13);
  for (std::size_t s = 0; s < 3; ++s) EXPECT_NEAR(filter->row(5)[s], smooth->row(5)[s], 1e-13);
  EXPECT_EQ(path->states, top_path);
  EXPECT_NEAR(path->log_probability, std::log(top), 1e-12);
}

TEST(Hmm, every_step_gains_likelihood_and_the_truth_is_found) {
  std::vector<State> truth;
  const auto series = simulate(kTwo, 6000, 4, &truth);
  const auto fit = fit_hmm(series, {.states = 2, .starts = 4});
  ASSERT_TRUE(fit) << fit.error().message();
  EXPECT_TRUE(fit->converged);
  EXPECT_NEAR(fit->parameters.variances[0] / kTwo.variances[0], 1, 0.1);
  EXPECT_NEAR(fit->parameters.variances[1] / kTwo.variances[1], 1, 0.15);
  EXPECT_NEAR(fit->parameters.transition[0][0], 0.98, 0.01);
  const auto steps = train(default_start(series, 2), series, 40);
  for (std::size_t i = 1; i < steps->log_likelihood.size(); ++i) EXPECT_GE(steps->log_likelihood[i], steps->log_likelihood[i - 1] - 1e-9);
  HmmFilter filter(fit->parameters);
  std::size_t right = 0;
  for (std::size_t t = 0; t < series.size(); ++t) {
    filter.update(series[t]);
    right += filter.state() == truth[t];
  }
  EXPECT_GT(static_cast<double>(right) / 6000, 0.9);
  const auto three = fit_hmm(series, {.states = 3, .starts = 4});
  if (three) {
    EXPECT_GT(three->bic, fit->bic) << "two states explain two states best";
  }
}

TEST(Hmm, starts_side_by_side_find_the_same_optima) {
  const auto series = simulate(kTwo, 800, 31);
  const auto one = fit_hmm(series, {.states = 4, .starts = 8, .max_steps = 60});
  const auto three = fit_hmm(series, {.states = 4, .starts = 8, .max_steps = 60, .threads = 3});
  ASSERT_TRUE(one && three);
  EXPECT_EQ(one->log_likelihood, three->log_likelihood);
  EXPECT_EQ(one->parameters.means, three->parameters.means);
  EXPECT_EQ(one->diagnostics, three->diagnostics);
  EXPECT_GT(one->optima.size(), 1U) << "four states of data with two have local optima";
  int starts = 0;
  for (std::size_t i = 0; i < one->optima.size(); ++i) {
    starts += one->optima[i].starts;
    if (i > 0) {
      EXPECT_LT(one->optima[i].log_likelihood, one->optima[i - 1].log_likelihood);
    }
  }
  EXPECT_LE(starts, 8);
  EXPECT_EQ(one->optima[0].log_likelihood, one->log_likelihood);
}

TEST(Hmm, outliers_and_tiny_scales_do_no_harm) {
  auto series = simulate(kTwo, 2000, 5);
  series[1000] = 5;  // 250 standard deviations
  const auto smooth = smoothed(kTwo, series);
  ASSERT_TRUE(smooth);
  for (const double p : smooth->values) EXPECT_TRUE(std::isfinite(p));
  auto tiny = simulate(kTwo, 2000, 6);
  for (auto& x : tiny) x *= 1e-9;
  const auto fit = fit_hmm(tiny, {.states = 2, .starts = 2});
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->parameters.variances[1] * 1e18 / kTwo.variances[1], 1, 0.3);
}

TEST(Hmm, a_filter_that_meets_the_impossible_starts_again) {
  const HmmParameters one_way{{1, 0}, {{1, 0}, {0, 1}}, {0, 0}, {1e-8, 1}};
  HmmFilter filter(one_way);
  filter.update(0);
  EXPECT_EQ(filter.state(), 0);
  for (int i = 0; i < 3; ++i) filter.update(5);  // 50,000 standard deviations in state 0, which cannot be left
  for (const double p : filter.probabilities()) EXPECT_TRUE(std::isfinite(p));
}

TEST(Hmm, states_are_matched_across_refits) {
  const std::vector<std::size_t> swap = {1, 0};
  const std::vector<double> points = {100, 100};
  const auto swapped = reorder(kTwo, swap);
  EXPECT_EQ(swapped.transition[0][0], 0.95);
  EXPECT_EQ(swapped.transition[0][1], 0.05);
  EXPECT_EQ(matching_order(swapped, kTwo, points), swap);
  EXPECT_EQ(matching_order(kTwo, kTwo, points), (std::vector<std::size_t>{0, 1}));
}

TEST(Hmm, bad_models_and_series_are_refused) {
  const auto series = simulate(kTwo, 100, 1);
  auto broken = kTwo;
  broken.transition[1] = {0.5, 0.4};
  EXPECT_EQ(train(broken, series, 1).error().code(), Errc::invalid_config);
  broken = kTwo;
  broken.variances[0] = 0;
  EXPECT_EQ(filtered(broken, series).error().code(), Errc::invalid_config);
  auto gap = series;
  gap[17] = std::nan("");
  EXPECT_EQ(train(kTwo, gap, 1).error().where(), "row 17");
  EXPECT_EQ(fit_hmm(std::vector<double>(100, 0.5), {}).error().code(), Errc::invalid_data);
  EXPECT_EQ(fit_hmm(std::vector<double>(5, 0.5), {}).error().code(), Errc::invalid_data);
}

std::filesystem::path oracle_folder() { return test::shared_dir() / "oracles" / "regimes"; }

HmmParameters parameters_of(const nlohmann::json& j) {
  return {j["startprob"].get<std::vector<double>>(), j["transmat"].get<std::vector<std::vector<double>>>(),
          j["means"].get<std::vector<double>>(), j["vars"].get<std::vector<double>>()};
}

TEST(HmmOracle, every_step_agrees) {
  if (!std::filesystem::exists(oracle_folder())) GTEST_SKIP() << "no reference results at " << oracle_folder();
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(oracle_folder())) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    const auto oracle = nlohmann::json::parse(file);
    std::ifstream csv(oracle_folder() / oracle["files"]["x"].get<std::string>());
    std::vector<double> series;
    std::string line;
    std::getline(csv, line);
    while (std::getline(csv, line)) series.push_back(std::strtod(line.c_str(), nullptr));
    const int steps = static_cast<int>(oracle["iters"].size());
    const auto training = train(parameters_of(oracle["init"]), series, steps);
    ASSERT_TRUE(training) << training.error().message();
    for (std::size_t i = 0; i < oracle["iters"].size(); ++i) {
      const double expected = oracle["iters"][i]["loglik_before_mstep"].get<double>();
      EXPECT_NEAR(training->log_likelihood[i] / expected, 1, 1e-10) << entry.path() << " step " << i;
    }
    const auto expected = parameters_of(oracle["final"]["params"]);
    for (std::size_t i = 0; i < expected.states(); ++i) {
      EXPECT_NEAR(training->parameters.variances[i] / expected.variances[i], 1, 1e-6);
      EXPECT_NEAR(training->parameters.means[i], expected.means[i], 1e-8);
      for (std::size_t j = 0; j < expected.states(); ++j)
        EXPECT_NEAR(training->parameters.transition[i][j], expected.transition[i][j], 1e-6);
    }
    const auto path = viterbi(expected, series);
    EXPECT_NEAR(path->log_probability, oracle["final"]["viterbi_logprob"].get<double>(), 1e-6);
    ++cases;
  }
  EXPECT_GE(cases, 3);
}

}  // namespace
}  // namespace tradewind::regimes
