// SPDX-License-Identifier: Apache-2.0
// What must hold, judged from outside the engine.
#include <fmt/format.h>

#include "world.hpp"

#include "tradewind/base/json.hpp"

namespace tradewind::simulation {

using trading::OrderKind;
using trading::Side;

/// At the moment an order leaves the engine.
void World::check_submit(const trading::Order& order) {
  ++outcome_.orders;
  const std::int64_t now = clock_.steady();
  if (!journal_.holds_order(order.id)) violation("an order was sent before it was in the journal");
  if (halted_at_) violation("an order was sent while trading was halted");
  const execution::Limits& limits = settings_.limits;
  while (!submitted_.empty() && now - submitted_.front() >= kSecond) submitted_.pop_front();
  submitted_.push_back(now);
  // A restart forgets when it sent, so the rate is judged within one life of the engine: the bound is twice as high across one.
  if (static_cast<double>(submitted_.size()) > 2 * limits.max_orders_per_second) violation("more orders a second than the limit");
  if (order.shares.micros <= 0) violation("an order for no shares");
  if (order.kind != OrderKind::limit) return;
  if (order.limit.micros <= 0 || order.limit >= kPriceOfCertainty || order.limit.micros % 10'000 != 0) violation("a price that is none");
  if (order.side == Side::buy && notional(order.limit, order.shares) > limits.max_order) violation("an order beyond the size limit");
  const auto watched = watched_.find(order.market_id);
  if (watched == watched_.end()) return violation("an order on a market whose book never came");
  if (now - watched->second.delivered > static_cast<std::int64_t>(settings_.stale_seconds * 1e9)) violation("an order on a stale book");
  if (!watched->second.good) violation("an order on a gapped or crossed book");
}

/// Keeps a book of its own about what our orders hold.
void World::note_entry(const trading::AccountEntry& entry) {
  using Kind = trading::AccountEntry::Kind;
  const std::string& strategy = journal_.strategy_of(entry.order_id);
  Watched& watched = watched_[entry.market_id];
  if (entry.kind == Kind::payout) {
    watched.target_held = {};
    watched.held = {};
    watched.cost = {};
    return;
  }
  if (strategy.empty()) return;
  if (strategy == "target" && (entry.kind == Kind::fill || entry.kind == Kind::reversal)) watched.target_held += entry.yes + entry.no;
  const Shares change = entry.yes + entry.no;
  if (change.micros > 0) {
    watched.cost -= entry.cash;
  } else if (watched.held.micros > 0) {
    const Money portion{static_cast<std::int64_t>(static_cast<Int128>(watched.cost.micros) * std::min(-change.micros, watched.held.micros) /
                                                  watched.held.micros)};
    watched.cost -= portion;
  }
  watched.held += change;
}

void World::check_exchange() {
  for (const auto& [market, watched] : watched_) {
    if (watched.target_held > kTarget)
      violation(fmt::format("an order was doubled: {} shares of {} are held instead of {}", decimal_text(watched.target_held), market,
                            decimal_text(kTarget)));
  }
  if (exchange_.cash().micros < 0) violation("the account is overdrawn");
}

/// After every cycle.
void World::check_engine() {
  const execution::EngineState& state = engine_->desk->state();
  if (const std::string broken = state.broken_invariant(); !broken.empty()) violation("not so: " + broken);
  if (halted_at_ && state.trading_state() != execution::TradingState::halted) violation("the kill switch did not latch");
  if (state.oversold() && state.trading_state() != execution::TradingState::halted) violation("shares are short and trading goes on");
  for (const execution::StrategyLedger& ledger : state.ledgers())
    if (ledger.name != execution::EngineState::kExternal && ledger.free_cash() < -Money{200'000} && state.late_fills() == 0 &&
        state.reversals() == 0)
      violation(fmt::format("{} has spent more than it has", ledger.name));
}

/// The journal alone gives the state the engine has.
void World::check_journal() {
  execution::EngineState replayed;
  for (const execution::Record& record : journal_.records()) replayed.apply(record);
  if (replayed.fingerprint() != engine_->desk->state().fingerprint()) violation("the replayed journal gives another state");
  if (!options_.check_json) return;
  for (const execution::Record& record : journal_.records()) {
    const auto again = execution::record_from_json(execution::record_kind(record.body), execution::record_json(record.body).dump());
    if (!again || *again != record.body) return violation("a record does not survive its JSON");
  }
}

void World::check_end() {
  if (!engine_) return violation("the engine did not come back");
  const execution::OrderDesk& desk = *engine_->desk;
  const execution::EngineState& state = desk.state();
  outcome_.fills = exchange_.sequence();
  outcome_.unknown = state.unknown_outcomes();
  outcome_.late_fills = state.late_fills();
  outcome_.fingerprint = state.fingerprint();
  if (!desk.quiet())
    violation(fmt::format("not settled in time: {} orders working, reconciled {}", state.working().size(), desk.reconciled()));
  if (state.sequence() != exchange_.sequence()) violation("entries of the account are missing");
  if (state.cash() != exchange_.cash())
    violation(fmt::format("cash {} here, {} at the venue", decimal_text(state.cash()), decimal_text(exchange_.cash())));
  const auto account = *exchange_.account(0, exchange_.sequence());
  if (state.positions() != account.positions) violation("positions differ from the venue's");
  const bool by_right = pulled_ || journal_.failures > 0 || state.state_reason().find("loss limit") != std::string::npos ||
                        state.oversold() || state.state_reason().find("took back") != std::string::npos ||
                        state.state_reason().find("by hand") != std::string::npos;
  if (state.trading_state() == execution::TradingState::halted && !by_right) violation("halted without need: " + state.state_reason());
  for (const execution::Record& record : journal_.records()) {
    const auto* created = std::get_if<execution::OrderCreated>(&record.body);
    if (created == nullptr) continue;
    const execution::OrderState* order = state.order(created->order.id);
    if (order != nullptr && order->filled != exchange_.report(created->order.id)->filled)
      violation("an order's fills differ from the venue's");
  }
  check_journal();
}

}  // namespace tradewind::simulation
