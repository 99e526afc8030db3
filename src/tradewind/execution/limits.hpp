// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/config/reader.hpp"
#include "tradewind/trading/money.hpp"

namespace tradewind::execution {

/// What no order may pass, checked at one place for every order. Defaults are shares of the session's capital.
struct Limits {
  Money max_order;       ///< most one order may cost
  Money max_position;    ///< most that may be tied up in one market, working orders included
  Money max_event;       ///< … in the markets of one event: their outcomes are one risk
  Money max_exposure;    ///< … in all markets
  Money max_loss;        ///< of equity below the session's capital; beyond it trading halts and stays halted
  Money max_daily_loss;  ///< of equity below that at the day's (UTC) first mark
  double max_orders_per_second = 20;
  int max_open_orders = 50;
  double price_band = 0.10;  ///< dollars by which a limit may be worse than the best price it meets

  /// 25 %, 25 %, 50 %, 100 %, 20 % and 10 % of the capital.
  static Limits for_capital(Money capital) noexcept;
};

/// What a strategy may lose: dollars, or a share of its own capital, whatever that is at the moment.
struct LossLimit {
  Money dollars{};   ///< > 0, where `share` is 0
  double share = 0;  ///< (0, 1]
  /// Dollars of a strategy to which so much was contributed; none of one without capital.
  Money of(Money contributed) const noexcept;
};

/// What a strategy may lose before it is stopped; what is not set does not bind. Losses count from when it was last enabled.
struct StrategyLimits {
  enum class Action : std::uint8_t {
    stop,   ///< it enters no more; what it holds goes to its own exits
    leave,  ///< … and what it holds is sold
  };
  std::optional<LossLimit> max_loss = {};
  std::optional<LossLimit> max_daily_loss = {};    ///< from the day's (UTC) first mark
  std::optional<double> max_drawdown = {};         ///< (0, 1] of its time-weighted growth
  std::optional<std::int64_t> losing_streak = {};  ///< closed trades in a row
  Action then = Action::leave;
};
constexpr auto names_of(StrategyLimits::Action) { return std::to_array<std::string_view>({"stop", "leave"}); }

/// Reads the section `strategies.NAME.limits`: dollars, or percentages of the strategy's own capital such as 5%.
StrategyLimits read_strategy_limits(const config::Value& section, const std::string& path, config::Complaints& complaints);

/// Reads the section `limits`: dollars, or percentages of the capital such as 25%.
Limits read_limits(const config::Value& section, Money capital, config::Complaints& complaints);

}  // namespace tradewind::execution
