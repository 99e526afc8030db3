// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unordered_map>

#include "tradewind/trading/market_monitor.hpp"
#include "tradewind/trading/prediction_simulator.hpp"

namespace tradewind::venues {

/// The market monitor of the simulated venue: every call of get_active_markets moves the simulated world on by one step.
class SimulatedMonitor final : public trading::MarketMonitor {
 public:
  explicit SimulatedMonitor(const trading::PredictionSimulation& settings) : simulator_(settings) {}

  Result<std::vector<trading::PredictionMarket>> get_active_markets() override;
  Result<trading::MarketPrices> get_market_prices(const std::string& market_id) override;
  std::vector<trading::NewsItem> get_news() override;
  std::vector<trading::Print> get_prints() override { return simulator_.prints(); }

  /// Goes on where an earlier session left off.
  void advance_to(std::int64_t step);
  trading::PredictionSimulator& simulator() noexcept { return simulator_; }

 private:
  trading::PredictionSimulator simulator_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace tradewind::venues
