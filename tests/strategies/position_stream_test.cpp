// SPDX-License-Identifier: Apache-2.0
// That streams signal what sweeps do is tested beside the sweep, tests/sweep/position_stream_test.cpp.
#include "tradewind/strategies/position_stream.hpp"

#include <bit>
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"
#include "tradewind/strategies/indicator_stream_internal.hpp"

namespace tradewind::strategies {
namespace {

const StrategyType& type_of(const char* name) { return **StrategyRegistry::instance().find(name); }

std::unique_ptr<PositionStream> fed(const char* name, const ParameterValues& parameters, int bars) {
  auto stream = make_position_stream(type_of(name), parameters, Direction::long_only);
  Random random(4);
  for (int i = 0; i < bars; ++i) (*stream)->push(PriceBar::of_close(i, 100 + 10 * random.uniform()));
  return std::move(*stream);
}

TEST(PositionStream, Is_warm_once_its_longest_window_is_full) {
  EXPECT_FALSE(fed("sma_cross", {2, 5}, 4)->warm());
  EXPECT_TRUE(fed("sma_cross", {2, 5}, 5)->warm());
  EXPECT_FALSE(fed("donchian_breakout", {3, 7}, 7)->warm());
  EXPECT_TRUE(fed("donchian_breakout", {3, 7}, 8)->warm());
}

TEST(PositionStream, Wrong_parameters_are_refused) {
  const auto error_of = [](const char* name, const ParameterValues& parameters) {
    const auto made = make_position_stream(type_of(name), parameters, Direction::long_only);
    return made ? Errc::internal : made.error().code();
  };
  EXPECT_EQ(error_of("sma_cross", {5}), Errc::invalid_config);
  EXPECT_EQ(error_of("sma_cross", {0, 5}), Errc::invalid_config);
  EXPECT_EQ(error_of("sma_cross", {std::nan(""), 5}), Errc::invalid_config);
  StrategyType zero = type_of("time_series_momentum");
  zero.rule = [](const ParameterValues&) {
    Rule rule;
    rule.enter_long = {true, true, {IndicatorKey::Kind::sma, {0}}, {}, 0};
    return rule;
  };
  EXPECT_FALSE(make_position_stream(zero, {5, 0}, Direction::long_only));
}

TEST(PositionStream, What_another_stream_saved_is_refused) {
  const std::string saved = fed("sma_cross", {2, 5}, 9)->save();
  EXPECT_TRUE(load_position_stream(type_of("sma_cross"), {2, 5}, Direction::long_only, saved));
  EXPECT_FALSE(load_position_stream(type_of("sma_cross"), {2, 6}, Direction::long_only, saved));
  EXPECT_FALSE(load_position_stream(type_of("sma_cross"), {2, 5}, Direction::long_short, saved));
  const auto other = load_position_stream(type_of("ema_cross"), {2, 5}, Direction::long_only, saved);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), Errc::corrupt);
}

/// 2,000 bars with stretches of one price. Closes before `decimals_until` are decimals of two places.
market::Bars bars_with_decimals(int decimals_until) {
  Random random(6);
  market::Bars bars;
  for (int i = 0; i < 2000; ++i) {
    bars.timestamp.push_back(i);
    const double price = 100 * std::exp(random.normal());
    bars.close.push_back(i % 500 < 60 && i > 0 ? bars.close.back() : i < decimals_until ? std::round(price * 100) / 100 : price);
    bars.open.push_back(bars.close.back());
    bars.high.push_back(bars.close.back() * (1 + random.uniform()));
    bars.low.push_back(bars.close.back() * random.uniform() + 1e-9);
  }
  return bars;
}

/// Decimals whose places come one after the other, and sums beyond 2^53 ticks.
market::Bars bars_of_growing_places() {
  Random random(8);
  market::Bars bars;
  for (int i = 0; i < 2000; ++i) {
    const double scale = i < 40 ? 1 : i < 300 ? 10 : i < 900 ? 1e3 : 1e7;
    bars.timestamp.push_back(i);
    bars.close.push_back(std::round(2e6 * (1 + random.uniform() / 10) * scale) / scale);
  }
  bars.open = bars.high = bars.low = bars.close;
  return bars;
}

