// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "causality.hpp"
#include "tradewind/regimes/registry.hpp"
#include "tradewind/regimes/statistics.hpp"

namespace tradewind::regimes {
namespace {

std::vector<State> labels_of(std::string_view type, const std::vector<NamedValue>& parameters, const std::vector<double>& closes) {
  auto made = make_classifier(type, parameters);
  EXPECT_TRUE(made) << made.error().message();
  return classify_closes(*made->classifier, closes);
}

struct Setting {
  std::string type;
  std::vector<NamedValue> parameters;
};

const std::vector<Setting>& settings() {
  static const std::vector<Setting> kSettings = {{"volatility_terciles", {{"window", 10}, {"history", 30}}},
                                                 {"trend", {{"window", 30}}},
                                                 {"hmm", {{"history", 120}, {"refit", 40}, {"starts", 2}}},
                                                 {"hmm_features", {{"window", 10}, {"history", 120}, {"refit", 40}, {"starts", 2}}},
                                                 {"jump", {{"history", 120}, {"refit", 40}, {"penalty", 1}}},
                                                 {"change_point", {{"history", 60}}}};
  return kSettings;
}

TEST(Classifiers, no_later_bar_changes_an_earlier_label) {
  const auto closes = changing_prices(1800, 4);
  for (const Setting& setting : settings()) {
    const Labelling labelling = [&](const auto& part) { return labels_of(setting.type, setting.parameters, part); };
    EXPECT_EQ(first_cut_that_changes_labels(labelling, closes, 23), 0U) << setting.type;
    const auto states = labelling(closes);
    const auto labels = make_classifier(setting.type, setting.parameters)->labels.size();
    EXPECT_EQ(std::set<State>(states.begin(), states.end()).size(), labels + 1)
        << setting.type << " uses every label after an unknown start";
  }
}

TEST(Classifiers, a_planted_look_ahead_is_caught) {
  const auto closes = changing_prices(700, 3);
  for (const Setting& setting : settings()) {
    const Labelling one_bar_early = [&](const auto& part) {
      auto states = labels_of(setting.type, setting.parameters, part);
      std::rotate(states.begin(), states.begin() + 1, states.end());
      if (states.size() > 1) states.back() = states[states.size() - 2];
      return states;
    };
    EXPECT_NE(first_cut_that_changes_labels(one_bar_early, closes, 3), 0U) << setting.type;
  }
  const Labelling full_sample_cut_points = [](const auto& part) {
    auto sorted = part;
    std::sort(sorted.begin(), sorted.end());
    std::vector<State> states;
    for (const double close : part) states.push_back(close > sorted[sorted.size() / 2] ? State{1} : State{0});
    return states;
  };
  EXPECT_NE(first_cut_that_changes_labels(full_sample_cut_points, closes, 1), 0U);
}

TEST(Classifiers, the_next_bar_does_not_move_this_label_however_wild_it_is) {
  auto closes = changing_prices(400, 9);
  for (const Setting& setting : settings()) {
    const auto calm = labels_of(setting.type, setting.parameters, closes);
    for (const std::size_t t : {150U, 250U, 399U}) {
      auto shocked = closes;
      shocked[t] *= 3;
      const auto states = labels_of(setting.type, setting.parameters, shocked);
      EXPECT_TRUE(std::equal(states.begin(), states.begin() + static_cast<std::ptrdiff_t>(t), calm.begin())) << setting.type;
    }
  }
}

TEST(Classifiers, a_saved_one_goes_on_as_if_nothing_had_happened) {
  const auto closes = changing_prices(900, 17);
  for (const Setting& setting : settings()) {
    const auto full = labels_of(setting.type, setting.parameters, closes);
    for (const std::size_t cut : {0U, 1U, 65U, 119U, 121U, 333U, 640U, 899U}) {
      auto first = make_classifier(setting.type, setting.parameters);
      for (std::size_t t = 0; t < cut; ++t) first->classifier->update(Bar::of_close(closes[t]));
      const std::string memory = first->classifier->save();
      auto second = make_classifier(setting.type, setting.parameters);
      const Status loaded = second->classifier->load(memory);
      ASSERT_TRUE(loaded) << setting.type << ": " << loaded.error().message();
      EXPECT_EQ(second->classifier->save(), memory) << setting.type;
      for (std::size_t t = cut; t < closes.size(); ++t)
        ASSERT_EQ(second->classifier->update(Bar::of_close(closes[t])), full[t]) << setting.type << " saved at " << cut << ", bar " << t;
    }
  }
}

TEST(Classifiers, a_foreign_or_damaged_state_is_refused_and_changes_nothing) {
  const auto closes = changing_prices(300, 18);
  for (const Setting& setting : settings()) {
    auto made = make_classifier(setting.type, setting.parameters);
    for (const double close : closes) made->classifier->update(Bar::of_close(close));
    const std::string memory = made->classifier->save();
    auto damaged = memory;
    damaged[damaged.size() / 2] ^= 1;
    EXPECT_EQ(made->classifier->load(damaged).error().code(), Errc::corrupt) << setting.type;
    EXPECT_EQ(made->classifier->load(memory.substr(0, memory.size() / 2)).error().code(), Errc::corrupt);
    EXPECT_EQ(made->classifier->load("").error().code(), Errc::corrupt);
    EXPECT_EQ(made->classifier->save(), memory) << "a refused state leaves it as it was";
    auto other_type = make_classifier(setting.type == "trend" ? "hmm" : "trend");
    EXPECT_EQ(other_type->classifier->load(memory).error().code(), Errc::invalid_config);
    auto other_parameters = make_classifier(setting.type);
    EXPECT_EQ(other_parameters->classifier->load(memory).error().code(), Errc::invalid_config) << setting.type;
  }
}

TEST(Classifiers, fits_tell_what_was_wrong_with_them) {
  std::vector<double> flat(400, 100);
  auto hmm = make_classifier("hmm", std::vector<NamedValue>{{"history", 100}});
  EXPECT_EQ(classify_closes(*hmm->classifier, flat).back(), kUnknown);
  const auto found = hmm->classifier->diagnostics();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].issue, FitIssue::no_model);
  EXPECT_EQ(found[0].values, 100U);
  EXPECT_NE(describe(found[0]).find("100 values"), std::string::npos);
  auto many = make_classifier("hmm", std::vector<NamedValue>{{"states", 6}, {"history", 80}, {"starts", 3}});
  classify_closes(*many->classifier, changing_prices(300, 5));
  EXPECT_FALSE(many->classifier->diagnostics().empty()) << "six states of 80 returns";
}

