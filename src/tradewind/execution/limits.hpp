// SPDX-License-Identifier: Apache-2.0
#pragma once

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

/// Reads the section `limits`: dollars, or percentages of the capital such as 25%.
Limits read_limits(const config::Value& section, Money capital, config::Complaints& complaints);

}  // namespace tradewind::execution
