// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/selection.hpp"

#include <algorithm>
#include <set>

#include "analysis_test_support.hpp"

namespace tradewind::analysis {
namespace {

using metrics::Metric;
using metrics::Undefined;

/// A run of which the figures are then set by hand; the returns, and so the correlations, are the run's.
class SelectStrategies : public Bench {
 protected:
  void prepare(const std::string& yaml_of_strategies, bool classifiers = false) {
    write(spells("ONE", 1, 400));
    sweep("r", data_of({"ONE"}) + yaml_of_strategies + (classifiers ? kClassifiers : ""));
    auto opened = RunInput::open("r", {}, ws());
    ASSERT_TRUE(opened) << opened.error().message();
    input.emplace(std::move(*opened));
    auto studied = study_run(*input, {});
    ASSERT_TRUE(studied) << studied.error().message();
    study = std::move(*studied);
    for (auto& s : study.strategies) set(s, 2, 0.6, 0.1, 200);
  }
  static void set(StudiedStrategy& s, double sharpe, double win_rate, double drawdown, std::int64_t trades) {
    s.selection.set(Metric::sharpe_ratio, sharpe);
    s.selection.set(Metric::win_rate, win_rate);
    s.selection.set(Metric::max_drawdown, drawdown);
    s.selection.total_trades = trades;
    s.dsr = 0.5;
  }
  const std::string& id(std::size_t i) const { return study.row_of(study.strategies[i]).strategy_id; }
  Selection select(const SelectionCriteria& criteria = {}) {
    auto selection = select_strategies(*input, study, criteria);
    EXPECT_TRUE(selection) << selection.error().message();
    return selection ? std::move(*selection) : Selection{};
  }
  static std::vector<std::string> stages(const Selection& selection) {
    std::vector<std::string> names;
    for (const auto& stage : selection.funnel) names.push_back(stage.stage);
    return names;
  }
  /// Every stage leaves what the one before left, less those it rejected.
  static void expect_adds_up(const Selection& s, std::size_t rows) {
    ASSERT_FALSE(s.funnel.empty());
    EXPECT_EQ(s.funnel.front().strategies, rows);
    for (std::size_t i = 1; i < s.funnel.size(); ++i)
      EXPECT_EQ(s.funnel[i].strategies + s.funnel[i].rejected, s.funnel[i - 1].strategies) << s.funnel[i].stage;
    EXPECT_EQ(s.funnel.back().strategies, s.qualified ? s.selected.size() : 0);
  }

