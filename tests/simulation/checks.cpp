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
  const trading::OrderId id = engines_name(order.id);
  if (!journal_.holds_order(id)) violation("an order was sent before it was in the journal");
  if (journal_.trading_state() == execution::TradingState::halted) violation("an order was sent while trading was halted");
  const auto strategy = journal_.strategies().find(journal_.strategy_of(id));
  if (journal_.holds_order(id) && strategy == journal_.strategies().end())
    violation("an order of a strategy that the session does not have");
  if (strategy != journal_.strategies().end() && !strategy->second.enabled && journal_.is_entry(id))
    violation(fmt::format("{} enters though it was stopped: {}", strategy->first, strategy->second.stopped_by));
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

/// Keeps books of its own: what each strategy's orders hold, and the cash they moved.
void World::note_entry(const trading::AccountEntry& entry) {
  using Kind = trading::AccountEntry::Kind;
  constexpr std::array kOutcomes{trading::Outcome::yes, trading::Outcome::no};
  Watched& watched = watched_[entry.market_id];
  if (entry.kind == Kind::payout) {
    watched.wanted.clear();
    for (auto& [name, held] : held_)
      for (const auto outcome : kOutcomes) {
        const auto at = held.find({entry.market_id, outcome});
        if (at == held.end()) continue;
        cash_of_[name] += notional(entry.payout[static_cast<std::size_t>(outcome)], at->second);
        held.erase(at);
      }
    return;
  }
  const std::string& strategy = journal_.strategy_of(engines_name(entry.order_id));
  if (strategy.empty()) return;
  cash_of_[strategy] += entry.cash;
  for (const auto outcome : kOutcomes) held_[strategy][{entry.market_id, outcome}] += entry.change(outcome);
  if (strategy == "target" || strategy == kLate) watched.wanted[strategy] += entry.yes + entry.no;
}

void World::check_exchange() {
  for (const auto& [market, watched] : watched_)
    for (const auto& [strategy, held] : watched.wanted)
      if (held > kTarget)
        violation(fmt::format("an order was doubled: {} holds {} shares of {} instead of {}", strategy, decimal_text(held), market,
                              decimal_text(kTarget)));
  if (exchange_.cash().micros < 0) violation("the account is overdrawn");
  for (const std::string& wrong : journal_.take_faults()) violation(wrong);
}

/// After every cycle.
void World::check_engine() {
  const execution::EngineState& state = engine_->desk->state();
  if (const std::string broken = state.broken_invariant(); !broken.empty()) violation("not so: " + broken);
  const bool halted = journal_.trading_state() == execution::TradingState::halted;
  if (halted && state.trading_state() != execution::TradingState::halted) violation("the kill switch did not latch");
  // Who resumes all the same takes it upon himself until the account moves again.
  if (state.oversold() && state.trading_state() != execution::TradingState::halted && state.sequence() != journal_.resumed_at())
    violation("shares are short and trading goes on");
  for (const execution::StrategyLedger& ledger : state.ledgers())
    if (ledger.name != execution::EngineState::kExternal && ledger.free_cash() < -Money{200'000} && state.late_fills() == 0 &&
        state.reversals() == 0)
      violation(fmt::format("{} has spent more than it has", ledger.name));
}

/// After a cycle, which looks at all limits: what the disk knows of losses, against what is allowed. A disk that refuses records knows
/// less.
void World::check_limits() {
  if (journal_.failures > 0) return;
  const execution::OrderDesk& desk = *engine_->desk;
  const bool halted = desk.state().trading_state() == execution::TradingState::halted;
  if (!halted && desk.equity() < journal_.day_equity() - settings_.limits.max_daily_loss)
    violation("the day's loss limit is passed and trading goes on");
  if (!halted && desk.equity() < fresh_.capital - settings_.limits.max_loss) violation("the loss limit is passed and trading goes on");
  for (const auto& [name, disk] : journal_.strategies()) {
    const execution::StrategyLedger* ledger = desk.state().ledger(name);
    if (ledger == nullptr) {
      violation(fmt::format("{} was lost", name));
      continue;
    }
    if (!disk.enabled && ledger->enabled) violation(fmt::format("{} came back by itself: {}", name, disk.stopped_by));
    if (!ledger->enabled) continue;
    const execution::StrategyLimits& limits = limits_.at(name);
    const Money profit = desk.equity(name) - disk.contributed;
    const auto passed = [&](const std::optional<execution::LossLimit>& limit, Money base) {
      return limit && base - profit > limit->of(disk.contributed);
    };
    if (passed(limits.max_loss, disk.loss_base)) violation(fmt::format("{} has passed its max_loss and goes on", name));
    if (passed(limits.max_daily_loss, disk.day_base)) violation(fmt::format("{} has passed its max_daily_loss and goes on", name));
  }
}

/// Every strategy has the cash that was given to it and that its own orders moved.
void World::check_ledgers() {
  for (const auto& [name, disk] : journal_.strategies()) {
    const execution::StrategyLedger* ledger = engine_->desk->state().ledger(name);
    if (ledger == nullptr) continue;
    const Money own = disk.contributed + cash_of_[name];
    if (ledger->cash != own)
      violation(fmt::format("{} has {} and {} is the cash of its own", name, decimal_text(ledger->cash), decimal_text(own)));
  }
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
  check_ledgers();
  check_journal();
}

}  // namespace tradewind::simulation
