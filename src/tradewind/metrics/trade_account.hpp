// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/metrics/performance_metrics.hpp"
#include "tradewind/metrics/trade_tables.hpp"

namespace tradewind::metrics {

/// A change of position: the signal of bar `bar` is `position`.
struct PositionChange {
  std::int32_t bar;
  std::int8_t position;
};

/// The account of one strategy on one series: takes its signal changes in order of time and knows every metric at the end.
///
/// A position takes the whole equity. Long: qty = cash/(P(1+s)(1+c)), sold for qty·P(1−s)(1−c). Short: the notional sold is what is left of
/// the equity after its commission, N = E/(1+c) at P(1−s), and the quantity stays fixed until it is bought back at P(1+s)(1+c);
/// equity at price p is N(2 − p/(P(1−s))), and an account whose equity reaches 0 at a close or a fill is ruined and stays at 0.
/// Results do not depend on the starting capital, which is 1. An open position at the end is marked at the last close.
///
/// A long trade costs O(1), a short trade O(bars held), because the return of a fixed short position depends on its own path.
class TradeAccount {
 public:
  /// The position becomes `position` (−1, 0, +1) by a signal known at the close of `signal_bar`; strictly increasing bars, real changes
  /// only. A signal whose fill lies beyond the last bar is not filled. After ruin, orders are rejected and counted.
  void change(const TradeTables& tables, std::int64_t signal_bar, int position) noexcept;
  /// The same for several changes in a row: the fast way.
  void change(const TradeTables& tables, std::span<const PositionChange> changes) noexcept;

  /// Closes the books at the last bar.
  PerformanceMetrics finish(const TradeTables& tables) noexcept;

  std::int64_t rejected_orders() const noexcept { return rejected_; }

 private:
  /// Sums over the bar returns of one equity path; bars without a position add nothing.
  struct Sums {
    double sum = 0;
    double squares = 0;
    void add(double r) noexcept {
      sum += r;
      squares += r * r;
    }
  };

  void open(const TradeTables& tables, std::int64_t bar, int position) noexcept;
  void close(const TradeTables& tables, std::int64_t bar) noexcept;
  void hold_long(const TradeTables& tables, std::int64_t last) noexcept;
  void hold_short(const TradeTables& tables, std::int64_t last) noexcept;
  void bar_return(double net, double gross) noexcept;
  void flush() noexcept;
  void watch_drawdown(double equity) noexcept;
  void book_trade(double equity_before, double equity_after) noexcept;
  void ruin() noexcept;
  void set_growth(double periods_per_year, PerformanceMetrics& m) const noexcept;
  void set_risk(const TradeTables::Options& options, PerformanceMetrics& m) const noexcept;
  void set_trades(PerformanceMetrics& m) const noexcept;
  void set_costs(PerformanceMetrics& m) const noexcept;

  double net_ = 1;    ///< equity, marked at the latest bar dealt with
  double gross_ = 1;  ///< the same positions without costs
  double peak_ = 1;
  double lowest_ratio_ = 1;  ///< min over time of equity/peak
  double downside_ = 0;
  Sums net_sums_;
  Sums gross_sums_;
  double costs_ = 0;

  std::int64_t entry_bar_ = -1;
  double equity_at_entry_ = 1;
  double gross_at_entry_ = 1;
  double notional_ = 0;  ///< short: N
  int position_ = 0;

  std::int64_t pending_bar_ = -1;  ///< a closing fill whose bar may still see the next opening fill
  double pending_net_ = 1;
  double pending_gross_ = 1;

  double won_money_ = 0;
  double lost_money_ = 0;
  double won_return_ = 0;
  double lost_return_ = 0;
  double largest_win_ = 0;
  double largest_loss_ = 0;
  std::int32_t won_ = 0;
  std::int32_t lost_ = 0;
  std::int32_t flat_ = 0;
  std::int32_t fills_ = 0;
  std::int32_t rejected_ = 0;
  std::uint32_t up_bars_ = 0;
  std::uint32_t down_bars_ = 0;
  bool ruined_ = false;
};

/// Metrics of a whole list of changes; the sweep and the replay of stored signals both go through TradeAccount, so they agree to the last
/// bit.
PerformanceMetrics account_metrics(const TradeTables& tables, std::span<const PositionChange> changes);

}  // namespace tradewind::metrics
