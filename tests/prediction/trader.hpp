// SPDX-License-Identifier: Apache-2.0
// A strategy traded the honest way: an order meets the next book, pays the fee, and takes what lies there up to its limit.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "books.hpp"
#include "tradewind/prediction/ranking.hpp"

namespace tradewind::prediction {

class Trader {
 public:
  struct Done {
    OpportunityKind kind = OpportunityKind::custom;
    std::vector<std::string> markets;
    std::vector<std::string> evidence;
    double profit = 0;  ///< dollars
    int opened = 0;     ///< step
    int closed = 0;     ///< step; 0 while it is open
    bool filled = false;
  };

  Trader(PredictionStrategy& strategy, double capital, int trades_a_step = 3)
      : strategy_(strategy), cash_(capital), trades_a_step_(trades_a_step) {}

  /// Fills what was ordered at the step before, then lets the strategy look, leave and enter.
  void step(const MarketView& view) {
    ++step_;
    taken_.clear();
    for (const Order& order : std::exchange(orders_, {})) fill(order, view);
    for (auto& [id, trade] : open_) trade.seen.orders_working = false;
    close_flat();
    std::vector<Opportunity> found;
    strategy_.analyze(view);
    strategy_.find_opportunities(view, found);
    leave(view);
    enter(view, found);
  }
  /// Pays what the market's outcomes turned out to be worth.
  void pay(const MarketView& view, MarketIndex market, double yes) {
    for (auto& [id, trade] : open_) {
      std::erase_if(trade.seen.holdings, [&](const Holding& held) {
        if (held.market != market) return false;
        const double each = held.outcome == trading::Outcome::yes ? yes : 1 - yes;
        receive(trade, held.shares.to_double() * each);
        paid_gap_ += held.shares.to_double() * (each - value_of(held, view));
        return trade.seen.paid_out = true;
      });
    }
    close_flat();
  }

  const std::vector<Done>& trades() const { return done_; }
  double profit() const {
    double sum = 0;
    for (const Done& one : done_) sum += one.profit;
    return sum;
  }
  /// What fills cost beyond the middle of the book they met, fees included.
  double costs() const { return costs_; }
  /// Money made and lost by the middle moving while something was held; 0 on average where prices are fair.
  double drift(const MarketView& view) const {
    double held = 0;
    for (const auto& [id, trade] : open_)
      for (const Holding& one : trade.seen.holdings) held += one.shares.to_double() * value_of(one, view);
    return profit() + held + costs_;
  }
  int fills() const { return fills_; }

 private:
  struct Order {
    std::uint64_t trade;
    OrderIntent what;
  };
  struct Running {
    OpenTrade seen;
    std::size_t done;
    Money paid;
  };

