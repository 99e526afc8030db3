// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tradewind/trading/order_book.hpp"
#include "tradewind/trading/venue.hpp"

namespace tradewind::venues {

/// Everything that must survive the process for a paper account to go on: told as it happens, given back at the start.
class PaperStore {
 public:
  virtual ~PaperStore() = default;
  struct StoredOrder {
    trading::Order order;
    Shares filled;
    bool open = false;
  };
  /// Puts orders and entries on disk together; on return they are.
  virtual Status save(std::span<const StoredOrder> orders, std::span<const trading::AccountEntry> entries) = 0;
  struct Content {
    std::vector<StoredOrder> orders;
    std::vector<trading::AccountEntry> entries;
  };
  virtual Result<Content> load() = 0;
  /// Entries after `sequence` up to `last`, in order.
  virtual Result<std::vector<trading::AccountEntry>> entries(std::uint64_t sequence, std::uint64_t last) = 0;
  virtual Result<std::optional<StoredOrder>> order(const trading::OrderId& id) = 0;
};

/// What an order met on arrival.
struct Acceptance {
  bool accepted = false;
  std::string reason;  ///< of a rejection
};

/// An exchange for one account: takes orders, matches them with the books it is shown and keeps the account to the millionth.
///
/// - Takers walk the displayed depth level by level, each level a fill, and pay the market's fee. What they took is missing from the book
///   until the next one comes.
/// - A resting order is filled at its limit, without a fee, by as much as a later book offers at or beyond it.
/// - An order id is taken once: the same id again changes nothing and is told what became of the first.
/// - Decided markets cancel their orders and pay out.
///
/// With a store only the latest entries and finished orders are held in memory; older ones are read from it.
class PaperExchange {
 public:
  /// Starts with `cash`, or with what the store holds. `kept`: entries and finished orders held in memory when there is a store, at
  /// least 1. Errors: as the store's.
  static Result<PaperExchange> open(Money cash, PaperStore* store = nullptr, std::size_t kept = 2'000);

  /// New books of a market; matches resting orders. `time` stamps the fills.
  Status show(const trading::PredictionMarket& market, const trading::MarketPrices& prices, UnixNanos time);
  Result<Acceptance> submit(const trading::Order& order, UnixNanos time);
  Status cancel(const trading::OrderId& id);
  Status resolve(const std::string& market_id, std::array<Price, 2> payout, UnixNanos time);
  /// Takes back a fill, as when a match never settles. Ignored for what is no fill, no longer in memory, or was taken back already.
  Status reverse(const std::string& entry_id, UnixNanos time);
  Status transfer(Money cash, UnixNanos time);

  /// Errors: as the store's.
  Result<trading::OrderReport> report(const trading::OrderId& id) const;
  Result<trading::AccountReport> account(std::uint64_t request, std::uint64_t after) const;
  /// Entries so far; the last one's number.
  std::uint64_t sequence() const noexcept { return dropped_ + entries_.size(); }
  /// The latest entries, at least `kept` of them; all without a store.
  const std::deque<trading::AccountEntry>& entries() const noexcept { return entries_; }
  /// One of those.
  const trading::AccountEntry& entry(std::uint64_t sequence) const { return entries_.at(sequence - dropped_ - 1); }
  Money cash() const noexcept { return cash_; }
  Shares position(const std::string& market_id, trading::Outcome outcome) const;
  std::vector<trading::OrderId> open_orders() const;
  /// Whether an order of this id ever arrived. Errors: as the store's.
  Result<bool> knows(const trading::OrderId& id) const;

 private:
  using Resting = PaperStore::StoredOrder;
  struct Listing {
    trading::PredictionMarket market;
    trading::MarketPrices prices;
  };
  explicit PaperExchange(Money cash, PaperStore* store, std::size_t kept) : cash_(cash), store_(store), kept_(kept) {}
  /// In memory or, when it is older, in the store.
  Result<std::optional<Resting>> find(const trading::OrderId& id) const;
  std::string refusal(const trading::Order& order) const;
  void match(Resting& resting, bool taker, UnixNanos time);
  void convert(Resting& resting, UnixNanos time);
  void book(trading::AccountEntry entry, UnixNanos time);
  void apply(const trading::AccountEntry& entry);
  Money reserved() const;
  Shares reserved_shares(const std::string& market_id, trading::Outcome outcome) const;
  Status save(std::span<const Resting> orders);
  void finish(const trading::OrderId& id);
  void forget();

  Money cash_;
  PaperStore* store_;
  std::size_t kept_;
  std::unordered_map<std::string, Listing> listings_;
  std::unordered_map<trading::OrderId, Resting> orders_;
  std::vector<trading::OrderId> resting_;  ///< in order of arrival
  std::deque<trading::OrderId> finished_;  ///< of orders_, the latest last
  std::map<std::pair<std::string, trading::Outcome>, Shares> positions_;
  std::deque<trading::AccountEntry> entries_;
  std::uint64_t dropped_ = 0;  ///< entries before those
  std::uint64_t saved_ = 0;    ///< entries that the store has
};

}  // namespace tradewind::venues
