// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/session_health.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/live/session_moment.hpp"

namespace tradewind::live {
namespace {

using execution::EngineState;
using execution::StrategyLedger;

const std::string kAccount;  // the name no ledger has

}  // namespace

void SessionHealth::expect(const std::string& strategy, StrategyOrigin origin, Progress& progress) {
  if (!origin.warning.empty()) progress.warn(fmt::format("strategy {} is traded all the same: {}", strategy, origin.warning));
  drift_.insert_or_assign(strategy, StrategyDrift(origin));
  origins_.insert_or_assign(strategy, std::move(origin));
}

AccountRecord& SessionHealth::record(const std::string& ledger, Money contributed) {
  return records_.try_emplace(ledger, begun_, contributed).first->second;
}

SessionHealth::Marked SessionHealth::total(const Pending& mark) {
  Marked sum{kAccount, {}, {}};
  for (const Marked& one : mark.ledgers) {
    sum.equity += one.equity;
    sum.contributed += one.contributed;
  }
  return sum;
}

/// A trade without capital is none that could disappoint.
void SessionHealth::note(const EngineState& state, const execution::Trade& trade, Pending& mark) const {
  const StrategyLedger* ledger = state.ledger(trade.strategy);
  if (!trade.entered || ledger == nullptr || ledger->contributed.micros <= 0) return;
  const double capital = ledger->contributed.to_double();
  mark.ended.push_back({trade.id, trade.strategy, trade.expected_profit / capital, trade.realized.to_double() / capital});
}

std::vector<DriftAlarm> SessionHealth::take(const EngineState& state, const execution::Mark& mark) {
  begun_ = state.started();
  std::vector<DriftAlarm> alarms;
  Pending next{mark.cycle, mark.time, {}, {}};
  if (pending_ && pending_->cycle == mark.cycle)
    next.ended = std::move(pending_->ended);
  else if (pending_)
    alarms = settle(*pending_);
  each_marked(state, mark, [&](const StrategyLedger& ledger, Money equity) {
    const bool trading = ledger.enabled && state.trading_state() == execution::TradingState::active;
    next.ledgers.push_back({ledger.name, equity, ledger.contributed, ledger.enabled, trading});
  });
  trades_.look(state, [&](const execution::Trade& trade, bool over) {
    if (over) note(state, trade, next);
  });
  pending_ = std::move(next);
  return alarms;
}

/// The mark stands: no other of its cycle can come.
std::vector<DriftAlarm> SessionHealth::settle(Pending& mark) {
  const Marked account = total(mark);
  record(kAccount, account.contributed).add(mark.time, account.equity, account.contributed);
  for (const Marked& one : mark.ledgers) {
    AccountRecord& own = record(one.ledger, one.contributed);
    own.add(mark.time, one.equity, one.contributed);
    if (one.ledger == EngineState::kExternal) continue;
    StrategyDrift& drift = drift_[one.ledger];
    bool& enabled = enabled_.try_emplace(one.ledger, true).first->second;
    if (one.enabled && !enabled) drift.start_afresh();
    enabled = one.enabled;
    drift.mark(mark.time, own.index(), one.trading);
  }
  // In the order of the trades: in which of a cycle's marks one was seen is chance.
  std::sort(mark.ended.begin(), mark.ended.end(), [](const Ended& a, const Ended& b) { return a.trade < b.trade; });
  for (const Ended& one : mark.ended) drift_[one.strategy].trade(mark.time, one.expected, one.earned);
  std::vector<DriftAlarm> alarms;
  for (auto& [strategy, drift] : drift_)
    if (drift.take_alarm()) alarms.push_back({strategy, mark.time, drift.sentence(strategy)});
  return alarms;
}

/// With the last mark, which has not been settled yet.
Json SessionHealth::streaming(const std::string& ledger, const Marked* pending) const {
  const auto settled = records_.find(ledger);
  if (pending == nullptr) return settled == records_.end() ? AccountRecord(begun_, {}).json() : settled->second.json();
  AccountRecord now = settled == records_.end() ? AccountRecord(begun_, pending->contributed) : settled->second;
  now.add(pending_->time, pending->equity, pending->contributed);
  return now.json();
}

void SessionHealth::put(Json& report) const {
  const std::optional<Marked> account = pending_ ? std::optional(total(*pending_)) : std::nullopt;
  report["streaming"] = streaming(kAccount, account ? &*account : nullptr);
  for (auto& [name, json] : report["strategies"].items()) {
    const Marked* pending = nullptr;
    if (pending_)
      for (const Marked& one : pending_->ledgers)
        if (one.ledger == name) pending = &one;
    json["streaming"] = streaming(name, pending);
    const auto drift = drift_.find(name);
    json["drift"] = drift == drift_.end() ? StrategyDrift().json() : drift->second.json();
    const auto origin = origins_.find(name);
    if (origin == origins_.end() || origin->second.warning.empty()) continue;
    json["unqualified"] = true;
    json["warning"] = origin->second.warning;
  }
}

void take_over_health(const Json& stored_strategy, Json& strategy) {
  if (!stored_strategy.is_object()) return;
  const auto of_kind = [&](const char* key, Json::value_t kind) {
    const auto at = stored_strategy.find(key);
    if (at != stored_strategy.end() && at->type() == kind) strategy[key] = *at;
  };
  of_kind("drift", Json::value_t::object);
  of_kind("unqualified", Json::value_t::boolean);
  of_kind("warning", Json::value_t::string);
}

}  // namespace tradewind::live