  static double middle(const trading::TokenBook& book) { return book.two_sided() ? book.mid() : 0.5; }
  static double value_of(const Holding& held, const MarketView& view) { return middle(view.prices[held.market].of(held.outcome)); }
  void receive(Running& trade, double dollars) {
    cash_ += dollars;
    done_[trade.done].profit += dollars;
  }
  Holding& holding(OpenTrade& trade, MarketIndex market, trading::Outcome outcome, const MarketView& view) {
    for (Holding& one : trade.holdings)
      if (one.market == market && one.outcome == outcome) return one;
    // Sorted by the markets' names, as the desk gives them.
    const auto name = [&](const Holding& one) { return std::pair(view.markets[one.market].id, one.outcome); };
    const Holding fresh{market, outcome, {}, {}};
    const auto at = std::find_if(trade.holdings.begin(), trade.holdings.end(), [&](const Holding& one) { return name(fresh) < name(one); });
    return *trade.holdings.insert(at, fresh);
  }
  void fill(const Order& order, const MarketView& view) {
    const auto at = open_.find(order.trade);
    if (at == open_.end() || order.what.market >= view.size() || !view.tradable(order.what.market)) return;
    if (order.what.kind == OrderIntent::Kind::merge) return merge(at->second, order.what, view);
    if (order.what.kind == OrderIntent::Kind::split) return split(at->second, order.what, view);
    const trading::TokenBook& book = view.prices[order.what.market].of(order.what.outcome);
    const bool buys = order.what.side == trading::Side::buy;
    const auto& fees = view.markets[order.what.market].fees;
    Shares left = order.what.shares;
    for (const trading::Level& level : buys ? book.asks : book.bids) {
      if (left.micros <= 0 || (buys ? level.price > order.what.limit : level.price < order.what.limit)) break;
      Shares& taken = taken_[{order.what.market, order.what.outcome, level.price.micros}];
      const Shares shares = std::min(left, level.size - taken);
      if (shares.micros <= 0) continue;
      taken += shares;
      left -= shares;
      const double fee = fees.taker(level.price, shares).to_double();
      const double price = level.price.to_double();
      costs_ += shares.to_double() * (buys ? price - middle(book) : middle(book) - price) + fee;
      ++fills_;
      done_[at->second.done].filled = true;
      receive(at->second, (buys ? -1 : 1) * shares.to_double() * price - fee);
      Holding& held = holding(at->second.seen, order.what.market, order.what.outcome, view);
      const Money cost{static_cast<std::int64_t>((shares.to_double() * price + fee) * 1e6)};
      if (buys) {
        held.shares += shares;
        held.cost += cost;
        at->second.paid += cost;
      } else {
        held.cost =
            Money{static_cast<std::int64_t>(static_cast<double>(held.cost.micros) * (1 - shares.to_double() / held.shares.to_double()))};
        held.shares -= shares;
      }
      std::erase_if(at->second.seen.holdings, [](const Holding& one) { return one.shares.micros <= 0; });
    }
  }
  void merge(Running& trade, const OrderIntent& what, const MarketView& view) {
    for (const auto outcome : {trading::Outcome::yes, trading::Outcome::no}) {
      Holding& held = holding(trade.seen, what.market, outcome, view);
      costs_ += what.shares.to_double() * (value_of(held, view) - 0.5);
      held.shares -= what.shares;
    }
    receive(trade, what.shares.to_double());
    std::erase_if(trade.seen.holdings, [](const Holding& one) { return one.shares.micros <= 0; });
  }
  void split(Running& trade, const OrderIntent& what, const MarketView& view) {
    for (const auto outcome : {trading::Outcome::yes, trading::Outcome::no}) {
      Holding& held = holding(trade.seen, what.market, outcome, view);
      held.shares += what.shares;
      held.cost += Money{what.shares.micros / 2};
      costs_ += what.shares.to_double() * (0.5 - value_of(held, view));
    }
    trade.paid += Money{what.shares.micros};
    receive(trade, -what.shares.to_double());
  }
  void close_flat() {
    for (auto at = open_.begin(); at != open_.end();) {
      if (!at->second.seen.holdings.empty() || at->second.seen.orders_working) {
        ++at;
        continue;
      }
      Done& done = done_[at->second.done];
      done.closed = step_;
      TradeRecord record = record_of(at->second.seen, done);
      record.over = true;
      record.paid = at->second.paid;
      record.profit = Money{static_cast<std::int64_t>(done.profit * 1e6)};
      strategy_.remember(record);
      at = open_.erase(at);
    }
  }
  static TradeRecord record_of(const OpenTrade& trade, const Done& done) {
    return {.id = trade.id,
            .kind = trade.kind,
            .opened = trade.opened,
            .signal = trade.entry_signal,
            .market_ids = done.markets,
            .evidence = done.evidence};
  }
  void leave(const MarketView& view) {
    for (auto& [id, trade] : open_) {
      if (trade.seen.holdings.empty() || !strategy_.should_exit(trade.seen, view)) continue;
      for (const OrderIntent& intent : strategy_.exit_position(trade.seen, view)) {
        orders_.push_back({id, intent});
        trade.seen.orders_working = true;
      }
    }
  }
  void enter(const MarketView& view, const std::vector<Opportunity>& found) {
    std::vector<std::uint32_t> best;
    best_opportunities(found, 24, best);
    int entered = 0;
    for (const std::uint32_t place : best) {
      if (entered == trades_a_step_) return;
      std::vector<OpenTrade> seen;
      for (const auto& [id, trade] : open_) seen.push_back(trade.seen);
      const Money money{static_cast<std::int64_t>(cash_ * 1e6)};
      const Account account{money, money, seen};
      if (!strategy_.should_enter(found[place], view, account).yes()) continue;
      const OrderPlan plan = strategy_.enter_position(found[place], view, account);
      if (plan.empty()) continue;
      ++entered;
      open(view, found[place], plan);
    }
  }
  void open(const MarketView& view, const Opportunity& opportunity, const OrderPlan& plan) {
    const std::uint64_t id = ++trades_;
    Running& trade = open_[id];
    trade.done = done_.size();
    Done& done = done_.emplace_back();
    done.kind = opportunity.kind;
    done.opened = step_;
    done.evidence = strategy_.evidence(opportunity);
    for (const OrderIntent& intent : plan) {
      done.markets.push_back(view.markets[intent.market].id);
      orders_.push_back({id, intent});
    }
    trade.seen = {
        .id = id, .kind = opportunity.kind, .opened = view.now, .entry_signal = opportunity.signal, .orders_working = true, .holdings = {}};
    strategy_.remember(record_of(trade.seen, done));
  }

  PredictionStrategy& strategy_;
  double cash_;
  int trades_a_step_;
  int step_ = 0;
  int fills_ = 0;
  double costs_ = 0;
  double paid_gap_ = 0;
  std::uint64_t trades_ = 0;
  std::map<std::uint64_t, Running> open_;
  std::vector<Order> orders_;
  std::vector<Done> done_;
  std::map<std::tuple<MarketIndex, trading::Outcome, std::int64_t>, Shares> taken_;
};

}  // namespace tradewind::prediction
