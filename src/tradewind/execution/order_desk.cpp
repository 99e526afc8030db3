// SPDX-License-Identifier: Apache-2.0
#include "tradewind/execution/order_desk.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>

#include <fmt/format.h>

#include "tradewind/base/guard.hpp"
#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::execution {
namespace {

using prediction::Fate;
using prediction::OrderIntent;

/// The order's name is a hash of what it is, so it is known before anything is sent and after any crash.
trading::OrderId order_id(const std::string& session, std::uint64_t number, const trading::Order& order) {
  const std::string content =
      fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}", session, number, order.market_id, enum_name(order.kind), enum_name(order.time_in_force),
                  enum_name(order.outcome), enum_name(order.side), order.limit.micros, order.shares.micros);
  return "tw" + sha256_hex(content).substr(0, 30);
}

std::vector<std::string> strategy_names(const EngineState& state) {
  std::vector<std::string> names;
  for (const StrategyLedger& ledger : state.ledgers())
    if (ledger.name != EngineState::kExternal) names.push_back(ledger.name);
  return names;
}

Error unknown_strategy(const EngineState& state, const std::string& name) {
  const auto names = strategy_names(state);
  return Error(Errc::unknown_name, fmt::format("the session has no strategy '{}'", printable(name)), {}, suggestion(name, names));
}

/// What is expected of the orders that are sent: an opportunity speaks of all it saw.
double expected_of(const prediction::Opportunity& opportunity, const prediction::OrderPlan& plan) {
  const double sized = opportunity.shares > 0 ? plan.front().shares.to_double() / opportunity.shares : 1;
  const double expected = opportunity.expected_profit * sized;
  return std::isfinite(expected) ? expected : 0;
}

constexpr Money kLeastMove{10'000};  // a cent: less is not worth a transfer

/// `sum` given in proportion by those with a negative `change` (`offered` in all) to those with a positive one (`lacking`). What rounding
/// leaves goes to the last one that takes.
std::vector<std::pair<std::string, Money>> share_out(const std::vector<std::string>& names, std::span<const Money> change, Money sum,
                                                     Money offered, Money lacking) {
  std::vector<std::pair<std::string, Money>> transfers;
  Money balance;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (change[i].is_zero()) continue;
    const Money whole = change[i].micros < 0 ? offered : lacking;
    const Money part{static_cast<std::int64_t>(static_cast<Int128>(change[i].micros) * sum.micros / whole.micros)};
    balance += part;
    transfers.emplace_back(names[i], part);
  }
  const auto last = std::find_if(transfers.rbegin(), transfers.rend(), [](const auto& one) { return one.second.micros > 0; });
  last->second -= balance;
  return transfers;
}

}  // namespace

Result<std::unique_ptr<OrderDesk>> OrderDesk::open(const Parts& parts, const DeskSettings& settings, const SessionStarted& fresh) {
  std::unique_ptr<OrderDesk> desk(new OrderDesk(parts, settings));
  TRADEWIND_TRY(execution::replay(desk->journal_, desk->state_, [&](const Record& record) { desk->note_sent(record); }));
  desk->requests_ = static_cast<std::uint64_t>(std::max<UnixNanos>(0, desk->clock_.now()));  // no answer to another process's question fits
  if (desk->state_.records() == 0) desk->record(fresh);
  std::vector<trading::OrderId> unsure;
  for (const auto& [id, order] : desk->state_.working()) unsure.push_back(id);
  for (const trading::OrderId& id : unsure) {
    desk->wires_[id].sent = desk->clock_.steady();
    if (desk->state_.working().at(id).status != OrderStatus::unknown) desk->change(id, OrderStatus::unknown, std::string(kRestart));
  }
  TRADEWIND_TRY(desk->flush());
  desk->ask_account_if_due();
  return desk;
}

void OrderDesk::note_sent(const Record& record) {
  if (!std::holds_alternative<OrderCreated>(record.body)) return;
  const std::int64_t age = clock_.now() - record.time;
  if (age >= 0 && age < kNanosPerSecond) sent_times_.push_back(clock_.steady() - age);
}

void OrderDesk::record(RecordBody body) {
  Record one{clock_.now(), std::move(body)};
  state_.apply(one);
  pending_.push_back(std::move(one));
}

