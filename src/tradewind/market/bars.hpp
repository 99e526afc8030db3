// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/base/time.hpp"

namespace tradewind::market {

/// The price history of one symbol, column by column; every filled column has size() entries.
/// Timestamps are strictly increasing and stand for the START of the bar. Prices are finite and > 0.
struct Bars {
  std::string symbol;
  std::vector<UnixNanos> timestamp;
  std::vector<double> open;  ///< empty when the source has closes only
  std::vector<double> high;  ///< empty when the source has closes only
  std::vector<double> low;   ///< empty when the source has closes only
  std::vector<double> close;
  std::vector<double> volume;  ///< empty when absent; NaN where the source left it blank

  std::size_t size() const noexcept { return close.size(); }
  bool has_ohlc() const noexcept { return !open.empty(); }
  bool has_volume() const noexcept { return !volume.empty(); }
};

}  // namespace tradewind::market
