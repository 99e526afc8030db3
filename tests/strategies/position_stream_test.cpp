// SPDX-License-Identifier: Apache-2.0
// That streams signal what sweeps do is tested beside the sweep, tests/sweep/position_stream_test.cpp.
#include "tradewind/strategies/position_stream.hpp"

#include <bit>
#include <cmath>

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

/// Not only their comparisons: every value of an indicator, undefined ones included, has the bits of the sweep's row.
TEST(PositionStream, Indicators_stream_the_bits_of_their_rows) {
  using enum IndicatorKey::Kind;
  Random random(6);
  market::Bars bars;
  for (int i = 0; i < 2000; ++i) {
    bars.timestamp.push_back(i);
    bars.close.push_back(i % 500 < 60 && i > 0 ? bars.close.back() : 100 * std::exp(random.normal()));
    bars.open.push_back(bars.close.back());
    bars.high.push_back(bars.close.back() * (1 + random.uniform()));
    bars.low.push_back(bars.close.back() * random.uniform() + 1e-9);
  }
  const PriceHistory history(bars);
  for (const auto kind : {close, sma, ema, macd, macd_signal, highest, lowest, rsi, zscore, momentum})
    for (const int window : {1, 2, 7, 255, 256, 257, 1000}) {
      const IndicatorKey key{kind, {window, window + 3, 5}};
      std::vector<double> row(bars.size());
      make_indicator(key, history)->next(0, row);
      const auto stream = make_indicator_stream(key);
      for (std::size_t i = 0; i < row.size(); ++i) {
        const double value = stream->push({bars.timestamp[i], bars.open[i], bars.high[i], bars.low[i], bars.close[i], 0});
        if (std::isnan(row[i]) ? std::isnan(value) : std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(row[i])) continue;
        ADD_FAILURE() << "kind " << static_cast<int>(kind) << ", window " << window << ", bar " << i << ": " << value << " for " << row[i];
        break;
      }
    }
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
