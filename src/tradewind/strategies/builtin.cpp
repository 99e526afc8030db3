// SPDX-License-Identifier: Apache-2.0
#include "tradewind/strategies/builtin_internal.hpp"

namespace tradewind::strategies {
namespace {

using Kind = IndicatorKey::Kind;

constexpr double kLongestWindow = 100'000;

IndicatorKey key(Kind kind, double a = 0, double b = 0, double c = 0) {
  return {kind, {static_cast<int>(a), static_cast<int>(b), static_cast<int>(c)}};
}
Comparison greater(IndicatorKey left, IndicatorKey right) { return {true, true, left, right, 0}; }
Comparison less(IndicatorKey left, IndicatorKey right) { return {true, false, left, right, 0}; }
Comparison above(IndicatorKey left, double constant) { return {true, true, left, std::nullopt, constant}; }
Comparison below(IndicatorKey left, double constant) { return {true, false, left, std::nullopt, constant}; }

/// Long from a crossing of `fast` over `slow` until it is below again, and the mirror image short.
Rule crossing(IndicatorKey fast, IndicatorKey slow) {
  return {.enter_long = greater(fast, slow),
          .exit_long = less(fast, slow),
          .enter_short = less(fast, slow),
          .exit_short = greater(fast, slow),
          .crossing = true};
}

ParameterSpec window(std::string name, std::string description, double default_value, double minimum = 1) {
  return {std::move(name), std::move(description), default_value, minimum, kLongestWindow, true};
}
ParameterSpec level(std::string name, std::string description, double default_value, double minimum, double maximum) {
  return {std::move(name), std::move(description), default_value, minimum, maximum, false};
}

StrategyType sma_cross() {
  return {.name = "sma_cross",
          .summary = "Trend following by two simple moving averages",
          .formula = "long from SMA(fast) crossing above SMA(slow) until it is below; equality changes nothing",
          .source = "Brock, Lakonishok & LeBaron, Journal of Finance 47 (1992)",
          .parameters = {window("fast", "bars of the fast average", 20), window("slow", "bars of the slow average", 50)},
          .constraint = "fast < slow",
          .rule = [](const ParameterValues& p) { return crossing(key(Kind::sma, p[0]), key(Kind::sma, p[1])); },
          .bar = {}};
}
StrategyType ema_cross() {
  return {.name = "ema_cross",
          .summary = "Trend following by two exponential moving averages",
          .formula =
              "long from EMA(fast) crossing above EMA(slow) until it is below; EMA: α = 2/(n+1), seeded with the SMA of the first n closes",
          .source = "Appel, The Moving Average Convergence-Divergence Method (1979)",
          .parameters = {window("fast", "bars of the fast average", 12), window("slow", "bars of the slow average", 26)},
          .constraint = "fast < slow",
          .rule = [](const ParameterValues& p) { return crossing(key(Kind::ema, p[0]), key(Kind::ema, p[1])); },
          .bar = {}};
}
StrategyType macd() {
  return {
      .name = "macd",
      .summary = "Crossing of the MACD line and its signal line",
      .formula =
          "line = EMA(fast) − EMA(slow), signal = EMA(signal) of the line; long from the line crossing above the signal until it is below",
      .source = "Appel, The Moving Average Convergence-Divergence Method (1979)",
      .parameters = {window("fast", "bars of the fast average", 12), window("slow", "bars of the slow average", 26),
                     window("signal", "bars of the signal average", 9)},
      .constraint = "fast < slow",
      .rule = [](const ParameterValues& p) { return crossing(key(Kind::macd, p[0], p[1]), key(Kind::macd_signal, p[0], p[1], p[2])); },
      .bar = {}};
}
StrategyType donchian_breakout() {
  return {.name = "donchian_breakout",
          .summary = "Breakout of the price channel",
          .formula =
              "long when the close is above the highest high of the entry bars before it, out when below the lowest low of the exit bars "
              "before it; short mirrored",
          .source = "Donchian's channel rule as in Faith, Way of the Turtle (2007)",
          .parameters = {window("entry", "bars of the entry channel", 20), window("exit", "bars of the exit channel", 10)},
          .constraint = "",
          .rule =
              [](const ParameterValues& p) {
                const IndicatorKey close = key(Kind::close);
                return Rule{.enter_long = greater(close, key(Kind::highest, p[0])),
                            .exit_long = less(close, key(Kind::lowest, p[1])),
                            .enter_short = less(close, key(Kind::lowest, p[0])),
                            .exit_short = greater(close, key(Kind::highest, p[1]))};
              },
          .bar = {}};
}
StrategyType rsi_reversion() {
  return {.name = "rsi_reversion",
          .summary = "Buys weakness and sells strength by the relative strength index",
          .formula = "long from RSI(window) < lower until RSI > upper; long_short: short from RSI > upper until RSI < lower",
          .source = "Wilder, New Concepts in Technical Trading Systems (1978)",
          .parameters = {window("window", "bars of Wilder's averages", 14), level("lower", "oversold level", 30, 0, 100),
                         level("upper", "overbought level", 70, 0, 100)},
          .constraint = "lower < upper",
          .rule =
              [](const ParameterValues& p) {
                const IndicatorKey rsi = key(Kind::rsi, p[0]);
                return Rule{.enter_long = below(rsi, p[1]),
                            .exit_long = above(rsi, p[2]),
                            .enter_short = above(rsi, p[2]),
                            .exit_short = below(rsi, p[1])};
              },
          .bar = {}};
}
StrategyType bollinger_reversion() {
  return {.name = "bollinger_reversion",
          .summary = "Buys below the lower Bollinger band and leaves at the middle",
          .formula = "z = (close − SMA(window))/std(window, ddof=0); long from z < −bands until z > 0; short from z > bands until z < 0",
          .source = "Bollinger, Bollinger on Bollinger Bands (2001)",
          .parameters = {window("window", "bars of the band", 20, 2), level("bands", "half width in standard deviations", 2, 0, 100)},
          .constraint = "",
          .rule =
              [](const ParameterValues& p) {
                const IndicatorKey z = key(Kind::zscore, p[0]);
                return Rule{
                    .enter_long = below(z, -p[1]), .exit_long = above(z, 0), .enter_short = above(z, p[1]), .exit_short = below(z, 0)};
              },
          .bar = {}};
}
StrategyType zscore_reversion() {
  return {
      .name = "zscore_reversion",
      .summary = "Mean reversion of the price's z-score with separate entry and exit levels",
      .formula = "z = (close − SMA(window))/std(window, ddof=0); long from z < −entry until z > −exit; short from z > entry until z < exit",
      .source = "Chan, Algorithmic Trading (2013), chapter 3",
      .parameters = {window("window", "bars of mean and deviation", 20, 2), level("entry", "entry level", 2, 0, 100),
                     level("exit", "exit level", 0.5, -100, 100)},
      .constraint = "exit < entry",
      .rule =
          [](const ParameterValues& p) {
            const IndicatorKey z = key(Kind::zscore, p[0]);
            return Rule{
                .enter_long = below(z, -p[1]), .exit_long = above(z, -p[2]), .enter_short = above(z, p[1]), .exit_short = below(z, p[2])};
          },
      .bar = {}};
}
StrategyType time_series_momentum() {
  return {
      .name = "time_series_momentum",
      .summary = "Follows the sign of the past return",
      .formula =
          "m = close/close[window bars ago] − 1; long from m > threshold until m < threshold; short from m < −threshold until m > "
          "−threshold",
      .source = "Moskowitz, Ooi & Pedersen, Journal of Financial Economics 104 (2012)",
      .parameters = {window("window", "bars looked back", 252), level("threshold", "return that counts as a trend", 0, 0, 1000)},
      .constraint = "",
      .rule =
          [](const ParameterValues& p) {
            const IndicatorKey m = key(Kind::momentum, p[0]);
            return Rule{
                .enter_long = above(m, p[1]), .exit_long = below(m, p[1]), .enter_short = below(m, -p[1]), .exit_short = above(m, -p[1])};
          },
      .bar = {}};
}

}  // namespace

std::vector<StrategyType> builtin_strategies() {
  return {sma_cross(),        ema_cross(),           macd(), donchian_breakout(), rsi_reversion(), bollinger_reversion(),
          zscore_reversion(), time_series_momentum()};
}

}  // namespace tradewind::strategies
