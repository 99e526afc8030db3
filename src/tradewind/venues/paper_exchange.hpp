// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tradewind/trading/order_book.hpp"
#include "tradewind/trading/venue.hpp"
#include "tradewind/venues/displayed_depth.hpp"

namespace tradewind::venues {

/// Everything that must survive the process for a paper account to go on: told as it happens, given back at the start.
class PaperStore {
 public:
  virtual ~PaperStore() = default;
  struct StoredOrder {
    trading::Order order;
    Shares filled;
    bool open = false;
    bool met = false;          ///< the first book after its arrival has come
    Shares ahead;              ///< of a resting order: displayed at its price when it joined, less what was traded there since
    std::int64_t arrival = 0;  ///< counts up: who came first is served first
  };
  /// What was taken of a place in a market's book and not shown anew yet.
  struct StoredTaken {
    YesSide at;
    Shares shares;
    UnixNanos since = 0;
  };
  using TakenByMarket = std::map<std::string, std::vector<StoredTaken>>;
  struct Content {
    std::vector<StoredOrder> orders;
    std::vector<trading::AccountEntry> entries;
    TakenByMarket taken;  ///< of a change: each market's replaces what was stored of it
  };
  /// Puts a change on disk, all of it together; on return it is. Entries that are there already are left out.
  virtual Status save(const Content& change) = 0;
  virtual Result<Content> load() = 0;
  /// Entries after `sequence` up to `last`, in order.
  virtual Result<std::vector<trading::AccountEntry>> entries(std::uint64_t sequence, std::uint64_t last) = 0;
  virtual Result<std::optional<StoredOrder>> order(const trading::OrderId& id) = 0;
};

/// What a paper account assumes of the venue where its books cannot tell.
struct PaperFills {
  enum class Queue : std::uint8_t {
    back,   ///< a resting order stands behind everything displayed at its price
    front,  ///< … before it: kinder than any venue
  };
  Queue queue = Queue::back;
  double refill_seconds = 60;  ///< a level that stands there goes on to lack what was taken for so long
};
constexpr auto names_of(PaperFills::Queue) { return std::to_array<std::string_view>({"back", "front"}); }

/// What an order met on arrival.
struct Acceptance {
  bool accepted = false;
  std::string reason;  ///< of a rejection
};

/// An exchange for one account: takes orders, matches them with the books it is shown and keeps the account to the millionth.
///
/// - An order waits for the first book after its arrival: what it was computed from is history by then. It walks the depth displayed there
///   level by level, each level a fill, and pays the fee in force at that moment; while that is not known nothing is
///   filled. What was taken stays taken until the venue shows it anew
///   (DisplayedDepth), of both outcomes' books, since they are one.
/// - What rests of an order then stands behind all that is displayed at its price. Only trades of others move it forward; it is filled at
/// its
///   limit, without a fee, by a trade that reaches it, or as far as a later book offers better than its limit. Cancels of others, which no
///   book tells from trades, move nobody.
/// - An order id is taken once: the same id again changes nothing and is told what became of the first.
/// - Decided markets cancel their orders and pay out.
///
/// With a store only the latest entries and finished orders are held in memory; older ones are read from it.
class PaperExchange {
 public:
  /// Starts with `cash`, or with what the store holds. `kept`: entries and finished orders held in memory when there is a store, at
  /// least 1. Errors: as the store's.
  static Result<PaperExchange> open(Money cash, PaperStore* store = nullptr, const PaperFills& model = {}, std::size_t kept = 2'000);

  /// New books of a market, received at `steady`; orders that wait or rest are matched with them. `time` stamps the fills.
  void show(const trading::PredictionMarket& market, const trading::MarketPrices& prices, UnixNanos time, std::int64_t steady);
  /// A trade of others: it moves the queues and fills what it reaches, once for all orders together.
  void print(const trading::Print& print, UnixNanos time);
  Result<Acceptance> submit(const trading::Order& order, UnixNanos time);
  void cancel(const trading::OrderId& id);
  void resolve(const std::string& market_id, std::array<Price, 2> payout, UnixNanos time);
  /// Takes back a fill, as when a match never settles. Ignored for what is no fill, no longer in memory, or was taken back already.
  void reverse(const std::string& entry_id, UnixNanos time);
  void transfer(Money cash, UnixNanos time);

  /// Puts what has changed into the store, all of it together. Nothing of it may be told before. Errors: as the store's; it is then tried
  /// again with the next one.
  Status commit();

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
  /// Orders that ended since the last call.
  std::vector<trading::OrderReport> take_ended() { return std::exchange(ended_, {}); }
  /// Whether an order of this id ever arrived. Errors: as the store's.
  Result<bool> knows(const trading::OrderId& id) const;

 private:
  using Resting = PaperStore::StoredOrder;
  struct Listing {
    trading::PredictionMarket market;
    DisplayedDepth depth;
    DisplayedDepth::AllTaken saved;  ///< what the store has of the depth that was taken
  };
  PaperExchange(Money cash, PaperStore* store, const PaperFills& model, std::size_t kept)
      : cash_(cash), store_(store), model_(model), kept_(kept) {}
  /// In memory or, when it is older, in the store.
  Result<std::optional<Resting>> find(const trading::OrderId& id) const;
  std::string refusal(const trading::Order& order, UnixNanos time) const;
  void meet(Resting& resting, UnixNanos time);
  void take(Resting& resting, UnixNanos time);
  Shares affordable(const Resting& resting, Price price, Shares wanted, UnixNanos time) const;
  Money taker_fee(const std::string& market_id, Price price, Shares shares, UnixNanos time) const;
  void give(Resting& resting, UnixNanos time);
  void fill(Resting& resting, Price price, Shares shares, trading::Liquidity liquidity, UnixNanos time);
  void convert(Resting& resting, UnixNanos time);
  void match(const std::string& market_id, const std::function<void(Resting&)>& change);
  void book(trading::AccountEntry entry, UnixNanos time);
  void apply(const trading::AccountEntry& entry);
  Money reserved() const;
  Shares reserved_shares(const std::string& market_id, trading::Outcome outcome) const;
  void finish(const trading::OrderId& id);
  void forget();
  Listing& listing_of(const trading::PredictionMarket& market, UnixNanos time, std::int64_t steady);
  PaperStore::TakenByMarket changed_depth() const;

  Money cash_;
  PaperStore* store_;
  PaperFills model_;
  std::size_t kept_;
  std::unordered_map<std::string, Listing> listings_;
  PaperStore::TakenByMarket taken_before_;  ///< of markets that were not shown since the store was opened
  std::set<std::string> touched_;           ///< markets whose depth the account has taken of
  std::int64_t to_unix_ = 0;                ///< what a steady time lacks of the time of day, by the last book
  std::unordered_map<trading::OrderId, Resting> orders_;
  std::vector<trading::OrderId> resting_;  ///< in order of arrival
  std::int64_t arrivals_ = 0;
  std::deque<trading::OrderId> finished_;  ///< of orders_, the latest last
  std::vector<trading::OrderReport> ended_;
  std::set<trading::OrderId> changed_;  ///< since the last commit
  std::map<std::pair<std::string, trading::Outcome>, Shares> positions_;
  std::deque<trading::AccountEntry> entries_;
  std::uint64_t dropped_ = 0;  ///< entries before those
  std::uint64_t saved_ = 0;    ///< entries that the store has
};

}  // namespace tradewind::venues
