// SPDX-License-Identifier: Apache-2.0
#include "tradewind/execution/state.hpp"

#include <algorithm>
#include <set>

namespace tradewind::execution {
namespace {

using trading::OrderKind;
using trading::Outcome;
using trading::Side;
using Kind = trading::AccountEntry::Kind;

// So many finished orders and closed trades are kept at hand for news that come late.
constexpr std::size_t kKept = 5'000;
constexpr std::size_t kReasons = 64;

/// a · b / c in 128 bits, rounded down; c > 0.
std::int64_t proportion(std::int64_t a, std::int64_t b, std::int64_t c) {
  return static_cast<std::int64_t>(static_cast<Int128>(a) * b / c);
}

}  // namespace

Money OrderState::reserve() const noexcept {
  if (is_final(status) || remaining().micros <= 0 || reserved.is_zero()) return {};
  return {proportion(reserved.micros, remaining().micros, order.shares.micros) + 1};
}

void EngineState::apply(const Record& record) {
  ++records_;
  std::visit([&](const auto& body) { on(body, record.time); }, record.body);
}

const StrategyLedger* EngineState::ledger(std::string_view name) const {
  for (const StrategyLedger& one : ledgers_)
    if (one.name == name) return &one;
  return nullptr;
}

StrategyLedger& EngineState::ledger_of(std::string_view name) {
  for (StrategyLedger& one : ledgers_)
    if (one.name == name) return one;
  return ledgers_.back();  // external, which is always there
}

const OrderState* EngineState::order(const trading::OrderId& id) const {
  if (const auto at = working_.find(id); at != working_.end()) return &at->second;
  const auto at = finished_.find(id);
  return at == finished_.end() ? nullptr : &at->second;
}

void EngineState::on(const SessionStarted& body, UnixNanos time) {
  session_ = body.session;
  config_ = body.config;
  capital_ = body.capital;
  started_ = time;
  for (const auto& share : body.strategies) {
    StrategyLedger ledger;
    ledger.name = share.strategy;
    ledger.enabled = share.enabled;
    ledger.allocation = share.allocation;
    ledger.cash = ledger.contributed = share.cash;
    ledger.capital_since = time;
    ledgers_.push_back(std::move(ledger));
  }
  ledgers_.emplace_back().name = kExternal;
  Trade& external = trades_[0];
  external.strategy = kExternal;
  external.opened = time;
}

void EngineState::on(const TradeOpened& body, UnixNanos time) {
  trades_opened_ = std::max(trades_opened_, body.trade);
  Trade& trade = trades_[body.trade];
  trade.id = body.trade;
  trade.strategy = body.strategy;
  trade.kind = body.kind;
  trade.signal = body.signal;
  trade.expected_profit = body.expected_profit;
  trade.evidence = body.evidence;
  trade.opened = time;
  ++ledger_of(body.strategy).opened;
}

void EngineState::on(const OrderCreated& body, UnixNanos time) {
  ++orders_created_;
  OrderState& order = working_[body.order.id];
  order.order = body.order;
  order.trade = body.trade;
  order.purpose = body.purpose;
  order.reserved = body.reserved;
  order.created = time;
  const auto trade = trades_.find(body.trade);
  if (trade == trades_.end()) return;
  ++trade->second.working;
  if (body.purpose == Purpose::exit)
    trade->second.exiting = true;
  else if (auto& ids = trade->second.market_ids; std::find(ids.begin(), ids.end(), body.order.market_id) == ids.end())
    ids.push_back(body.order.market_id);
  ledger_of(trade->second.strategy).reserved += order.reserve();
}

/// Changes an order so that its ledger's reserve follows.
void EngineState::set_status(OrderState& order, OrderStatus status) {
  const Money before = order.reserve();
  order.status = status;
  if (const auto trade = trades_.find(order.trade); trade != trades_.end())
    ledger_of(trade->second.strategy).reserved += order.reserve() - before;
}

void EngineState::on(const OrderChanged& body, UnixNanos) {
  auto at = working_.find(body.id);
  if (at == working_.end()) {
    const auto finished = finished_.find(body.id);
    if (finished == finished_.end() || is_final(body.status)) return;
    // It is there after all: the venue's word counts, not ours.
    OrderState order = finished->second;
    finished_.erase(finished);
    --ended_[static_cast<std::size_t>(order.status)];
    if (const auto closed = closed_.find(order.trade); closed != closed_.end()) {
      trading::AccountEntry late;
      late.order_id = body.id;
      finished_.emplace(body.id, order);
      ++trade_of(late).working;
      finished_.erase(body.id);
    } else if (const auto trade = trades_.find(order.trade); trade != trades_.end()) {
      ++trade->second.working;
    }
    at = working_.emplace(body.id, order).first;
  }
  OrderState& order = at->second;
  if (body.status == OrderStatus::closing) order.final_filled = body.filled;
  if (body.status == OrderStatus::unknown && body.reason != kRestart) ++unknown_outcomes_;
  if (body.status == OrderStatus::rejected && (rejections_.size() < kReasons || rejections_.contains(body.reason)))
    ++rejections_[body.reason];
  set_status(order, body.status);
  if (order.status == OrderStatus::closing && order.filled >= order.final_filled)
    set_status(order, order.filled >= order.order.shares ? OrderStatus::filled : OrderStatus::cancelled);
  if (is_final(order.status)) finish(body.id);
}

void EngineState::finish(const trading::OrderId& id) {
  const auto at = working_.find(id);
  const TradeId trade = at->second.trade;
  ++ended_[static_cast<std::size_t>(at->second.status)];
  finished_.insert_or_assign(id, at->second);
  finished_order_.push_back(id);
  working_.erase(at);
  if (finished_order_.size() > kKept) {
    finished_.erase(finished_order_.front());
    finished_order_.pop_front();
  }
  if (const auto held = trades_.find(trade); held != trades_.end() && held->second.working > 0) --held->second.working;
  settle(trade);
}

/// The trade an entry belongs to: that of its order, or the external one.
Trade& EngineState::trade_of(const trading::AccountEntry& entry) {
  const OrderState* order = entry.order_id.empty() ? nullptr : this->order(entry.order_id);
  if (order == nullptr) return trades_[0];
  if (const auto at = trades_.find(order->trade); at != trades_.end()) return at->second;
  const auto closed = closed_.find(order->trade);
  if (closed == closed_.end()) return trades_[0];
  Trade trade = std::move(closed->second);
  closed_.erase(closed);
  if (trade.entered) {
    StrategyLedger& ledger = ledger_of(trade.strategy);
    --ledger.closed;
    ledger.settled -= trade.realized;
    if (trade.realized.micros > 0) --ledger.won;
    if (trade.realized.micros < 0) --ledger.lost;
  }
  return trades_[order->trade] = std::move(trade);
}

void EngineState::change_lot(Trade& trade, StrategyLedger& ledger, const TokenKey& token, Shares shares, Money cash) {
  if (shares.is_zero()) return;
  Lot& lot = trade.lots[token];
  const Money cost_before = lot.cost;
  if (shares.micros > 0) {
    lot.cost -= cash;
    trade.spent -= cash;
  } else {
    const bool all = -shares >= lot.shares;
    const Money portion = all ? lot.cost : Money{proportion(lot.cost.micros, -shares.micros, lot.shares.micros)};
    lot.cost -= portion;
    trade.realized += cash - portion;
    ledger.realized += cash - portion;
  }
  lot.shares += shares;
  if (lot.shares.is_zero()) {  // bought back what was short: only the external ledger can be
    trade.realized -= lot.cost;
    ledger.realized -= lot.cost;
    lot.cost = {};
  }
  ledger.open_cost += lot.cost - cost_before;
  if (lot.shares.is_zero()) trade.lots.erase(token);
}

/// One movement into its trade, its strategy's ledger and to whoever listens.
void EngineState::move(Trade& trade, CashFlow flow) {
  flow.trade = trade.id;
  StrategyLedger& ledger = ledger_of(trade.strategy);
  ledger.cash += flow.cash;
  ledger.fees += flow.fee;
  change_lot(trade, ledger, {flow.entry->market_id, flow.outcome}, flow.shares, flow.cash);
  if (observer_) observer_(flow);
}

void EngineState::book(Trade& trade, const trading::AccountEntry& entry) {
  if (entry.kind == Kind::merge || entry.kind == Kind::split) {
    const Price half{Price::kOne / 2};
    const Money first{entry.cash.micros / 2};
    move(trade, {0, &entry, Outcome::yes, half, entry.yes, entry.fee, first});
    move(trade, {0, &entry, Outcome::no, half, entry.no, {}, entry.cash - first});
  } else {
    move(trade, {0, &entry, entry.outcome, entry.price, entry.change(entry.outcome), entry.fee, entry.cash});
  }
  if (!trade.entered && trade.id != 0) {
    trade.entered = true;
    ++ledger_of(trade.strategy).trades;
  }
}

/// A decided market pays every holder what its own shares are worth. The venue rounds once for the account and we for every holder: those
/// few millionths go to the last one. What the statement pays beyond that is nobody's work and stands in the external ledger.
void EngineState::pay_out(const trading::AccountEntry& entry) {
  std::vector<std::pair<Trade*, CashFlow>> flows;
  Money left = entry.cash;
  for (auto& [id, trade] : trades_) {
    for (const Outcome outcome : {Outcome::yes, Outcome::no}) {
      const auto lot = trade.lots.find({entry.market_id, outcome});
      if (lot == trade.lots.end()) continue;
      const Price price = entry.payout[static_cast<std::size_t>(outcome)];
      const Money cash = notional(price, lot->second.shares);
      left -= cash;
      flows.push_back({&trade, {0, &entry, outcome, price, -lot->second.shares, {}, cash}});
    }
  }
  if (const bool rounding = left.micros >= 0 && left.micros <= static_cast<std::int64_t>(flows.size()); rounding && !flows.empty()) {
    flows.back().second.cash += left;
    left = {};
  }
  for (const auto& [trade, flow] : flows) {
    trade->paid_out = true;
    move(*trade, flow);
  }
  if (!left.is_zero()) {
    StrategyLedger& external = ledger_of(kExternal);
    external.cash += left;
    external.realized += left;
    trades_[0].realized += left;
    if (observer_) observer_({0, &entry, Outcome::yes, {}, {}, {}, left});
  }
  std::set<TradeId> ids;
  for (const auto& [trade, flow] : flows) ids.insert(trade->id);
  for (const TradeId id : ids) settle(id);
}

void EngineState::fill(OrderState& order, Shares shares) {
  const Money before = order.reserve();
  order.filled += shares;
  if (const auto trade = trades_.find(order.trade); trade != trades_.end())
    ledger_of(trade->second.strategy).reserved += order.reserve() - before;
}

void EngineState::on(const EntryBooked& body, UnixNanos time) {
  const trading::AccountEntry& entry = body.entry;
  sequence_ = entry.sequence;
  fills_ += entry.kind == Kind::fill ? 1 : 0;
  reversals_ += entry.kind == Kind::reversal ? 1 : 0;
  if (entry.kind == Kind::payout) return pay_out(entry);
  if (entry.kind == Kind::transfer) {
    ++external_entries_;
    StrategyLedger& external = ledger_of(kExternal);
    external.cash += entry.cash;
    external.contribute(entry.cash, time);
    if (observer_) observer_({0, &entry, Outcome::yes, {}, {}, {}, entry.cash});
    return;
  }
  Trade& trade = trade_of(entry);
  const TradeId id = trade.id;
  book(trade, entry);
  if (id == 0) ++external_entries_;
  const auto working = working_.find(entry.order_id);
  if (working != working_.end()) {
    OrderState& order = working->second;
    if (entry.kind != Kind::reversal) fill(order, entry.filled());
    const bool complete =
        order.filled >= order.order.shares || (order.status == OrderStatus::closing && order.filled >= order.final_filled);
    if (complete) {
      set_status(order, order.filled >= order.order.shares ? OrderStatus::filled : OrderStatus::cancelled);
      finish(entry.order_id);
      return;
    }
  } else if (const auto finished = finished_.find(entry.order_id); finished != finished_.end() && entry.kind != Kind::reversal) {
    finished->second.filled += entry.filled();
    ++late_fills_;
  }
  settle(id);
}

/// Puts a trade that is over away and counts it.
void EngineState::settle(TradeId id) {
  if (id == 0) return;
  const auto at = trades_.find(id);
  if (at == trades_.end() || !at->second.closed()) return;
  Trade trade = std::move(at->second);
  trades_.erase(at);
  if (trade.entered) {
    StrategyLedger& ledger = ledger_of(trade.strategy);
    ++ledger.closed;
    ledger.settled += trade.realized;
    if (trade.realized.micros > 0) ++ledger.won, ledger.streak = 0;
    if (trade.realized.micros < 0) ++ledger.lost, ++ledger.streak;
  }
  closed_.insert_or_assign(id, std::move(trade));
  if (closed_.size() > kKept) closed_.erase(closed_.begin());
}

void EngineState::on(const StrategySwitched& body, UnixNanos) {
  StrategyLedger& ledger = ledger_of(body.strategy);
  if (ledger.name != body.strategy) return;
  ledger.enabled = body.enabled;
  ledger.exit_positions = !body.enabled && body.exit_positions;
  ledger.limit = body.enabled ? std::string() : body.limit;
  if (!body.enabled) return;
  ledger.streak = 0;
  ledger.profit_base = ledger.day_base = body.profit;
}

void EngineState::on(const StrategyAdded& body, UnixNanos) {
  if (ledger(body.strategy) != nullptr) return;
  StrategyLedger added;
  added.name = body.strategy;
  added.enabled = body.enabled;
  ledgers_.insert(ledgers_.end() - 1, std::move(added));  // before the external one
}

void EngineState::on(const CapitalMoved& body, UnixNanos time) {
  capital_moving_ = body.more;
  for (const auto& [name, allocation] : body.allocation) ledger_of(name).allocation = allocation;
  for (const auto& [name, cash] : body.transfers) {
    StrategyLedger& ledger = ledger_of(name);
    ledger.cash += cash;
    ledger.contribute(cash, time);
  }
}

void EngineState::on(const StateChanged& body, UnixNanos) {
  trading_state_ = body.state;
  state_reason_ = body.reason;
}

void EngineState::on(const CommandTaken& body, UnixNanos) { last_command_ = std::max(last_command_, body.command); }

void EngineState::on(const DayStarted& body, UnixNanos time) {
  day_ = time / kNanosPerDay;
  day_equity_ = body.equity;
  for (const auto& [name, profit] : body.profit) ledger_of(name).day_base = profit;
}

Money EngineState::cash() const {
  Money sum;
  for (const StrategyLedger& ledger : ledgers_) sum += ledger.cash;
  return sum;
}

std::map<TokenKey, Shares> EngineState::positions() const {
  std::map<TokenKey, Shares> all;
  for (const auto& [id, trade] : trades_)
    for (const auto& [token, lot] : trade.lots) all[token] += lot.shares;
  std::erase_if(all, [](const auto& held) { return held.second.is_zero(); });
  return all;
}

bool EngineState::involves(std::string_view market_id) const {
  const auto of_market = [&](const auto& lot) { return lot.first.first == market_id; };
  return std::any_of(trades_.begin(), trades_.end(),
                     [&](const auto& trade) { return std::any_of(trade.second.lots.begin(), trade.second.lots.end(), of_market); }) ||
         std::any_of(working_.begin(), working_.end(), [&](const auto& order) { return order.second.order.market_id == market_id; });
}

Shares EngineState::available(TradeId id, const TokenKey& token) const {
  const auto at = trades_.find(id);
  if (at == trades_.end()) return {};
  const auto lot = at->second.lots.find(token);
  Shares left = lot == at->second.lots.end() ? Shares{} : lot->second.shares;
  for (const auto& [order_id, order] : working_) {
    if (order.trade != id || order.order.market_id != token.first) continue;
    const bool takes = order.order.kind == OrderKind::merge ||
                       (order.order.kind == OrderKind::limit && order.order.side == Side::sell && order.order.outcome == token.second);
    if (takes) left -= order.remaining();
  }
  return left;
}

}  // namespace tradewind::execution
