// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/paper_venue.hpp"

#include <algorithm>

#include "tradewind/base/random.hpp"
#include "tradewind/base/rot_hash.hpp"

namespace tradewind::venues {
namespace {

constexpr std::uint64_t kDelayStream = 0x70617065;
constexpr std::string_view kAccount = "the account";  ///< what a message is about that is about no order

}  // namespace

PaperVenue::PaperVenue(PaperExchange exchange, const PaperSettings& settings, const Clock& clock)
    : exchange_(std::move(exchange)), settings_(settings), clock_(clock), told_(exchange_.sequence()) {}

std::int64_t PaperVenue::delay(std::int64_t moment, std::string_view what) const {
  Random of_message(settings_.seed + static_cast<std::uint64_t>(moment), kDelayStream ^ rot_hash(what));
  return static_cast<std::int64_t>((settings_.latency_ms + settings_.jitter_ms * of_message.uniform()) * 1e6);
}

std::int64_t PaperVenue::latest_arrival() const {
  return static_cast<std::int64_t>((settings_.latency_ms + settings_.jitter_ms + settings_.venue_delay_ms) * 1e6);
}

/// Messages about orders do not overtake each other: one connection carries them. Questions about the account have one of their own.
void PaperVenue::send(Message message) {
  const bool of_account = message.kind == Message::Kind::ask_account;
  message.due = clock_.steady() + delay(clock_.steady(), of_account ? kAccount : std::string_view(message.order.id));
  if (message.kind == Message::Kind::submit) message.due += static_cast<std::int64_t>(settings_.venue_delay_ms * 1e6);
  if (!of_account) message.due = last_order_ = std::max(last_order_, message.due);
  const auto later = [](std::int64_t due, const Message& other) { return due < other.due; };
  sent_.insert(std::upper_bound(sent_.begin(), sent_.end(), message.due, later), std::move(message));
}

/// What the venue says leaves it when it happened there, though it is looked at later.
void PaperVenue::answer(trading::VenueEvent event, std::string_view what) {
  std::int64_t due = there_ + delay(there_, what);
  if (what != kAccount) due = last_answer_ = std::max(last_answer_, due);
  const auto later = [](std::int64_t time, const Answer& other) { return time < other.due; };
  answers_.insert(std::upper_bound(answers_.begin(), answers_.end(), due, later), {due, std::move(event)});
}

/// A store that cannot be read is a question that failed; it will be asked again.
template <class Told>
void PaperVenue::answer_or_fail(Result<Told> told, std::string_view what) {
  if (told)
    answer(std::move(*told), what);
  else
    answer(trading::QuestionFailed{told.error().message()}, what);
}

/// Entries of the account, then orders that have ended.
void PaperVenue::report_news() {
  for (; told_ < exchange_.sequence(); ++told_) answer(exchange_.entry(told_ + 1), exchange_.entry(told_ + 1).id);
  for (const trading::OrderReport& report : exchange_.take_ended()) answer(trading::OrderDone{report.id, report.filled}, report.id);
}

void PaperVenue::deliver(const Message& message) {
  switch (message.kind) {
    case Message::Kind::submit: {
      const auto taken = exchange_.submit(message.order, clock_.now() - (clock_.steady() - there_));
      // A store that failed has not kept the order: whether it is there is not known.
      if (!taken) return answer(trading::OutcomeUnknown{message.order.id, taken.error().message()}, message.order.id);
      if (!taken->accepted) return answer(trading::OrderRejected{message.order.id, taken->reason}, message.order.id);
      answer(trading::OrderAccepted{message.order.id}, message.order.id);
      return report_news();
    }
    case Message::Kind::cancel: {
      exchange_.cancel(message.order.id);
      report_news();
      return answer_or_fail(exchange_.report(message.order.id), message.order.id);
    }
    case Message::Kind::cancel_all:
      for (const trading::OrderId& id : exchange_.open_orders()) exchange_.cancel(id);
      return report_news();
    case Message::Kind::ask_order: return answer_or_fail(exchange_.report(message.order.id), message.order.id);
    case Message::Kind::ask_account: return answer_or_fail(exchange_.account(message.request, message.sequence), kAccount);
  }
}

void PaperVenue::deliver_due() {
  while (!sent_.empty() && sent_.front().due <= clock_.steady()) {
    const Message message = std::move(sent_.front());
    sent_.pop_front();
    there_ = message.due;
    deliver(message);
  }
  there_ = clock_.steady();
}

void PaperVenue::show(const trading::PredictionMarket& market, const trading::MarketPrices& prices) {
  deliver_due();
  exchange_.show(market, prices, clock_.now(), clock_.steady());
  report_news();
}

void PaperVenue::print(const trading::Print& print) {
  deliver_due();
  exchange_.print(print, clock_.now());
  report_news();
}

void PaperVenue::resolve(const std::string& market_id, std::array<Price, 2> payout) {
  deliver_due();
  exchange_.resolve(market_id, payout, clock_.now());
  report_news();
}

void PaperVenue::submit(std::span<const trading::Order> orders) {
  for (const trading::Order& order : orders) {
    Message message{};
    message.kind = Message::Kind::submit;
    message.order = order;
    send(std::move(message));
  }
}

void PaperVenue::cancel(const trading::OrderId& id) {
  Message message{};
  message.kind = Message::Kind::cancel;
  message.order.id = id;
  send(std::move(message));
}

void PaperVenue::cancel_all() {
  Message message{};
  message.kind = Message::Kind::cancel_all;
  send(std::move(message));
}

void PaperVenue::ask_order(const trading::OrderId& id) {
  Message message{};
  message.kind = Message::Kind::ask_order;
  message.order.id = id;
  send(std::move(message));
}

void PaperVenue::ask_account(std::uint64_t request, std::uint64_t sequence) {
  Message message{};
  message.kind = Message::Kind::ask_account;
  message.request = request;
  message.sequence = sequence;
  send(std::move(message));
}

std::vector<trading::VenueEvent> PaperVenue::poll() {
  deliver_due();
  std::vector<trading::VenueEvent> events;
  // Nothing is told that a crash could make untrue.
  if (const Status kept = exchange_.commit(); !kept) return {trading::QuestionFailed{kept.error().message()}};
  while (!answers_.empty() && answers_.front().due <= clock_.steady()) {
    events.push_back(std::move(answers_.front().event));
    answers_.pop_front();
  }
  return events;
}

}  // namespace tradewind::venues
