// SPDX-License-Identifier: Apache-2.0
// What the venue says, and what is asked when it says nothing.
#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/execution/order_desk.hpp"

namespace tradewind::execution {
namespace {

using trading::OrderReport;

constexpr std::size_t kQuestions = 64;

}  // namespace

void OrderDesk::change(const trading::OrderId& id, OrderStatus status, std::string reason, Shares filled) {
  reason = clean_text(reason);  // some are the venue's
  record(OrderChanged{id, status, filled, std::move(reason)});
  const OrderState* after = state_.order(id);
  if (after != nullptr && is_final(after->status)) wires_.erase(id);
}

void OrderDesk::on(const trading::OrderAccepted& event) {
  const OrderState* order = state_.order(event.id);
  if (order != nullptr && (order->status == OrderStatus::pending || order->status == OrderStatus::unknown))
    change(event.id, OrderStatus::open);
  else
    ++statistics_.duplicates;
}

void OrderDesk::on(const trading::OrderRejected& event) {
  const OrderState* order = state_.order(event.id);
  if (order == nullptr || is_final(order->status)) {
    ++statistics_.duplicates;
    return;
  }
  // A refusal of what was open or partly filled contradicts itself: the venue is asked again.
  const bool fits = (order->status == OrderStatus::pending || order->status == OrderStatus::unknown) && order->filled.is_zero();
  if (fits)
    change(event.id, OrderStatus::rejected, event.reason);
  else if (const auto wire = wires_.find(event.id); wire != wires_.end())
    ask(event.id, wire->second);
}

void OrderDesk::on(const trading::OutcomeUnknown& event) {
  const OrderState* order = state_.order(event.id);
  if (order == nullptr || order->status != OrderStatus::pending) return;
  change(event.id, OrderStatus::unknown, event.reason);
  if (const auto wire = wires_.find(event.id); wire != wires_.end()) ask(event.id, wire->second);
}

void OrderDesk::on(const trading::OrderDone& event) {
  const auto at = state_.working().find(event.id);
  if (at == state_.working().end() || at->second.status == OrderStatus::closing) {
    ++statistics_.duplicates;
    return;
  }
  change(event.id, OrderStatus::closing, {}, event.filled);
  if (state_.working().contains(event.id)) wants_account_ = true;  // fills are missing
}

void OrderDesk::on(const trading::AccountEntry& event) {
  if (event.sequence <= state_.sequence() || !waiting_.emplace(event.sequence, event).second) {
    ++statistics_.duplicates;
    return;
  }
  book_waiting();
}

/// Entries are booked in the venue's order, whatever the order they come in.
void OrderDesk::book_waiting() {
  while (!waiting_.empty() && waiting_.begin()->first <= state_.sequence() + 1) {
    const trading::AccountEntry entry = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    if (entry.sequence <= state_.sequence()) continue;
    const bool was_working = state_.working().contains(entry.order_id);
    record(EntryBooked{entry});
    if (on_fill_ && entry.kind == trading::AccountEntry::Kind::fill) on_fill_(entry);
    if (was_working && !state_.working().contains(entry.order_id)) wires_.erase(entry.order_id);
  }
  if (!waiting_.empty()) wants_account_ = true;
  if (const auto short_of = state_.oversold())
    halt(fmt::format("shares of {} {}", short_of->second.first,
                     short_of->first == 0 ? "that strategies hold were sold by hand" : "were sold that the venue then took back"));
}

void OrderDesk::on(const OrderReport& event) {
  const OrderState* order = state_.order(event.id);
  if (order == nullptr) return;
  const auto wire = wires_.find(event.id);
  switch (event.state) {
    case OrderReport::State::not_found: {
      const bool unsure = order->status == OrderStatus::pending || order->status == OrderStatus::unknown;
      // An answer on its way for as long as anything can be was given when the order could still come: only after twice that time it
      // counts.
      if (unsure && wire != wires_.end() && clock_.steady() - wire->second.sent >= 2 * venue_.latest_arrival())
        change(event.id, OrderStatus::rejected, "never arrived");
      return;
    }
    case OrderReport::State::open:
      if (order->status == OrderStatus::pending || order->status == OrderStatus::unknown) return change(event.id, OrderStatus::open);
      return;
    case OrderReport::State::done: return on(trading::OrderDone{event.id, event.filled});
  }
}

void OrderDesk::on(const trading::AccountReport& event) {
  for (const trading::AccountEntry& entry : event.entries)
    if (entry.sequence > state_.sequence()) waiting_.emplace(entry.sequence, entry);
  book_waiting();
  for (const OrderReport& report : event.open_orders) {
    // Orders that were given up and are there after all are taken up again and cancelled.
    const OrderState* order = state_.order(report.id);
    if (order == nullptr || order->status != OrderStatus::rejected) continue;
    wires_[report.id] = {clock_.steady(), clock_.steady(), -1};
    change(report.id, OrderStatus::open, "arrived late");
    cancel(report.id);
  }
  if (event.sequence == state_.sequence() && waiting_.empty())
    compare(event);
  else if (is_behind(event))
    halt(fmt::format("the venue's account is behind the journal: {} entries there, {} here; is it another account, or an older copy?",
                     event.sequence, state_.sequence()));
  else
    wants_account_ = true;  // the report is older than what is known, or not whole
}

/// Entries that were known when the account was asked for are missing in the answer: it can never agree any more.
bool OrderDesk::is_behind(const trading::AccountReport& report) const {
  const auto question = questions_.find(report.request);
  return question != questions_.end() && report.sequence < question->second;
}

/// Same entries, so the same account: anything else is not to be traded on.
void OrderDesk::compare(const trading::AccountReport& report) {
  wants_account_ = false;
  reconciled_at_ = clock_.steady();
  ++statistics_.reconciliations;
  const auto ours = state_.positions();
  if (report.cash == state_.cash() && report.positions == ours) {
    reconciled_ = true;
    return;
  }
  reconciled_ = false;
  std::string difference = fmt::format("cash {} here, {} at the venue", decimal_text(state_.cash()), decimal_text(report.cash));
  for (const auto& [token, shares] : report.positions)
    if (const auto at = ours.find(token); at == ours.end() || at->second != shares)
      difference = fmt::format("{} shares of {} {} here, {} at the venue", at == ours.end() ? "0" : decimal_text(at->second), token.first,
                               enum_name(token.second), decimal_text(shares));
  for (const auto& [token, shares] : ours)
    if (!report.positions.contains(token))
      difference = fmt::format("{} shares of {} {} here, none at the venue", decimal_text(shares), token.first, enum_name(token.second));
  halt("the account does not agree with the venue: " + difference);
}

void OrderDesk::on(const trading::QuestionFailed&) { ++statistics_.unanswered_questions; }

void OrderDesk::ask(const trading::OrderId& id, Wire& wire) {
  wire.asked = clock_.steady();
  venue_.ask_order(id);
}

void OrderDesk::look_after(const OrderState& order, Wire& wire) {
  const std::int64_t now = clock_.steady();
  const bool due = now - wire.asked >= nanos(settings_.ask_again_seconds);
  const bool overdue = now - wire.sent >= nanos(settings_.answer_seconds);
  const bool rests = order.order.time_in_force == trading::TimeInForce::gtc && order.order.kind == trading::OrderKind::limit;
  switch (order.status) {
    case OrderStatus::pending:
      if (overdue) on(trading::OutcomeUnknown{order.order.id, "no answer"});
      return;
    case OrderStatus::unknown:
      if (due) ask(order.order.id, wire);
      return;
    case OrderStatus::open:
      if (rests && wire.cancelled < 0 && now - wire.sent >= nanos(settings_.rest_seconds)) cancel(order.order.id);
      if (wire.cancelled >= 0 && now - wire.cancelled >= nanos(settings_.answer_seconds)) cancel(order.order.id);
      // What does not rest should be done by now; what rests is looked at from time to time.
      if (rests ? now - wire.asked >= nanos(settings_.reconcile_seconds) : overdue && due) ask(order.order.id, wire);
      return;
    case OrderStatus::closing: wants_account_ = true; return;
    default: return;
  }
}

void OrderDesk::look_after_orders() {
  std::vector<trading::OrderId> ids;
  for (const auto& [id, order] : state_.working()) ids.push_back(id);
  for (const trading::OrderId& id : ids)
    if (const auto at = state_.working().find(id); at != state_.working().end()) look_after(at->second, wires_[id]);
}

void OrderDesk::ask_account_if_due() {
  const std::int64_t now = clock_.steady();
  if (!wants_account_ && now - reconciled_at_ >= nanos(settings_.reconcile_seconds)) wants_account_ = true;
  if (!wants_account_) return;
  if (account_asked_ >= 0 && now - account_asked_ < nanos(settings_.ask_again_seconds)) return;
  account_asked_ = now;
  questions_[++requests_] = state_.sequence();
  if (questions_.size() > kQuestions) questions_.erase(questions_.begin());
  venue_.ask_account(requests_, state_.sequence());
}

Status OrderDesk::poll() {
  for (const trading::VenueEvent& event : venue_.poll()) std::visit([&](const auto& one) { on(one); }, event);
  const std::int64_t now = clock_.steady();
  while (!sent_times_.empty() && now - sent_times_.front() >= kNanosPerSecond) sent_times_.pop_front();
  look_after_orders();
  ask_account_if_due();
  if (state_.trading_state() == TradingState::halted && !state_.working().empty() &&
      now - halted_cancel_ >= nanos(settings_.ask_again_seconds)) {
    halted_cancel_ = now;
    cancel_all_ = true;
  }
  return flush();
}

}  // namespace tradewind::execution