  static constexpr const char* kSix = "strategies:\n  - {type: sma_cross, fast: [3, 5], slow: [15, 25, 40]}\n";
  std::optional<RunInput> input;
  Study study;
};

TEST_F(SelectStrategies, each_criterion_gives_its_reason) {
  prepare(kSix);
  auto& s = study.strategies;
  ASSERT_EQ(s.size(), 6U);
  set(s[0], 2, 0.6, 0.1, 99);
  set(s[1], 0.99, 0.6, 0.1, 100);
  set(s[2], 1, 0.5, 0.1, 100);
  set(s[3], 1, 0.55, 0.25, 100);
  set(s[4], 1, 0.55, 0.2, 100);  // exactly at every bound
  set(s[5], 2, 0.6, 0.1, 100);
  s[5].dsr = 0.2;
  SelectionCriteria criteria;
  criteria.min_dsr = 0.3;
  const Selection selection = select(criteria);
  EXPECT_EQ(selection.reasons[0], "99 closed trades are fewer than 100");
  EXPECT_EQ(selection.reasons[1], "sharpe_ratio 0.99 is below 1.00");
  EXPECT_EQ(selection.reasons[2], "win_rate 50.0 % is below 55.0 %");
  EXPECT_EQ(selection.reasons[3], "max_drawdown 25.0 % is above 20.0 %");
  EXPECT_EQ(selection.reasons[4], "");
  EXPECT_EQ(selection.reasons[5], "deflated Sharpe ratio 0.20 is below 0.30");
  EXPECT_EQ(stages(selection), (std::vector<std::string>{"scanned", "min_trades", "min_sharpe", "min_win_rate", "max_drawdown", "min_dsr",
                                                         "max_correlation", "selected"}));
  expect_adds_up(selection, 6);
  for (std::size_t i = 1; i <= 5; ++i) EXPECT_EQ(selection.funnel[i].rejected, 1U) << i;
  EXPECT_EQ(selection.funnel[1].reason, "fewer than 100 closed trades");
  EXPECT_TRUE(selection.qualified);
  EXPECT_EQ(selection.selected, (std::vector<std::size_t>{4}));
}

TEST_F(SelectStrategies, an_undefined_figure_rejects_with_its_reason) {
  prepare(kSix);
  auto& s = study.strategies;
  s[0].selection.set_undefined(Metric::sharpe_ratio, Undefined::zero_variance);
  s[1].selection.set_undefined(Metric::win_rate, Undefined::no_decided_trades);
  s[2].selection.set_undefined(Metric::max_drawdown, Undefined::too_few);
  s[3].dsr = Undefined::insufficient_trials;
  SelectionCriteria criteria;
  criteria.min_dsr = 0.1;
  const Selection selection = select(criteria);
  EXPECT_EQ(selection.reasons[0], "sharpe_ratio is undefined (zero_variance)");
  EXPECT_EQ(selection.reasons[1], "win_rate is undefined (no_decided_trades)");
  EXPECT_EQ(selection.reasons[2], "max_drawdown is undefined (too_few)");
  EXPECT_EQ(selection.reasons[3], "deflated Sharpe ratio is undefined (insufficient_trials)");
  // A criterion that is switched off asks for nothing.
  criteria.min_dsr = 0;
  criteria.min_win_rate = 0;
  const Selection lenient = select(criteria);
  EXPECT_EQ(lenient.reasons[1], "");
  EXPECT_EQ(lenient.reasons[3], "");
}

TEST_F(SelectStrategies, the_correlated_one_names_the_better_one) {
  prepare(kSix);
  for (std::size_t i = 0; i < 6; ++i) set(study.strategies[i], 2 + 0.1 * static_cast<double>(i), 0.6, 0.1, 200);
  SelectionCriteria criteria;
  criteria.max_correlation = -1;  // everything is too alike
  const Selection selection = select(criteria);
  EXPECT_EQ(selection.selected, (std::vector<std::size_t>{5}));
  expect_adds_up(selection, 6);
  ASSERT_EQ(selection.combinations.size(), 6U);
  EXPECT_TRUE(selection.combinations[0].selected);
  for (std::size_t i = 1; i < 6; ++i) {
    const std::string& reason = selection.combinations[i].reason;
    EXPECT_TRUE(reason.starts_with("correlation ")) << reason;
    EXPECT_TRUE(reason.ends_with(" with " + id(5) + ", which ranks higher")) << reason;
  }
  criteria.max_correlation = 1;
  const Selection all = select(criteria);
  EXPECT_EQ(all.selected, (std::vector<std::size_t>{5, 4, 3}));
  EXPECT_EQ(all.combinations[3].reason, "3 better ones were selected");
  expect_adds_up(all, 6);
  EXPECT_EQ(all.funnel.back().rejected, 3U);
}

TEST_F(SelectStrategies, the_correlation_is_that_of_the_selection_part) {
  prepare(kSix);
  const auto table = input->returns_on_timeline(std::vector<std::string>{id(0), id(1)});
  ASSERT_TRUE(table);
  const auto rho = [&](std::size_t rows) {
    double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (std::size_t i = 0; i < rows; ++i) a += table->returns[0][i], b += table->returns[1][i];
    a /= static_cast<double>(rows), b /= static_cast<double>(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      const double x = table->returns[0][i] - a, y = table->returns[1][i] - b;
      aa += x * x, bb += y * y, ab += x * y;
    }
    return ab / std::sqrt(aa * bb);
  };
  const double past = rho(study.split.selection_bars);
  ASSERT_GT(std::abs(past - rho(400)), 1e-4);
  for (std::size_t i = 0; i < 6; ++i) set(study.strategies[i], i < 2 ? 2 - 0.1 * static_cast<double>(i) : 0, 0.6, 0.1, 200);
  SelectionCriteria criteria;
  criteria.max_correlation = past + 1e-9;
  EXPECT_EQ(select(criteria).selected, (std::vector<std::size_t>{0, 1}));
  criteria.max_correlation = past - 1e-9;
  EXPECT_EQ(select(criteria).selected, (std::vector<std::size_t>{0}));
}

TEST_F(SelectStrategies, ties_go_by_the_order_of_the_run) {
  prepare(kSix);
  SelectionCriteria criteria;
  criteria.max_correlation = 1;
  const Selection selection = select(criteria);  // all figures equal
  EXPECT_EQ(selection.selected, (std::vector<std::size_t>{0, 1, 2}));
  for (std::size_t i = 1; i < study.strategies.size(); ++i) EXPECT_LT(study.strategies[i - 1].row, study.strategies[i].row);
}

TEST_F(SelectStrategies, unknown_regimes_are_refused_with_the_nearest) {
  prepare(kSix, true);
  const auto& labels = study.classifiers.front().metadata.labels;
  ASSERT_FALSE(labels.empty());
  const std::string wrong = labels.front() + "x";
  for (int field = 0; field < 3; ++field) {
    SelectionCriteria criteria;
    if (field == 0) criteria.required_regimes = {wrong};
    if (field == 1) criteria.min_regime_performance = {{wrong, 0}};
    if (field == 2) criteria.target_regimes = {wrong};
    const auto refused = select_strategies(*input, study, criteria);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), Errc::unknown_name);
    EXPECT_NE(refused.error().message().find(wrong), std::string::npos);
    EXPECT_NE(refused.error().hint().find("'" + labels.front() + "'"), std::string::npos) << refused.error().hint();
    EXPECT_EQ(refused.error().where(),
              (std::vector<std::string>{"required_regimes", "min_regime_performance", "target_regimes"}[static_cast<std::size_t>(field)]));
  }
}

