// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/arbitrage.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tradewind::prediction {
namespace {

using trading::Outcome;
using trading::Side;

constexpr std::uint32_t kAlone = 0xffffffff;

Opportunity& add_opportunity(std::vector<Opportunity>& found, OpportunityKind kind, const SetWalk& walked, std::size_t legs) {
  Opportunity& one = found.emplace_back();
  one.kind = kind;
  one.shares = static_cast<double>(walked.shares.micros) / 1e6;
  one.cost = walked.cost;
  one.expected_profit = walked.profit;
  one.edge = walked.profit / one.shares;
  one.score = walked.profit;
  one.signal = static_cast<double>(legs);
  return one;
}

bool exclusive(const trading::PredictionMarket& market) {
  return market.negative_risk && !market.augmented && !market.event_id.empty() && market.is_yes_or_no();
}

bool is_combination(OpportunityKind kind) { return kind == OpportunityKind::multi_outcome || kind == OpportunityKind::implication; }

/// Sets that are over count half as much after so many samples, so that a strategy that has stayed away for long tries again.
constexpr double kForgetSamples = 5000;
constexpr double kPriorSets = 2;
constexpr double kPriorBroken = 1;
constexpr double kPriorLoss = 0.02;  ///< dollars a dollar paid

}  // namespace

Arbitrage::Arbitrage(ArbitrageOptions options)
    : options_(std::move(options)),
      margin_(std::llround(options_.min_profit_margin * 1e6) * kAttosPerMicro),
      rules_(options_.implications.size()) {}

void Arbitrage::analyze(const MarketView& view) {
  markets_ = view.followed();
  if (view.sample)
    for (Record& record : records_)
      for (double* one : {&record.sets, &record.broken, &record.lost}) *one *= std::exp2(-1 / kForgetSamples);
  event_of_.resize(view.size(), kAlone);
  offers_.resize(view.size());
  event_look_.resize(view.size(), 0);
  places_.each(view, [&](MarketIndex i) {
    leave(i);
    if (!view.markets[i].id.empty()) join(i, view.markets[i]);
  });
}

void Arbitrage::join(MarketIndex index, const trading::PredictionMarket& market) {
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    if (options_.implications[r].antecedent == market.id) rules_[r].antecedent = index;
    if (options_.implications[r].consequent == market.id) rules_[r].consequent = index;
  }
  if (!market.negative_risk || market.event_id.empty()) return;
  const auto place = free_events_.empty() ? static_cast<std::uint32_t>(events_.size()) : free_events_.back();
  const auto [at, fresh] = event_by_id_.try_emplace(market.event_id, place);
  if (fresh && place == events_.size())
    events_.emplace_back();
  else if (fresh)
    free_events_.pop_back();
  events_[at->second].id = market.event_id;
  events_[at->second].markets.push_back(index);
  event_of_[index] = at->second;
}

void Arbitrage::leave(MarketIndex index) {
  for (Rule& rule : rules_) {
    if (rule.antecedent == index) rule.antecedent = -1;
    if (rule.consequent == index) rule.consequent = -1;
  }
  offers_[index] = {};
  const std::uint32_t place = std::exchange(event_of_[index], kAlone);
  if (place == kAlone) return;
  Event& event = events_[place];
  std::erase(event.markets, index);
  if (!event.markets.empty()) return;
  event_by_id_.erase(event.id);
  free_events_.push_back(place);
}

void Arbitrage::find_opportunities(const MarketView& view, std::vector<Opportunity>& found) {
  ++look_;
  if (view.all) {
    look_at_all_markets(view, found);
    for (Event& event : events_) look_at_event(event, view, found);
  } else {
    for (const MarketIndex i : view.changed) {
      if (i >= event_of_.size()) continue;
      look_at_market(i, view, found);
      if (event_of_[i] != kAlone) look_at_event(events_[event_of_[i]], view, found);
    }
  }
  const auto changed = [&](std::int64_t end) { return std::find(view.changed.begin(), view.changed.end(), end) != view.changed.end(); };
  for (const Rule& rule : rules_)
    if (rule.antecedent >= 0 && rule.consequent >= 0 && (view.all || changed(rule.antecedent) || changed(rule.consequent)))
      look_at_rule(rule, view, found);
  note_look(view);
}

