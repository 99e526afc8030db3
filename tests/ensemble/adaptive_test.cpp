// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/adaptive.hpp"

#include <cmath>

#include "panels.hpp"
#include "tradewind/ensemble/adaptive_walk_forward.hpp"

namespace tradewind::ensemble {
namespace {

const std::vector<std::string> kNames = {"up", "down"};

AdaptiveOptions options_with(double cost_rate, double max_weight = 1) {
  AdaptiveOptions options;
  options.ensemble = options_for(Objective::sharpe, 0, max_weight);
  options.cost_rate = cost_rate;
  return options;
}

/// States that last about 40 bars each.
std::vector<int> random_states(std::size_t rows, std::uint64_t seed) {
  Random random(seed);
  std::vector<int> states;
  int state = 0;
  for (std::size_t t = 0; t < rows; ++t) {
    if (random.below(40) == 0) state = 1 - state;
    states.push_back(state);
  }
  return states;
}

/// Two strategies that earn `edge` a bar in one regime and lose it in the other. A state known at t acts on the returns of t + 1.
ReturnPanel swapping_panel(const std::vector<int>& states, double edge, std::uint64_t seed, std::size_t columns = 2) {
  Random random(seed);
  std::vector<std::vector<double>> values(columns, std::vector<double>(states.size()));
  for (std::size_t t = 0; t < states.size(); ++t) {
    const int state = t == 0 ? 0 : states[t - 1];
    for (std::size_t j = 0; j < columns; ++j) values[j][t] = (static_cast<int>(j % 2) == state ? edge : -edge) + 0.01 * random.normal();
  }
  ReturnPanel panel;
  for (std::size_t j = 0; j < columns; ++j) panel.add("s" + std::to_string(j), values[j]);
  return panel;
}

AdaptiveReport walked(const ReturnPanel& panel, const std::vector<double>& probabilities, const AdaptiveOptions& options,
                      WalkForwardOptions walk = {.first_fit = 500, .step = 100}) {
  auto report = adaptive_walk_forward(panel, {probabilities, kNames}, options, walk, {.replicates = 400, .seed = 3});
  EXPECT_TRUE(report) << report.error().message();
  return std::move(*report);
}

TEST(Decide, goes_the_share_of_the_way_that_pays) {
  AdaptiveModel model;
  model.global = {{0.5, 0.5}, {1e-4, 0, 0, 4e-4}, 5, 20, 100, {}};
  AdaptiveRegime calm = model.global, wild = model.global;
  calm.weights = {1, 0};
  wild.weights = {0, 1};
  wild.covariance = {4e-4, 1e-4, 1e-4, 9e-4};
  wild.holding_bars = 10;
  model.regimes = {calm, wild};
  model.cost_rate = 0.001;
  const std::vector<double> probabilities = {0.6, 0.3}, held = {0.1, 0.9};  // 0.1 unknown: it aims at the global weights
  const AdaptiveDecision decision = decide(model, probabilities, held);
  EXPECT_NEAR(decision.target[0], 0.6 * 1 + 0.3 * 0 + 0.1 * 0.5, 1e-15);
  const double way = 0.65 - 0.1, length = 2 * way;
  const auto square = [&](const AdaptiveRegime& r) { return way * way * (r.covariance[0] + r.covariance[3] - 2 * r.covariance[1]); };
  const double loss = 5 * (0.6 * square(calm) + 0.3 * square(wild) + 0.1 * square(model.global)), holding = 0.7 * 20 + 0.3 * 10;
  EXPECT_NEAR(decision.share, 1 - 0.001 * length / (holding * loss), 1e-12);
  // It is the minimum of what it says it minimises.
  const auto total = [&](double share) { return holding * 0.5 * (1 - share) * (1 - share) * loss + 0.001 * share * length; };
  for (double share = 0; share <= 1; share += 0.001) EXPECT_GE(total(share), total(decision.share) - 1e-15);
  EXPECT_NEAR(decision.turnover, decision.share * length, 1e-15);
  EXPECT_NEAR(decision.cost, 0.001 * decision.turnover, 1e-18);
  EXPECT_NEAR(decision.weights[0], 0.1 + decision.share * way, 1e-15);
}

TEST(Decide, trades_nothing_inside_the_region_and_all_without_costs) {
  AdaptiveModel model;
  model.global = {{0.6, 0.4}, {1e-4, 0, 0, 1e-4}, 5, 20, 100, {}};
  const std::vector<double> none, held = {0.5, 0.5};
  const auto decide_at = [&](double cost_rate, const std::vector<double>& from) {
    model.cost_rate = cost_rate;
    return decide(model, none, from);
  };
  // holding · γ · dʹΣd = 20 · 5 · 2 · 0.01 · 1e-4 = 2e-4 pays for cost · 0.2 up to a rate of 1e-3
  EXPECT_EQ(decide_at(0.00101, held).share, 0);
  EXPECT_EQ(decide_at(0.00101, held).weights, held);
  EXPECT_GT(decide_at(0.00099, held).share, 0);
  EXPECT_EQ(decide_at(0, held).weights, model.global.weights);
  EXPECT_EQ(decide_at(0, model.global.weights).turnover, 0);
  model.global.risk_aversion = 0;  // nothing to gain
  EXPECT_EQ(decide_at(1e-9, held).share, 0);
}

TEST(FitAdaptive, sees_a_regime_only_in_the_bars_after_it_was_known) {
  const auto states = random_states(1500, 5);
  const auto panel = swapping_panel(states, 0.003, 6);
  const auto probabilities = one_hot(states, 2);
  const auto model = fit_adaptive(panel, {probabilities, kNames}, options_with(0));
  ASSERT_TRUE(model) << model.error().message();
  ASSERT_EQ(model->regimes.size(), 2U);
  EXPECT_NEAR(model->regimes[0].weights[0], 1, 0.05);
  EXPECT_NEAR(model->regimes[1].weights[1], 1, 0.05);
  EXPECT_NEAR(model->regimes[0].holding_bars, 40, 15);
  // γ = S / σ of the aim, 0.3 / 0.01
  EXPECT_NEAR(model->regimes[0].risk_aversion, 30, 8);
  EXPECT_EQ(model->regimes[0].bars + model->regimes[1].bars, 1499U);
  // With a regime of one bar each, a label used a bar too early or too late would give the opposite weights.
  std::vector<int> hasty(1000);
  for (std::size_t t = 0; t < hasty.size(); ++t) hasty[t] = static_cast<int>(t % 2);
  const auto fast = fit_adaptive(swapping_panel(hasty, 0.003, 7), {one_hot(hasty, 2), kNames}, options_with(0));
  EXPECT_NEAR(fast->regimes[0].weights[0], 1, 0.05);
  EXPECT_NEAR(fast->regimes[1].weights[1], 1, 0.05);
  EXPECT_EQ(fast->regimes[0].holding_bars, 1);
}

TEST(FitAdaptive, takes_what_luck_alone_would_show_off_the_sharpe_ratio) {
  const auto states = random_states(800, 25);
  AdaptiveOptions options = options_with(0, 0.6);
  double mean = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto panel = swapping_panel(std::vector<int>(800, 0), 0.0, 300 + seed, 3);
    const auto model = fit_adaptive(panel, {one_hot(states, 2), kNames}, options);
    mean += model->global.risk_aversion / 40;
    if (model->global.risk_aversion == 0 || model->fallback) continue;
    const auto moments = estimate_moments(panel, options.ensemble.covariance);
    double m = 0, v = 0, held = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      m += model->global.weights[i] * moments->mean[i];
      held += model->global.weights[i] > 0 ? 1 : 0;
      for (std::size_t j = 0; j < 3; ++j) v += model->global.weights[i] * model->global.weights[j] * moments->covariance[3 * i + j];
    }
    EXPECT_NEAR(model->global.risk_aversion, std::sqrt(((800 - held - 2) * m * m / v - held) / 800) / std::sqrt(v), 1e-9);
  }
  EXPECT_LT(mean, 2.5);  // without it: above 5
  options.risk_aversion = 7;
  EXPECT_EQ(fit_adaptive(swapping_panel(states, 0.001, 26), {one_hot(states, 2), kNames}, options)->regimes[0].risk_aversion, 7);
  options.risk_aversion = 0;
  options.ensemble.objective = Objective::min_variance;
  EXPECT_EQ(fit_adaptive(swapping_panel(states, 0.001, 26), {one_hot(states, 2), kNames}, options)->regimes[0].risk_aversion,
            kNeutralAversion);
}

