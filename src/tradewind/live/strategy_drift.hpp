// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/live/strategy_origin.hpp"

namespace tradewind::live {

/// Whether a strategy earns what was expected of it, by a metrics::DriftMonitor.
///
/// With StrategyOrigin::expected the account's returns per bar are compared with those of its run. Otherwise what closed trades earned is
/// compared with what was expected of them: both as shares of the capital, the expectation of the first kEnoughTrades being the mean that
/// is promised and their spread around it the standard deviation; their edge is what an alarm says has gone. A strategy that expects
/// nothing of its trades cannot disappoint.
class StrategyDrift {
 public:
  explicit StrategyDrift(StrategyOrigin origin = {});

  /// A mark of its account at `index`. Bars in which it may not trade (`trading` false) do not count.
  void mark(UnixNanos time, double index, bool trading);
  /// One of its trades is over; shares of its capital.
  void trade(UnixNanos time, double expected, double earned);
  /// As if nothing had been seen: for one that a person enables again.
  void start_afresh();

  /// Raised once; stays.
  bool alarm() const;
  /// Whether it was raised since this was last asked.
  bool take_alarm();
  /// Of the alarm in words, for the strategy of this name.
  std::string sentence(const std::string& strategy) const;
  /// {of, alarm, since, observed, shortfall, threshold, expected_mean, expected_deviation, undefined: {alarm: reason}}
  Json json() const;

 private:
  struct Trade {
    UnixNanos time = 0;
    double expected = 0;
    double earned = 0;
  };
  struct BarStart {
    UnixNanos time = 0;
    double index = 1;
  };
  bool by_bars() const noexcept { return origin_.expected.has_value(); }
  void begin_with_trades();
  void observe(UnixNanos time, double r);

  StrategyOrigin origin_;
  std::optional<metrics::DriftMonitor> monitor_;
  std::optional<BarStart> bar_;
  std::vector<Trade> first_;  ///< until there are enough to know their spread
  std::int64_t trades_ = 0;   ///< that are over
  bool expects_ = false;      ///< of some trade more or less than nothing
  UnixNanos since_ = 0;       ///< of the alarm
  bool told_ = false;
};

}  // namespace tradewind::live