/// Keeps how many shares could be had of the legs of a set, and how many at the look before. What is split and sold needs no offer.
void Arbitrage::note_offers(const Opportunity& found) {
  if (!options_.lasting || found.kind == OpportunityKind::complete_set_sell) return;
  found.each_leg([&](const Leg& leg) {
    Offer& offer = offers_[leg.market][static_cast<std::size_t>(leg.outcome)];
    if (offer.look != look_) {
      const bool in_a_row = offer.look > 0 && offer.look == std::max(full_look_, event_look_[leg.market]);
      offer.before = in_a_row ? offer.now : 0;
      offer.limit_before = offer.limit_now;
      offer.look = look_;
      offer.now = 0;
    }
    const auto hundredths = static_cast<std::uint32_t>(std::min<std::int64_t>(leg.shares.micros / kShareStep.micros, 0xffffffff));
    if (hundredths < offer.now) return;
    offer.now = hundredths;
    offer.limit_now = static_cast<std::int32_t>(leg.limit.micros);
  });
}

/// Which markets this look was at.
void Arbitrage::note_look(const MarketView& view) {
  if (view.all) full_look_ = look_;
  if (view.all) return;
  for (const MarketIndex i : view.changed)
    if (i < event_look_.size()) event_look_[i] = look_;
}

/// The shares of a set that could be had at the look before as well: what an order can count on.
Shares Arbitrage::lasting(const Opportunity& opportunity) const {
  Shares least = kUnlimited;
  if (!options_.lasting) return least;
  opportunity.each_leg([&](const Leg& leg) {
    const Offer offer = leg.market < offers_.size() ? offers_[leg.market][static_cast<std::size_t>(leg.outcome)] : Offer{};
    const std::int64_t hundredths = offer.limit_before <= leg.limit.micros ? offer.before : 0;
    least = std::min(least, Shares{hundredths * kShareStep.micros});
  });
  return least;
}

/// The tops of all books first, then the books of those that promise something: while one is walked, a later one's is on its way from
/// memory.
void Arbitrage::look_at_all_markets(const MarketView& view, std::vector<Opportunity>& found) {
  candidates_.resize(view.size());
  std::size_t count = 0;
  for (MarketIndex i = 0; i < view.size(); ++i) {
    candidates_[count] = i;
    count += view.tradable(i) && (may_pay(Side::buy, view.tops[i]) || may_pay(Side::sell, view.tops[i]));
  }
  constexpr std::size_t kAhead = 6;
  for (std::size_t k = 0; k < count; ++k) {
    if (k + kAhead < count) fetch(candidates_[k + kAhead], view);
    look_at_market(candidates_[k], view, found);
  }
}

/// Fees only take away, so two additions tell of most markets that a complete set earns nothing.
bool Arbitrage::may_pay(Side taker, const TopOfBook& top) const noexcept {
  if (taker == Side::buy) return options_.buy_sets && top.ask[0] + top.ask[1] < kPriceOfCertainty;
  return options_.sell_sets && top.bid[0] + top.bid[1] > kPriceOfCertainty;
}

void Arbitrage::fetch(MarketIndex market, const MarketView& view) const noexcept {
  __builtin_prefetch(&view.markets[market].fees);
  __builtin_prefetch(&offers_[market], 1);
  const bool buying = may_pay(Side::buy, view.tops[market]);
  for (const trading::TokenBook& book : view.prices[market].book) {
    const auto* const bytes = reinterpret_cast<const char*>(buying ? &book.asks : &book.bids);
    for (std::size_t line = 0; line < sizeof(trading::Ladder); line += 64) __builtin_prefetch(bytes + line);
  }
}

