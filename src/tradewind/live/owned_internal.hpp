// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "tradewind/execution/journal.hpp"
#include "tradewind/live/strategy_manager.hpp"
#include "tradewind/venues/paper_venue.hpp"

namespace tradewind::live {

/// What a manager by itself stands on.
struct StrategyManager::Owned {
  prediction::MarketUniverse universe;
  execution::MemoryJournal journal;
  std::unique_ptr<venues::PaperVenue> venue;
  std::unique_ptr<execution::OrderDesk> desk;
};

}  // namespace tradewind::live