TEST_F(SelectStrategies, regimes_without_classifiers_say_what_to_do) {
  prepare(kSix);
  SelectionCriteria criteria;
  criteria.required_regimes = {"bull"};
  const auto refused = select_strategies(*input, study, criteria);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().hint().find("classifiers"), std::string::npos);
}

TEST_F(SelectStrategies, regimes_are_judged_per_label) {
  prepare(kSix, true);
  const std::string label = study.classifiers.front().metadata.labels.front();
  for (auto& s : study.strategies) {
    s.fits.front().bars[0] = 100;
    s.fits.front().sharpe_ratio[0] = 1.5;
  }
  study.strategies[1].fits.front().bars[0] = 59;
  study.strategies[2].fits.front().sharpe_ratio[0] = 0.4;
  study.strategies[3].fits.front().sharpe_ratio[0] = Undefined::zero_variance;
  SelectionCriteria criteria;
  criteria.required_regimes = {label};
  criteria.min_regime_performance = {{label, 0.5}};
  const Selection selection = select(criteria);
  EXPECT_EQ(selection.reasons[0], "");
  EXPECT_EQ(selection.reasons[1], "only 59 bars in regime " + label);
  EXPECT_EQ(selection.reasons[2], "Sharpe ratio 0.40 in regime " + label + " is below 0.50");
  EXPECT_EQ(selection.reasons[3], "no Sharpe ratio in regime " + label);
  expect_adds_up(selection, 6);
}