TEST(VolatilityTerciles, equals_the_definition) {
  const auto closes = changing_prices(500, 21);
  constexpr std::size_t kWindow = 12, kHistory = 40;
  const auto states = labels_of("volatility_terciles", {{"window", kWindow}, {"history", kHistory}}, closes);
  std::vector<double> seen;
  for (std::size_t t = 0; t < closes.size(); ++t) {
    if (t < kWindow) {
      EXPECT_EQ(states[t], kUnknown);
      continue;
    }
    double mean = 0, squares = 0;
    for (std::size_t k = t + 1 - kWindow; k <= t; ++k) mean += std::log(closes[k] / closes[k - 1]) / kWindow;
    for (std::size_t k = t + 1 - kWindow; k <= t; ++k) squares += std::pow(std::log(closes[k] / closes[k - 1]) - mean, 2);
    const double volatility = std::sqrt(squares / (kWindow - 1));
    State expected = kUnknown;
    if (seen.size() >= kHistory) {
      auto sorted = seen;
      std::sort(sorted.begin(), sorted.end());
      const auto cut = [&](std::size_t k) { return sorted[(k * sorted.size() + 2) / 3 - 1]; };
      expected = volatility <= cut(1) ? State{0} : volatility <= cut(2) ? State{1} : State{2};
    }
    EXPECT_EQ(states[t], expected) << t;
    seen.push_back(volatility);
  }
}

TEST(Trend, starts_beyond_the_band_and_ends_at_the_average) {
  // average of 2 closes: with 100, p the average is (100 + p) / 2
  const std::vector<double> closes = {100, 100, 103, 102, 99, 90, 91};
  const auto states = labels_of("trend", {{"window", 2}, {"band", 0.01}}, closes);
  // 103 > 101.5·1.01 up; 102 < 102.5 sideways; 99 < 100.5·0.99 down; 90 < 94.5·0.99 down; 91 > 90.5 sideways
  EXPECT_EQ(states, (std::vector<State>{-1, 1, 2, 1, 0, 0, 1}));
}

TEST(Trend, long_windows_do_not_drift) {
  const auto closes = changing_prices(20000, 5);
  const auto states = labels_of("trend", {{"window", 200}, {"band", 0}}, closes);
  for (std::size_t t = 19000; t < 20000; ++t) {
    double mean = 0;
    for (std::size_t k = t - 199; k <= t; ++k) mean += closes[k] / 200;
    if (std::fabs(closes[t] / mean - 1) > 1e-12) {
      EXPECT_EQ(states[t], closes[t] > mean ? 2 : 0);
    }
  }
}

TEST(Statistics, transitions_counts_and_durations) {
  const std::vector<State> states = {-1, 0, 0, 1, 1, 1, 0, -1, 1};
  const auto s = state_statistics(states, 3);
  EXPECT_EQ(s.counts, (std::vector<std::int64_t>{3, 4, 0}));
  EXPECT_EQ(s.runs, (std::vector<std::int64_t>{2, 2, 0}));
  EXPECT_EQ(s.average_duration[0], 1.5);
  EXPECT_TRUE(std::isnan(s.average_duration[2]));
  EXPECT_EQ(s.unknown, 2);
  EXPECT_EQ(s.changes, 5);
  EXPECT_EQ(s.transitions[0], (std::vector<double>{0.5, 0.5, 0}));
  EXPECT_DOUBLE_EQ(s.transitions[1][1], 2.0 / 3);
  EXPECT_TRUE(s.transitions[2].empty());
}

TEST(Registry, parameters_are_named_checked_and_defaulted) {
  const auto* type = *ClassifierRegistry::instance().find("trend");
  EXPECT_EQ(*resolve(*type, {}), (ParameterValues{200, 0.01}));
  const std::vector<NamedValue> misspelt = {{"windw", 5}};
  const auto unknown = resolve(*type, misspelt);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), Errc::unknown_name);
  EXPECT_NE(unknown.error().hint().find("window"), std::string::npos);
  for (const NamedValue& bad : {NamedValue{"window", 1}, NamedValue{"window", 5.5}, NamedValue{"band", std::nan("")}}) {
    const std::vector<NamedValue> given = {bad};
    EXPECT_EQ(resolve(*type, given).error().code(), Errc::invalid_config);
  }
  const std::vector<NamedValue> twice = {{"window", 5}, {"window", 6}};
  EXPECT_EQ(resolve(*type, twice).error().code(), Errc::invalid_config);
  const auto missing = make_classifier("volatility_tercile");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().hint().find("volatility_terciles"), std::string::npos);
  EXPECT_EQ(ClassifierRegistry::instance().add(*type).error().code(), Errc::already_exists);
}

}  // namespace
}  // namespace tradewind::regimes
