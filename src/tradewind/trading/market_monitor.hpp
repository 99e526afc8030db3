// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/trading/order_book.hpp"
#include "tradewind/trading/prediction_market.hpp"

namespace tradewind::trading {

/// Read-only market data of a venue, polled: what the document calls the market monitor. Called from one thread.
class MarketMonitor {
 public:
  virtual ~MarketMonitor() = default;
  /// The markets that can be traded now; those listed before that take no orders any more and wait for their resolution; and those that
  /// have been resolved since they were last listed. Errors: Errc::venue.
  virtual Result<std::vector<PredictionMarket>> get_active_markets() = 0;
  /// Both books of a market. Errors: Errc::venue; Errc::unknown_name for a market that was not listed.
  virtual Result<MarketPrices> get_market_prices(const std::string& market_id) = 0;
  /// Many at once, as far as the venue has them, in the order asked; one that failed is left out of it and its book goes stale by itself.
  virtual Result<std::vector<MarketPrices>> get_prices(const std::vector<std::string>& market_ids) {
    std::vector<MarketPrices> all;
    for (const std::string& id : market_ids)
      if (auto one = get_market_prices(id)) all.push_back(std::move(*one));
    return all;
  }
  /// `go_on` is called every 20 ms or so while a call waits for an answer; once it says false, the call fails soon.
  virtual void while_waiting(std::function<bool()>) {}
  /// Markets whose resolution is to be told whether or not they were listed, e.g. those held since an earlier session.
  virtual void watch(const std::vector<std::string>& /*market_ids*/) {}
  /// Trades of others since the last call; none for a venue that does not report them.
  virtual std::vector<Print> get_prints() { return {}; }
  /// News received since the last call; none for most venues.
  virtual std::vector<NewsItem> get_news() { return {}; }
};

}  // namespace tradewind::trading
