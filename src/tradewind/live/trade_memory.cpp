// SPDX-License-Identifier: Apache-2.0
// What strategies are told of their own trades: as they are made, as they end, and after a restart.
#include <algorithm>

#include "tradewind/base/guard.hpp"
#include "tradewind/live/strategy_manager.hpp"

namespace tradewind::live {
namespace {

using execution::Trade;

prediction::TradeRecord record_of(const Trade& trade, bool over) {
  prediction::TradeRecord record;
  record.id = trade.id;
  record.kind = trade.kind;
  record.opened = trade.opened;
  record.signal = trade.signal;
  record.expected_profit = trade.expected_profit;
  record.market_ids = trade.market_ids;
  record.evidence = trade.evidence;
  record.over = over;
  record.paid = trade.spent;
  record.profit = trade.realized;
  return record;
}

}  // namespace

void StrategyManager::tell(const Trade& trade, bool over) {
  for (Running& running : strategies_)
    if (running.name == trade.strategy && running.fault.empty())
      if (const Status told = guarded([&] { return running.strategy->remember(record_of(trade, over)), Status(); }); !told)
        running.fault = told.error().message();
}

/// O(new trades + open trades).
void StrategyManager::tell_trades() {
  const execution::EngineState& state = this->state();
  std::erase_if(open_told_, [&](execution::TradeId id) {
    if (state.trades().contains(id)) return false;
    if (const auto closed = state.closed_trades().find(id); closed != state.closed_trades().end()) tell(closed->second, true);
    return true;
  });
  std::vector<const Trade*> fresh;
  for (const auto* trades : {&state.trades(), &state.closed_trades()})
    for (auto at = trades->upper_bound(last_told_); at != trades->end(); ++at) fresh.push_back(&at->second);
  std::sort(fresh.begin(), fresh.end(), [](const Trade* a, const Trade* b) { return a->id < b->id; });
  for (const Trade* trade : fresh) {
    const bool over = state.closed_trades().contains(trade->id);
    tell(*trade, over);
    if (!over) open_told_.push_back(trade->id);
    last_told_ = trade->id;
  }
}

}  // namespace tradewind::live
