// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/registry.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/market/bars.hpp"
#include "tradewind/strategies/indicator.hpp"

namespace tradewind::strategies {

enum class Direction : std::uint8_t { long_only, long_short };
constexpr auto names_of(Direction) { return std::to_array<std::string_view>({"long_only", "long_short"}); }

/// A comparison of one indicator with another, or with a constant.
struct Comparison {
  bool present = false;
  bool greater = true;  ///< left > right, else left < right; undefined values compare false
  IndicatorKey left;
  std::optional<IndicatorKey> right;  ///< the constant counts when there is none
  double constant = 0;
};

/// A strategy as data: when to enter and leave, as comparisons at the close of each bar.
///
/// Flat: enter_long, else enter_short. Long: enter_short reverses, else exit_long leaves. Short: the mirror image.
/// With `crossing`, an entry needs its opposite to have been seen on an earlier bar: already above at the first valid bar is no crossing.
struct Rule {
  Comparison enter_long;
  Comparison exit_long;
  Comparison enter_short;  ///< ignored when long_only
  Comparison exit_short;
  bool crossing = false;
};

/// What a bar-by-bar strategy may look at: the bars up to and including the current one, nothing later.
class BarWindow {
 public:
  BarWindow(const market::Bars& bars, std::size_t current) : bars_(bars), current_(current) {}
  /// Bars seen so far, the current one included.
  std::size_t size() const { return current_ + 1; }
  /// `ago` = 0 is the current bar; ago < size().
  double close(std::size_t ago = 0) const { return bars_.close[index(ago)]; }
  double open(std::size_t ago = 0) const { return bars_.has_ohlc() ? bars_.open[index(ago)] : close(ago); }
  double high(std::size_t ago = 0) const { return bars_.has_ohlc() ? bars_.high[index(ago)] : close(ago); }
  double low(std::size_t ago = 0) const { return bars_.has_ohlc() ? bars_.low[index(ago)] : close(ago); }
  double volume(std::size_t ago = 0) const { return bars_.has_volume() ? bars_.volume[index(ago)] : 0; }
  UnixNanos timestamp(std::size_t ago = 0) const { return bars_.timestamp[index(ago)]; }

 private:
  std::size_t index(std::size_t ago) const {
    TRADEWIND_ASSERT(ago <= current_, "a bar window is asked for bars it holds");
    return current_ - ago;
  }
  const market::Bars& bars_;
  std::size_t current_;
};

/// What a custom strategy wants to hold from now on.
struct Signal {
  int position = 0;      ///< −1 short, 0 flat, +1 long
  float confidence = 1;  ///< [0, 1], stored beside the signal
};

/// A strategy written bar by bar: the simplest way to add one (examples/custom_strategy.cpp).
class BarStrategy {
 public:
  virtual ~BarStrategy() = default;
  /// Called once a bar, in order of time.
  virtual Signal on_bar(const BarWindow& bars) = 0;
};

/// A strategy type: its name, its parameters and how to make one of given values. Either `rule` or `bar` is set.
struct StrategyType {
  std::string name;
  std::string summary;
  std::string formula;
  std::string source;  ///< where the idea is published
  std::vector<ParameterSpec> parameters;
  std::string constraint;  ///< condition on the parameters, e.g. "fast < slow"; empty: none
  std::function<Rule(const ParameterValues&)> rule;
  std::function<std::unique_ptr<BarStrategy>(const ParameterValues&, Direction)> bar;
};

/// The known types, built-in ones first.
class StrategyRegistry : public Registry<StrategyType> {
 public:
  StrategyRegistry() : Registry("strategy type") {}
  /// The process's registry, filled with the built-in types.
  static StrategyRegistry& instance();
  /// Errors: as Registry::add; Errc::invalid_config for a type without exactly one of rule and bar.
  Status add(StrategyType type);
};

}  // namespace tradewind::strategies
