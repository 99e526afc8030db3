// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

#include "tradewind/trading/order_book.hpp"
#include "tradewind/trading/prediction_market.hpp"

namespace tradewind::trading {

/// Is shown what a market monitor brings, as it comes: a paper account lives on it. A real venue knows by itself.
class MarketListener {
 public:
  virtual ~MarketListener() = default;
  /// A market's books from now on.
  virtual void show(const PredictionMarket& market, const MarketPrices& prices) = 0;
  /// A trade of others.
  virtual void print(const Print& print) = 0;
  /// A market is decided; `payout`: dollars a share, by Outcome.
  virtual void resolve(const std::string& market_id, std::array<Price, 2> payout) = 0;
};

}  // namespace tradewind::trading
