// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tradewind/base/enum_names.hpp"

namespace tradewind::metrics {

enum class SlippageModel : std::uint8_t {
  linear,  ///< s = rate
  sqrt,    ///< s = rate · √volatility, the square-root market impact of the analytics document
};
constexpr auto names_of(SlippageModel) { return std::to_array<std::string_view>({"linear", "sqrt"}); }

/// Bars over which the volatility is taken that `sqrt` slippage grows with.
inline constexpr std::size_t kVolatilityWindow = 20;

/// What a fill costs. Rates are fractions: 0.001 is 10 basis points. Range [0, 1).
struct ExecutionCosts {
  double commission_rate = 0.001;  ///< of traded notional, per fill
  SlippageModel slippage_model = SlippageModel::linear;
  double slippage_bps = 0.0005;  ///< slippage rate; a fraction, in spite of the name the document gave it

  static ExecutionCosts none() noexcept { return {0, SlippageModel::linear, 0}; }
  /// The fraction by which a fill is worse than the price; `volatility` (annualised, ≥ 0) counts for `sqrt` only.
  double slippage(double volatility) const noexcept;
  /// "0.001 of notional per fill" and "linear 0.0005", as a run's metadata tells them.
  std::string commission_text() const;
  std::string slippage_text() const;
  /// Commission plus slippage on a trade of `trade_value` ≥ 0, in the same currency.
  double calculate_cost(double trade_value, double volatility) const noexcept;
  bool operator==(const ExecutionCosts&) const = default;
};

}  // namespace tradewind::metrics
