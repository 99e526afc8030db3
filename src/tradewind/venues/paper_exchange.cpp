// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/paper_exchange.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace tradewind::venues {
namespace {

using trading::OrderKind;
using trading::Outcome;
using trading::Side;
using trading::TimeInForce;

}  // namespace

void PaperExchange::finish(const trading::OrderId& id) {
  std::erase(resting_, id);
  finished_.push_back(id);
  Resting& resting = orders_.at(id);
  resting.open = false;
  changed_.insert(id);
  ended_.push_back({id, trading::OrderReport::State::done, resting.filled});
}

void PaperExchange::apply(const trading::AccountEntry& entry) {
  cash_ += entry.cash;
  for (const Outcome outcome : {Outcome::yes, Outcome::no}) {
    if (entry.change(outcome).is_zero()) continue;
    Shares& held = positions_[{entry.market_id, outcome}];
    held += entry.change(outcome);
    if (held.is_zero()) positions_.erase({entry.market_id, outcome});
  }
}

void PaperExchange::book(trading::AccountEntry entry, UnixNanos time) {
  entry.sequence = sequence() + 1;
  entry.id = fmt::format("paper-{}", entry.sequence);
  entry.time = time;
  apply(entry);
  entries_.push_back(std::move(entry));
}

Money PaperExchange::reserved() const {
  Money sum;
  for (const trading::OrderId& id : resting_) {
    const Resting& resting = orders_.at(id);
    if (resting.order.side == Side::buy) sum += notional(resting.order.limit, resting.order.shares - resting.filled, Rounding::up);
  }
  return sum;
}

Shares PaperExchange::reserved_shares(const std::string& market_id, Outcome outcome) const {
  Shares sum;
  for (const trading::OrderId& id : resting_) {
    const Resting& resting = orders_.at(id);
    if (resting.order.side == Side::sell && resting.order.market_id == market_id && resting.order.outcome == outcome)
      sum += resting.order.shares - resting.filled;
  }
  return sum;
}

Shares PaperExchange::position(const std::string& market_id, Outcome outcome) const {
  const auto at = positions_.find({market_id, outcome});
  return at == positions_.end() ? Shares{} : at->second;
}

/// Why the order cannot be taken; empty when it can.
std::string PaperExchange::refusal(const trading::Order& order, UnixNanos time) const {
  const auto at = listings_.find(order.market_id);
  if (at == listings_.end() || !at->second.market.tradable()) return "market is not trading";
  const trading::PredictionMarket& market = at->second.market;
  if (order.shares.micros <= 0) return "size must be positive";
  const auto free_shares = [&](Outcome outcome) { return position(order.market_id, outcome) - reserved_shares(order.market_id, outcome); };
  const Money free_cash = cash_ - reserved();
  if (order.kind == OrderKind::merge)
    return std::min(free_shares(Outcome::yes), free_shares(Outcome::no)) < order.shares ? "not enough shares" : "";
  if (order.kind == OrderKind::split) return free_cash < notional(kPriceOfCertainty, order.shares) ? "not enough balance" : "";
  if (!market.fees_at(time)) return "fees are not known";
  if (order.limit < market.tick_size || order.limit > kPriceOfCertainty - market.tick_size) return "price outside the band";
  if (order.limit.micros % market.tick_size.micros != 0) return "price is off the tick";
  if (order.time_in_force == TimeInForce::gtc && order.shares < market.minimum_size) return "size below the minimum";
  if (order.side == Side::sell) return free_shares(order.outcome) < order.shares ? "not enough shares" : "";
  return free_cash < notional(order.limit, order.shares, Rounding::up) ? "not enough balance" : "";
}

Money PaperExchange::taker_fee(const std::string& market_id, Price price, Shares shares, UnixNanos time) const {
  return listings_.at(market_id).market.fees_at(time).value_or(trading::FeeSchedule{}).taker(price, shares);
}

void PaperExchange::fill(Resting& resting, Price price, Shares shares, trading::Liquidity liquidity, UnixNanos time) {
  const trading::Order& order = resting.order;
  const bool buys = order.side == Side::buy;
  trading::AccountEntry entry;
  entry.order_id = order.id;
  entry.market_id = order.market_id;
  entry.outcome = order.outcome;
  entry.side = order.side;
  entry.price = price;
  entry.liquidity = liquidity;
  if (liquidity == trading::Liquidity::taken) entry.fee = taker_fee(order.market_id, price, shares, time);
  (order.outcome == Outcome::yes ? entry.yes : entry.no) = buys ? shares : -shares;
  entry.cash = (buys ? -notional(price, shares, Rounding::up) : notional(price, shares)) - entry.fee;
  resting.filled += shares;
  book(std::move(entry), time);
}

