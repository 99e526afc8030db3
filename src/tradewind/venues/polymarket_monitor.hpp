// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tradewind/http/client.hpp"
#include "tradewind/trading/market_monitor.hpp"
#include "tradewind/venues/polymarket_settings.hpp"

namespace tradewind::venues {

/// What the venue sent that could not be used, counted since the start.
struct PolymarketFaults {
  std::uint64_t unparsable_markets = 0;  ///< left out of a listing
  std::uint64_t unknown_fees = 0;        ///< markets listed that do not say what takers pay: they are not traded
  std::uint64_t unparsable_books = 0;
  std::uint64_t misattributed_books = 0;  ///< of a market or token that was not asked for
  std::uint64_t outdated_books = 0;       ///< older than one already given
  std::uint64_t missing_books = 0;        ///< markets asked for without both books in the answer
  std::uint64_t dropped_levels = 0;       ///< prices off (0, 1) or sizes that are none
  std::uint64_t failed_requests = 0;      ///< after all attempts
  std::vector<std::string> notes;         ///< the latest, at most 20
};

/// Polymarket, read only: markets from the Gamma API, books from the CLOB's REST API. Once listed, a market stays until its resolution
/// has been told. A market of a negative-risk event is marked `augmented` when not every outcome that may still win is among the markets
/// given. One thread; its requests go out many at a time.
class PolymarketMonitor final : public trading::MarketMonitor {
 public:
  /// Errors: those of http::Client::make.
  static Result<std::unique_ptr<PolymarketMonitor>> make(PolymarketSettings settings);
  ~PolymarketMonitor() override;

  /// Between two refreshes the last listing again. Errors: Errc::venue; the next call tries again.
  Result<std::vector<trading::PredictionMarket>> get_active_markets() override;
  Result<trading::MarketPrices> get_market_prices(const std::string& market_id) override;
  /// Errors: Errc::venue when no request was answered.
  Result<std::vector<trading::MarketPrices>> get_prices(const std::vector<std::string>& market_ids) override;

  void while_waiting(std::function<bool()> go_on) override;

  /// Ids that cannot be the venue's are ignored.
  void watch(const std::vector<std::string>& market_ids) override;
  const PolymarketFaults& faults() const noexcept;
  http::ClientStatistics statistics() const;

 private:
  class Impl;
  explicit PolymarketMonitor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tradewind::venues
