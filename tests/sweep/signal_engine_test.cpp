// SPDX-License-Identifier: Apache-2.0
#include "tradewind/sweep/signal_engine.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"

namespace tradewind::sweep {
namespace {

using metrics::PositionChange;
using strategies::Comparison;
using strategies::Direction;
using strategies::StrategyType;

market::Bars random_bars(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  market::Bars bars;
  bars.symbol = "X";
  double price = 100;
  double trend = 0;
  for (std::size_t i = 0; i < count; ++i) {
    trend = 0.95 * trend + 0.002 * random.normal();
    const double open = price * std::exp(0.003 * random.normal());
    price = open * std::exp(trend + 0.01 * random.normal());
    bars.timestamp.push_back(static_cast<UnixNanos>(i) * kNanosPerDay);
    bars.open.push_back(open);
    bars.close.push_back(price);
    bars.high.push_back(std::max(open, price) * 1.002);
    bars.low.push_back(std::min(open, price) * 0.998);
  }
  return bars;
}

market::Bars prefix_of(const market::Bars& bars, std::size_t count) {
  market::Bars prefix = bars;
  for (auto* column : {&prefix.open, &prefix.high, &prefix.low, &prefix.close}) column->resize(count);
  prefix.timestamp.resize(count);
  return prefix;
}

SweepOutcome run_one(const market::Bars& bars, const StrategyType& type, Direction direction, const ParameterValues& parameters) {
  const strategies::PriceHistory history(bars);
  const auto tables = metrics::TradeTables::make(bars.open, bars.close, {});
  const SweepCandidate candidate{&type, direction, parameters};
  return run_candidates(history, *tables, std::span(&candidate, 1), true).front();
}

/// Parameters small enough that a few hundred bars see many signals.
ParameterValues quick_parameters(const StrategyType& type) {
  if (type.name == "rsi_reversion") return {7, 35, 65};
  if (type.name == "zscore_reversion") return {10, 1.2, 0.2};
  if (type.name == "bollinger_reversion") return {10, 1.2};
  if (type.name == "time_series_momentum") return {10, 0.01};
  if (type.name == "macd") return {5, 12, 4};
  return {5, 12};
}

std::vector<int> positions_of(const std::vector<PositionChange>& changes, std::size_t bars) {
  std::vector<int> positions(bars, 0);
  std::size_t next = 0;
  int held = 0;
  for (std::size_t i = 0; i < bars; ++i) {
    for (; next < changes.size() && static_cast<std::size_t>(changes[next].bar) == i; ++next) held = changes[next].position;
    positions[i] = held;
  }
  return positions;
}

/// The rule as its documentation says it, one bar at a time, on whole indicator rows.
std::vector<int> walk_plainly(const market::Bars& bars, const strategies::Rule& rule, bool long_short) {
  const strategies::PriceHistory history(bars);
  const auto row = [&](const strategies::IndicatorKey& key) {
    std::vector<double> out(bars.size());
    strategies::make_indicator(key, history)->next(0, out);
    return out;
  };
  const auto holds = [&](const Comparison& comparison) {
    std::vector<bool> result(bars.size(), false);
    if (!comparison.present) return result;
    const auto left = row(comparison.left);
    const auto right = comparison.right ? row(*comparison.right) : std::vector<double>(bars.size(), comparison.constant);
    for (std::size_t i = 0; i < bars.size(); ++i) result[i] = comparison.greater ? left[i] > right[i] : left[i] < right[i];
    return result;
  };
  const auto enter_long = holds(rule.enter_long);
  const auto exit_long = holds(rule.exit_long);
  const auto enter_short = holds(rule.enter_short);
  const auto exit_short = holds(rule.exit_short);
  std::vector<int> positions(bars.size(), 0);
  int position = 0;
  bool seen_below = false;
  bool seen_above = false;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const bool go_long = enter_long[i] && (!rule.crossing || seen_below);
    const bool go_short = long_short && enter_short[i] && (!rule.crossing || seen_above);
    if (position == 0)
      position = go_long ? 1 : go_short ? -1 : 0;
    else if (position == 1)
      position = go_short ? -1 : exit_long[i] ? 0 : 1;
    else
      position = go_long ? 1 : exit_short[i] ? 0 : -1;
    seen_below = seen_below || exit_long[i];
    seen_above = seen_above || enter_long[i];
    positions[i] = position;
  }
  return positions;
}

class EveryStrategy : public testing::TestWithParam<std::tuple<std::string, Direction>> {
 protected:
  const StrategyType& type() const { return **strategies::StrategyRegistry::instance().find(std::get<0>(GetParam())); }
  Direction direction() const { return std::get<1>(GetParam()); }
};

TEST_P(EveryStrategy, does_what_its_rule_says_bar_by_bar) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const market::Bars bars = random_bars(seed, 1700);
    const auto parameters = quick_parameters(type());
    const SweepOutcome outcome = run_one(bars, type(), direction(), parameters);
    EXPECT_GT(outcome.signal_changes, 5);
    EXPECT_EQ(positions_of(outcome.changes, bars.size()),
              walk_plainly(bars, type().rule(parameters), direction() == Direction::long_short));
    EXPECT_EQ(outcome.signal_changes, static_cast<std::int64_t>(outcome.changes.size()));
  }
}