Status OrderDesk::flush() {
  if (together_) return {};
  if (!pending_.empty()) {
    Status written = journal_.append(pending_);
    journal_failed_ = !written;
    if (!written) {
      // What is not in the journal must not leave; without a journal there is no trading. The records stay pending: a later flush tries
      // again.
      for (const trading::Order& order : to_send_) record(OrderChanged{order.id, OrderStatus::rejected, {}, "journal failed"});
      to_send_.clear();
      halt("the journal cannot be written: " + written.error().message());
      venue_.cancel_all();
      return written;
    }
    pending_.clear();
  }
  if (!to_send_.empty()) venue_.submit(to_send_);
  to_send_.clear();
  if (cancel_all_) venue_.cancel_all();
  cancel_all_ = false;
  return {};
}

void OrderDesk::create(TradeId trade, const OrderIntent& intent, Purpose purpose) {
  trading::Order order;
  order.market_id = universe_.market(intent.market).id;
  order.kind = intent.kind;
  order.time_in_force = intent.time_in_force;
  order.outcome = intent.outcome;
  order.side = intent.side;
  order.limit = intent.limit;
  order.shares = intent.shares;
  order.id = order_id(state_.session(), state_.next_order(), order);
  record(OrderCreated{order, trade, purpose, cost_of(intent)});
  const std::int64_t now = clock_.steady();
  wires_[order.id] = {now, now, -1};
  sent_times_.push_back(now);
  to_send_.push_back(std::move(order));
}

Fate OrderDesk::enter(const std::string& strategy, const prediction::Opportunity& opportunity, const prediction::OrderPlan& plan,
                      std::vector<std::string> evidence) {
  const StrategyLedger* ledger = state_.ledger(strategy);
  if (ledger == nullptr || plan.empty()) return ledger == nullptr ? Fate::disabled : Fate::too_small;
  // Legs are checked together: their costs add up before any of them is set aside.
  Money together;
  for (const OrderIntent& intent : plan) {
    if (const Fate fate = admit(*ledger, intent, Purpose::entry, 0); fate != Fate::traded) return fate;
    together += cost_of(intent);
  }
  if (plan.size() > 1)
    if (const Fate fate = admit_cost(*ledger, plan.front(), together); fate != Fate::traded) return fate;
  if (sent_times_.size() + plan.size() > static_cast<std::size_t>(std::max(1.0, settings_.limits.max_orders_per_second)))
    return Fate::order_rate;
  if (state_.working().size() + plan.size() > static_cast<std::size_t>(settings_.limits.max_open_orders)) return Fate::order_limit;
  const TradeId trade = state_.next_trade();
  record(TradeOpened{trade, strategy, opportunity.kind, std::isfinite(opportunity.signal) ? opportunity.signal : 0,
                     expected_of(opportunity, plan), std::move(evidence)});
  for (const OrderIntent& intent : plan) create(trade, intent, Purpose::entry);
  return Fate::traded;
}

Fate OrderDesk::exit(TradeId id, const prediction::OrderPlan& plan) {
  const auto trade = state_.trades().find(id);
  if (trade == state_.trades().end() || id == 0) return Fate::already_held;
  const StrategyLedger* ledger = state_.ledger(trade->second.strategy);
  Fate first = Fate::traded;
  for (const OrderIntent& intent : plan) {
    const Fate fate = admit(*ledger, intent, Purpose::exit, id);
    if (fate == Fate::traded)
      create(id, intent, Purpose::exit);
    else if (first == Fate::traded)
      first = fate;
  }
  return first;
}

void OrderDesk::cancel(const trading::OrderId& id) {
  const auto at = wires_.find(id);
  if (at == wires_.end()) return;
  at->second.cancelled = clock_.steady();
  venue_.cancel(id);
}

Status OrderDesk::set_trading_state(TradingState state, std::string reason) {
  record(StateChanged{state, clean_text(reason)});
  if (state == TradingState::halted) cancel_all_ = true;
  return flush();
}

void OrderDesk::halt(std::string reason) {
  if (state_.trading_state() == TradingState::halted) return;
  record(StateChanged{TradingState::halted, std::move(reason)});
  cancel_all_ = true;
}

Status OrderDesk::switch_strategy(const std::string& name, bool enabled, bool exit_positions) {
  if (state_.ledger(name) == nullptr || name == EngineState::kExternal) return unknown_strategy(state_, name);
  record(StrategySwitched{name, enabled, exit_positions, {}, equity(name) - state_.ledger(name)->contributed});
  return flush();
}

