// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/hysteresis.hpp"

#include <gtest/gtest.h>

#include "causality.hpp"
#include "tradewind/regimes/registry.hpp"

namespace tradewind::regimes {
namespace {

std::vector<State> dwelt(MinimumDwell dwell, const std::vector<State>& raw) {
  std::vector<State> out;
  for (const State state : raw) out.push_back(dwell.update(state));
  return out;
}

TEST(MinimumDwell, holds_a_state_and_follows_as_soon_as_it_may) {
  const std::vector<State> raw = {-1, 0, 1, 1, 1, 0, 1, 0, 0, 0};
  EXPECT_EQ(dwelt(MinimumDwell(3), raw), (std::vector<State>{-1, 0, 0, 0, 1, 1, 1, 0, 0, 0}));
  EXPECT_EQ(dwelt(MinimumDwell(0), raw), raw);
  EXPECT_EQ(dwelt(MinimumDwell(1), raw), raw);
}

TEST(MinimumDwell, no_run_is_shorter) {
  Random random(3);
  std::vector<State> raw;
  for (int t = 0; t < 3000; ++t) raw.push_back(static_cast<State>(random.below(3)));
  for (const std::size_t bars : {2U, 5U, 40U}) {
    const auto states = dwelt(MinimumDwell(bars), raw);
    std::size_t run = 1;
    for (std::size_t t = 1; t < states.size(); ++t) {
      if (states[t] == states[t - 1]) {
        ++run;
        continue;
      }
      EXPECT_GE(run, bars);
      run = 1;
    }
  }
}

TEST(SwitchAbove, wants_to_be_sure) {
  SwitchAbove above(0.8);
  const auto step = [&](State raw, double p1) { return above.update(raw, std::vector<double>{1 - p1, p1}); };
  EXPECT_EQ(above.update(kUnknown, {}), kUnknown);
  EXPECT_EQ(step(0, 0.4), 0) << "the first state is taken as it is";
  EXPECT_EQ(step(1, 0.7), 0);
  EXPECT_EQ(step(1, 0.81), 1);
  EXPECT_EQ(step(0, 0.3), 1);
  EXPECT_EQ(above.update(0, {}), 0) << "without probabilities the label counts";
}

TEST(Steady, saves_switches_and_stays_causal) {
  const auto closes = changing_prices(1500, 11);
  const auto hmm = [] { return std::move(make_classifier("hmm", std::vector<NamedValue>{{"history", 120}, {"starts", 2}})->classifier); };
  const auto labelling = [&](const std::vector<double>& part) {
    SteadyClassifier steady(hmm(), {.minimum_dwell = 10, .switch_above = 0.8});
    return classify_closes(steady, part);
  };
  EXPECT_EQ(first_cut_that_changes_labels(labelling, closes, 101), 0U);
  SteadyClassifier steady(hmm(), {.minimum_dwell = 10, .switch_above = 0.8});
  const auto states = classify_closes(steady, closes);
  EXPECT_LT(steady.filter().switches(), steady.filter().raw_switches());
  EXPECT_GT(steady.filter().switches(), 0);

  SteadyClassifier first(hmm(), {.minimum_dwell = 10, .switch_above = 0.8});
  for (std::size_t t = 0; t < 700; ++t) first.update(Bar::of_close(closes[t]));
  SteadyClassifier second(hmm(), {.minimum_dwell = 10, .switch_above = 0.8});
  ASSERT_TRUE(second.load(first.save()));
  for (std::size_t t = 700; t < closes.size(); ++t) ASSERT_EQ(second.update(Bar::of_close(closes[t])), states[t]);
  SteadyClassifier other(hmm(), {.minimum_dwell = 11, .switch_above = 0.8});
  EXPECT_EQ(other.load(first.save()).error().code(), Errc::invalid_config);
  EXPECT_FALSE(check(Hysteresis{.switch_above = 1}));
}

}  // namespace
}  // namespace tradewind::regimes
