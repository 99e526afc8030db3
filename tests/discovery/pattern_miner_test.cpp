// SPDX-License-Identifier: Apache-2.0
#include "tradewind/discovery/pattern_miner.hpp"

#include <cmath>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "streams.hpp"

namespace tradewind::discovery {
namespace {

MinerOptions everything() {
  MinerOptions options;
  options.min_support = 0;
  options.min_confidence = 0;
  options.holdout = 0;
  return options;
}

/// −1 1 −1 | 0 0 1 −1 1 −1 0 with returns that tell every bar apart.
Stream ten_bars() {
  Stream stream;
  stream.signals = {-1, 1, -1, 0, 0, 1, -1, 1, -1, 0};
  stream.states = {0, 0, 0, 0, 0, 1, 1, 1, 1, 1};
  for (int t = 0; t < 10; ++t) stream.returns.push_back(0.01 * (t + 1));
  return stream;
}

TEST(PatternMiner, counts_bars_by_hand) {
  MinerOptions options = everything();
  options.runs = false;
  const auto mined = mine(ten_bars(), options);
  const auto* any = find(mined, "bars:-1,1,-1");
  ASSERT_NE(any, nullptr);
  EXPECT_EQ(any->occurrences, 2) << "bars 2 and 8";
  EXPECT_DOUBLE_EQ(any->avg_return.number, (0.04 + 0.10) / 2);
  EXPECT_DOUBLE_EQ(any->support, 0.2);
  EXPECT_DOUBLE_EQ(any->confidence, 1) << "-1 1 is followed by -1 both times";
  EXPECT_EQ(any->avg_duration, 3);
  EXPECT_EQ(any->pattern_type, PatternType::mean_reversion);
  EXPECT_EQ(any->dominant_regimes, (std::vector<std::string>{"0"}));
  EXPECT_EQ(any->win_rate.number, 1);
  const double sd = std::sqrt(2 * 0.03 * 0.03);
  EXPECT_NEAR(any->effect.number, 0.07 / sd, 1e-12);
  const auto* apart = find(mined, "bars:-1,1,-1@1");
  ASSERT_NE(apart, nullptr);
  EXPECT_EQ(apart->occurrences, 1);
  EXPECT_DOUBLE_EQ(apart->avg_return.number, 0.10);
  EXPECT_EQ(apart->effect.why, Undefined::too_few);
  EXPECT_EQ(apart->p_value.why, Undefined::too_few) << "one occurrence is listed, not tested";
  EXPECT_EQ(apart->volume_profile, "");
  EXPECT_EQ(find(mined, "bars:0")->occurrences, 2) << "the last bar has no next one";
}

TEST(PatternMiner, counts_runs_by_hand) {
  MinerOptions options = everything();
  options.bars = false;
  options.window = 5;
  options.max_length = 2;
  const auto pairs = mine(ten_bars(), options);  // runs -1 1 -1 0 1 -1 1 -1 0 beginning at 0 1 2 3 5 6 7 8 9
  const auto* pair = find(pairs, "runs:1,-1");
  ASSERT_NE(pair, nullptr);
  EXPECT_EQ(pair->occurrences, 3) << "bars 2, 6, 8";
  EXPECT_DOUBLE_EQ(pair->support, 1) << "in both windows of five bars";
  EXPECT_DOUBLE_EQ(pair->avg_return.number, (0.04 + 0.08 + 0.10) / 3);
  EXPECT_DOUBLE_EQ(pair->avg_duration, 2);
  EXPECT_EQ(find(pairs, "runs:-1,0")->occurrences, 1) << "the one at bar 9 has no next bar";
  options.max_length = 3;
  const auto triples = mine(ten_bars(), options);
  EXPECT_EQ(find(triples, "runs:1,-1"), nullptr) << "1 -1 0 has the same support: not closed";
  ASSERT_NE(find(triples, "runs:1,-1,1"), nullptr);
  EXPECT_EQ(find(triples, "runs:1,-1,1")->occurrences, 1);
  EXPECT_DOUBLE_EQ(find(triples, "runs:1,-1,1")->avg_return.number, 0.09) << "ends at bar 7";
  options.max_gap = 1;
  const auto gapped = mine(ten_bars(), options);
  EXPECT_EQ(find(gapped, "runs:1,-1,1")->occurrences, 1);
  EXPECT_DOUBLE_EQ(find(gapped, "runs:1,-1,1")->avg_return.number, 0.07) << "1 -1 (0) 1 ends at bar 5; the one at bar 7 shares a run";
}

TEST(PatternMiner, occurrences_of_runs_share_no_run) {
  Stream stream;
  for (int t = 0; t < 21; ++t) stream.signals.push_back(t % 2 == 0 ? -1 : 1);
  stream.states.assign(21, 0);
  stream.returns.assign(21, 0.01);
  MinerOptions options = everything();
  options.bars = false;
  const auto mined = mine(stream, options);
  EXPECT_EQ(find(mined, "runs:-1,1,-1")->occurrences, 5) << "ending at 2, 6, 10, 14, 18";
  EXPECT_EQ(find(mined, "runs:-1,1,-1")->effect.why, Undefined::zero_variance);
}

TEST(PatternMiner, finds_and_names_a_planted_edge_whatever_the_thresholds) {
  const Stream stream = make_stream(30000, 7, 0.6);
  for (const double holdout : {0.0, 0.3}) {
    MinerOptions options;
    options.holdout = holdout;
    const auto mined = mine(stream, options);
    const auto* planted = find(mined, "bars:-1,1,-1");
    ASSERT_NE(planted, nullptr);
    EXPECT_TRUE(planted->profitable);
    EXPECT_NEAR(planted->effect.number, 0.5, 0.2);
    EXPECT_EQ(mined.patterns.front().pattern_id, "bars:-1,1,-1");
    EXPECT_EQ(planted->holdout_effect.defined(), holdout > 0);
  }
}

TEST(PatternMiner, a_cost_above_the_edge_makes_nothing_profitable) {
  MinerOptions options;
  options.cost = 0.02;
  for (const auto& pattern : mine(make_stream(30000, 7, 0.6), options).patterns) EXPECT_FALSE(pattern.profitable);
}

TEST(PatternMiner, noise_is_rarely_called_a_discovery) {
  int streams_with_one = 0;
  std::int64_t positive = 0;
  std::int64_t listed = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    MinerOptions options = everything();
    options.permutations = 200;
    options.seed = seed;
    bool any = false;
    for (const auto& pattern : mine(make_stream(4000, 1000 + seed), options).patterns) {
      any |= pattern.p_adjusted.defined() && pattern.p_adjusted.number <= kSignificance;
      EXPECT_TRUE(!pattern.profitable || pattern.p_adjusted.number <= kSignificance);
      positive += pattern.avg_return.number > 0 ? 1 : 0;
      ++listed;
    }
    streams_with_one += any ? 1 : 0;
  }
  EXPECT_LE(streams_with_one, 6) << "5 % of 40 are 2; more than 6 has probability 0.3 %";
  EXPECT_GT(static_cast<double>(positive) / static_cast<double>(listed), 0.3) << "mean > 0 would call about half of noise profitable";
}

TEST(PatternMiner, drift_is_a_pattern_only_without_excess) {
  Stream stream = make_stream(20000, 3);
  for (double& r : stream.returns) r += 0.004;
  MinerOptions options;
  EXPECT_FALSE(mine(stream, options).patterns.empty());
  const auto plain = mine(stream, options);
  EXPECT_TRUE(std::any_of(plain.patterns.begin(), plain.patterns.end(), [](const auto& p) { return p.profitable; }));
  options.excess = true;
  for (const auto& pattern : mine(stream, options).patterns) EXPECT_FALSE(pattern.profitable) << pattern.pattern_id;
}

TEST(PatternMiner, what_beats_holding_and_still_loses_is_not_profitable) {
  Stream stream = make_stream(40000, 5);
  for (std::size_t t = 2; t < stream.returns.size(); ++t)
    if (stream.signals[t - 1] == 1 && stream.signals[t - 2] == 1) stream.returns[t] += 0.004;
  for (double& r : stream.returns) r -= 0.006;  // holding loses more than the pattern gains
  MinerOptions options;
  options.excess = true;
  bool found = false;
  for (const auto& pattern : mine(stream, options).patterns) {
    const bool is_long = pattern.effect.defined() && pattern.effect.number > 0;
    found |= is_long && pattern.p_adjusted.defined() && pattern.p_adjusted.number <= kSignificance && pattern.avg_return.number < 0;
    EXPECT_TRUE(!pattern.profitable || (is_long ? 1 : -1) * pattern.avg_return.number > 0) << pattern.pattern_id;
  }
  EXPECT_TRUE(found) << "no pattern that is better than holding and loses";
}

TEST(PatternMiner, is_the_same_at_any_thread_count) {
  const Stream stream = make_stream(5000, 11, 0.3);
  MinerOptions options = everything();
  options.max_gap = 1;
  const auto one = mine(stream, options);
  options.threads = 4;
  const auto four = mine(stream, options);
  ASSERT_EQ(one.patterns.size(), four.patterns.size());
  for (std::size_t i = 0; i < one.patterns.size(); ++i) {
    EXPECT_EQ(one.patterns[i].pattern_id, four.patterns[i].pattern_id);
    EXPECT_EQ(one.patterns[i].p_adjusted.why, four.patterns[i].p_adjusted.why);
    if (!one.patterns[i].p_adjusted.defined()) continue;
    EXPECT_EQ(one.patterns[i].p_adjusted.number, four.patterns[i].p_adjusted.number);
  }
}

TEST(PatternMiner, later_bars_do_not_change_what_was_found_before_them) {
  Stream stream = make_stream(6000, 5, 0.3);
  MinerOptions options = everything();
  options.holdout = 0.5;
  const auto before = mine(stream, options);
  for (std::size_t t = 3000; t < 6000; ++t) stream.returns[t] *= -1;
  const auto after = mine(stream, options);
  ASSERT_EQ(before.patterns.size(), after.patterns.size());
  for (std::size_t i = 0; i < before.patterns.size(); ++i) {
    EXPECT_EQ(before.patterns[i].p_value.defined(), after.patterns[i].p_value.defined());
    if (!before.patterns[i].p_value.defined() || !before.patterns[i].holdout_effect.defined()) continue;
    EXPECT_EQ(before.patterns[i].p_value.number, after.patterns[i].p_value.number);
    EXPECT_NE(before.patterns[i].holdout_effect.number, after.patterns[i].holdout_effect.number);
  }
}

TEST(PatternMiner, degenerate_input_is_an_answer) {
  const MinerOptions options = everything();
  Stream empty;
  EXPECT_EQ(mine(empty, options).tested, 0);
  Stream one;
  one.signals = {1};
  one.states = {0};
  one.returns = {0.1};
  EXPECT_TRUE(mine(one, options).patterns.empty());
  Stream constant = make_stream(200, 1);
  constant.signals.assign(200, 1);
  const auto mined = mine(constant, options);
  EXPECT_NE(find(mined, "bars:1,1,1"), nullptr);
  EXPECT_EQ(find(mined, "runs:1"), nullptr) << "a run that never begins is no event";
  Stream still = make_stream(200, 1);
  still.returns.assign(200, 0.0);
  for (const auto& pattern : mine(still, options).patterns) {
    EXPECT_FALSE(pattern.pattern_type.has_value());
    EXPECT_FALSE(pattern.p_value.defined());
    EXPECT_FALSE(pattern.profitable);
  }
}

TEST(PatternMiner, works_without_regimes_and_with_unknown_ones) {
  Stream stream = make_stream(500, 2);
  const auto miner = *PatternMiner::make(everything());
  const auto none = miner.mine_patterns(stream.streams(), stream.returns, {});
  ASSERT_TRUE(none);
  for (const auto& pattern : none->patterns) EXPECT_FALSE(pattern.regime.has_value());
  std::fill_n(stream.states.begin(), 250, std::int8_t{-1});
  const auto some = miner.mine_patterns(stream.streams(), stream.returns, stream.regimes());
  ASSERT_TRUE(some);
  EXPECT_GT(some->tested, none->tested);
}

TEST(PatternMiner, bad_input_is_named) {
  const auto miner = *PatternMiner::make(everything());
  Stream stream = make_stream(50, 2);
  stream.returns[7] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(miner.mine_patterns(stream.streams(), stream.returns, stream.regimes()).error().where(), "row 7");
  stream.returns[7] = 0;
  stream.signals[3] = 2;
  EXPECT_EQ(miner.mine_patterns(stream.streams(), stream.returns, stream.regimes()).error().where(), "row 3");
  stream.signals.pop_back();
  EXPECT_EQ(miner.mine_patterns(stream.streams(), stream.returns, stream.regimes()).error().code(), Errc::invalid_data);
  stream.states[4] = 9;
  EXPECT_EQ(miner.find_regime_patterns(stream.regimes(), stream.returns).error().where(), "row 4");
  MinerOptions options;
  options.max_length = 9;
  EXPECT_EQ(PatternMiner::make(options).error().where(), "--max-length");
}

TEST(PatternMiner, events_tell_fills_delay_and_cost) {
  const Stream stream = ten_bars();
  std::vector<std::int64_t> timestamp;
  for (std::int64_t t = 0; t < 10; ++t) timestamp.push_back(t * 1'000'000'000);
  const std::vector<EventTrace> events = {
      {1, -1, 2'000'000'000, "market", "bar", "", "{}"},   {2, 1, 2'000'000'000, "strategy", "signal", "s", "{}"},
      {3, 2, 2'500'000'000, "broker", "order", "s", "{}"}, {4, 3, 3'000'000'000, "broker", "fill", "s", R"({"price": 10, "cost": 0.002})"},
      {5, 99, 3'000'000'000, "broker", "fill", "s", "{}"},
  };
  MinerOptions options = everything();
  options.runs = false;
  Surroundings around;
  around.timestamp = timestamp;
  std::vector<double> volume = {1, 1, 10, 1, 1, 1, 1, 1, 10, 1};
  around.volume = volume;
  const auto mined = PatternMiner::make(options)->mine_patterns(stream.streams(), stream.returns, stream.regimes(), events, around);
  ASSERT_TRUE(mined);
  const auto* pattern = find(*mined, "bars:-1,1,-1");
  ASSERT_TRUE(pattern->events.has_value());
  EXPECT_EQ(pattern->events->fills, 1);
  EXPECT_DOUBLE_EQ(pattern->events->avg_delay_seconds.number, 1);
  EXPECT_DOUBLE_EQ(pattern->events->cost_per_occurrence.number, 0.001);
  EXPECT_EQ(pattern->volume_profile, "high");
  std::vector<EventTrace> costless = events;
  costless[3].payload = R"({"price": 10})";
  const auto silent = PatternMiner::make(options)->mine_patterns(stream.streams(), stream.returns, stream.regimes(), costless, around);
  EXPECT_EQ(find(*silent, "bars:-1,1,-1")->events->cost_per_occurrence.why, Undefined::empty) << "unknown is not free";
  EXPECT_EQ(find(*mined, "bars:1")->events->avg_delay_seconds.why, Undefined::no_fills);
}

TEST(PatternMiner, best_strategies_are_ranked_by_correlation) {
  const Stream stream = make_stream(2000, 8, 0.5);
  std::vector<std::int8_t> opposite(stream.signals);
  for (auto& signal : opposite) signal = static_cast<std::int8_t>(-signal);
  const std::vector<SignalStream> streams = {{"with", stream.signals}, {"against", opposite}};
  const auto mined = PatternMiner::make(everything())->mine_patterns(streams, stream.returns, stream.regimes());
  ASSERT_TRUE(mined);
  for (const auto& pattern : mined->patterns) {
    ASSERT_EQ(pattern.best_strategies.size(), 2U);
    EXPECT_NEAR(pattern.best_strategies[0].second, -pattern.best_strategies[1].second, 1e-12);
    EXPECT_GE(pattern.best_strategies[0].second, 0);
  }
}

TEST(Classify, by_how_the_gain_relates_to_the_signals) {
  const std::vector<std::int8_t> out_of_rest = {0, 0, 1};
  const std::vector<std::int8_t> steady = {1, 1, 1};
  const std::vector<std::int8_t> closed = {1, 1, 0};
  const std::vector<std::int8_t> flat = {0, 0};
  EXPECT_EQ(classify(out_of_rest, 1), PatternType::breakout);
  EXPECT_EQ(classify(out_of_rest, -1), PatternType::mean_reversion);
  EXPECT_EQ(classify(steady, 1), PatternType::momentum);
  EXPECT_EQ(classify(steady, -1), PatternType::mean_reversion);
  EXPECT_EQ(classify(closed, 1), PatternType::momentum);
  EXPECT_EQ(classify(flat, 1), PatternType::breakout);
}

TEST(RegimePatterns, counted_by_hand) {
  const std::vector<std::int8_t> states = {0, 0, 1, 1, 1, 0, -1, 1, 0, 0};
  const std::vector<std::string> names = {"calm", "wild"};
  std::vector<double> returns;
  for (int t = 0; t < 10; ++t) returns.push_back(t);
  MinerOptions options;
  options.horizon = 2;
  const auto found = PatternMiner::make(options)->find_regime_patterns({states, names}, returns);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->transitions.size(), 2U) << "unknown labels break the sequence";
  EXPECT_EQ(found->transitions[0].from, "calm");
  EXPECT_EQ(found->transitions[0].occurrences, 1);
  EXPECT_DOUBLE_EQ(found->transitions[0].avg_return.number, 3 + 4);
  EXPECT_DOUBLE_EQ(found->transitions[0].avg_duration.number, 3);
  EXPECT_EQ(found->transitions[1].occurrences, 2);
  EXPECT_DOUBLE_EQ(found->transitions[1].avg_return.number, 6 + 7) << "the one at bar 8 has no two bars after it";
  EXPECT_EQ(found->transitions[0].interval.why, Undefined::too_few);
  EXPECT_TRUE(PatternMiner::make(options)->find_regime_patterns({}, {})->transitions.empty());
}

std::vector<TransitionPattern> transitions_of(const Stream& stream) {
  return PatternMiner::make({})->find_regime_patterns(stream.regimes(), stream.returns)->transitions;
}

TEST(RegimePatterns, find_a_move_after_a_change_and_none_in_noise) {
  Stream stream = make_stream(20000, 21);
  for (const auto& t : transitions_of(stream)) EXPECT_FALSE(t.significant);
  for (std::size_t t = 1; t + 5 < stream.returns.size(); ++t) {
    if (stream.states[t] == 2 && stream.states[t - 1] == 0)
      for (std::size_t i = 1; i <= 5; ++i) stream.returns[t + i] -= 0.03;
  }
  for (const auto& t : transitions_of(stream)) {
    if (t.from != "0" || t.to != "2") continue;
    EXPECT_TRUE(t.significant);
    EXPECT_LT(t.interval.high, 0);
    EXPECT_LT(t.effect.number, 0);
  }
}

TEST(RegimePatterns, drift_follows_every_change_and_is_none_of_its_doing) {
  Stream stream = make_stream(20000, 3);
  for (double& r : stream.returns) r += 0.004;
  const auto any = [](const auto& found) { return std::any_of(found.begin(), found.end(), [](const auto& t) { return t.significant; }); };
  EXPECT_TRUE(any(transitions_of(stream)));
  MinerOptions options;
  options.excess = true;
  const auto found = PatternMiner::make(options)->find_regime_patterns(stream.regimes(), stream.returns)->transitions;
  EXPECT_FALSE(any(found));
  EXPECT_GT(found.front().avg_return.number, 0.01) << "the mean stays the mean";
}

class PatternOracle : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(oracle_folder())) GTEST_SKIP() << "no " << oracle_folder();
  }
};

