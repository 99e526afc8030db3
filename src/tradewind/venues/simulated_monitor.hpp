// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unordered_map>

#include "tradewind/market/prediction_simulator.hpp"
#include "tradewind/venues/market_monitor.hpp"

namespace tradewind::venues {

/// The market monitor of the simulated venue: every call of get_active_markets moves the simulated world on by one step.
class SimulatedMonitor final : public MarketMonitor {
 public:
  explicit SimulatedMonitor(const market::PredictionSimulation& settings) : simulator_(settings) {}

  Result<std::vector<market::PredictionMarket>> get_active_markets() override;
  Result<market::MarketPrices> get_market_prices(const std::string& market_id) override;
  std::vector<market::NewsItem> get_news() override;

  /// Goes on where an earlier session left off.
  void advance_to(std::int64_t step);
  market::PredictionSimulator& simulator() noexcept { return simulator_; }

 private:
  market::PredictionSimulator simulator_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace tradewind::venues
