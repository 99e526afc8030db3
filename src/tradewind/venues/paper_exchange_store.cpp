// SPDX-License-Identifier: Apache-2.0
// What of a paper account outlives the process: how it is read at the start and written as it changes.
#include "tradewind/venues/paper_exchange.hpp"

#include <algorithm>
#include <cstdint>

namespace tradewind::venues {
namespace {

using trading::OrderKind;

/// What a store holds can be added up, and an order can be filled for what it says.
bool is_sane(const PaperStore::Content& content) {
  AmountBound bound;
  for (const PaperStore::StoredOrder& stored : content.orders) {
    const trading::Order& order = stored.order;
    AmountBound alone;
    if (!(stored.open ? bound : alone).take(order.shares) || stored.filled.micros < 0 || stored.filled > order.shares) return false;
    if (stored.ahead.micros < 0 || stored.arrival < 0 || stored.arrival == INT64_MAX) return false;
    // That of merges and splits means nothing.
    if (order.kind == OrderKind::limit && (order.limit.micros < 0 || order.limit > kPriceOfCertainty)) return false;
  }
  for (const trading::AccountEntry& entry : content.entries)
    if (!bound.take(entry.yes, entry.no, entry.cash, entry.fee)) return false;
  for (const auto& [market, all] : content.taken)
    for (const PaperStore::StoredTaken& taken : all) {
      AmountBound alone;
      if (taken.shares.micros < 0 || !alone.take(taken.shares) || taken.since < 0) return false;
      if (taken.at.price.micros < 0 || taken.at.price > kPriceOfCertainty) return false;
    }
  return true;
}

}  // namespace

Result<PaperExchange> PaperExchange::open(Money cash, PaperStore* store, const PaperFills& model, std::size_t kept) {
  PaperExchange exchange(cash, store, model, std::max<std::size_t>(1, kept));
  if (store == nullptr) return exchange;
  TRADEWIND_ASSIGN(PaperStore::Content content, store->load());
  if (!is_sane(content))
    return Error(Errc::corrupt, "the paper account's orders and entries are beyond any account", "venue.sqlite",
                 "restore the session's folder from a copy, or begin another session");
  for (auto& stored : content.orders) {
    (stored.open ? exchange.resting_.push_back(stored.order.id) : exchange.finished_.push_back(stored.order.id));
    exchange.arrivals_ = std::max(exchange.arrivals_, stored.arrival);
    exchange.orders_.emplace(stored.order.id, std::move(stored));
  }
  for (trading::AccountEntry& entry : content.entries) {
    exchange.apply(entry);
    exchange.entries_.push_back(std::move(entry));
  }
  exchange.taken_before_ = std::move(content.taken);
  exchange.saved_ = exchange.sequence();
  exchange.forget();
  return exchange;
}

/// A market's place in the exchange, with what was taken of its depth before the process began.
PaperExchange::Listing& PaperExchange::listing_of(const trading::PredictionMarket& market, UnixNanos time, std::int64_t steady) {
  to_unix_ = time - steady;
  const auto refill = static_cast<std::int64_t>(model_.refill_seconds * 1e9);
  const auto [at, fresh] = listings_.try_emplace(market.id, Listing{market, DisplayedDepth(refill), {}});
  Listing& listing = at->second;
  listing.market = market;
  const auto before = fresh ? taken_before_.find(market.id) : taken_before_.end();
  if (before == taken_before_.end()) return listing;
  for (const PaperStore::StoredTaken& taken : before->second) listing.saved[taken.at] = {taken.shares, taken.since - to_unix_};
  listing.depth.restore(listing.saved);
  touched_.insert(market.id);
  taken_before_.erase(before);
  return listing;
}

/// What has been taken of books, or shown anew, since the last commit.
PaperStore::TakenByMarket PaperExchange::changed_depth() const {
  PaperStore::TakenByMarket changed;
  for (const std::string& market : touched_) {
    const auto listing = listings_.find(market);
    if (listing != listings_.end() && listing->second.depth.taken() == listing->second.saved) continue;
    std::vector<PaperStore::StoredTaken>& all = changed[market];
    if (listing == listings_.end()) continue;
    for (const auto& [at, taken] : listing->second.depth.taken()) all.push_back({at, taken.shares, taken.since + to_unix_});
  }
  return changed;
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

Status PaperExchange::commit() {
  if (store_ == nullptr) return {};
  PaperStore::Content change;
  change.taken = changed_depth();
  if (changed_.empty() && saved_ == sequence() && change.taken.empty()) return {};
  for (const trading::OrderId& id : changed_) change.orders.push_back(orders_.at(id));
  change.entries.assign(entries_.begin() + static_cast<std::ptrdiff_t>(saved_ - dropped_), entries_.end());
  TRADEWIND_TRY(store_->save(change));
  for (const auto& [market, taken] : change.taken) {
    const auto listing = listings_.find(market);
    if (listing != listings_.end()) listing->second.saved = listing->second.depth.taken();
    if (taken.empty()) touched_.erase(market);
  }
  changed_.clear();
  saved_ = sequence();
  forget();
  return {};
}

}  // namespace tradewind::venues