TEST_F(PatternOracle, agrees_on_counts_and_sums_of_three_bars_and_a_regime) {
  const auto mined = mine(read_stream(oracle_folder() / "stream4000.csv"), everything());
  std::ifstream file(oracle_folder() / "stream4000_3gram.csv");
  std::string line;
  std::getline(file, line);
  int compared = 0;
  while (std::getline(file, line)) {
    int code = 0;
    long count = 0;
    double sum = 0;
    ASSERT_EQ(std::sscanf(line.c_str(), "%d,%ld,%lf", &code, &count, &sum), 3);
    if (count == 0) continue;
    const int signals = code / 3;
    const std::string id = "bars:" + std::to_string(signals / 9 - 1) + "," + std::to_string(signals / 3 % 3 - 1) + "," +
                           std::to_string(signals % 3 - 1) + "@" + std::to_string(code % 3);
    const auto* pattern = find(mined, id);
    ASSERT_NE(pattern, nullptr) << id;
    EXPECT_EQ(pattern->occurrences, count) << id;
    EXPECT_NEAR(pattern->avg_return.number * static_cast<double>(count), sum, 1e-12 * std::fabs(sum) + 1e-15) << id;
    ++compared;
  }
  EXPECT_GT(compared, 60);
}

}  // namespace
}  // namespace tradewind::discovery