/// The fee was not part of the check at the arrival: what cannot be paid is not bought.
Shares PaperExchange::affordable(const Resting& resting, Price price, Shares wanted, UnixNanos time) const {
  if (resting.order.side == Side::sell) return wanted;
  const Money own = notional(resting.order.limit, resting.order.shares - resting.filled, Rounding::up);
  const Money free = cash_ - reserved() + own;
  const auto cost = [&](Shares shares) {
    return notional(price, shares, Rounding::up) + taker_fee(resting.order.market_id, price, shares, time);
  };
  if (cost(wanted) <= free) return wanted;
  const Shares fewer{shares_for(free, price + Price{20'000}).micros / 10'000 * 10'000};
  return fewer.micros > 0 && cost(fewer) <= free ? std::min(fewer, wanted) : Shares{};
}

/// Walks what is displayed within the limit, a fill a level.
void PaperExchange::take(Resting& resting, UnixNanos time) {
  DisplayedDepth& depth = listings_.at(resting.order.market_id).depth;
  const trading::Order& order = resting.order;
  for (;;) {
    const trading::Ladder& offered = depth.offered(order.outcome, order.side);
    if (offered.empty() || resting.filled >= order.shares) return;
    const trading::Level best = offered.best();
    if (order.side == Side::buy ? best.price > order.limit : best.price < order.limit) return;
    const Shares taken = affordable(resting, best.price, std::min(best.size, order.shares - resting.filled), time);
    if (taken.micros <= 0) return;
    depth.take(order.outcome, order.side, {best.price, taken});
    touched_.insert(order.market_id);
    fill(resting, best.price, taken, trading::Liquidity::taken, time);
  }
}

/// The first book after the arrival.
void PaperExchange::meet(Resting& resting, UnixNanos time) {
  const DisplayedDepth& depth = listings_.at(resting.order.market_id).depth;
  const trading::Order& order = resting.order;
  resting.met = true;
  const trading::Ladder& offered = depth.offered(order.outcome, order.side);
  if (order.time_in_force != TimeInForce::fok || trading::walk(order.side, offered, order.shares, order.limit).shares >= order.shares)
    take(resting, time);
  if (model_.queue == PaperFills::Queue::back) resting.ahead = depth.displayed(yes_side(order.outcome, order.side, order.limit));
}

/// A book that offers better than a resting order's limit has gone through it.
void PaperExchange::give(Resting& resting, UnixNanos time) {
  DisplayedDepth& depth = listings_.at(resting.order.market_id).depth;
  const trading::Order& order = resting.order;
  while (resting.filled < order.shares) {
    const trading::Ladder& offered = depth.offered(order.outcome, order.side);
    if (offered.empty()) return;
    const trading::Level best = offered.best();
    if (order.side == Side::buy ? best.price >= order.limit : best.price <= order.limit) return;
    const Shares given = std::min(best.size, order.shares - resting.filled);
    depth.take(order.outcome, order.side, {best.price, given});
    touched_.insert(order.market_id);
    fill(resting, order.limit, given, trading::Liquidity::given, time);
  }
}

void PaperExchange::convert(Resting& resting, UnixNanos time) {
  const bool merges = resting.order.kind == OrderKind::merge;
  const Shares shares = resting.order.shares;
  trading::AccountEntry entry;
  entry.kind = merges ? trading::AccountEntry::Kind::merge : trading::AccountEntry::Kind::split;
  entry.order_id = resting.order.id;
  entry.market_id = resting.order.market_id;
  entry.yes = entry.no = merges ? -shares : shares;
  entry.cash = merges ? notional(kPriceOfCertainty, shares) : -notional(kPriceOfCertainty, shares);
  resting.filled = shares;
  book(std::move(entry), time);
}

Result<Acceptance> PaperExchange::submit(const trading::Order& order, UnixNanos time) {
  TRADEWIND_ASSIGN(const bool known, knows(order.id));
  if (known) return Acceptance{true, {}};
  if (std::string why = refusal(order, time); !why.empty()) return Acceptance{false, std::move(why)};
  Resting& resting = orders_.emplace(order.id, Resting{order, {}, true, false, {}, ++arrivals_}).first->second;
  resting_.push_back(order.id);
  if (order.kind != OrderKind::limit) {
    convert(resting, time);
    finish(order.id);
  }
  changed_.insert(order.id);
  return Acceptance{true, {}};
}

void PaperExchange::show(const trading::PredictionMarket& market, const trading::MarketPrices& prices, UnixNanos time,
                         std::int64_t steady) {
  if (market.payout) {
    listings_.erase(market.id);
    return;
  }
  listing_of(market, time, steady).depth.show(prices, steady);
  if (prices.gapped || prices.crossed() || !market.tradable() || !market.fees_at(time)) return;  // no book to be filled from
  match(market.id, [&](Resting& resting) { resting.met ? give(resting, time) : meet(resting, time); });
}

void PaperExchange::print(const trading::Print& print, UnixNanos time) {
  const auto listing = listings_.find(print.market_id);
  if (listing == listings_.end() || !listing->second.market.fees_at(time)) return;
  const YesSide reached = yes_side(print.outcome, opposite(print.taker), print.price);
  Shares left = print.shares;
  match(print.market_id, [&](Resting& resting) {
    if (!resting.met) return;
    const trading::Order& order = resting.order;
    const YesSide own = yes_side(order.outcome, order.side, order.limit);
    if (own.side != reached.side) return;
    const bool better = own.side == Side::buy ? own.price > reached.price : own.price < reached.price;
    if (!better && own.price != reached.price) return;
    const Shares before = better ? Shares{} : std::min(resting.ahead, left);
    resting.ahead -= before;
    // The queue is others': every order of the account sees all of it pass, but no share is given twice.
    const Shares given = std::min(left - before, order.shares - resting.filled);
    if (given.micros > 0) fill(resting, order.limit, given, trading::Liquidity::given, time);
    if (given.micros > 0) left -= given;
  });
}

/// Lets `change` look at the open orders of a market in the order of their arrival.
void PaperExchange::match(const std::string& market_id, const std::function<void(Resting&)>& change) {
  for (const trading::OrderId& id : std::vector<trading::OrderId>(resting_)) {
    Resting& resting = orders_.at(id);
    if (resting.order.market_id != market_id || resting.order.kind != OrderKind::limit) continue;
    const Resting before = resting;
    change(resting);
    const bool rests = resting.order.time_in_force == TimeInForce::gtc && resting.filled < resting.order.shares;
    if (!rests && resting.met) finish(id);
    if (resting.filled != before.filled || resting.met != before.met || resting.ahead != before.ahead) changed_.insert(id);
  }
}

void PaperExchange::cancel(const trading::OrderId& id) {
  const auto at = orders_.find(id);
  if (at != orders_.end() && at->second.open) finish(id);
}

void PaperExchange::resolve(const std::string& market_id, std::array<Price, 2> payout, UnixNanos time) {
  listings_.erase(market_id);  // no longer trading
  for (const trading::OrderId& id : std::vector<trading::OrderId>(resting_))
    if (orders_.at(id).order.market_id == market_id) cancel(id);
  const Shares yes = position(market_id, Outcome::yes);
  const Shares no = position(market_id, Outcome::no);
  if (yes.is_zero() && no.is_zero()) return;
  trading::AccountEntry entry;
  entry.kind = trading::AccountEntry::Kind::payout;
  entry.market_id = market_id;
  entry.yes = -yes;
  entry.no = -no;
  entry.payout = payout;
  entry.cash = notional(payout[0], yes) + notional(payout[1], no);
  book(std::move(entry), time);
}

void PaperExchange::reverse(const std::string& entry_id, UnixNanos time) {
  const auto is = [&](const trading::AccountEntry& entry) {
    return entry.id == entry_id && entry.kind == trading::AccountEntry::Kind::fill;
  };
  const auto found = std::find_if(entries_.begin(), entries_.end(), is);
  if (found == entries_.end()) return;
  for (const trading::AccountEntry& entry : entries_)
    if (entry.reverses == entry_id) return;
  trading::AccountEntry entry = *found;
  entry.kind = trading::AccountEntry::Kind::reversal;
  entry.reverses = entry_id;
  entry.yes = -entry.yes;
  entry.no = -entry.no;
  entry.cash = -entry.cash;
  entry.fee = -entry.fee;
  book(std::move(entry), time);
}

void PaperExchange::transfer(Money cash, UnixNanos time) {
  trading::AccountEntry entry;
  entry.kind = trading::AccountEntry::Kind::transfer;
  entry.cash = cash;
  book(std::move(entry), time);
}

Result<trading::OrderReport> PaperExchange::report(const trading::OrderId& id) const {
  TRADEWIND_ASSIGN(const auto found, find(id));
  if (!found) return trading::OrderReport{id, trading::OrderReport::State::not_found, {}};
  return trading::OrderReport{id, found->open ? trading::OrderReport::State::open : trading::OrderReport::State::done, found->filled};
}

Result<trading::AccountReport> PaperExchange::account(std::uint64_t request, std::uint64_t after) const {
  trading::AccountReport report;
  report.request = request;
  report.sequence = sequence();
  report.cash = cash_;
  report.positions = positions_;
  if (after < dropped_) {
    TRADEWIND_ASSIGN(report.entries, store_->entries(after, dropped_));
  }
  for (std::uint64_t i = std::max(after, dropped_); i < sequence(); ++i) report.entries.push_back(entry(i + 1));
  for (const trading::OrderId& id : resting_) report.open_orders.push_back({id, trading::OrderReport::State::open, orders_.at(id).filled});
  return report;
}

std::vector<trading::OrderId> PaperExchange::open_orders() const { return resting_; }

}  // namespace tradewind::venues
