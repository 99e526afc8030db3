// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "tradewind/metrics/trade_account.hpp"
#include "tradewind/metrics/trade_tables.hpp"

namespace tradewind::metrics {

/// One fill: what was bought or sold, where and at what price (slippage included).
struct Fill {
  std::int64_t bar;
  double quantity;  ///< > 0 bought, < 0 sold, for a starting capital of 1
  double price;
};

/// The bar-by-bar path of one strategy's equity: what TradeAccount sums up without looking at each bar.
/// Written the plain way, with cash and quantity, so that the two check each other.
struct EquityPath {
  std::vector<double> returns;  ///< one per bar; bar 0 is measured against the starting capital
  std::vector<double> equity;   ///< at the close of each bar
  std::vector<Fill> fills;
  bool ruin = false;
};

/// Path with the tables' costs, or with none when `gross`. O(bars).
EquityPath equity_path(const TradeTables& tables, std::span<const PositionChange> changes, bool gross = false);

}  // namespace tradewind::metrics