Status OrderDesk::stop_strategy(const std::string& name, bool exit_positions, std::string why) {
  record(StrategySwitched{name, false, exit_positions, clean_text(why), equity(name) - state_.ledger(name)->contributed});
  return flush();
}

Status OrderDesk::add_strategy(const std::string& name, bool enabled) {
  if (state_.ledger(name) != nullptr) return {};
  record(StrategyAdded{name, enabled});
  return flush();
}

Status OrderDesk::take_command(CommandTaken command, const std::function<Result<std::string>()>& effect) {
  together_ = true;
  const Result<std::string> done = guarded(effect);
  together_ = false;
  command.accepted = done.has_value();
  command.answer = done ? *done : done.error().message() + (done.error().hint().empty() ? "" : "; " + done.error().hint());
  record(std::move(command));
  return flush();
}

Status OrderDesk::rebalance(const std::vector<std::pair<std::string, double>>& allocation) {
  double sum = 0;
  std::set<std::string> named;
  for (const auto& [name, share] : allocation) {
    if (state_.ledger(name) == nullptr || name == EngineState::kExternal) return unknown_strategy(state_, name);
    if (!named.insert(name).second)
      return Error(Errc::usage, fmt::format("the share of {} is given twice", name), {}, "give every strategy one share");
    if (!(share >= 0 && share <= 1))
      return Error(Errc::usage, fmt::format("the share of {} must lie between 0 and 1", name), number_text(share));
    sum += share;
  }
  if (!(std::abs(sum - 1) <= 1e-9))
    return Error(Errc::usage, fmt::format("the shares sum to {:.10g}, not to 1", sum), {},
                 "give every strategy its share, e.g. arbitrage=0.6 momentum=0.4");
  CapitalMoved moved;
  for (const std::string& name : strategy_names(state_)) {
    const auto given = std::find_if(allocation.begin(), allocation.end(), [&](const auto& one) { return one.first == name; });
    moved.allocation.emplace_back(name, given == allocation.end() ? 0.0 : given->second);
  }
  moved.more = true;
  record(std::move(moved));
  move_capital();
  return flush();
}

/// Free cash of strategies above their target goes to those below; whole millionths, so nothing is made or lost. Through once every
/// strategy could give what it has above its target.
void OrderDesk::move_capital() {
  const auto names = strategy_names(state_);
  CapitalMoved moved;
  Money total;
  for (const std::string& name : names) total += equity(name);
  std::vector<Money> change(names.size());
  Money offered;
  Money lacking;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const StrategyLedger& ledger = *state_.ledger(names[i]);
    moved.allocation.emplace_back(names[i], ledger.allocation);
    change[i] = Money{static_cast<std::int64_t>(std::llround(ledger.allocation * static_cast<double>(total.micros)))} - equity(names[i]);
    if (change[i].micros < 0) {
      const Money free = std::max(Money{}, ledger.free_cash());
      moved.more = moved.more || free < -change[i];
      change[i] = -std::min(-change[i], free);
      offered -= change[i];
    } else {
      lacking += change[i];
    }
  }
  const Money sum = std::min(offered, lacking);
  if (sum <= kLeastMove && moved.more) return;
  if (sum > kLeastMove) moved.transfers = share_out(names, change, sum, offered, lacking);
  record(std::move(moved));
}

Status OrderDesk::watch() {
  if (state_.capital_moving()) move_capital();
  const Money now = equity();
  if (clock_.now() / kNanosPerDay != state_.day()) {
    DayStarted day{now, {}};
    for (const std::string& name : strategy_names(state_)) day.profit.emplace_back(name, equity(name) - state_.ledger(name)->contributed);
    record(std::move(day));
  }
  const StrategyLedger& external = *state_.ledger(EngineState::kExternal);
  const Money put_in = state_.capital() + external.contributed;
  if (now < put_in - settings_.limits.max_loss)
    halt(fmt::format("loss limit: equity {} is more than {} below the capital of {}", decimal_text(now),
                     decimal_text(settings_.limits.max_loss), decimal_text(put_in)));
  else if (now < state_.day_equity() - settings_.limits.max_daily_loss)
    halt(fmt::format("daily loss limit: equity {} is more than {} below the day's {}", decimal_text(now),
                     decimal_text(settings_.limits.max_daily_loss), decimal_text(state_.day_equity())));
  return flush();
}

}  // namespace tradewind::execution
