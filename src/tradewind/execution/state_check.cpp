// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/execution/state.hpp"

namespace tradewind::execution {
namespace {

// Sums over working orders stay in bounds: kMostWorking times kMostShares is less than what a number holds.
constexpr std::size_t kMostWorking = 50'000;

/// Takes the amounts of a record that sums are made of.
bool take_amounts(AmountBound& bound, const RecordBody& body) {
  if (const auto* start = std::get_if<SessionStarted>(&body)) {
    bool good = bound.take(start->capital);
    for (const auto& share : start->strategies) good = good && bound.take(share.cash);
    return good;
  }
  // What orders set aside comes back: `misfit` looks at what is set aside at a time.
  if (const auto* order = std::get_if<OrderCreated>(&body)) return AmountBound().take(order->reserved);
  if (const auto* changed = std::get_if<OrderChanged>(&body)) return AmountBound().take(changed->filled);
  if (const auto* switched = std::get_if<StrategySwitched>(&body)) return AmountBound().take(switched->profit);
  if (const auto* day = std::get_if<DayStarted>(&body)) {
    const auto good = [](const auto& one) { return AmountBound().take(one.second); };
    return AmountBound().take(day->equity) && std::all_of(day->profit.begin(), day->profit.end(), good);
  }
  if (const auto* booked = std::get_if<EntryBooked>(&body)) {
    const trading::AccountEntry& entry = booked->entry;
    return bound.take(entry.yes, entry.no, entry.cash, entry.fee);
  }
  if (const auto* moved = std::get_if<CapitalMoved>(&body))
    for (const auto& [name, cash] : moved->transfers)
      if (!bound.take(cash)) return false;
  return true;
}

bool is_price(Price price) { return price.micros >= 0 && price <= kPriceOfCertainty; }

std::string token_text(const TokenKey& token) { return fmt::format("{}/{}", token.first, enum_name(token.second)); }

}  // namespace

/// Whether a further working order of the trade leaves the sums over orders in bounds.
bool EngineState::can_reserve(TradeId id, Money reserved) const {
  if (working_.size() >= kMostWorking) return false;
  const auto trade = trades_.find(id);
  if (trade == trades_.end()) return true;
  const StrategyLedger* of_strategy = ledger(trade->second.strategy);
  return AmountBound().take((of_strategy != nullptr ? *of_strategy : ledgers_.back()).reserved, reserved);
}

/// Why no engine writes such a record after those before it; empty when one may.
std::string EngineState::misfit(const Record& record) const {
  const RecordBody& body = record.body;
  if (record.time < 0) return "it is from before 1970";
  const bool start = std::holds_alternative<SessionStarted>(body);
  if (start != (records_ == 0)) return start ? "the session has begun already" : "the session has not begun";
  if (const auto* opened = std::get_if<TradeOpened>(&body))
    return opened->trade == 0 || trades_.contains(opened->trade) ? fmt::format("trade {} is there already", opened->trade) : "";
  if (const auto* created = std::get_if<OrderCreated>(&body)) {
    if (working_.contains(created->order.id)) return "an order of that name is working already";
    if (created->order.shares.micros <= 0 || created->order.shares > kMostShares || created->reserved.micros < 0)
      return "an order is for no shares, for more than any, or sets aside less than nothing";
    if (!can_reserve(created->trade, created->reserved)) return "orders set aside more than any account holds";
    if (created->order.kind == trading::OrderKind::limit && !is_price(created->order.limit)) return "an order has no price";
  }
  if (const auto* changed = std::get_if<OrderChanged>(&body);
      changed != nullptr && !is_final(changed->status) && !working_.contains(changed->id))
    if (const OrderState* back = order(changed->id); back != nullptr && !can_reserve(back->trade, back->reserved))
      return "orders set aside more than any account holds";
  if (const auto* booked = std::get_if<EntryBooked>(&body)) {
    const trading::AccountEntry& entry = booked->entry;
    if (!is_price(entry.payout[0]) || !is_price(entry.payout[1])) return "a payout has no price";
    if (entry.kind != trading::AccountEntry::Kind::reversal && entry.filled().micros < 0) return "an entry fills less than nothing";
  }
  return {};
}

Status EngineState::replay(const Record& record) {
  AmountBound bound = replayed_;
  std::string why = misfit(record);
  if (why.empty() && !take_amounts(bound, record.body)) why = "its amounts are beyond any account";
  if (!why.empty())
    return Error(Errc::corrupt, fmt::format("a record '{}' does not fit those before it: {}", record_kind(record.body), why));
  replayed_ = bound;
  apply(record);
  return {};
}

/// The first token of which a trade holds fewer than no shares, and which trade.
std::optional<std::pair<TradeId, TokenKey>> EngineState::oversold() const {
  for (const auto& [id, trade] : trades_)
    for (const auto& [token, lot] : trade.lots)
      if (lot.shares.micros < 0) return std::pair(id, token);
  return std::nullopt;
}

std::string EngineState::broken_invariant() const {
  std::map<std::string, Money> reserved;
  std::map<std::string, Money> open_cost;
  std::map<TradeId, std::uint32_t> working;
  for (const auto& [id, order] : working_) {
    if (is_final(order.status)) return "a working order is not final";
    if (order.filled > order.order.shares) return "no order is filled beyond its size";
    ++working[order.trade];
    if (const auto trade = trades_.find(order.trade); trade != trades_.end()) reserved[trade->second.strategy] += order.reserve();
  }
  for (const auto& [id, trade] : trades_) {
    if (id != 0 && trade.working != working[id]) return fmt::format("trade {} counts its working orders", id);
    for (const auto& [token, lot] : trade.lots) open_cost[trade.strategy] += lot.cost;
  }
  Money contributed;
  Money realized;
  Money cost;
  for (const StrategyLedger& ledger : ledgers_) {
    contributed += ledger.contributed;
    realized += ledger.realized;
    cost += ledger.open_cost;
    if (ledger.reserved != reserved[ledger.name]) return fmt::format("the reserve of {} is that of its orders", ledger.name);
    if (ledger.open_cost != open_cost[ledger.name]) return fmt::format("the open cost of {} is that of its lots", ledger.name);
    // The identity that ties every ledger together: what came in, what was earned, what is tied up, what is left.
    if (ledger.cash != ledger.contributed + ledger.realized - ledger.open_cost)
      return fmt::format("the cash of {} is its capital plus profit less open cost", ledger.name);
  }
  if (cash() != contributed + realized - cost) return "the account is the sum of its strategies";
  return {};
}

std::string EngineState::fingerprint() const {
  std::string text = fmt::format("{} {} {} {} {} {} {} {} {} {} {}\n", session_, capital_.micros, enum_name(trading_state_), state_reason_,
                                 sequence_, orders_created_, trades_opened_, last_command_, capital_moving_, day_, day_equity_.micros);
  for (const StrategyLedger& l : ledgers_)
    text += fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}\n", l.name, l.enabled, l.exit_positions, l.allocation,
                        l.cash.micros, l.contributed.micros, l.reserved.micros, l.open_cost.micros, l.realized.micros, l.settled.micros,
                        l.fees.micros, l.trades, l.closed, l.won, l.lost, l.streak, l.limit, l.profit_base.micros, l.day_base.micros);
  for (const auto& [id, trade] : trades_) {
    text += fmt::format("{} {} {} {} {} {}\n", id, trade.strategy, trade.realized.micros, trade.working, trade.entered, trade.exiting);
    for (const auto& [token, lot] : trade.lots) text += fmt::format(" {} {} {}\n", token_text(token), lot.shares.micros, lot.cost.micros);
  }
  for (const auto& [id, order] : working_)
    text += fmt::format("{} {} {} {}\n", id, enum_name(order.status), order.filled.micros, order.trade);
  return sha256_hex(text);
}

}  // namespace tradewind::execution
