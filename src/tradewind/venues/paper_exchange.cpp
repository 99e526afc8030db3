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

/// What a store holds can be added up, and an order can be filled for what it says.
bool is_sane(const PaperStore::Content& content) {
  AmountBound bound;
  for (const auto& [order, filled, open] : content.orders) {
    AmountBound alone;
    if (!(open ? bound : alone).take(order.shares) || filled.micros < 0 || filled > order.shares) return false;
    // That of merges and splits means nothing.
    if (order.kind == OrderKind::limit && (order.limit.micros < 0 || order.limit > kPriceOfCertainty)) return false;
  }
  for (const trading::AccountEntry& entry : content.entries)
    if (!bound.take(entry.yes, entry.no, entry.cash, entry.fee)) return false;
  return true;
}

}  // namespace

Result<PaperExchange> PaperExchange::open(Money cash, PaperStore* store, std::size_t kept) {
  PaperExchange exchange(cash, store, std::max<std::size_t>(1, kept));
  if (store == nullptr) return exchange;
  TRADEWIND_ASSIGN(PaperStore::Content content, store->load());
  if (!is_sane(content))
    return Error(Errc::corrupt, "the paper account's orders and entries are beyond any account", "venue.sqlite",
                 "restore the session's folder from a copy, or begin another session");
  for (auto& stored : content.orders) {
    (stored.open ? exchange.resting_.push_back(stored.order.id) : exchange.finished_.push_back(stored.order.id));
    exchange.orders_.emplace(stored.order.id, std::move(stored));
  }
  for (trading::AccountEntry& entry : content.entries) {
    exchange.apply(entry);
    exchange.entries_.push_back(std::move(entry));
  }
  exchange.saved_ = exchange.sequence();
  exchange.forget();
  return exchange;
}

void PaperExchange::finish(const trading::OrderId& id) {
  std::erase(resting_, id);
  finished_.push_back(id);
}

/// What the store has and nobody is likely to ask for.
void PaperExchange::forget() {
  if (store_ == nullptr) return;
  for (; finished_.size() > kept_; finished_.pop_front()) orders_.erase(finished_.front());
  for (; entries_.size() > kept_ && dropped_ < saved_; ++dropped_) entries_.pop_front();
}

Result<std::optional<PaperExchange::Resting>> PaperExchange::find(const trading::OrderId& id) const {
  if (const auto at = orders_.find(id); at != orders_.end()) return std::optional(at->second);
  if (store_ == nullptr) return std::optional<Resting>();
  return store_->order(id);
}

