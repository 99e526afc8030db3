// SPDX-License-Identifier: Apache-2.0
// What the labels of hidden states mean, from the first fit to the last.
#include "tradewind/regimes/state_identity.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/regimes/hmm_classifier.hpp"
#include "tradewind/regimes/registry.hpp"

namespace tradewind::regimes {
namespace {

/// Returns with deviations of 0.6 % and 2.6 %, calm for `calm_start` bars and changing at random from then on.
struct Market {
  std::vector<double> returns;
  std::vector<bool> wild;
};
Market market_that_begins_calm(std::uint64_t seed, std::size_t calm_start = 300, std::size_t bars = 1500) {
  Random random(seed);
  Market market;
  bool wild = false;
  for (std::size_t t = 0; t < bars; ++t) {
    if (t >= calm_start) wild = wild ? random.uniform() > 0.02 : random.uniform() < 0.008;
    market.wild.push_back(wild);
    market.returns.push_back((wild ? 0.026 : 0.006) * random.normal());
  }
  return market;
}

std::vector<double> closes_of(const std::vector<double>& returns) {
  std::vector<double> closes = {100};
  for (const double r : returns) closes.push_back(closes.back() * (1 + r));
  return closes;
}

double mean_state(const std::vector<State>& states, const Market& market, bool wild) {
  double sum = 0, count = 0;
  for (std::size_t t = 0; t < market.returns.size(); ++t) {
    const State state = states[states.size() - market.returns.size() + t];
    if (state == kUnknown || market.wild[t] != wild) continue;
    sum += state;
    ++count;
  }
  return count > 0 ? sum / count : std::nan("");
}

TEST(StateIdentity, forty_series_that_begin_calm_keep_calm_calm) {
  for (const char* type : {"hmm", "hmm_features"}) {
    for (const double states : {2.0, 3.0}) {
      int inverted = 0;
      for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const Market market = market_that_begins_calm(seed);
        auto made = make_classifier(type, std::vector<NamedValue>{{"states", states}});
        ASSERT_TRUE(made);
        const auto labels = classify_closes(*made->classifier, closes_of(market.returns));
        inverted += mean_state(labels, market, true) < mean_state(labels, market, false);
      }
      EXPECT_LE(inverted, states == 2 ? 0 : 1) << type << " with " << states << " states";
    }
  }
}

TEST(StateIdentity, the_last_fit_orders_states_by_variance_whatever_the_first_saw) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Market market = market_that_begins_calm(seed);
    HmmClassifier classifier({});
    for (const double r : market.returns) classifier.update_value(r);
    const auto& variances = classifier.parameters()->variances;
    EXPECT_LT(variances[0], variances[1]) << seed;
  }
}

TEST(StateIdentity, states_that_are_one_are_told_as_one) {
  int told = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Market one_regime = market_that_begins_calm(seed, 400, 400);
    HmmClassifier classifier({.states = 3});
    State highest = kUnknown;
    for (const double r : one_regime.returns) highest = std::max(highest, classifier.update_value(r));
    const auto found = classifier.diagnostics();
    const bool one = std::any_of(found.begin(), found.end(), [](const FitDiagnostic& d) { return d.issue == FitIssue::one_state; });
    told += one && highest == 0;
    if (one && highest == 0) {
      EXPECT_NEAR(classifier.probabilities()[0], 1, 1e-12);
    }
  }
  EXPECT_GE(told, 19) << "of 20 series of one regime";
  EXPECT_NE(describe({FitIssue::one_state, 250, 1, 0, 0}).find("states 0 and 1 are one"), std::string::npos);
}

TEST(StateIdentity, states_that_differ_stay_apart) {
  const HmmParameters three{{1.0 / 3, 1.0 / 3, 1.0 / 3},
                            {{0.98, 0.01, 0.01}, {0.01, 0.98, 0.01}, {0.01, 0.01, 0.98}},
                            {0, 0, 0},
                            {0.005 * 0.005, 0.015 * 0.015, 0.04 * 0.04}};
  Random random(7);
  std::vector<double> series;
  for (std::size_t t = 0; t < 1500; ++t) series.push_back(std::sqrt(three.variances[t / 100 % 3]) * random.normal());
  EXPECT_EQ(merged_states(three, series), (std::vector<std::size_t>{0, 1, 2}));
  HmmParameters twice = three;  // the calmest state, listed twice
  twice.variances[1] = twice.variances[0] * 1.0001;
  EXPECT_EQ(merged_states(twice, series), (std::vector<std::size_t>{0, 0, 2}));
  std::vector<double> row = {0.25, 0.5, 0.25};
  merge_probabilities(merged_states(twice, series), row);
  EXPECT_EQ(row, (std::vector<double>{0.75, 0, 0.25}));
}

TEST(StateIdentity, only_a_clear_difference_of_variance_outweighs_likeness) {
  const HmmParameters reference{{0.5, 0.5}, {{0.9, 0.1}, {0.1, 0.9}}, {0.01, -0.01}, {1e-4, 1.1e-4}};
  HmmParameters now = reference;  // up and down have changed places by a hair of variance
  now.means = {-0.01, 0.01};
  now.variances = {1.0e-4, 1.1e-4};
  const std::vector<std::size_t> swapped = {1, 0}, kept = {0, 1};
  EXPECT_EQ(matching_order(now, reference, std::vector<double>{200, 200}), swapped) << "known by their means";
  now.variances = {1.0e-4, 4.0e-4};
  EXPECT_EQ(matching_order(now, reference, std::vector<double>{200, 200}), kept) << "names speak of variance";
}

/// The memory as version 0.1.0 wrote it: another tag, and nothing after the filter.
std::string as_before(const std::string& memory) {
  std::string text = "hmm/1" + memory.substr(memory.find(' '));
  for (int word = 0; word < 4; ++word) text.resize(text.rfind(' '));  // the number of states, the state each is one with, the checksum
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return text + fmt::format(" {:x}", hash);
}

TEST(StateIdentity, a_memory_of_the_format_before_is_read) {
  const Market market = market_that_begins_calm(3, 300, 600);
  HmmClassifier first({});
  for (std::size_t t = 0; t < 420; ++t) first.update_value(market.returns[t]);
  HmmClassifier second({});
  ASSERT_TRUE(second.load(first.save()));
  for (std::size_t t = 420; t < 600; ++t) ASSERT_EQ(second.update_value(market.returns[t]), first.update_value(market.returns[t]));
  HmmClassifier old({});
  const Status loaded = old.load(as_before(first.save()));
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_GE(old.update_value(0.01), 0);
  EXPECT_NEAR(old.probabilities()[0] + old.probabilities()[1], 1, 1e-12);
}

}  // namespace
}  // namespace tradewind::regimes