void Arbitrage::look_at_market(MarketIndex index, const MarketView& view, std::vector<Opportunity>& found) {
  if (!view.tradable(index)) return;
  const trading::TokenBook& yes = view.prices[index].yes();
  const trading::TokenBook& no = view.prices[index].no();
  const UnitFee fee(view.markets[index].fees);
  for (const Side taker : {Side::buy, Side::sell}) {
    if (!may_pay(taker, view.tops[index])) continue;
    std::array<Price, 2> worst{};
    const SetWalk walked = walk_pair(taker, yes, no, fee, margin_, worst);
    if (walked.shares.is_zero() || walked.profit < options_.min_profit) continue;
    const OpportunityKind kind = taker == Side::buy ? OpportunityKind::complete_set_buy : OpportunityKind::complete_set_sell;
    Opportunity& one = add_opportunity(found, kind, walked, 2);
    one.leg_count = 2;
    one.legs[0] = {index, Outcome::yes, taker, worst[0], walked.shares};
    one.legs[1] = {index, Outcome::no, taker, worst[1], walked.shares};
    if (taker == Side::sell) one.cost = one.shares;  // the dollars that are split
    note_offers(one);
    ++found_[static_cast<std::size_t>(kind)];
  }
}

void Arbitrage::look_at_event(Event& event, const MarketView& view, std::vector<Opportunity>& found) {
  if (!options_.multi_outcome || event.markets.size() < 2 || event.look == look_) return;
  event.look = look_;
  for (const MarketIndex market : event.markets)
    if (!exclusive(view.markets[market])) return;
  if (collect_all_yes(event, view)) walk_collected(OpportunityKind::multi_outcome, 1, view, found);
  if (collect_no_set(event, view)) walk_collected(OpportunityKind::multi_outcome, static_cast<int>(legs_.size()) - 1, view, found);
}

/// One of them must win only if all of them are here: those already decided against are left out, any other gap ends it.
bool Arbitrage::collect_all_yes(const Event& event, const MarketView& view) {
  legs_.clear();
  for (const MarketIndex index : event.markets) {
    const trading::PredictionMarket& market = view.markets[index];
    if (market.event_markets != event.markets.size()) return false;
    if (market.payout && (*market.payout)[0].is_zero()) continue;
    if (!view.tradable(index) || view.tops[index].ask[0] == TopOfBook::kNoAsk) return false;
    legs_.push_back({index, Outcome::yes, Side::buy, {}, {}});
  }
  return legs_.size() >= 2 && legs_.size() <= static_cast<std::size_t>(options_.max_legs);
}

/// At most one of the set wins, so m no shares pay at least m − 1: profit = Σ(1 − ask − fee) − 1, and each market stands for itself.
bool Arbitrage::collect_no_set(const Event& event, const MarketView& view) {
  legs_.clear();
  const auto gain = [&](MarketIndex index) { return kAttosPerDollar - bought(view.tops[index].ask[1], UnitFee(view.markets[index].fees)); };
  for (const MarketIndex index : event.markets) {
    if (!view.tradable(index) || !plausible(view.tops[index].ask[1]) || gain(index) <= 0) continue;
    legs_.push_back({index, Outcome::no, Side::buy, {}, {}});
  }
  const auto most = static_cast<std::size_t>(options_.max_legs);
  if (legs_.size() > most) {
    std::stable_sort(legs_.begin(), legs_.end(), [&](const Leg& a, const Leg& b) { return gain(a.market) > gain(b.market); });
    legs_.resize(most);
  }
  return legs_.size() >= 2;
}