TEST(FitAdaptive, falls_back_where_a_regime_or_all_data_say_nothing) {
  auto states = random_states(400, 7);
  for (std::size_t t = 0; t < states.size(); ++t) states[t] = t < 30 ? 1 : 0;  // 30 bars are too few
  const auto panel = swapping_panel(states, 0.003, 8);
  const auto model = fit_adaptive(panel, {one_hot(states, 2), kNames}, options_with(0));
  EXPECT_FALSE(model->regimes[1].fallback.empty());
  EXPECT_EQ(model->regimes[1].weights, model->global.weights);
  ReturnPanel losing;  // every mean below 0: no best Sharpe ratio
  losing.add("a", std::vector<double>(200, -0.001));
  losing.add("b", std::vector<double>(200, -0.002));
  losing.values[5] = -0.003;
  losing.values[305] = -0.004;
  const auto none = fit_adaptive(losing, {one_hot(std::vector<int>(200, 0), 2), kNames}, options_with(0), std::vector<double>{0.3, 0.7});
  EXPECT_TRUE(none->fallback);
  EXPECT_EQ(none->global.weights, (std::vector<double>{0.3, 0.7}));
  EXPECT_EQ(none->regimes[0].weights, none->global.weights);
}

TEST(AdaptiveWalkForward, pays_when_strategies_swap_with_the_regime) {
  const auto states = random_states(2500, 11);
  const auto panel = swapping_panel(states, 0.002, 12);
  const auto report = walked(panel, one_hot(states, 2), options_with(0.0015));
  EXPECT_TRUE(report.paid) << report.verdict;
  EXPECT_GT(report.growth_interval.low, 0);
  EXPECT_GT(report.adaptive.sharpe_ratio.number, report.static_weights.sharpe_ratio.number + 1);
  EXPECT_GT(report.adaptive.sharpe_ratio.number, report.equal_weight.sharpe_ratio.number + 1);
  EXPECT_GT(report.adaptive.moves, 20);
  EXPECT_NE(report.verdict.find("adapting paid"), std::string::npos);
  EXPECT_EQ(report.bars, 2000U);
  EXPECT_EQ(report.refits.size(), 20U);
}

