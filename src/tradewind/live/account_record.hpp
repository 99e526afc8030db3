// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/live/account_growth.hpp"
#include "tradewind/metrics/streaming.hpp"

namespace tradewind::live {

/// The returns of one account from mark to mark, whatever is moved in and out of it, as a series that is still growing.
class AccountRecord {
 public:
  /// An account that begins with `contributed` at `time`.
  AccountRecord(UnixNanos time, Money contributed);

  /// Marks come in order of time. O(1).
  void add(UnixNanos time, Money equity, Money contributed);
  /// What a dollar of the start has become.
  double index() const noexcept { return growth_.index(); }
  /// {marks, years, total_return, max_drawdown, current_drawdown, volatility, sharpe_ratio, sortino_ratio, undefined: {name: reason}}: the
  /// last three annualised by the time between first and last mark, and short_sample while that is below a quarter of a year.
  Json json() const;

 private:
  AccountGrowth growth_;
  metrics::StreamingMetrics returns_;
  UnixNanos begun_;
  UnixNanos last_;
};

}  // namespace tradewind::live
