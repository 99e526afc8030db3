// SPDX-License-Identifier: Apache-2.0
#include "tradewind/execution/trade_history.hpp"

namespace tradewind::execution {

Money ListedTrade::profit() const {
  Money sum;
  for (const Line& line : lines) sum += line.cash;
  return sum;
}

Money ListedTrade::fees() const {
  Money sum;
  for (const Line& line : lines) sum += line.fee;
  return sum;
}

TradeHistory::TradeHistory() {
  state_.observe([this](const CashFlow& flow) { take(flow); });
}

void TradeHistory::take(const CashFlow& flow) {
  const trading::AccountEntry& entry = *flow.entry;
  trades_[flow.trade].lines.push_back({entry.kind, entry.time, entry.sequence, entry.order_id, entry.market_id, flow.outcome, entry.side,
                                       entry.liquidity, flow.price, flow.shares, flow.fee, flow.cash});
  // Filled, it is no longer in doubt: why it was, is over.
  if (ListedTrade::OrderLine* line = order(entry.order_id); line != nullptr) line->reason.clear();
  touched_.push_back(flow.trade);
}

ListedTrade::OrderLine* TradeHistory::order(const trading::OrderId& id) {
  const auto at = orders_.find(id);
  return at == orders_.end() ? nullptr : &trades_[at->second.first].orders[at->second.second];
}

void TradeHistory::take(const OrderChanged& body) {
  ListedTrade::OrderLine* line = order(body.id);
  if (line == nullptr) return;
  line->reason = body.reason;
  touched_.push_back(orders_.at(body.id).first);
}

void TradeHistory::apply(const Record& record) {
  touched_.clear();
  state_.apply(record);
  note(record);
}

Status TradeHistory::replay(const Record& record) {
  touched_.clear();
  TRADEWIND_TRY(state_.replay(record));
  note(record);
  return {};
}

/// What the record says beyond the movements that were told while it was applied.
void TradeHistory::note(const Record& record) {
  if (const auto* opened = std::get_if<TradeOpened>(&record.body)) {
    ListedTrade& trade = trades_[opened->trade];
    trade.strategy = opened->strategy;
    trade.kind = opened->kind;
    trade.expected_profit = opened->expected_profit;
    trade.evidence = opened->evidence;
    trade.opened = record.time;
  }
  if (const auto* created = std::get_if<OrderCreated>(&record.body)) {
    ListedTrade& trade = trades_[created->trade];
    orders_[created->order.id] = {created->trade, trade.orders.size()};
    trade.orders.push_back({created->order, created->purpose, OrderStatus::pending, {}, record.time, {}});
    touched_.push_back(created->trade);
  }
  if (const auto* changed = std::get_if<OrderChanged>(&record.body)) take(*changed);
  for (const TradeId id : touched_) {
    ListedTrade& trade = trades_[id];
    trade.id = id;
    if (id == 0) trade.strategy = EngineState::kExternal;
    const bool open = id == 0 || state_.trades().contains(id);
    trade.closed = open ? std::nullopt : std::optional(trade.closed.value_or(record.time));
    for (ListedTrade::OrderLine& line : trade.orders)
      if (const OrderState* known = state_.order(line.order.id)) line.status = known->status, line.filled = known->filled;
  }
}

}  // namespace tradewind::execution
