// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/multivariate_hmm.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"

namespace tradewind::regimes {
namespace {

const MultivariateHmm kModel{{0.7, 0.3}, {{0.9, 0.1}, {0.2, 0.8}}, {{0, 1}, {0.5, -1}}, {{1, 0.5}, {4, 2}}};

std::vector<double> simulate(const MultivariateHmm& m, std::size_t n, std::uint64_t seed, std::vector<State>* truth = nullptr) {
  Random random(seed);
  std::vector<double> values;
  std::size_t state = 0;
  for (std::size_t t = 0; t < n; ++t) {
    if (random.uniform() >= m.transition[state][state]) state = 1 - state;
    if (truth != nullptr) truth->push_back(static_cast<State>(state));
    for (std::size_t f = 0; f < m.features(); ++f) values.push_back(m.means[state][f] + std::sqrt(m.variances[state][f]) * random.normal());
  }
  return values;
}

TEST(MultivariateHmm, likelihood_is_the_sum_over_all_paths) {
  const std::vector<double> x = {0.3, 1.2, -2, -0.4, 1.1, 0.9, 4, -3, 0.1, 1};
  const auto density = [&](std::size_t t, std::size_t s) {
    double product = 1;
    for (std::size_t f = 0; f < 2; ++f)
      product *= std::exp(-0.5 * std::pow(x[2 * t + f] - kModel.means[s][f], 2) / kModel.variances[s][f]) /
                 std::sqrt(2 * M_PI * kModel.variances[s][f]);
    return product;
  };
  double total = 0, last = 0;
  for (unsigned path = 0; path < 32; ++path) {
    double weight = kModel.start_probability[path & 1U] * density(0, path & 1U);
    for (std::size_t t = 1; t < 5; ++t) weight *= kModel.transition[path >> (t - 1) & 1U][path >> t & 1U] * density(t, path >> t & 1U);
    total += weight;
    if ((path >> 4U & 1U) != 0) last += weight;
  }
  const auto training = train(kModel, {x, 2}, 1);
  ASSERT_TRUE(training) << training.error().message();
  EXPECT_NEAR(training->log_likelihood[0], std::log(total), 1e-12);
  MultivariateFilter filter(kModel);
  for (std::size_t t = 0; t < 5; ++t) filter.update(std::span(x).subspan(2 * t, 2));
  EXPECT_NEAR(filter.log_likelihood(), std::log(total), 1e-12);
  EXPECT_NEAR(filter.probabilities()[1], last / total, 1e-13);
}

TEST(MultivariateHmm, one_feature_is_the_model_of_one_series) {
  const MultivariateHmm narrow{{0.5, 0.5}, {{0.9, 0.1}, {0.2, 0.8}}, {{0}, {0.5}}, {{1}, {4}}};
  const auto series = simulate(narrow, 500, 2);
  const auto many = train(narrow, {series, 1}, 20);
  const auto one = train(HmmParameters{{0.5, 0.5}, {{0.9, 0.1}, {0.2, 0.8}}, {0, 0.5}, {1, 4}}, series, 20);
  ASSERT_TRUE(many && one);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(many->log_likelihood[i], one->log_likelihood[i], 1e-9);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(many->model.means[i][0], one->parameters.means[i], 1e-10);
    EXPECT_NEAR(many->model.variances[i][0], one->parameters.variances[i], 1e-10);
    EXPECT_NEAR(many->model.transition[i][0], one->parameters.transition[i][0], 1e-10);
  }
}

TEST(MultivariateHmm, finds_the_truth_and_gains_with_every_step) {
  std::vector<State> truth;
  const auto values = simulate(kModel, 4000, 3, &truth);
  const auto fit = fit_hmm({values, 2}, {.states = 2, .starts = 4, .threads = 2});
  const auto again = fit_hmm({values, 2}, {.states = 2, .starts = 4});
  ASSERT_TRUE(fit && again) << fit.error().message();
  EXPECT_EQ(fit->log_likelihood, again->log_likelihood);
  EXPECT_TRUE(fit->converged);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t f = 0; f < 2; ++f) EXPECT_NEAR(fit->model.variances[i][f] / kModel.variances[i][f], 1, 0.12);
    EXPECT_NEAR(fit->model.transition[i][i], kModel.transition[i][i], 0.04);
  }
  const auto training = train(kModel, {values, 2}, 30);
  for (std::size_t i = 1; i < 30; ++i) EXPECT_GE(training->log_likelihood[i], training->log_likelihood[i - 1] - 1e-8);
  const std::vector<std::size_t> swap = {1, 0};
  EXPECT_EQ(matching_order(reorder(kModel, swap), kModel, std::vector<double>{2000, 2000}), swap);
}

TEST(MultivariateHmm, bad_models_and_rows_are_refused) {
  auto values = simulate(kModel, 100, 4);
  EXPECT_EQ(train(kModel, {values, 4}, 1).error().code(), Errc::invalid_config);
  EXPECT_EQ(train(kModel, {std::span(values).first(7), 2}, 1).error().code(), Errc::invalid_config);
  EXPECT_EQ(train(kModel, {values, 0}, 1).error().code(), Errc::invalid_config);
  auto broken = kModel;
  broken.variances[1][0] = 0;
  EXPECT_EQ(train(broken, {values, 2}, 1).error().code(), Errc::invalid_config);
  broken = kModel;
  broken.means[1].pop_back();
  EXPECT_EQ(train(broken, {values, 2}, 1).error().code(), Errc::invalid_config);
  EXPECT_EQ(fit_hmm({std::span(values).first(20), 2}, {}).error().code(), Errc::invalid_data) << "10 rows for two states";
  for (std::size_t t = 0; t < 100; ++t) values[2 * t + 1] = 3;
  EXPECT_EQ(fit_hmm({values, 2}, {}).error().code(), Errc::invalid_data) << "a constant feature";
  values[9] = std::nan("");
  EXPECT_EQ(train(kModel, {values, 2}, 1).error().where(), "row 4");
}

}  // namespace
}  // namespace tradewind::regimes
