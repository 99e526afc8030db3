// SPDX-License-Identifier: Apache-2.0
#include "tradewind/strategies/indicator.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/strategies/strategy.hpp"

namespace tradewind::strategies {
namespace {

using Kind = IndicatorKey::Kind;

market::Bars random_bars(std::size_t count) {
  Random random(3);
  market::Bars bars;
  double price = 50;
  for (std::size_t i = 0; i < count; ++i) {
    price *= std::exp(0.02 * random.normal());
    bars.timestamp.push_back(static_cast<UnixNanos>(i));
    bars.open.push_back(price);
    bars.close.push_back(price);
    bars.high.push_back(price * (1 + 0.01 * random.uniform()));
    bars.low.push_back(price * (1 - 0.01 * random.uniform()));
  }
  return bars;
}

std::vector<double> row(const market::Bars& bars, IndicatorKey key, std::size_t step) {
  const PriceHistory history(bars);
  const auto indicator = make_indicator(key, history);
  std::vector<double> out(bars.size());
  for (std::size_t begin = 0; begin < out.size(); begin += step)
    indicator->next(begin, std::span(out).subspan(begin, std::min(step, out.size() - begin)));
  return out;
}

/// The definition of one value, straight from the documentation; called for bars whose window is full.
using Definition = std::function<double(const market::Bars&, std::size_t bar)>;

double mean(const std::vector<double>& x, std::size_t first, std::size_t last) {
  return std::accumulate(x.begin() + static_cast<std::ptrdiff_t>(first), x.begin() + static_cast<std::ptrdiff_t>(last) + 1, 0.0) /
         static_cast<double>(last - first + 1);
}

struct Case {
  const char* name;
  IndicatorKey key;
  std::size_t first_valid;
  Definition definition;
};

double ema(const std::vector<double>& x, int n, std::size_t bar) {
  double value = mean(x, 0, static_cast<std::size_t>(n) - 1);
  for (std::size_t i = static_cast<std::size_t>(n); i <= bar; ++i) value = 2.0 / (n + 1) * x[i] + (1 - 2.0 / (n + 1)) * value;
  return value;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"sma", {Kind::sma, {7}}, 6, [](const market::Bars& b, std::size_t t) { return mean(b.close, t - 6, t); }},
      {"ema", {Kind::ema, {7}}, 6, [](const market::Bars& b, std::size_t t) { return ema(b.close, 7, t); }},
      {"macd", {Kind::macd, {5, 12}}, 11, [](const market::Bars& b, std::size_t t) { return ema(b.close, 5, t) - ema(b.close, 12, t); }},
      {"macd_signal",
       {Kind::macd_signal, {5, 12, 4}},
       14,
       [](const market::Bars& b, std::size_t t) {
         std::vector<double> line;
         for (std::size_t i = 11; i <= t; ++i) line.push_back(ema(b.close, 5, i) - ema(b.close, 12, i));
         return ema(line, 4, line.size() - 1);
       }},
      {"highest",
       {Kind::highest, {9}},
       9,
       [](const market::Bars& b, std::size_t t) {
         return *std::max_element(b.high.begin() + static_cast<std::ptrdiff_t>(t) - 9, b.high.begin() + static_cast<std::ptrdiff_t>(t));
       }},
      {"lowest",
       {Kind::lowest, {9}},
       9,
       [](const market::Bars& b, std::size_t t) {
         return *std::min_element(b.low.begin() + static_cast<std::ptrdiff_t>(t) - 9, b.low.begin() + static_cast<std::ptrdiff_t>(t));
       }},
      {"rsi",
       {Kind::rsi, {6}},
       6,
       [](const market::Bars& b, std::size_t t) {
         double gain = 0;
         double loss = 0;
         for (std::size_t i = 1; i <= t; ++i) {
           const double change = b.close[i] - b.close[i - 1];
           const double weight = i <= 6 ? 1.0 : 5.0;
           gain = (i <= 6 ? gain : gain * weight) + std::max(change, 0.0);
           loss = (i <= 6 ? loss : loss * weight) + std::max(-change, 0.0);
           if (i >= 6) {
             gain /= 6;
             loss /= 6;
           }
         }
         return 100 - 100 / (1 + gain / loss);
       }},
      {"zscore",
       {Kind::zscore, {11}},
       10,
       [](const market::Bars& b, std::size_t t) {
         const double m = mean(b.close, t - 10, t);
         double squares = 0;
         for (std::size_t i = t - 10; i <= t; ++i) squares += (b.close[i] - m) * (b.close[i] - m);
         return (b.close[t] - m) / std::sqrt(squares / 11);
       }},
      {"momentum", {Kind::momentum, {15}}, 15, [](const market::Bars& b, std::size_t t) { return b.close[t] / b.close[t - 15] - 1; }},
      {"close", {Kind::close, {}}, 0, [](const market::Bars& b, std::size_t t) { return b.close[t]; }},
  };
  return all;
}