/// Cutting the data anywhere leaves all earlier signals as they are: nothing looks ahead.
TEST_P(EveryStrategy, is_prefix_invariant) {
  const market::Bars bars = random_bars(11, 1100);
  const auto parameters = quick_parameters(type());
  const auto whole = positions_of(run_one(bars, type(), direction(), parameters).changes, bars.size());
  for (const std::size_t cut : {2UL, 13UL, 63UL, 64UL, 65UL, 300UL, 511UL, 512UL, 513UL, 777UL, 1024UL, 1099UL}) {
    const auto part = positions_of(run_one(prefix_of(bars, cut), type(), direction(), parameters).changes, cut);
    EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin())) << "cut at " << cut;
  }
}

/// A change of the last bar's prices changes no earlier signal, and no return of that bar can have been earned by its own signal.
TEST_P(EveryStrategy, trades_one_bar_after_its_signal) {
  market::Bars bars = random_bars(12, 900);
  const auto parameters = quick_parameters(type());
  const SweepOutcome before = run_one(bars, type(), direction(), parameters);
  bars.close.back() *= 1.5;
  bars.high.back() *= 1.5;
  const SweepOutcome after = run_one(bars, type(), direction(), parameters);
  const auto last = static_cast<std::int32_t>(bars.size()) - 1;
  const auto earlier = [&](const SweepOutcome& outcome) {
    std::vector<std::pair<int, int>> changes;
    for (const auto& change : outcome.changes)
      if (change.bar < last) changes.emplace_back(change.bar, change.position);
    return changes;
  };
  EXPECT_EQ(earlier(before), earlier(after));
  EXPECT_EQ(before.performance.total_fills, after.performance.total_fills) << "a signal of the last bar has no next bar to be filled at";
}

INSTANTIATE_TEST_SUITE_P(BuiltIn, EveryStrategy,
                         testing::Combine(testing::ValuesIn(strategies::StrategyRegistry::instance().names()),
                                          testing::Values(Direction::long_only, Direction::long_short)),
                         [](const auto& test) { return std::get<0>(test.param) + "_" + std::string(enum_name(std::get<1>(test.param))); });

/// The negative control: a strategy that peeks at the next close must fail the prefix test.
TEST(LookAhead, is_caught_by_the_prefix_test) {
  class Peeking final : public strategies::BarStrategy {
   public:
    explicit Peeking(const market::Bars& bars) : bars_(bars) {}
    strategies::Signal on_bar(const strategies::BarWindow& window) override {
      const std::size_t next = std::min(window.size(), bars_.size() - 1);
      return {bars_.close[next] > window.close() ? 1 : 0, 1};
    }

   private:
    const market::Bars& bars_;
  };
  const market::Bars bars = random_bars(13, 200);
  const auto signals = [](const market::Bars& over) {
    StrategyType type;
    type.name = "peeking";
    type.bar = [&over](const auto&, Direction) { return std::make_unique<Peeking>(over); };
    return positions_of(run_one(over, type, Direction::long_only, {}).changes, over.size());
  };
  const auto whole = signals(bars);
  int differing = 0;
  for (std::size_t cut = 50; cut < 100; ++cut) {
    const auto part = signals(prefix_of(bars, cut));
    differing += std::equal(part.begin(), part.end(), whole.begin()) ? 0 : 1;
  }
  EXPECT_GT(differing, 5);
}

TEST(RunCandidates, the_company_of_others_changes_nothing) {
  const market::Bars bars = random_bars(14, 1300);
  const strategies::PriceHistory history(bars);
  const auto tables = metrics::TradeTables::make(bars.open, bars.close, {});
  std::vector<SweepCandidate> candidates;
  for (const auto& type : strategies::StrategyRegistry::instance().types())
    for (const Direction direction : {Direction::long_only, Direction::long_short})
      candidates.push_back({type.get(), direction, quick_parameters(*type)});
  const auto together = run_candidates(history, *tables, candidates, false);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const SweepOutcome alone = run_one(bars, *candidates[i].type, candidates[i].direction, candidates[i].parameters);
    EXPECT_EQ(together[i].signal_changes, alone.signal_changes);
    for (std::size_t m = 0; m < metrics::kMetricCount; ++m)
      EXPECT_TRUE(together[i].performance.value[m] == alone.performance.value[m] || std::isnan(alone.performance.value[m]))
          << i << " " << m;
  }
}

TEST(RunCandidates, already_above_at_the_first_valid_bar_is_no_entry) {
  market::Bars bars;
  for (int i = 0; i < 40; ++i) {
    bars.timestamp.push_back(i);
    bars.close.push_back(100 + i);
  }
  bars.open = bars.high = bars.low = bars.close;
  const auto& type = **strategies::StrategyRegistry::instance().find("sma_cross");
  EXPECT_EQ(run_one(bars, type, Direction::long_only, {2, 5}).signal_changes, 0);
}

}  // namespace
}  // namespace tradewind::sweep