TEST(AdaptiveWalkForward, does_not_pay_in_noise) {
  int paid = 0;
  std::int64_t moves = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const auto states = random_states(1500, 100 + seed);
    const auto report = walked(swapping_panel(states, 0, 200 + seed, 4), one_hot(states, 2), options_with(0.0015, 0.6));
    paid += report.paid ? 1 : 0;
    moves += report.adaptive.moves;
    EXPECT_NE(report.verdict.find(report.paid                                                     ? "adapting paid"
                                  : report.adaptive.moves == 0 || report.growth_interval.high < 0 ? "did not pay"
                                                                                                  : "not shown that adapting pays"),
              std::string::npos)
        << report.verdict;
  }
  EXPECT_EQ(paid, 0);
  EXPECT_LT(moves, 100);  // of 12 · 1000 closes
}

TEST(AdaptiveWalkForward, trades_nothing_when_costs_are_high) {
  const auto states = random_states(1500, 13);
  const auto report = walked(swapping_panel(states, 0.002, 14), one_hot(states, 2), options_with(0.5));
  EXPECT_EQ(report.adaptive.moves, 0);
  EXPECT_EQ(report.adaptive.costs, 0);
  EXPECT_EQ(report.adaptive.turnover, 0);
  EXPECT_EQ(report.static_weights.moves, 0);
}

