// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/trade_follower.hpp"

#include <algorithm>

namespace tradewind::live {

using execution::Trade;

void TradeFollower::look(const execution::EngineState& state, const std::function<void(const Trade&, bool over)>& tell) {
  std::erase_if(open_, [&](execution::TradeId id) {
    if (state.trades().contains(id)) return false;
    if (const auto closed = state.closed_trades().find(id); closed != state.closed_trades().end()) tell(closed->second, true);
    return true;
  });
  std::vector<const Trade*> fresh;
  for (const auto* trades : {&state.trades(), &state.closed_trades()})
    for (auto at = trades->upper_bound(last_); at != trades->end(); ++at) fresh.push_back(&at->second);
  std::sort(fresh.begin(), fresh.end(), [](const Trade* a, const Trade* b) { return a->id < b->id; });
  for (const Trade* trade : fresh) {
    const bool over = state.closed_trades().contains(trade->id);
    tell(*trade, over);
    if (!over) open_.push_back(trade->id);
    last_ = trade->id;
  }
}

}  // namespace tradewind::live