class EveryIndicator : public testing::TestWithParam<Case> {};

TEST_P(EveryIndicator, follows_its_definition) {
  const market::Bars bars = random_bars(700);
  const auto values = row(bars, GetParam().key, 700);
  for (std::size_t t = 0; t < bars.size(); ++t) {
    if (t < GetParam().first_valid)
      EXPECT_TRUE(std::isnan(values[t])) << t;
    else
      EXPECT_NEAR(values[t], GetParam().definition(bars, t), 1e-9) << t;
  }
}

TEST_P(EveryIndicator, does_not_depend_on_how_time_is_cut) {
  const market::Bars bars = random_bars(700);
  const auto whole = row(bars, GetParam().key, 700);
  for (const std::size_t step : {1UL, 7UL, 512UL}) {
    const auto cut = row(bars, GetParam().key, step);
    for (std::size_t t = 0; t < bars.size(); ++t)
      EXPECT_TRUE(whole[t] == cut[t] || (std::isnan(whole[t]) && std::isnan(cut[t]))) << t << " by " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryIndicator, testing::ValuesIn(cases()), [](const auto& test) { return std::string(test.param.name); });

TEST(Indicators, of_a_constant_price_are_defined_or_silent) {
  market::Bars bars;
  for (int i = 0; i < 50; ++i) {
    bars.timestamp.push_back(i);
    bars.close.push_back(10);
  }
  EXPECT_EQ(row(bars, {Kind::rsi, {5}}, 50).back(), 50);
  EXPECT_TRUE(std::isnan(row(bars, {Kind::zscore, {5}}, 50).back()));
  EXPECT_EQ(row(bars, {Kind::momentum, {5}}, 50).back(), 0);
}

/// (close − mean) / deviation of a window of steps above `base`, in long double; NaN when all are equal.
double zscore_of(const std::vector<double>& x, double base, std::size_t window, std::size_t bar) {
  long double sum = 0, squares = 0;
  for (std::size_t i = bar + 1 - window; i <= bar; ++i) sum += static_cast<long double>(x[i]) - base;
  const long double middle = sum / static_cast<long double>(window);
  for (std::size_t i = bar + 1 - window; i <= bar; ++i) squares += std::pow(static_cast<long double>(x[i]) - base - middle, 2);
  if (squares == 0) return std::nan("");
  return static_cast<double>((static_cast<long double>(x[bar]) - base - middle) / std::sqrt(squares / static_cast<long double>(window)));
}

TEST(Indicators, z_scores_of_small_steps_far_from_zero_are_computed) {
  constexpr std::size_t window = 40;
  constexpr double base = 1e8;
  Random random(42);
  market::Bars bars;
  for (std::size_t i = 0; i < 2000; ++i) {
    bars.timestamp.push_back(static_cast<UnixNanos>(i));
    const bool still = i % 400 >= 100 && i % 400 < 200;  // equal prices after steps, and after a jump
    const double step = i % 400 == 99 ? 1e6 : 0.01 * random.normal();
    bars.close.push_back(still && i % 400 > 100 ? bars.close.back() : base + step);
  }
  const auto values = row(bars, {Kind::zscore, {static_cast<int>(window)}}, 128);
  std::size_t silent = 0;
  for (std::size_t i = window - 1; i < values.size(); ++i) {
    const double right = zscore_of(bars.close, base, window, i);
    ASSERT_EQ(std::isnan(values[i]), std::isnan(right)) << i;
    silent += std::isnan(right);
    if (std::isnan(right)) continue;
    ASSERT_NEAR(values[i], right, 1e-6) << i;
  }
  EXPECT_GT(silent, 250U);
}

TEST(Registry, names_the_nearest_type_and_refuses_bad_ones) {
  StrategyRegistry registry = [] {
    StrategyRegistry fresh;
    StrategyType type;
    type.name = "sma_cross";
    type.rule = [](const ParameterValues&) { return Rule{}; };
    EXPECT_TRUE(fresh.add(type));
    EXPECT_FALSE(fresh.add(type));
    return fresh;
  }();
  const auto missing = registry.find("sma_corss");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().hint(), "did you mean 'sma_cross'?");
  EXPECT_FALSE(registry.add(StrategyType{}));
}

}  // namespace
}  // namespace tradewind::strategies
