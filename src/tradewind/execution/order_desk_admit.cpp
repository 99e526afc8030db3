// SPDX-License-Identifier: Apache-2.0
// The checks that every order passes, and what they are made of.
#include <algorithm>

#include "tradewind/execution/order_desk.hpp"

namespace tradewind::execution {
namespace {

using prediction::BookState;
using prediction::Fate;
using prediction::OrderIntent;
using trading::OrderKind;
using trading::Outcome;
using trading::Side;

constexpr Money kLeastNotional = Money::whole(1);  // what venues take of an order that trades at once

}  // namespace

BookState OrderDesk::book_state(prediction::MarketIndex index) const {
  const trading::PredictionMarket& market = universe_.market(index);
  const trading::MarketPrices& prices = universe_.prices(index);
  if (!market.tradable()) return BookState::closed;
  if (!market.fees_known) return BookState::unknown_fees;
  if (prices.sequence == 0 && prices.received == 0) return BookState::missing;
  if (prices.gapped) return BookState::gapped;
  if (clock_.steady() - prices.received > nanos(settings_.stale_seconds)) return BookState::stale;
  // What has just been received may still be old: an engine that stands still or a cache answers, too.
  if (settings_.stale_venue_seconds > 0 && prices.time > 0 && clock_.now() - prices.time > nanos(settings_.stale_venue_seconds))
    return BookState::stale;
  return prices.crossed() ? BookState::crossed : BookState::good;
}

void OrderDesk::refresh_books() {
  universe_.apply_fees(clock_.now());
  for (prediction::MarketIndex i = 0; i < universe_.size(); ++i) universe_.set_state(i, book_state(i));
}

/// Price plus fee grows with the price, so at the limit it is the most a share can cost; every fill rounds up by less than a millionth.
Money OrderDesk::cost_of(const OrderIntent& intent) const {
  if (intent.kind == OrderKind::merge || (intent.kind == OrderKind::limit && intent.side == Side::sell)) return {};
  if (intent.kind == OrderKind::split) return notional(kPriceOfCertainty, intent.shares, Rounding::up);
  const trading::FeeSchedule& fees = universe_.market(intent.market).fees;
  return notional(intent.limit, intent.shares, Rounding::up) + fees.taker(intent.limit, intent.shares) + Money{100};
}

Fate OrderDesk::admit_numbers(const OrderIntent& intent) const {
  if (intent.market >= universe_.size()) return Fate::invalid_number;
  if (intent.shares.micros <= 0 || intent.shares > kMostShares) return Fate::invalid_number;
  if (intent.kind != OrderKind::limit) return Fate::traded;
  const Price tick = universe_.market(intent.market).tick_size;
  if (tick.micros <= 0 || intent.limit < tick || intent.limit > kPriceOfCertainty - tick) return Fate::price_band;
  return intent.limit.micros % tick.micros == 0 ? Fate::traded : Fate::invalid_number;
}

/// The book must be good, and the limit no further from the price it meets than the band. Putting a set together into a dollar has no
/// price.
Fate OrderDesk::admit_book(const OrderIntent& intent) const {
  const BookState state = book_state(intent.market);
  if (intent.kind == OrderKind::merge) return state == BookState::closed ? Fate::market_closed : Fate::traded;
  if (state != BookState::good) return prediction::fate_of(state);
  if (intent.kind == OrderKind::split) return Fate::traded;
  const trading::TokenBook& book = universe_.prices(intent.market).of(intent.outcome);
  const Price band{static_cast<std::int64_t>(settings_.limits.price_band * 1e6)};
  if (intent.side == Side::buy)
    return book.asks.empty() ? Fate::thin_book : intent.limit > book.asks.best().price + band ? Fate::price_band : Fate::traded;
  return book.bids.empty() ? Fate::thin_book : intent.limit < book.bids.best().price - band ? Fate::price_band : Fate::traded;
}

Money OrderDesk::tied_up(const std::string& market_id) const {
  Money sum;
  for (const auto& [id, trade] : state_.trades())
    for (const auto& [token, lot] : trade.lots)
      if (token.first == market_id) sum += lot.cost;
  for (const auto& [id, order] : state_.working())
    if (order.order.market_id == market_id) sum += order.reserve();
  return sum;
}

Money OrderDesk::tied_up_in_event(const std::string& event_id) const {
  Money sum;
  const auto in_event = [&](const std::string& market_id) {
    const auto index = universe_.find(market_id);
    return index && universe_.market(*index).event_id == event_id;
  };
  for (const auto& [id, trade] : state_.trades())
    for (const auto& [token, lot] : trade.lots)
      if (in_event(token.first)) sum += lot.cost;
  for (const auto& [id, order] : state_.working())
    if (in_event(order.order.market_id)) sum += order.reserve();
  return sum;
}

Fate OrderDesk::admit_cost(const StrategyLedger& ledger, const OrderIntent& intent, Money cost) const {
  const Limits& limits = settings_.limits;
  const trading::PredictionMarket& market = universe_.market(intent.market);
  if (cost > ledger.free_cash()) return Fate::no_capital;
  if (tied_up(market.id) + cost > limits.max_position) return Fate::position_limit;
  if (!market.event_id.empty() && tied_up_in_event(market.event_id) + cost > limits.max_event) return Fate::exposure_limit;
  Money exposure;
  for (const StrategyLedger& one : state_.ledgers()) exposure += one.open_cost + one.reserved;
  if (exposure + cost > limits.max_exposure) return Fate::exposure_limit;
  const double allowed = ledger.allocation * static_cast<double>(equity().micros);
  return static_cast<double>((ledger.open_cost + ledger.reserved + cost).micros) > allowed + 1 ? Fate::allocation_limit : Fate::traded;
}

Fate OrderDesk::admit(const StrategyLedger& ledger, const OrderIntent& intent, Purpose purpose, TradeId trade) const {
  if (state_.trading_state() == TradingState::halted) return journal_failed_ ? Fate::journal_failed : Fate::halted;
  if (!reconciled_) return Fate::unreconciled;
  if (purpose == Purpose::entry && state_.trading_state() == TradingState::reducing) return Fate::reducing;
  if (purpose == Purpose::entry && !ledger.enabled) return ledger.limit.empty() ? Fate::disabled : Fate::loss_limit;
  if (const Fate fate = admit_numbers(intent); fate != Fate::traded) return fate;
  if (const Fate fate = admit_book(intent); fate != Fate::traded) return fate;
  if (static_cast<double>(sent_times_.size()) >= settings_.limits.max_orders_per_second) return Fate::order_rate;
  if (state_.working().size() >= static_cast<std::size_t>(settings_.limits.max_open_orders)) return Fate::order_limit;
  const trading::PredictionMarket& market = universe_.market(intent.market);
  if (intent.time_in_force == trading::TimeInForce::gtc && intent.shares < market.minimum_size) return Fate::too_small;
  const bool gives = intent.kind == OrderKind::merge || (intent.kind == OrderKind::limit && intent.side == Side::sell);
  if (!gives) {
    // Leaving buys only what completes a set: the other outcome of what is held.
    const auto in_trade = [&](Outcome outcome) { return state_.available(trade, {market.id, outcome}); };
    const bool completes =
        intent.kind == OrderKind::limit && in_trade(trading::opposite(intent.outcome)) - in_trade(intent.outcome) >= intent.shares;
    if (purpose == Purpose::exit && !completes) return Fate::position_limit;
    if (intent.kind == OrderKind::limit && notional(intent.limit, intent.shares) < kLeastNotional) return Fate::too_small;
    const Money cost = cost_of(intent);
    return cost > settings_.limits.max_order ? Fate::order_limit : admit_cost(ledger, intent, cost);
  }
  // Nobody sells what this very trade does not hold.
  const auto held = [&](Outcome outcome) { return state_.available(trade, {market.id, outcome}); };
  const Shares most = intent.kind == OrderKind::merge ? std::min(held(Outcome::yes), held(Outcome::no)) : held(intent.outcome);
  return intent.shares > most ? Fate::position_limit : Fate::traded;
}

/// What the holdings could be turned into now: complete sets at a dollar, the rest at the best bid, at cost while there is no price at all.
Money OrderDesk::mark(const Trade& trade) const {
  Money sum;
  for (const auto& [token, lot] : trade.lots) {
    const auto index = universe_.find(token.first);
    const trading::MarketPrices* prices = index ? &universe_.prices(*index) : nullptr;
    if (index && universe_.market(*index).payout) {
      sum += notional((*universe_.market(*index).payout)[static_cast<std::size_t>(token.second)], lot.shares);
      continue;
    }
    if (prices == nullptr || (prices->sequence == 0 && prices->received == 0)) {
      sum += lot.cost;
      continue;
    }
    const auto other = trade.lots.find({token.first, trading::opposite(token.second)});
    const Shares paired = other == trade.lots.end() ? Shares{} : std::max(Shares{}, std::min(lot.shares, other->second.shares));
    if (token.second == Outcome::yes) sum += notional(kPriceOfCertainty, paired);
    const trading::Ladder& bids = prices->of(token.second).bids;
    if (!bids.empty()) sum += notional(bids.best().price, lot.shares - paired);
  }
  return sum;
}

Money OrderDesk::equity(const std::string& name) const {
  const StrategyLedger* ledger = state_.ledger(name);
  if (ledger == nullptr) return {};
  Money sum = ledger->cash;
  for (const auto& [id, trade] : state_.trades())
    if (trade.strategy == name) sum += mark(trade);
  return sum;
}

Money OrderDesk::equity() const {
  Money sum = state_.cash();
  for (const auto& [id, trade] : state_.trades()) sum += mark(trade);
  return sum;
}

StrategyAccount OrderDesk::account(const std::string& name) const {
  StrategyAccount account;
  const StrategyLedger* ledger = state_.ledger(name);
  if (ledger == nullptr) return account;
  account.equity = equity(name);
  account.free_cash = std::max(Money{}, ledger->free_cash());
  for (const auto& [id, trade] : state_.trades()) {
    if (trade.strategy != name || id == 0) continue;
    prediction::OpenTrade open{id, trade.kind, trade.opened, trade.signal, trade.working > 0, trade.paid_out, {}};
    for (const auto& [token, lot] : trade.lots)
      if (const auto index = universe_.find(token.first)) open.holdings.push_back({*index, token.second, lot.shares, lot.cost});
    account.trades.push_back(std::move(open));
  }
  return account;
}

}  // namespace tradewind::execution