Result<bool> PaperExchange::knows(const trading::OrderId& id) const {
  TRADEWIND_ASSIGN(const auto found, find(id));
  return found.has_value();
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

Status PaperExchange::save(std::span<const Resting> orders) {
  if (store_ == nullptr) return {};
  const std::vector<trading::AccountEntry> fresh(entries_.begin() + static_cast<std::ptrdiff_t>(saved_ - dropped_), entries_.end());
  TRADEWIND_TRY(store_->save(orders, fresh));
  saved_ = sequence();
  forget();
  return {};
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
std::string PaperExchange::refusal(const trading::Order& order) const {
  const auto at = listings_.find(order.market_id);
  if (at == listings_.end() || !at->second.market.tradable()) return "market is not trading";
  const trading::PredictionMarket& market = at->second.market;
  if (order.shares.micros <= 0) return "size must be positive";
  const auto free_shares = [&](Outcome outcome) { return position(order.market_id, outcome) - reserved_shares(order.market_id, outcome); };
  const Money free_cash = cash_ - reserved();
  if (order.kind == OrderKind::merge)
    return std::min(free_shares(Outcome::yes), free_shares(Outcome::no)) < order.shares ? "not enough shares" : "";
  if (order.kind == OrderKind::split) return free_cash < notional(kPriceOfCertainty, order.shares) ? "not enough balance" : "";
  if (order.limit < market.tick_size || order.limit > kPriceOfCertainty - market.tick_size) return "price outside the band";
  if (order.limit.micros % market.tick_size.micros != 0) return "price is off the tick";
  if (order.time_in_force == TimeInForce::gtc && order.shares < market.minimum_size) return "size below the minimum";
  if (order.side == Side::sell) return free_shares(order.outcome) < order.shares ? "not enough shares" : "";
  return free_cash < notional(order.limit, order.shares, Rounding::up) ? "not enough balance" : "";
}

/// Fills what the displayed book gives, a fill a level. Takers pay a fee and take at the book's prices, resting orders fill at their limit.
void PaperExchange::match(Resting& resting, bool taker, UnixNanos time) {
  Listing& listing = listings_.at(resting.order.market_id);
  const trading::Order& order = resting.order;
  trading::TokenBook& token = listing.prices.of(order.outcome);
  trading::Ladder& ladder = order.side == Side::buy ? token.asks : token.bids;
  while (!ladder.empty() && resting.filled < order.shares) {
    const trading::Level best = ladder.best();
    if (order.side == Side::buy ? best.price > order.limit : best.price < order.limit) return;
    const Price price = taker ? best.price : order.limit;
    Shares taken = std::min(best.size, order.shares - resting.filled);
    const auto cost = [&](Shares shares) {
      return notional(price, shares, Rounding::up) + (taker ? listing.market.fees.taker(price, shares) : Money{});
    };
    if (order.side == Side::buy && taker && cost(taken) > cash_ - reserved()) {
      // The fee was not part of the balance check: what cannot be paid is not bought.
      taken = {shares_for(cash_ - reserved(), price + Price{20'000}).micros / 10'000 * 10'000};
      if (taken.micros <= 0 || cost(taken) > cash_ - reserved()) return;
    }
    const Money fee = taker ? listing.market.fees.taker(price, taken) : Money{};
    trading::AccountEntry entry;
    entry.order_id = order.id;
    entry.market_id = order.market_id;
    entry.outcome = order.outcome;
    entry.side = order.side;
    entry.price = price;
    entry.fee = fee;
    const bool buys = order.side == Side::buy;
    (order.outcome == Outcome::yes ? entry.yes : entry.no) = buys ? taken : -taken;
    entry.cash = (buys ? -notional(price, taken, Rounding::up) : notional(price, taken)) - fee;
    resting.filled += taken;
    ladder.set(opposite(order.side), {best.price, best.size - taken});
    book(std::move(entry), time);
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
  if (std::string why = refusal(order); !why.empty()) return Acceptance{false, std::move(why)};
  Resting resting{order, {}, false};
  if (order.kind != OrderKind::limit) {
    convert(resting, time);
  } else {
    const trading::TokenBook& token = listings_.at(order.market_id).prices.of(order.outcome);
    const trading::Ladder& ladder = order.side == Side::buy ? token.asks : token.bids;
    if (order.time_in_force != TimeInForce::fok || trading::walk(order.side, ladder, order.shares, order.limit).shares >= order.shares)
      match(resting, true, time);
  }
  resting.open = order.time_in_force == TimeInForce::gtc && resting.filled < order.shares;
  (resting.open ? resting_.push_back(order.id) : finished_.push_back(order.id));
  orders_.emplace(order.id, resting);
  TRADEWIND_TRY(save(std::span(&resting, 1)));
  return Acceptance{true, {}};
}

Status PaperExchange::show(const trading::PredictionMarket& market, const trading::MarketPrices& prices, UnixNanos time) {
  if (market.payout) {
    listings_.erase(market.id);
    return {};
  }
  listings_.insert_or_assign(market.id, Listing{market, prices});
  std::vector<Resting> changed;
  for (const trading::OrderId& id : std::vector<trading::OrderId>(resting_)) {
    Resting& resting = orders_.at(id);
    if (resting.order.market_id != market.id) continue;
    const Shares before = resting.filled;
    match(resting, false, time);
    if (resting.filled == before) continue;
    resting.open = resting.filled < resting.order.shares;
    if (!resting.open) finish(id);
    changed.push_back(resting);
  }
  return changed.empty() ? Status() : save(changed);
}

Status PaperExchange::cancel(const trading::OrderId& id) {
  const auto at = orders_.find(id);
  if (at == orders_.end() || !at->second.open) return {};
  at->second.open = false;
  finish(id);
  return save(std::span(&at->second, 1));
}

Status PaperExchange::resolve(const std::string& market_id, std::array<Price, 2> payout, UnixNanos time) {
  listings_.erase(market_id);  // no longer trading
  for (const trading::OrderId& id : std::vector<trading::OrderId>(resting_))
    if (orders_.at(id).order.market_id == market_id) TRADEWIND_TRY(cancel(id));
  const Shares yes = position(market_id, Outcome::yes);
  const Shares no = position(market_id, Outcome::no);
  if (yes.is_zero() && no.is_zero()) return {};
  trading::AccountEntry entry;
  entry.kind = trading::AccountEntry::Kind::payout;
  entry.market_id = market_id;
  entry.yes = -yes;
  entry.no = -no;
  entry.cash = notional(payout[0], yes) + notional(payout[1], no);
  book(std::move(entry), time);
  return save({});
}

Status PaperExchange::reverse(const std::string& entry_id, UnixNanos time) {
  const auto is = [&](const trading::AccountEntry& entry) {
    return entry.id == entry_id && entry.kind == trading::AccountEntry::Kind::fill;
  };
  const auto found = std::find_if(entries_.begin(), entries_.end(), is);
  if (found == entries_.end()) return {};
  for (const trading::AccountEntry& entry : entries_)
    if (entry.reverses == entry_id) return {};
  trading::AccountEntry entry = *found;
  entry.kind = trading::AccountEntry::Kind::reversal;
  entry.reverses = entry_id;
  entry.yes = -entry.yes;
  entry.no = -entry.no;
  entry.cash = -entry.cash;
  entry.fee = -entry.fee;
  book(std::move(entry), time);
  return save({});
}

Status PaperExchange::transfer(Money cash, UnixNanos time) {
  trading::AccountEntry entry;
  entry.kind = trading::AccountEntry::Kind::transfer;
  entry.cash = cash;
  book(std::move(entry), time);
  return save({});
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
