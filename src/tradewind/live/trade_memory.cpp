// SPDX-License-Identifier: Apache-2.0
// What strategies are told of their own trades: as they are made, as they end, and after a restart.
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

void StrategyManager::tell_trades() {
  told_.look(state(), [this](const Trade& trade, bool over) { tell(trade, over); });
}

}  // namespace tradewind::live
