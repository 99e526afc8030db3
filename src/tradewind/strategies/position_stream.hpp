// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tradewind/base/result.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/strategies/strategy.hpp"

namespace tradewind::strategies {

/// One finished bar. Prices are finite and > 0; what the source lacks equals the close, volume 0.
struct PriceBar {
  UnixNanos time = 0;
  double open = 0;
  double high = 0;
  double low = 0;
  double close = 0;
  double volume = 0;

  static PriceBar of_close(UnixNanos time, double close) noexcept { return {time, close, close, close, close, 0}; }
};

/// A strategy's signal, bar after bar: a bar goes in, the position that holds from its close on comes out. It is the position a sweep over
/// the same bars from the first one on has there, to the bar, whatever was saved and loaded in between: the arithmetic is the sweep's.
///
/// Types with a `rule`: O(1) amortised a bar; memory and saved state hold the closes (or their sums) of the longest windows. A z-score
/// sums its window anew every 256 bars, as in the sweep: O(1 + window/256) a bar.
/// Types with `bar`, written bar by bar, keep every bar: nobody but their author knows what they remember. A bar costs their on_bar, memory
/// and saved state are O(bars), and loading runs them over all bars again.
class PositionStream {
 public:
  virtual ~PositionStream() = default;
  /// Bars come in order of time. −1 short, 0 flat, +1 long.
  virtual std::int8_t push(const PriceBar& bar) = 0;
  /// What the last push gave; 0 before the first.
  virtual std::int8_t position() const noexcept = 0;
  /// Whether every indicator of the rule has been defined: until then a stream that has begun amid a series may be flat for lack of bars.
  /// With `bar`: whether a bar has been seen.
  virtual bool warm() const noexcept = 0;
  /// Everything load_position_stream needs to go on, as JSON: {"type", "direction", "parameters", "format", "state"}; numbers of the state
  /// are kept to the bit, 16 letters each.
  virtual std::string save() const = 0;
};

/// A stream before its first bar. `type` must outlive it. Errors: Errc::invalid_config for a wrong number of parameters, one that is no
/// number or outside its range, and a rule with a window below 1.
Result<std::unique_ptr<PositionStream>> make_position_stream(const StrategyType& type, const ParameterValues& parameters,
                                                             Direction direction);

/// A saved stream again. Errors: those of make_position_stream; Errc::corrupt when `saved` was not saved by a stream of just this type,
/// these parameters and this direction.
Result<std::unique_ptr<PositionStream>> load_position_stream(const StrategyType& type, const ParameterValues& parameters,
                                                             Direction direction, std::string_view saved);

}  // namespace tradewind::strategies