/// Not only their comparisons: every value of an indicator, undefined ones included, has the bits of the sweep's row.
TEST(PositionStream, Indicators_stream_the_bits_of_their_rows) {
  using enum IndicatorKey::Kind;
  for (const int decimals_until : {0, 2000, 700, 255, -1}) {
    const market::Bars bars = decimals_until < 0 ? bars_of_growing_places() : bars_with_decimals(decimals_until);
    const PriceHistory history(bars);
    for (const auto kind : {close, sma, ema, macd, macd_signal, highest, lowest, rsi, zscore, momentum})
      for (const int window : {1, 2, 7, 255, 256, 257, 1000}) {
        const IndicatorKey key{kind, {window, window + 3, 5}};
        std::vector<double> row(bars.size());
        make_indicator(key, history)->next(0, row);
        const auto stream = make_indicator_stream(key);
        PriceScale scale;
        for (std::size_t i = 0; i < row.size(); ++i) {
          scale.take(bars.close[i]);
          const double value = stream->push({bars.timestamp[i], bars.open[i], bars.high[i], bars.low[i], bars.close[i], 0}, scale);
          if (std::isnan(row[i]) ? std::isnan(value) : std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(row[i]))
            continue;
          ADD_FAILURE() << "kind " << static_cast<int>(kind) << ", window " << window << ", bar " << i << ", decimals until "
                        << decimals_until << ": " << value << " for " << row[i];
          break;
        }
      }
  }
}

/// A stream saved by version 0.1.0, which knew nothing of ticks, goes on with the prices as they are.
TEST(PositionStream, A_memory_without_ticks_is_read) {
  // sma_cross 2/3, long only, after closes 100, 101, 103, written by that version
  const auto words = [](std::initializer_list<std::uint64_t> all) {
    std::string text;
    for (const std::uint64_t one : all) text += fmt::format("{:016x}", one);
    return text;
  };
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  const std::string state =
      words({0, 1, 1, 0}) + words({3, bits(304), 2, bits(201), bits(304)}) + words({3, bits(304), 3, bits(100), bits(201), bits(304)});
  const auto* type = *StrategyRegistry::instance().find("sma_cross");
  const auto old =
      load_position_stream(*type, {2, 3}, Direction::long_only,
                           R"({"type": "sma_cross", "direction": "long_only", "parameters": [2.0, 3.0], "state": ")" + state + "\"}");
  ASSERT_TRUE(old) << old.error().message();
  EXPECT_EQ((*old)->push(PriceBar::of_close(4, 90)), 0);   // 96.5 below 98: armed
  EXPECT_EQ((*old)->push(PriceBar::of_close(5, 120)), 1);  // 105 above 104.33
  EXPECT_EQ((*old)->push(PriceBar::of_close(6, 60)), 1);   // 90 at 90: equality changes nothing
  EXPECT_EQ((*old)->push(PriceBar::of_close(7, 60)), 0);   // 60 below 80
}

TEST(PriceScale, learns_the_places_of_decimals_and_gives_up_for_good) {
  PriceScale scale;
  scale.take(0.5);
  EXPECT_EQ(scale.factor(), 10);
  EXPECT_EQ(scale.grown(), 10);
  scale.take(0.125);
  EXPECT_EQ(scale.factor(), 1000);
  EXPECT_EQ(scale.grown(), 100);
  EXPECT_EQ(scale.ticks(0.125), 125);
  scale.take(70000);
  EXPECT_TRUE(scale.exact());
  scale.take(1.0 / 3);
  EXPECT_FALSE(scale.exact());
  EXPECT_TRUE(scale.lost());
  EXPECT_EQ(scale.factor(), 1000);
  scale.take(0.5);
  EXPECT_FALSE(scale.exact());
  EXPECT_FALSE(scale.lost());
  PriceScale large;
  large.take(1e14);
  EXPECT_FALSE(large.exact()) << "beyond 2^45 ticks";
}

/// Whatever the damage, a stream is refused, or goes on without reading what it does not have.
TEST(PositionStream, Damage_is_refused_or_harmless) {
  Random random(5);
  for (const auto& type : StrategyRegistry::instance().types()) {
    ParameterValues parameters;
    for (const ParameterSpec& spec : type->parameters) parameters.push_back(spec.integer ? 6 : std::min(2.0, spec.maximum));
    const std::string saved = fed(type->name.c_str(), parameters, 40)->save();
    for (std::size_t cut = 0; cut < saved.size(); ++cut)
      EXPECT_FALSE(load_position_stream(*type, parameters, Direction::long_only, saved.substr(0, cut))) << type->name << " " << cut;
    for (int draw = 0; draw < 2000; ++draw) {
      std::string damaged = saved;
      damaged[random.below(damaged.size())] = "0123456789abcdefx\""[random.below(18)];
      auto loaded = load_position_stream(*type, parameters, Direction::long_only, damaged);
      for (int i = 0; loaded && i < 20; ++i) (*loaded)->push(PriceBar::of_close(100 + i, 100 + 10 * random.uniform()));
    }
  }
}

}  // namespace
}  // namespace tradewind::strategies
