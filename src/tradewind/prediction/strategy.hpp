// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/registry.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/config/reader.hpp"
#include "tradewind/prediction/details.hpp"
#include "tradewind/prediction/opportunity.hpp"

namespace tradewind::prediction {

/// One token held within a trade.
struct Holding {
  MarketIndex market = 0;
  trading::Outcome outcome = trading::Outcome::yes;
  Shares shares{};  ///< > 0
  Money cost;       ///< paid for the shares still held, fees included
};

/// A trade: what one opportunity has turned into. Its orders and fills belong to it and to one strategy only.
struct OpenTrade {
  std::uint64_t id = 0;
  OpportunityKind kind = OpportunityKind::custom;
  UnixNanos opened = 0;
  double entry_signal = 0;        ///< Opportunity::signal at the entry
  bool orders_working = false;    ///< orders of it are still out: what is held may change
  bool paid_out = false;          ///< a resolution has paid some of its shares already: those are no longer among the holdings
  std::vector<Holding> holdings;  ///< tokens with a position, in no order to be relied on
};

/// A trade as the journal has it: by names, which outlive a restart, instead of places.
struct TradeRecord {
  std::uint64_t id = 0;  ///< later trades have larger ones
  OpportunityKind kind = OpportunityKind::custom;
  UnixNanos opened = 0;
  double signal = 0;           ///< Opportunity::signal at the entry
  double expected_profit = 0;  ///< dollars
  std::vector<std::string> market_ids;
  std::vector<std::string> evidence;  ///< what PredictionStrategy::evidence said at the entry
  bool over = false;                  ///< nothing of it is held and no order of it works any more
  Money paid{};                       ///< for shares, in all
  Money profit{};                     ///< realised so far, fees included
};

/// What a strategy may spend.
struct Account {
  Money equity;     ///< its capital with positions marked at what they could be sold for
  Money free_cash;  ///< not spent and not reserved by working orders
  std::span<const OpenTrade> trades;
};

/// One order to be sent. The desk checks, journals and sends it; a strategy never talks to a venue.
struct OrderIntent {
  using Kind = trading::OrderKind;
  using TimeInForce = trading::TimeInForce;
  Kind kind = Kind::limit;
  TimeInForce time_in_force = TimeInForce::fak;
  MarketIndex market = 0;
  trading::Outcome outcome = trading::Outcome::yes;
  trading::Side side = trading::Side::buy;
  Price limit{};
  Shares shares{};
};
using OrderPlan = std::vector<OrderIntent>;

/// A decision with its reason: Fate::traded means yes.
struct EntryVerdict {
  Fate fate = Fate::traded;
  bool yes() const noexcept { return fate == Fate::traded; }
};

/// What a strategy tells of itself; the desk's ledger adds profit and trades.
struct StrategyStatistics {
  std::uint64_t opportunities_found = 0;
  Details details{};  ///< figures of its own: markets watched, thresholds, items of news seen …
};

/// A strategy on prediction markets: the document's seven methods. Called from one thread. It decides from what the view holds and from
/// what it has seen before, never from wall time, so that a recorded session can be replayed.
class PredictionStrategy {
 public:
  virtual ~PredictionStrategy() = default;

  /// Takes in what has changed: histories (when view.sample), news. Called before find_opportunities of the same view.
  virtual void analyze(const MarketView& view) = 0;
  /// Appends what it would trade now on good books, in any order, before looking at capital. Looks at view.changed only unless view.all.
  virtual void find_opportunities(const MarketView& view, std::vector<Opportunity>& found) = 0;
  /// Whether to enter, and if not, why: margin, size, what is held already. The best opportunities are asked first.
  virtual EntryVerdict should_enter(const Opportunity& opportunity, const MarketView& view, const Account& account) const = 0;
  /// Whether to leave now.
  virtual bool should_exit(const OpenTrade& trade, const MarketView& view) const = 0;
  /// The orders to enter with, sized within account.free_cash. Empty: too little capital or depth for the smallest order.
  virtual OrderPlan enter_position(const Opportunity& opportunity, const MarketView& view, const Account& account) const = 0;
  /// The orders to leave with, at prices that can be had.
  virtual OrderPlan exit_position(const OpenTrade& trade, const MarketView& view) const = 0;
  virtual StrategyStatistics get_statistics() const = 0;

  /// The news items an opportunity's numbers stand for, for the journal; empty for strategies without news.
  virtual std::vector<std::string> evidence(const Opportunity&) const { return {}; }
  /// Told of each of its trades when its orders have been made and once more when it is over; after a restart of every one the journal
  /// has, in their order, before the first view.
  virtual void remember(const TradeRecord&) {}

  /// What it has to keep over a restart beyond its trades, as text of its own making (JSON, say); empty: nothing. Asked for at every write
  /// of the journal and stored with it: small, and cheap when nothing has changed. A crash may leave it one look further than the last
  /// cycle counted, which is then seen again.
  virtual std::string save_state() const { return {}; }
  /// Goes on from what save_state gave, before any remember and the first view; not called when that was empty, nor where the session sees
  /// all of its past again (simulated markets). After an error it starts without.
  virtual Status load_state(std::string_view) { return {}; }
};

/// A kind of strategy: its name is the key under `strategies` of the configuration and the name in `strategies.enabled`.
struct PredictionStrategyType {
  std::string name;
  std::string summary;
  std::string formula;
  std::string source;
  /// Makes one from its section (`reader` reads strategies.<name>; it asks for every key it knows and finishes the reader; complaints go
  /// there).
  std::function<std::unique_ptr<PredictionStrategy>(config::MapReader& reader)> make;
};

/// The known kinds, built-in ones first: arbitrage, momentum, statistical_arb, news.
class PredictionRegistry : public Registry<PredictionStrategyType> {
 public:
  PredictionRegistry() : Registry("strategy") {}
  /// The process's registry, filled with the built-in kinds.
  static PredictionRegistry& instance();
  /// Errors: as Registry::add; Errc::invalid_config without a maker.
  Status add(PredictionStrategyType type);
};

}  // namespace tradewind::prediction
