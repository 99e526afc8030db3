// SPDX-License-Identifier: Apache-2.0
// What a StrategyManager tells of itself.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tradewind/base/guard.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/live/strategy_manager.hpp"

namespace tradewind::live {
namespace {

using execution::StrategyLedger;

Json details_json(const prediction::Details& details) {
  Json json = Json::object();
  for (const auto& [name, detail] : details) std::visit([&](const auto& value) { json[name] = value; }, detail.value());
  return json;
}

/// How old the books of open markets are, by our receipt and by the venue's stamp: the oldest of each in seconds. How many of the markets
/// are left alone as their fees are not known.
Json books_json(const prediction::MarketUniverse& universe, const Clock& clock) {
  std::int64_t books = 0;
  std::int64_t stale = 0;
  std::int64_t unknown_fees = 0;
  double received = 0;
  double stamped = 0;
  for (prediction::MarketIndex i = 0; i < universe.size(); ++i) {
    const trading::MarketPrices& prices = universe.prices(i);
    if (!universe.market(i).tradable() || prices.sequence == 0) continue;
    ++books;
    stale += universe.state(i) == prediction::BookState::stale ? 1 : 0;
    unknown_fees += universe.state(i) == prediction::BookState::unknown_fees ? 1 : 0;
    received = std::max(received, static_cast<double>(clock.steady() - prices.received) * 1e-9);
    if (prices.time > 0) stamped = std::max(stamped, static_cast<double>(clock.now() - prices.time) * 1e-9);
  }
  return {{"open", books},
          {"stale", stale},
          {"unknown_fees", unknown_fees},
          {"oldest_received_seconds_ago", received},
          {"oldest_stamped_seconds_ago", stamped}};
}

}  // namespace

/// A strategy's own figures; none of one that has failed.
void StrategyManager::add_details(Json& strategies) const {
  for (const Running& running : strategies_) {
    Json& details = strategies[running.name]["details"] = Json::object();
    if (!running.fault.empty()) continue;
    static_cast<void>(guarded([&]() -> Status { return details = details_json(running.strategy->get_statistics().details), Status(); }));
  }
}

Counters StrategyManager::counters() const {
  Counters counters{cycles_, {}};
  for (const Running& running : strategies_) counters.strategies[running.name] = running.counted;
  return counters;
}

Counters StrategyManager::counters_and_states() const {
  Counters counters = this->counters();
  for (const Running& running : strategies_)
    if (running.fault.empty())
      static_cast<void>(guarded([&] { return counters.strategies[running.name].state = running.strategy->save_state(), Status(); }));
  return counters;
}

void StrategyManager::restore(const SessionMoment& moment, bool states) {
  cycles_ = moment.counters.cycles;
  growth_ = moment.growth;
  marked_ = moment.marked;
  for (Running& running : strategies_) {
    recall_entries(running);
    const auto one = moment.counters.strategies.find(running.name);
    if (one == moment.counters.strategies.end()) continue;
    running.counted = one->second;
    const std::string state = std::exchange(running.counted.state, {});
    if (states && !state.empty()) keep(guarded([&] { return running.strategy->load_state(state); }));
  }
}

/// A market entered shortly before a restart is cooling down after it, too.
void StrategyManager::recall_entries(Running& running) const {
  for (const auto* trades : {&desk_.state().trades(), &desk_.state().closed_trades()})
    for (const auto& [id, trade] : *trades) {
      const std::int64_t age = std::max<std::int64_t>(0, clock_.now() - trade.opened);
      if (trade.strategy != running.name || trade.market_ids.empty() || age >= static_cast<std::int64_t>(settings_.cooldown_seconds * 1e9))
        continue;
      const auto [entry, fresh] = running.tried_before.try_emplace(trade.market_ids.front(), clock_.steady() - age);
      if (!fresh) entry->second = std::max(entry->second, clock_.steady() - age);
    }
}

std::vector<Money> StrategyManager::mark() {
  marked_ = clock_.now();
  std::vector<Money> equity;
  for (const StrategyLedger& ledger : desk_.state().ledgers()) {
    equity.push_back(desk_.equity(ledger.name));
    growth_of(growth_, ledger).mark(equity.back(), ledger.contributed);
  }
  return equity;
}

std::vector<Money> StrategyManager::finish_cycle() {
  ++cycles_;
  std::vector<Money> equity = mark();
  watch_limits(equity);
  return equity;
}

SessionMoment StrategyManager::moment() const {
  SessionMoment moment{&desk_.state(), counters(), {}, growth_, marked_, desk_.reconciled()};
  for (const StrategyLedger& ledger : desk_.state().ledgers()) {
    const Money equity = moment.equity[ledger.name] = desk_.equity(ledger.name);
    growth_of(moment.growth, ledger).mark(equity, ledger.contributed);
  }
  return moment;
}

Json StrategyManager::compare_strategies() const {
  Json strategies = live::compare_strategies(moment());
  add_details(strategies);
  return strategies;
}

std::optional<std::string> StrategyManager::get_best_performing_strategy() const { return best_strategy(moment()); }

Json StrategyManager::get_statistics() const {
  Json json = session_statistics(moment());
  json["books"] = books_json(universe_, clock_);
  return json;
}

Json StrategyManager::reasons() const { return no_trade_reasons(moment()); }

std::string StrategyManager::question(const std::string& market_id) const {
  const auto index = universe_.find(market_id);
  return index ? universe_.market(*index).question : std::string();
}

Json StrategyManager::get_portfolio_summary() const {
  Json json = account_json(moment());
  json["positions"] = positions_json(desk_.state(), [&](const std::string& id) { return question(id); });
  json["open_orders"] = desk_.state().working().size();
  return json;
}

Json StrategyManager::report() const {
  Json json = session_report(moment(), [&](const std::string& id) { return question(id); });
  json["statistics"]["books"] = books_json(universe_, clock_);
  add_details(json["strategies"]);
  return json;
}

}  // namespace tradewind::live
