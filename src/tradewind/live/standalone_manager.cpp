// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/live_config.hpp"
#include "tradewind/live/owned_internal.hpp"

namespace tradewind::live {

Result<std::unique_ptr<StrategyManager>> StrategyManager::make(const config::Value& config, const std::string& file, const Clock& clock) {
  TRADEWIND_ASSIGN(LiveConfig settings, read_live_config(config, file));
  auto owned = std::make_unique<Owned>();
  TRADEWIND_ASSIGN(venues::PaperExchange exchange, venues::PaperExchange::open(settings.total_capital, nullptr, settings.paper.fills));
  settings.paper.latency_ms = settings.paper.jitter_ms = 0;  // the caller's calls are its time
  owned->venue = std::make_unique<venues::PaperVenue>(std::move(exchange), settings.paper, clock);
  const execution::OrderDesk::Parts desk_parts{owned->venue.get(), &owned->journal, &clock, &owned->universe};
  TRADEWIND_ASSIGN(owned->desk, execution::OrderDesk::open(desk_parts, settings.desk, settings.session_started("manager")));
  TRADEWIND_TRY(owned->desk->poll());
  const Parts parts{owned->desk.get(), &owned->universe, &clock, owned->venue.get()};
  return std::unique_ptr<StrategyManager>(new StrategyManager(std::move(owned), parts, std::move(settings.strategies), settings.manager));
}

}  // namespace tradewind::live
