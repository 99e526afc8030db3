// SPDX-License-Identifier: Apache-2.0
#include "fill_watch.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tradewind::simulation {
namespace {

using trading::Outcome;
using trading::Side;

constexpr std::int64_t kRefill = 60'000'000'000;  // the paper account's default

Shares size_at(const trading::Ladder& ladder, std::int64_t price) {
  for (const trading::Level& level : ladder)
    if (level.price.micros == price) return level.size;
  return {};
}

const trading::Ladder& resting(const trading::TokenBook& book, Side side) { return side == Side::buy ? book.bids : book.asks; }

}  // namespace

FillWatch::Place FillWatch::place(const std::string& market, Outcome outcome, Side side, Price price) {
  if (outcome == Outcome::yes) return {market, side, price.micros};
  return {market, opposite(side), Price::kOne - price.micros};
}

Shares FillWatch::displayed(const Place& at) const {
  const auto book = books_.find(at.market);
  if (book == books_.end()) return {};
  return std::max(size_at(resting(book->second.yes(), at.side), at.price),
                  size_at(resting(book->second.no(), opposite(at.side)), Price::kOne - at.price));
}

void FillWatch::arrived(const trading::Order& order, std::int64_t now) {
  waiting_.try_emplace(order.id, Waiting{order, now, {}, {}, {}, {}});
}

void FillWatch::print(const trading::Print& print) {
  const Place reached = place(print.market_id, print.outcome, opposite(print.taker), print.price);
  for (auto& [id, one] : waiting_) {
    const Place own = place(one.order.market_id, one.order.outcome, one.order.side, one.order.limit);
    if (!one.ahead || own.market != reached.market || own.side != reached.side) continue;
    const bool better = own.side == Side::buy ? own.price > reached.price : own.price < reached.price;
    if (better) one.beyond += print.shares;
    if (own.price == reached.price) one.passed += print.shares;
  }
}

void FillWatch::show(const trading::MarketPrices& prices, std::int64_t now) {
  books_[prices.market_id] = prices;
  shown_at_[prices.market_id] = now;
  for (auto at = taken_.begin(); at != taken_.end();) {
    const Shares there = displayed(at->first);
    const bool ours = at->first.market == prices.market_id;
    if (ours) at->second.shares = std::min(at->second.shares, there);
    at = ours && (there.is_zero() || now - at->second.since >= kRefill) ? taken_.erase(at) : std::next(at);
  }
}

void FillWatch::shown(std::int64_t now) {
  for (auto& [id, one] : waiting_) {
    const auto shown = shown_at_.find(one.order.market_id);
    if (one.ahead || one.arrived > now || shown == shown_at_.end() || shown->second != now) continue;
    if (books_.at(one.order.market_id).crossed()) continue;  // no book to be met
    const Place own = place(one.order.market_id, one.order.outcome, one.order.side, one.order.limit);
    const auto taken = taken_.find(own);
    one.ahead = displayed(own) - (taken == taken_.end() ? Shares{} : taken->second.shares);
  }
}

std::string FillWatch::fill(const trading::AccountEntry& entry, While what, std::int64_t now) {
  if (what == While::idle) return "an order met a book from before its arrival";
  return entry.liquidity == trading::Liquidity::taken ? taken(entry, now) : given(entry, what);
}

std::string FillWatch::taken(const trading::AccountEntry& entry, std::int64_t now) {
  const Place at = place(entry.market_id, entry.outcome, opposite(entry.side), entry.price);
  Taken& all = taken_[at];
  all.shares += entry.filled();
  all.since = now;
  if (all.shares <= displayed(at)) return {};
  return fmt::format("{} shares were taken of a level that shows {}", decimal_text(all.shares), decimal_text(displayed(at)));
}

std::string FillWatch::given(const trading::AccountEntry& entry, While what) {
  if (what == While::books) {
    through_.insert(entry.market_id);
    return {};
  }
  const auto at = waiting_.find(entry.order_id);
  if (at == waiting_.end() || !at->second.ahead) return "an order was filled by a trade before it had met a book";
  Waiting& one = at->second;
  one.given += entry.filled();
  const Shares reached = one.beyond + std::max(Shares{}, one.passed - *one.ahead);
  if (one.given <= reached || through_.contains(entry.market_id)) return {};
  return fmt::format("a resting order was filled before its turn: {} shares, {} were traded beyond the {} ahead of it",
                     decimal_text(one.given), decimal_text(reached), decimal_text(*one.ahead));
}

}  // namespace tradewind::simulation
