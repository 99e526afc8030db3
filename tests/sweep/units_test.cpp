// SPDX-License-Identifier: Apache-2.0
// The same prices in another unit are the same prices: what a strategy does and how it does cannot depend on it.
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/strategies/strategy.hpp"
#include "tradewind/sweep/signal_engine.hpp"

namespace tradewind::sweep {
namespace {

/// A walk over few ticks with stretches of standstill, in which averages, bands and levels meet prices often.
std::vector<int> walk(std::uint64_t seed, std::size_t bars) {
  Random random(seed);
  std::vector<int> ticks;
  int price = 500;
  for (std::size_t i = 0; i < bars; ++i) {
    const auto draw = i % 1000 > 850 ? 3 : random.below(7);
    price = std::max(50, price + (draw < 2 ? -1 : draw > 4 ? 1 : 0));
    ticks.push_back(price);
  }
  return ticks;
}

/// `numerator`/`denominator` per tick, each price the double nearest to the decimal.
market::Bars in_unit(const std::vector<int>& ticks, int numerator, int denominator) {
  market::Bars bars;
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    bars.timestamp.push_back(static_cast<UnixNanos>(i));
    bars.close.push_back(static_cast<double>(ticks[i] * numerator) / denominator);
  }
  return bars;
}

std::vector<SweepCandidate> candidates() {
  const auto type = [](const char* name) { return *strategies::StrategyRegistry::instance().find(name); };
  std::vector<SweepCandidate> all;
  for (const auto direction : {strategies::Direction::long_only, strategies::Direction::long_short}) {
    for (const double fast : {1, 2, 4, 5, 7, 10})
      for (const double slow : {11, 20, 33, 50})
        for (const char* name : {"sma_cross", "ema_cross"}) all.push_back({type(name), direction, {fast, slow}});
    for (const double bands : {0.0, 0.5, 1.0, 1.5, 2.0}) {
      all.push_back({type("bollinger_reversion"), direction, {20, bands}});
      all.push_back({type("zscore_reversion"), direction, {5, bands + 1, bands}});
    }
    for (const double window : {2, 4, 10, 14}) all.push_back({type("rsi_reversion"), direction, {window, 30, 70}});
    for (const double threshold : {0.0, 0.01, 0.02, 0.1}) all.push_back({type("time_series_momentum"), direction, {20, threshold}});
    all.push_back({type("donchian_breakout"), direction, {20, 10}});
    all.push_back({type("macd"), direction, {12, 26, 9}});
  }
  return all;
}

std::vector<SweepOutcome> outcomes(const market::Bars& bars, const std::vector<SweepCandidate>& of) {
  const strategies::PriceHistory history(bars);
  metrics::TradeTables::Options execution;
  execution.fill = metrics::FillModel::close;
  execution.costs = metrics::ExecutionCosts::none();
  return run_candidates(history, *metrics::TradeTables::make({}, bars.close, execution), of, true);
}

TEST(Units, do_not_change_what_strategies_do) {
  const auto all = candidates();
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto ticks = walk(seed, 8000);
    const auto cents = outcomes(in_unit(ticks, 1, 1), all);
    for (const auto& [numerator, denominator] : std::vector<std::pair<int, int>>{{1, 100}, {1, 8}, {1, 10000}, {3, 1000}}) {
      const auto other = outcomes(in_unit(ticks, numerator, denominator), all);
      int different = 0;
      for (std::size_t i = 0; i < all.size(); ++i) {
        const auto &a = cents[i].performance, &b = other[i].performance;
        different += a.total_fills != b.total_fills || a.won_trades != b.won_trades || a.lost_trades != b.lost_trades ||
                     a.flat_trades != b.flat_trades || cents[i].signal_changes != other[i].signal_changes;
      }
      EXPECT_EQ(different, 0) << "of " << all.size() << ", ticks of " << numerator << "/" << denominator << ", seed " << seed;
    }
  }
}

/// The rule in whole numbers: fast sum · slow against slow sum · fast.
TEST(Units, averages_compare_as_whole_numbers_do) {
  const auto ticks = walk(9, 8000);
  const market::Bars bars = in_unit(ticks, 1, 100);
  const std::vector<SweepCandidate> all = {{*strategies::StrategyRegistry::instance().find("sma_cross"), {}, {5, 20}}};
  const auto outcome = outcomes(bars, all)[0];
  std::vector<std::int32_t> wanted;
  bool armed = false, held = false;
  for (std::size_t t = 19; t < ticks.size(); ++t) {
    const auto sum = [&](std::size_t n) {
      return std::accumulate(ticks.begin() + static_cast<std::ptrdiff_t>(t + 1 - n), ticks.begin() + static_cast<std::ptrdiff_t>(t + 1), 0);
    };
    const int above = sum(5) * 20 - sum(20) * 5;
    const bool change = held ? above < 0 : above > 0 && armed;
    armed = armed || above < 0;
    if (!change) continue;
    held = !held;
    wanted.push_back(static_cast<std::int32_t>(t));
  }
  ASSERT_EQ(outcome.changes.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) ASSERT_EQ(outcome.changes[i].bar, wanted[i]) << i;
}

/// A price that is no decimal, later on, changes nothing that was decided before it.
TEST(Units, a_later_price_that_is_no_decimal_changes_nothing_before_it) {
  const auto all = candidates();
  const market::Bars whole = in_unit(walk(4, 3000), 1, 100);
  market::Bars broken = whole;
  broken.close[2000] = 1.0 / 3;
  const auto a = outcomes(whole, all), b = outcomes(broken, all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::size_t k = 0;
    while (k < a[i].changes.size() && a[i].changes[k].bar < 2000) {
      ASSERT_LT(k, b[i].changes.size());
      ASSERT_EQ(a[i].changes[k].bar, b[i].changes[k].bar) << all[i].type->name;
      ++k;
    }
    EXPECT_TRUE(k >= b[i].changes.size() || b[i].changes[k].bar >= 2000) << all[i].type->name;
  }
}

}  // namespace
}  // namespace tradewind::sweep
