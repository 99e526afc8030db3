// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tradewind/metrics/streaming_sums.hpp"
#include "tradewind/metrics/trade_tables.hpp"

namespace tradewind::replay {

/// What a fill is made at.
struct Quote {
  double price = 0;  ///< before slippage
  double slippage = 0;
  double commission = 0;

  double ask() const noexcept { return price * (1 + slippage); }
  double bid() const noexcept { return price * (1 - slippage); }
};

/// The quote of a bar's fill; without costs when `gross`.
inline Quote quote_of(const metrics::TradeTables& tables, std::int64_t bar, bool gross) noexcept {
  return {tables.fill_price(bar), gross ? 0 : tables.slippage(bar), gross ? 0 : tables.options().costs.commission_rate};
}

/// The account of one strategy inside an ensemble: cash and quantity by the rules of metrics::TradeAccount (a position takes all of it,
/// a short keeps its quantity and its proceeds), which may be given more capital or less while a position is open.
class SubAccount {
 public:
  /// Closes what is held and turns to `position`, which enter() takes. Gives the costs paid.
  double leave(int position, const Quote& quote) noexcept;
  /// Opens the position turned to with all cash, if any. Gives the costs.
  double enter(const Quote& quote) noexcept;

  /// Takes `fraction` (0 … 1] of the account's capital out: part of an open position is closed at the quote. `out` is what left the
  /// account, to the last bit. Gives the costs. A short whose closing would bring nothing stays as it is.
  double release(double fraction, const Quote& quote, metrics::ExactSum& out) noexcept;
  /// Puts capital in; an account whose position is on increases it. `in` is what the account took, to the last bit. Gives the costs.
  double deposit(double amount, const Quote& quote, metrics::ExactSum& in) noexcept;

  /// Value at a price, which is negative when a short has lost more than the account.
  double value_at(double price) const noexcept { return cash_ + quantity_ * price; }
  /// Marks the account; one that has nothing left is ruined and stays at 0.
  double mark(double price) noexcept;

  bool holds() const noexcept { return quantity_ != 0; }
  double traded() const noexcept { return traded_; }  ///< Σ notional of all fills, before slippage
  double invested() const noexcept { return invested_; }
  int target() const noexcept { return target_; }  ///< the strategy's position: −1, 0, +1
  bool ruined() const noexcept { return ruined_; }
  std::int64_t fills() const noexcept { return fills_; }
  std::int64_t won() const noexcept { return won_; }
  std::int64_t lost() const noexcept { return lost_; }
  std::int64_t flat() const noexcept { return flat_; }

 private:
  double close(const Quote& quote) noexcept;
  double buy(double amount, const Quote& quote) noexcept;
  void book_trade() noexcept;
  void ruin() noexcept;

  double cash_ = 0;
  double quantity_ = 0;
  double traded_ = 0;
  double invested_ = 0;  ///< capital the open trade has been given, less what was taken out
  int target_ = 0;
  bool waiting_ = false;  ///< between leave() and enter()
  bool ruined_ = false;
  std::int64_t fills_ = 0;
  std::int64_t won_ = 0;
  std::int64_t lost_ = 0;
  std::int64_t flat_ = 0;
};

}  // namespace tradewind::replay