TEST(AdaptiveWalkForward, more_cost_means_less_turnover) {
  const auto states = random_states(1500, 15);
  const auto panel = swapping_panel(states, 0.002, 16);
  double before = 1e9;
  for (const double rate : {0.0, 0.001, 0.005, 0.02, 0.05}) {
    const auto report = walked(panel, one_hot(states, 2), options_with(rate));
    EXPECT_LE(report.adaptive.turnover, before) << rate;
    before = report.adaptive.turnover;
    EXPECT_NEAR(report.adaptive.costs, rate * report.adaptive.turnover, 1e-12);
  }
}

TEST(AdaptiveWalkForward, accounts_for_drift_costs_and_returns) {
  const auto states = random_states(900, 17);
  const auto panel = swapping_panel(states, 0.002, 18, 3);
  std::vector<double> blurred = one_hot(states, 2);
  for (double& p : blurred) p = 0.1 + 0.7 * p;  // 0.8 and 0.1, 0.1 unknown
  const auto report = walked(panel, blurred, options_with(0.002));
  std::vector<double> held;
  double turnover = 0;
  for (std::size_t i = 0; i < report.bars; ++i) {
    const std::size_t t = report.first_bar + i;
    double moved = 0, growth = 0, sum = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      const double w = report.weights[3 * i + j];
      if (!held.empty()) moved += std::fabs(w - held[j]);
      growth += w * (1 + panel.column(j)[t]);
      sum += w;
    }
    EXPECT_NEAR(sum, 1, 1e-12);
    if (moved < 1e-12) moved = 0;
    turnover += moved;
    ASSERT_NEAR(report.adaptive.returns[i], (1 - 0.002 * moved) * growth - 1, 1e-13) << i;
    held.resize(3);
    for (std::size_t j = 0; j < 3; ++j) held[j] = report.weights[3 * i + j] * (1 + panel.column(j)[t]) / growth;
  }
  EXPECT_NEAR(report.adaptive.turnover, turnover, 1e-9);
  // Equal weights between two refits are 1/3 of each column bought and kept.
  double kept = 0;
  for (std::size_t j = 0; j < 3; ++j) {
    double value = 1.0 / 3;
    for (std::size_t t = 500; t < 600; ++t) value *= 1 + panel.column(j)[t];
    kept += value;
  }
  double grown = 1;
  for (std::size_t i = 0; i < 100; ++i) grown *= 1 + report.equal_weight.returns[i];
  EXPECT_NEAR(grown, kept, 1e-12);
}

TEST(AdaptiveWalkForward, what_comes_later_changes_nothing_before) {
  const auto states = random_states(1100, 19);
  const auto panel = swapping_panel(states, 0.002, 20, 3);
  const auto probabilities = one_hot(states, 2);
  const auto whole = walked(panel, probabilities, options_with(0.002));
  for (const std::size_t rows : {501U, 600U, 601U, 777U, 1099U}) {
    const auto part =
        walked(slice(panel, 0, rows), {probabilities.begin(), probabilities.begin() + static_cast<long>(2 * rows)}, options_with(0.002));
    ASSERT_EQ(part.weights.size(), 3 * (rows - 500));
    for (std::size_t i = 0; i < part.weights.size(); ++i) ASSERT_EQ(part.weights[i], whole.weights[i]) << rows;
    for (std::size_t i = 0; i < part.adaptive.returns.size(); ++i) ASSERT_EQ(part.adaptive.returns[i], whole.adaptive.returns[i]);
  }
  // The regime of the last close before a bar decides it, not that of the bar itself.
  auto other = probabilities;
  std::swap(other[2 * 700], other[2 * 700 + 1]);
  const auto changed = walked(panel, other, options_with(0));
  const auto free = walked(panel, probabilities, options_with(0));
  for (std::size_t i = 0; i < 3 * (701 - 500); ++i) ASSERT_EQ(changed.weights[i], free.weights[i]);
  EXPECT_NE(changed.weights[3 * 201], free.weights[3 * 201]);
}

