// SPDX-License-Identifier: Apache-2.0
// What a StrategyManager tells of itself.
#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/live/strategy_manager.hpp"

namespace tradewind::live {
namespace {

using execution::EngineState;
using execution::StrategyLedger;

/// A ratio, or null with its reason under "undefined".
void put_ratio(Json& json, const char* name, bool defined, double value, const char* reason) {
  json[name] = defined ? number_or_null(value) : Json(nullptr);
  if (!defined) json["undefined"][name] = reason;
}

Json details_json(const prediction::Details& details) {
  Json json = Json::object();
  for (const auto& [name, detail] : details) std::visit([&](const auto& value) { json[name] = value; }, detail.value());
  return json;
}

/// How old the books of open markets are, by our receipt and by the venue's stamp: the oldest of each in seconds.
Json books_json(const prediction::MarketUniverse& universe, const Clock& clock) {
  std::int64_t books = 0;
  std::int64_t stale = 0;
  double received = 0;
  double stamped = 0;
  for (prediction::MarketIndex i = 0; i < universe.size(); ++i) {
    const trading::MarketPrices& prices = universe.prices(i);
    if (!universe.market(i).tradable() || prices.sequence == 0) continue;
    ++books;
    stale += universe.state(i) == prediction::BookState::stale ? 1 : 0;
    received = std::max(received, static_cast<double>(clock.steady() - prices.received) * 1e-9);
    if (prices.time > 0) stamped = std::max(stamped, static_cast<double>(clock.now() - prices.time) * 1e-9);
  }
  return {{"open", books}, {"stale", stale}, {"oldest_received_seconds_ago", received}, {"oldest_stamped_seconds_ago", stamped}};
}

/// A count as it was stored; 0 for anything else.
std::uint64_t count_of(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_unsigned() ? at->get<std::uint64_t>() : 0;
}

}  // namespace

Json StrategyManager::figures(const Running& running) const {
  const StrategyLedger* ledger = desk_.state().ledger(running.name);
  if (ledger == nullptr) return Json::object();
  const Money equity = desk_.equity(running.name);
  const Money profit = equity - ledger->contributed;
  const std::int64_t decided = ledger->won + ledger->lost;
  Json json = {{"enabled", ledger->enabled},
               {"allocation", ledger->allocation},
               {"opportunities_found", running.found},
               {"opportunities_taken", running.entered},
               {"total_profit", decimal_text(profit)}};
  const double capital = ledger->contributed.to_double();
  put_ratio(json, "roi_percent", capital > 0, capital > 0 ? 100 * profit.to_double() / capital : 0, "no_capital");
  put_ratio(json, "win_rate_percent", decided > 0,
            decided > 0 ? 100.0 * static_cast<double>(ledger->won) / static_cast<double>(decided) : 0, "no_decided_trades");
  put_ratio(json, "avg_profit_per_trade", ledger->closed > 0,
            ledger->closed > 0 ? ledger->realized.to_double() / static_cast<double>(ledger->closed) : 0, "no_decided_trades");
  json["capital"] = decimal_text(ledger->contributed);
  json["equity"] = decimal_text(equity);
  json["cash"] = decimal_text(ledger->cash);
  json["reserved"] = decimal_text(ledger->reserved);
  json["open_cost"] = decimal_text(ledger->open_cost);
  json["realized_profit"] = decimal_text(ledger->realized);
  json["unrealized_profit"] = decimal_text(profit - ledger->realized);
  json["fees"] = decimal_text(ledger->fees);
  json["trades_closed"] = ledger->closed;
  json["trades_won"] = ledger->won;
  json["trades_lost"] = ledger->lost;
  Json reasons = Json::object();
  for (std::size_t i = 1; i < prediction::kFates; ++i)
    if (running.fates[i] > 0) reasons[std::string(enum_name(static_cast<prediction::Fate>(i)))] = running.fates[i];
  json["reasons"] = reasons;
  json["details"] = details_json(running.strategy->get_statistics().details);
  return json;
}

Json StrategyManager::compare_strategies() const {
  Json strategies = Json::object();
  for (const Running& running : strategies_) strategies[running.name] = figures(running);
  return strategies;
}

std::optional<std::string> StrategyManager::get_best_performing_strategy() const {
  std::optional<std::string> best;
  double best_return = 0;
  for (const Running& running : strategies_) {
    const StrategyLedger* ledger = desk_.state().ledger(running.name);
    if (ledger == nullptr || ledger->trades == 0 || ledger->contributed.micros <= 0) continue;
    const double roi = (desk_.equity(running.name) - ledger->contributed).to_double() / ledger->contributed.to_double();
    if (best && roi <= best_return) continue;
    best = running.name;
    best_return = roi;
  }
  return best;
}

Json StrategyManager::get_statistics() const {
  const EngineState& state = desk_.state();
  Json enabled = Json::array();
  Money capital;
  Money profit;
  std::int64_t trades = 0;
  for (const StrategyLedger& ledger : state.ledgers()) {
    if (ledger.name == EngineState::kExternal) continue;
    if (ledger.enabled) enabled.push_back(ledger.name);
    capital += ledger.contributed;
    profit += desk_.equity(ledger.name) - ledger.contributed;
    trades += ledger.trades;
  }
  const auto best = get_best_performing_strategy();
  Json json = {{"enabled_strategies", enabled}, {"total_capital", decimal_text(capital)},
               {"cycles_completed", cycles_},   {"total_opportunities", opportunities_found()},
               {"total_trades", trades},        {"total_profit", decimal_text(profit)}};
  put_ratio(json, "overall_roi_percent", capital.micros > 0, capital.micros > 0 ? 100 * profit.to_double() / capital.to_double() : 0,
            "no_capital");
  json["best_strategy"] = best ? Json(*best) : Json(nullptr);
  json["trading_state"] = enum_name(state.trading_state());
  json["trading_state_reason"] = state.state_reason();
  json["reconciled"] = desk_.reconciled();
  json["books"] = books_json(universe_, clock_);
  return json;
}

Json StrategyManager::get_portfolio_summary() const {
  const EngineState& state = desk_.state();
  Json positions = Json::array();
  for (const auto& [id, trade] : state.trades()) {
    for (const auto& [token, lot] : trade.lots) {
      const auto index = universe_.find(token.first);
      positions.push_back({{"strategy", trade.strategy},
                           {"trade", id},
                           {"kind", enum_name(trade.kind)},
                           {"market", token.first},
                           {"question", index ? universe_.market(*index).question : ""},
                           {"outcome", enum_name(token.second)},
                           {"shares", decimal_text(lot.shares)},
                           {"cost", decimal_text(lot.cost)},
                           {"evidence", trade.evidence}});
    }
  }
  Money realized;
  Money fees;
  for (const StrategyLedger& ledger : state.ledgers()) {
    realized += ledger.realized;
    fees += ledger.fees;
  }
  const Money equity = desk_.equity();
  const Money put_in = state.capital() + state.ledger(EngineState::kExternal)->contributed;
  return {{"cash", decimal_text(state.cash())},
          {"equity", decimal_text(equity)},
          {"realized_profit", decimal_text(realized)},
          {"unrealized_profit", decimal_text(equity - put_in - realized)},
          {"fees", decimal_text(fees)},
          {"positions", positions},
          {"open_orders", state.working().size()}};
}

Json StrategyManager::reasons() const {
  std::array<std::uint64_t, prediction::kFates> sum{};
  for (const Running& running : strategies_)
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += running.fates[i];
  Json json = Json::object();
  for (std::size_t i = 1; i < sum.size(); ++i)  // all but Fate::traded
    if (sum[i] > 0) json[std::string(enum_name(static_cast<prediction::Fate>(i)))] = sum[i];
  return json;
}

Json StrategyManager::counters() const {
  Json strategies = Json::object();
  for (const Running& running : strategies_)
    strategies[running.name] = {{"found", running.found}, {"entered", running.entered}, {"fates", running.fates}};
  return {{"cycles", cycles_}, {"strategies", strategies}};
}

void StrategyManager::restore(const Json& counters) {
  if (!counters.is_object()) return;
  cycles_ = count_of(counters, "cycles");
  const auto strategies = counters.find("strategies");
  if (strategies == counters.end() || !strategies->is_object()) return;
  for (Running& running : strategies_) {
    const auto one = strategies->find(running.name);
    if (one == strategies->end() || !one->is_object()) continue;
    running.found = count_of(*one, "found");
    running.entered = count_of(*one, "entered");
    const Json fates = one->value("fates", Json::array());
    if (!fates.is_array()) continue;
    for (std::size_t i = 0; i < std::min(fates.size(), running.fates.size()); ++i)
      if (fates[i].is_number_unsigned()) running.fates[i] = fates[i];
  }
}

}  // namespace tradewind::live
