// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tradewind/market/order_book.hpp"
#include "tradewind/venues/venue.hpp"

namespace tradewind::venues {

/// Everything that must survive the process for a paper account to go on: told as it happens, given back at the start.
class PaperStore {
 public:
  virtual ~PaperStore() = default;
  struct StoredOrder {
    Order order;
    Shares filled;
    bool open = false;
  };
  /// Puts orders and entries on disk together; on return they are.
  virtual Status save(std::span<const StoredOrder> orders, std::span<const AccountEntry> entries) = 0;
  struct Content {
    std::vector<StoredOrder> orders;
    std::vector<AccountEntry> entries;
  };
  virtual Result<Content> load() = 0;
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
class PaperExchange {
 public:
  /// Starts with `cash`, or with what the store holds. Errors: as the store's.
  static Result<PaperExchange> open(Money cash, PaperStore* store = nullptr);

  /// New books of a market; matches resting orders. `time` stamps the fills.
  Status show(const market::PredictionMarket& market, const market::MarketPrices& prices, UnixNanos time);
  Result<Acceptance> submit(const Order& order, UnixNanos time);
  Status cancel(const OrderId& id);
  Status resolve(const std::string& market_id, std::array<Price, 2> payout, UnixNanos time);
  /// Takes back a fill, as when a match never settles. Ignored for what is no fill or was taken back already.
  Status reverse(const std::string& entry_id, UnixNanos time);
  Status transfer(Money cash, UnixNanos time);

  OrderReport report(const OrderId& id) const;
  AccountReport account(std::uint64_t request, std::uint64_t after) const;
  const std::vector<AccountEntry>& entries() const noexcept { return entries_; }
  Money cash() const noexcept { return cash_; }
  Shares position(const std::string& market_id, market::Outcome outcome) const;
  std::vector<OrderId> open_orders() const;
  /// Whether an order of this id ever arrived.
  bool knows(const OrderId& id) const { return orders_.contains(id); }

 private:
  using Resting = PaperStore::StoredOrder;
  struct Listing {
    market::PredictionMarket market;
    market::MarketPrices prices;
  };
  explicit PaperExchange(Money cash, PaperStore* store) : cash_(cash), store_(store) {}
  std::string refusal(const Order& order) const;
  void match(Resting& resting, bool taker, UnixNanos time);
  void convert(Resting& resting, UnixNanos time);
  void book(AccountEntry entry, UnixNanos time);
  void apply(const AccountEntry& entry);
  Money reserved() const;
  Shares reserved_shares(const std::string& market_id, market::Outcome outcome) const;
  Status save(std::span<const Resting> orders);

  Money cash_;
  PaperStore* store_;
  std::unordered_map<std::string, Listing> listings_;
  std::unordered_map<OrderId, Resting> orders_;
  std::vector<OrderId> resting_;  ///< in order of arrival
  std::map<std::pair<std::string, market::Outcome>, Shares> positions_;
  std::vector<AccountEntry> entries_;
  std::size_t saved_ = 0;  ///< entries that the store has
};

}  // namespace tradewind::venues
