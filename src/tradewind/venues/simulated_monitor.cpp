// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/simulated_monitor.hpp"

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::venues {

Result<std::vector<trading::PredictionMarket>> SimulatedMonitor::get_active_markets() {
  simulator_.step();
  std::vector<trading::PredictionMarket> all = simulator_.markets();
  places_.clear();
  for (std::size_t i = 0; i < all.size(); ++i) places_[all[i].id] = i;
  all.insert(all.end(), simulator_.resolved().begin(), simulator_.resolved().end());
  return all;
}

Result<trading::MarketPrices> SimulatedMonitor::get_market_prices(const std::string& market_id) {
  const auto at = places_.find(market_id);
  if (at == places_.end()) return Error(Errc::unknown_name, fmt::format("there is no open market '{}'", printable(market_id)));
  return simulator_.prices()[at->second];
}

std::vector<trading::NewsItem> SimulatedMonitor::get_news() { return simulator_.news(); }

void SimulatedMonitor::advance_to(std::int64_t step) {
  while (simulator_.steps() < step) simulator_.step();
}

}  // namespace tradewind::venues