TEST(AdaptiveWalkForward, differs_from_static_weights_by_the_regimes_only) {
  const auto states = random_states(900, 27);
  const auto report = walked(swapping_panel(states, 0.002, 28, 3), std::vector<double>(1800, 0.0), options_with(0.001));
  EXPECT_EQ(report.adaptive.returns, report.static_weights.returns);  // no regime is ever known
  EXPECT_FALSE(report.paid);
}

TEST(AdaptiveWalkForward, is_the_same_every_time_and_says_when_it_cannot_test) {
  const auto states = random_states(900, 21);
  const auto panel = swapping_panel(states, 0.001, 22);
  const auto a = walked(panel, one_hot(states, 2), options_with(0.001)), b = walked(panel, one_hot(states, 2), options_with(0.001));
  EXPECT_EQ(a.growth_interval.low, b.growth_interval.low);
  EXPECT_EQ(a.weights, b.weights);
  const auto brief = walked(slice(panel, 0, 400), one_hot(std::span(states).first(400), 2), options_with(0.001));
  EXPECT_EQ(brief.bars, 0U);
  EXPECT_FALSE(brief.paid);
  EXPECT_NE(brief.verdict.find("too few bars"), std::string::npos);
  EXPECT_EQ(brief.adaptive.sharpe_ratio.why, metrics::Undefined::empty);
}

TEST(AdaptiveWalkForward, refuses_what_means_nothing) {
  const auto states = random_states(600, 23);
  const auto panel = swapping_panel(states, 0.001, 24);
  auto probabilities = one_hot(states, 2);
  const auto code = [&](const AdaptiveOptions& options) {
    return adaptive_walk_forward(panel, {probabilities, kNames}, options).error().code();
  };
  EXPECT_EQ(code(options_with(-0.1)), Errc::usage);
  EXPECT_EQ(code(options_with(1)), Errc::usage);
  auto bad = options_with(0.001);
  bad.ensemble.periods_per_year = 0;
  EXPECT_EQ(code(bad), Errc::usage);
  bad = options_with(0.001);
  bad.holding_bars = -1;
  EXPECT_EQ(code(bad), Errc::usage);
  probabilities[7] = 1.5;
  EXPECT_EQ(code(options_with(0.001)), Errc::invalid_data);
  probabilities[6] = probabilities[7] = 0.7;
  EXPECT_EQ(code(options_with(0.001)), Errc::invalid_data);
  probabilities[6] = probabilities[7] = std::nan("");
  EXPECT_EQ(code(options_with(0.001)), Errc::invalid_data);
  probabilities.pop_back();
  EXPECT_EQ(code(options_with(0.001)), Errc::invalid_data);
  Cancellation cancellation;
  cancellation.request();
  EXPECT_EQ(adaptive_walk_forward(panel, {one_hot(states, 2), kNames}, options_with(0), {}, {}, &cancellation).error().code(),
            Errc::interrupted);
}

TEST(Drift, follows_the_returns) {
  std::vector<double> weights = {0.5, 0.5};
  drift(std::vector<double>{0.1, -0.1}, weights);
  EXPECT_NEAR(weights[0], 0.55, 1e-15);
  drift(std::vector<double>{-1, -1}, weights);
  EXPECT_EQ(weights, (std::vector<double>{0.5, 0.5}));
}

}  // namespace
}  // namespace tradewind::ensemble