TEST_F(SelectStrategies, combinations_are_ranked_by_score_and_the_best_classifier_is_the_ensembles) {
  prepare(kSix, true);
  ASSERT_EQ(study.classifiers.size(), 3U);  // by id: the consensus and its two members
  ASSERT_TRUE(study.classifiers.front().metadata.classifier_id.ends_with(".consensus"));
  study.classifiers.erase(study.classifiers.begin());
  for (auto& strategy : study.strategies) strategy.fits.erase(strategy.fits.begin());
  for (std::size_t i = 0; i < 6; ++i) {
    set(study.strategies[i], 0.5, 0.6, 0.1, 50);
    study.strategies[i].fits[0].score = 1 + 0.1 * static_cast<double>(i);
    study.strategies[i].fits[1].score = 3 - 0.1 * static_cast<double>(i);
  }
  study.strategies[5].fits[0].score = Undefined::zero_variance;
  SelectionCriteria criteria;
  criteria.max_correlation = 1;
  const Selection selection = select(criteria);
  ASSERT_EQ(selection.combinations.size(), 18U);  // always, and by each classifier
  for (std::size_t i = 1; i < 17; ++i) EXPECT_GE(selection.combinations[i - 1].score.number, selection.combinations[i].score.number);
  EXPECT_FALSE(selection.combinations.back().score.defined());
  EXPECT_EQ(selection.selected, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(selection.classifier, std::optional<std::size_t>(1));
  std::set<std::size_t> taken;
  for (const auto& one : selection.combinations) {
    EXPECT_EQ(one.selected, one.reason.empty());
    if (one.selected) {
      EXPECT_TRUE(taken.insert(one.strategy).second);
    }
    if (!one.selected && one.strategy < 3) {
      EXPECT_EQ(one.reason, one.classifier ? "another way of holding this strategy scores higher" : "held by regime it scores higher");
    }
  }
  for (std::size_t i = 0; i < selection.selected.size(); ++i) {
    const StudiedStrategy& s = study.strategies[selection.selected[i]];
    EXPECT_EQ(selection.held[i].strategy_id, study.row_of(s).strategy_id);
    ASSERT_TRUE(selection.held[i].gate);
    const auto& classifier = study.classifiers[1].metadata;
    EXPECT_EQ(selection.held[i].gate->classifier_id, classifier.classifier_id);
    for (std::size_t r = 0; r < classifier.labels.size(); ++r)
      EXPECT_EQ(std::ranges::count(selection.held[i].gate->held_in, classifier.labels[r]), s.fits[1].trade_in[r] ? 1 : 0);
  }
}

TEST_F(SelectStrategies, a_gate_that_does_not_beat_no_gate_is_not_used) {
  prepare(kSix, true);
  for (std::size_t i = 0; i < 6; ++i) {
    set(study.strategies[i], 3, 0.6, 0.1, 50);
    for (auto& fit : study.strategies[i].fits) fit.score = 2.9;
  }
  SelectionCriteria criteria;
  criteria.max_correlation = 1;
  const Selection selection = select(criteria);
  ASSERT_FALSE(selection.held.empty());
  for (const auto& held : selection.held) EXPECT_FALSE(held.gate);
  criteria.target_regimes = {study.classifiers.back().metadata.labels.front()};
  const Selection targeted = select(criteria);
  ASSERT_FALSE(targeted.held.empty());
  for (const auto& held : targeted.held) {
    ASSERT_TRUE(held.gate);
    EXPECT_LE(held.gate->held_in.size(), 1U);
    for (const auto& label : held.gate->held_in) EXPECT_EQ(label, criteria.target_regimes.front());
  }
}

TEST_F(SelectStrategies, the_best_stand_in_when_none_qualifies) {
  prepare(kSix);
  for (std::size_t i = 0; i < 6; ++i) set(study.strategies[i], 0.1 * static_cast<double>(i), 0.6, 0.1, 50);
  set(study.strategies[5], 3, 0.9, 0.01, 9);  // too few trades even to stand in
  SelectionCriteria criteria;
  criteria.max_correlation = 1;
  const Selection selection = select(criteria);
  EXPECT_FALSE(selection.qualified);
  EXPECT_EQ(selection.selected, (std::vector<std::size_t>{4, 3, 2}));
  EXPECT_EQ(selection.combinations.size(), 5U);
  for (const auto& reason : selection.reasons) EXPECT_FALSE(reason.empty());
  expect_adds_up(selection, 6);
  for (auto& s : study.strategies) s.selection.total_trades = 0;
  const Selection nothing = select(criteria);
  EXPECT_TRUE(nothing.selected.empty());
  EXPECT_TRUE(nothing.combinations.empty());
  EXPECT_EQ(nothing.classifier, std::nullopt);
  expect_adds_up(nothing, 6);
}

TEST_F(SelectStrategies, signals_that_were_not_kept_are_a_stage) {
  write(spells("ONE", 1, 400));
  sweep("top", data_of({"ONE"}) + kSix, "top:2");
  auto opened = RunInput::open("top", {}, ws());
  ASSERT_TRUE(opened);
  const auto studied = study_run(*opened, {});
  ASSERT_TRUE(studied) << studied.error().message();
  const auto selection = select_strategies(*opened, *studied, anything());
  ASSERT_TRUE(selection);
  EXPECT_EQ(selection->funnel[1].stage, "signals stored");
  EXPECT_EQ(selection->funnel[1].strategies, 2U);
  EXPECT_EQ(selection->funnel[1].rejected, 4U);
  expect_adds_up(*selection, 6);
}

}  // namespace
}  // namespace tradewind::analysis