void Arbitrage::look_at_rule(const Rule& rule, const MarketView& view, std::vector<Opportunity>& found) {
  const auto antecedent = static_cast<MarketIndex>(rule.antecedent);
  const auto consequent = static_cast<MarketIndex>(rule.consequent);
  if (antecedent == consequent || !view.tradable(antecedent) || !view.tradable(consequent)) return;
  if (!view.markets[antecedent].is_yes_or_no() || !view.markets[consequent].is_yes_or_no()) return;
  legs_.clear();
  legs_.push_back({consequent, Outcome::yes, Side::buy, {}, {}});
  legs_.push_back({antecedent, Outcome::no, Side::buy, {}, {}});
  walk_collected(OpportunityKind::implication, 1, view, found);
}

void Arbitrage::walk_collected(OpportunityKind kind, int payoff, const MarketView& view, std::vector<Opportunity>& found) {
  walks_.clear();
  for (const Leg& leg : legs_)
    walks_.push_back({.ladder = &view.prices[leg.market].of(leg.outcome).asks, .fee = UnitFee(view.markets[leg.market].fees)});
  const SetWalk walked = walk_set(Side::buy, walks_, payoff, margin_);
  if (walked.shares.is_zero() || walked.profit < options_.min_profit) return;
  Opportunity& one = add_opportunity(found, kind, walked, legs_.size());
  for (std::size_t i = 0; i < legs_.size(); ++i) {
    legs_[i].limit = walks_[i].worst;
    legs_[i].shares = walked.shares;
    one.add(legs_[i]);
  }
  note_offers(one);
  ++found_[static_cast<std::size_t>(kind)];
}

StrategyStatistics Arbitrage::get_statistics() const {
  StrategyStatistics told;
  for (std::size_t kind = 0; kind < found_.size(); ++kind) {
    told.opportunities_found += found_[kind];
    told.details[std::string(enum_name(static_cast<OpportunityKind>(kind)))] = found_[kind];
  }
  told.details["markets"] = markets_;
  told.details["exclusive_events"] = event_by_id_.size();
  told.details["implications"] =
      std::count_if(rules_.begin(), rules_.end(), [](const Rule& r) { return r.antecedent >= 0 && r.consequent >= 0; });
  told.details["min_profit_margin"] = options_.min_profit_margin;
  told.details["required_margin_sets"] = required_margin(OpportunityKind::complete_set_buy);
  told.details["required_margin_combinations"] = required_margin(OpportunityKind::multi_outcome);
  told.details["sets_over"] = over_;
  return told;
}

void Arbitrage::remember(const TradeRecord& trade) {
  if (!trade.over || trade.paid.micros <= 0 || trade.kind > OpportunityKind::implication) return;
  ++over_;
  Record& record = records_[is_combination(trade.kind)];
  record.sets += 1;
  if (trade.profit.micros >= 0) return;
  record.broken += 1;
  record.lost += -trade.profit.to_double() / trade.paid.to_double();
}

/// Before anything is known, and as what is known fades, one of two sets is taken to break at about the spread of a book.
double Arbitrage::required_margin(OpportunityKind kind) const noexcept {
  const Record& record = records_[is_combination(kind)];
  const double sets = record.sets + kPriorSets;
  const double whole = sets - record.broken - kPriorBroken;
  return std::min(1.0, (options_.min_profit_margin * sets + record.lost + kPriorBroken * kPriorLoss) / whole);
}

std::optional<double> annualised_edge(const Opportunity& opportunity, const MarketView& view) noexcept {
  if (opportunity.kind != OpportunityKind::multi_outcome && opportunity.kind != OpportunityKind::implication) return std::nullopt;
  UnixNanos end = view.now;
  bool known = true;
  opportunity.each_leg([&](const Leg& leg) {
    known = known && leg.market < view.size() && view.markets[leg.market].end_time > 0;
    if (known) end = std::max(end, view.markets[leg.market].end_time);
  });
  if (!known || end <= view.now || !(opportunity.cost > 0)) return std::nullopt;
  const double days = static_cast<double>(end - view.now) / static_cast<double>(kNanosPerDay);
  return opportunity.expected_profit / opportunity.cost * 365 / days;
}

}  // namespace tradewind::prediction
