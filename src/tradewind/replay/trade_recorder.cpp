// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tradewind/replay/trade_recorder_internal.hpp"

namespace tradewind::replay {

void TradeRecorder::filled(std::size_t member, std::size_t place, const SubAccount& before, const SubAccount& after, const Quote& quote,
                           double cost, double out, double equity, TradeExit why) {
  if (before.holds()) {
    ReplayTrade& trade = trades_[static_cast<std::size_t>(open_[member])];
    trade.costs += cost;
    if (!after.holds()) {
      const double left = out > 0 ? out : after.value_at(0);
      return end(member, place, trade.side > 0 ? quote.bid() : quote.ask(), left - before.invested(),
                 after.ruined() ? TradeExit::ruin : why);
    }
    trade.capital = std::max(trade.capital, after.invested());
    invested_[member] = after.invested();
    return;
  }
  if (!after.holds()) return;
  ReplayTrade trade;
  trade.member = member;
  trade.side = after.target();
  trade.entry_time = plan_->timeline[place];
  trade.entry_price = trade.side > 0 ? quote.ask() : quote.bid();
  trade.capital = invested_[member] = after.invested();
  trade.size = equity > 0 ? after.invested() / equity : 0;
  trade.costs = cost;
  open_[member] = static_cast<std::ptrdiff_t>(trades_.size());
  trades_.push_back(trade);
}

void TradeRecorder::end(std::size_t member, std::size_t place, double price, double profit, TradeExit why) {
  ReplayTrade& trade = trades_[static_cast<std::size_t>(open_[member])];
  trade.exit_time = plan_->timeline[place];
  trade.exit_price = price;
  trade.profit = profit;
  trade.exit = why;
  open_[member] = -1;
}

void TradeRecorder::marked(std::size_t member, std::size_t place, const SubAccount& account, double close, bool ruined) {
  closes_[member] = close;
  if (open_[member] < 0) return;
  ReplayTrade& trade = trades_[static_cast<std::size_t>(open_[member])];
  ++trade.bars;
  trade.mae = std::min(trade.mae, result_of(trade, close));
  trade.mfe = std::max(trade.mfe, result_of(trade, close));
  if (ruined) return end(member, place, close, -invested_[member], TradeExit::ruin);
  invested_[member] = account.invested();
}

void TradeRecorder::note_shares(std::span<const double> marks, double equity) {
  for (std::size_t m = 0; m < marks.size(); ++m) shares_[m].push_back(equity > 0 ? marks[m] / equity : 0);
}

void TradeRecorder::finish(std::span<const double> marks, RegimeReplayResult& result) && {
  for (std::size_t m = 0; m < open_.size(); ++m) {
    if (open_[m] < 0) continue;
    ReplayTrade& trade = trades_[static_cast<std::size_t>(open_[m])];
    trade.exit_price = closes_[m];
    trade.profit = marks[m] - invested_[m];
  }
  result.trades = std::move(trades_);
  result.shares = std::move(shares_);
}

}  // namespace tradewind::replay
