// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/session_moment.hpp"

#include <fmt/format.h>

#include "tradewind/base/json.hpp"

namespace tradewind::live {
namespace {

using execution::EngineState;
using execution::OrderStatus;
using execution::StrategyLedger;
using prediction::Fate;

/// A ratio, or null with its reason under "undefined".
void put_ratio(Json& json, const char* name, std::optional<double> value, const char* reason) {
  json[name] = value ? number_or_null(*value) : Json(nullptr);
  if (!value) json["undefined"][name] = reason;
}

std::optional<double> share(double part, double whole) { return whole > 0 ? std::optional(part / whole) : std::nullopt; }

std::optional<double> percent(std::optional<double> value) { return value ? std::optional(100 * *value) : std::nullopt; }

/// A count as it was stored; 0 for anything else.
std::uint64_t count_of(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_unsigned() ? at->get<std::uint64_t>() : 0;
}

/// Opportunities whose orders were sent and have filled nothing, or nothing yet.
std::uint64_t not_filled(const StrategyLedger& ledger) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, ledger.opened - ledger.trades));
}

Json reasons_json(const std::array<std::uint64_t, prediction::kFates>& fates, std::uint64_t not_filled) {
  Json json = Json::object();
  for (std::size_t i = 1; i < fates.size(); ++i)  // all but Fate::traded
    if (fates[i] > 0) json[std::string(enum_name(static_cast<Fate>(i)))] = fates[i];
  if (not_filled > 0) json["not_filled"] = not_filled;
  return json;
}

constexpr std::uint64_t kEnoughFound = 100;
constexpr std::int64_t kTrades = 10;  // a trade takes a tenth of a strategy's capital at most, as configured by default

/// Said of a strategy that finds and cannot pay: that it never will, and what would do.
std::string capital_note(const StrategyLedger& ledger, const Counters::OfStrategy& counters) {
  const std::uint64_t unpaid =
      counters.fates[static_cast<std::size_t>(Fate::too_small)] + counters.fates[static_cast<std::size_t>(Fate::no_capital)];
  if (ledger.opened > 0 || counters.found < kEnoughFound || 2 * unpaid < counters.found) return {};
  return fmt::format(
      "{} of {} opportunities were too small for its capital of {}; the smallest would have cost {}, which takes about {} "
      "when a trade may take a tenth",
      unpaid, counters.found, decimal_text(ledger.contributed), decimal_text(counters.least_order),
      decimal_text(Money{kTrades * counters.least_order.micros}));
}

Json figures(const SessionMoment& moment, const StrategyLedger& ledger) {
  const auto counted = moment.counters.strategies.find(ledger.name);
  const Counters::OfStrategy counters = counted == moment.counters.strategies.end() ? Counters::OfStrategy{} : counted->second;
  const auto grown = moment.growth.find(ledger.name);
  const AccountGrowth growth = grown == moment.growth.end() ? AccountGrowth() : grown->second;
  const Money equity = moment.equity_of(ledger.name);
  Json json = {{"enabled", ledger.enabled},
               {"allocation", ledger.allocation},
               {"opportunities_found", counters.found},
               {"opportunities_taken", ledger.trades},
               {"opportunities_sent", ledger.opened},
               {"total_profit", decimal_text(ledger.settled)}};
  put_ratio(json, "roi_percent", percent(growth.time_weighted()), "no_capital");
  put_ratio(json, "money_weighted_roi_percent", percent(ledger.money_weighted(equity, moment.state->started(), moment.marked)),
            "no_capital");
  put_ratio(json, "win_rate_percent", percent(share(static_cast<double>(ledger.won), static_cast<double>(ledger.won + ledger.lost))),
            "no_decided_trades");
  put_ratio(json, "avg_profit_per_trade", share(ledger.settled.to_double(), static_cast<double>(ledger.closed)), "no_decided_trades");
  json["capital"] = decimal_text(ledger.contributed);
  json["equity"] = decimal_text(equity);
  json["cash"] = decimal_text(ledger.cash);
  json["reserved"] = decimal_text(ledger.reserved);
  json["open_cost"] = decimal_text(ledger.open_cost);
  json["realized_profit"] = decimal_text(ledger.realized);
  json["unrealized_profit"] = decimal_text(equity - ledger.contributed - ledger.realized);
  json["fees"] = decimal_text(ledger.fees);
  json["stopped_by"] = ledger.limit.empty() ? Json(nullptr) : Json(ledger.limit);
  json["trades_closed"] = ledger.closed;
  json["trades_won"] = ledger.won;
  json["trades_lost"] = ledger.lost;
  json["reasons"] = reasons_json(counters.fates, not_filled(ledger));
  if (std::string note = capital_note(ledger, counters); !note.empty()) json["note"] = std::move(note);
  return json;
}

/// Every ledger but what no order explains.
template <class Visit>
void each_strategy(const EngineState& state, Visit&& visit) {
  for (const StrategyLedger& ledger : state.ledgers())
    if (ledger.name != EngineState::kExternal) visit(ledger);
}

}  // namespace

Json to_json(const Counters& counters) {
  Json strategies = Json::object();
  for (const auto& [name, one] : counters.strategies) {
    Json fates = Json::object();
    for (std::size_t i = 0; i < one.fates.size(); ++i)
      if (one.fates[i] > 0) fates[std::string(enum_name(static_cast<Fate>(i)))] = one.fates[i];
    strategies[name] = {{"found", one.found}, {"fates", fates}, {"least_order", static_cast<std::uint64_t>(one.least_order.micros)}};
    if (!one.state.empty()) strategies[name]["state"] = one.state;
  }
  return {{"cycles", counters.cycles}, {"strategies", strategies}};
}

Counters counters_from_json(const Json& json) {
  Counters counters;
  if (!json.is_object()) return counters;
  counters.cycles = count_of(json, "cycles");
  const auto strategies = json.find("strategies");
  if (strategies == json.end() || !strategies->is_object()) return counters;
  for (const auto& [name, one] : strategies->items()) {
    if (!one.is_object()) continue;
    Counters::OfStrategy& counted = counters.strategies[name];
    counted.found = count_of(one, "found");
    counted.least_order.micros = static_cast<std::int64_t>(std::min<std::uint64_t>(count_of(one, "least_order"), 1'000'000'000'000));
    if (const auto state = one.find("state"); state != one.end() && state->is_string()) counted.state = state->get<std::string>();
    const auto fates = one.find("fates");
    if (fates == one.end() || !fates->is_object()) continue;
    for (std::size_t i = 0; i < counted.fates.size(); ++i)
      counted.fates[i] = count_of(*fates, std::string(enum_name(static_cast<Fate>(i))).c_str());
  }
  return counters;
}

AccountGrowth& growth_of(std::map<std::string, AccountGrowth>& growth, const StrategyLedger& ledger) {
  return growth.try_emplace(ledger.name, AccountGrowth(ledger.contributed)).first->second;
}

Money SessionMoment::equity_of(const std::string& ledger) const {
  const auto at = equity.find(ledger);
  return at == equity.end() ? Money{} : at->second;
}

Json compare_strategies(const SessionMoment& moment) {
  Json strategies = Json::object();
  each_strategy(*moment.state, [&](const StrategyLedger& ledger) { strategies[ledger.name] = figures(moment, ledger); });
  return strategies;
}

std::optional<std::string> best_strategy(const SessionMoment& moment) {
  std::optional<std::string> best;
  double best_return = 0;
  each_strategy(*moment.state, [&](const StrategyLedger& ledger) {
    const auto growth = moment.growth.find(ledger.name);
    const auto earned = growth == moment.growth.end() ? std::nullopt : growth->second.time_weighted();
    if (ledger.trades == 0 || !earned || (best && *earned <= best_return)) return;
    best = ledger.name;
    best_return = *earned;
  });
  return best;
}

Json session_statistics(const SessionMoment& moment) {
  const EngineState& state = *moment.state;
  Json enabled = Json::array();
  Money capital;
  Money settled;
  Money earned;
  std::int64_t trades = 0;
  std::uint64_t found = 0;
  each_strategy(state, [&](const StrategyLedger& ledger) {
    if (ledger.enabled) enabled.push_back(ledger.name);
    capital += ledger.contributed;
    settled += ledger.settled;
    earned += moment.equity_of(ledger.name) - ledger.contributed;
    trades += ledger.trades;
    if (const auto one = moment.counters.strategies.find(ledger.name); one != moment.counters.strategies.end()) found += one->second.found;
  });
  Json json = {{"enabled_strategies", enabled},
               {"total_capital", decimal_text(capital)},
               {"cycles_completed", moment.counters.cycles},
               {"total_opportunities", found},
               {"total_trades", trades},
               {"total_profit", decimal_text(settled)}};
  put_ratio(json, "overall_roi_percent", percent(share(earned.to_double(), capital.to_double())), "no_capital");
  const auto best = best_strategy(moment);
  json["best_strategy"] = best ? Json(*best) : Json(nullptr);
  json["trading_state"] = enum_name(state.trading_state());
  json["trading_state_reason"] = state.state_reason();
  json["reconciled"] = moment.reconciled;
  return json;
}

Json account_json(const SessionMoment& moment) {
  Money equity;
  Money contributed;
  Money realized;
  Money fees;
  for (const StrategyLedger& ledger : moment.state->ledgers()) {
    equity += moment.equity_of(ledger.name);
    contributed += ledger.contributed;
    realized += ledger.realized;
    fees += ledger.fees;
  }
  return {{"cash", decimal_text(moment.state->cash())},
          {"equity", decimal_text(equity)},
          {"realized_profit", decimal_text(realized)},
          {"unrealized_profit", decimal_text(equity - contributed - realized)},
          {"fees", decimal_text(fees)}};
}

Json no_trade_reasons(const SessionMoment& moment) {
  std::array<std::uint64_t, prediction::kFates> sum{};
  std::uint64_t unfilled = 0;
  for (const auto& [name, one] : moment.counters.strategies)
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += one.fates[i];
  each_strategy(*moment.state, [&](const StrategyLedger& ledger) { unfilled += not_filled(ledger); });
  return reasons_json(sum, unfilled);
}

Json order_counts(const EngineState& state) {
  return {{"sent", state.orders_created()},
          {"filled", state.ended(OrderStatus::filled)},
          {"cancelled", state.ended(OrderStatus::cancelled)},
          {"rejected", state.ended(OrderStatus::rejected)},
          {"working", state.working().size()},
          {"unknown_outcomes", state.unknown_outcomes()},
          {"fills", state.fills()},
          {"reversals", state.reversals()},
          {"rejections", state.rejections()}};
}

Json positions_json(const EngineState& state, const std::function<std::string(const std::string&)>& question) {
  Json positions = Json::array();
  for (const auto& [id, trade] : state.trades())
    for (const auto& [token, lot] : trade.lots)
      positions.push_back({{"strategy", trade.strategy},
                           {"trade", id},
                           {"kind", enum_name(trade.kind)},
                           {"market", token.first},
                           {"question", question(token.first)},
                           {"outcome", enum_name(token.second)},
                           {"shares", decimal_text(lot.shares)},
                           {"cost", decimal_text(lot.cost)},
                           {"evidence", trade.evidence}});
  return positions;
}

namespace {

/// Options of a configuration that are kinder than a venue.
Json optimistic_json(const Json& config, bool simulated) {
  Json found = Json::array();
  const auto tell = [&](const char* section, const char* key) {
    found.push_back(fmt::format("{}.{}: {}", section, key, printable(dump_json(member(member(config, section), key)))));
  };
  if (simulated && member(member(config, "simulation"), "edge") == "generous") found.push_back("simulation.edge: generous");
  const Json& paper = member(config, "paper");
  if (member(paper, "queue") == "front") found.push_back("paper.queue: front");
  const venues::PaperSettings usual;
  const std::pair<const char*, double> least[] = {
      {"latency_ms", usual.latency_ms}, {"jitter_ms", usual.jitter_ms}, {"refill_seconds", usual.fills.refill_seconds}};
  for (const auto& [key, value] : least)
    if (const Json& given = member(paper, key); given.is_number() && given.get<double>() < value) tell("paper", key);
  return found;
}

}  // namespace

Json provenance_json(const EngineState& state) {
  const Json config = read_json(state.config());
  const Json& given = member(config, "market_data");
  const std::string source = given.is_string() ? given.get<std::string>() : "simulated";
  const bool simulated = source == "simulated";
  Json json = {{"simulated", simulated}, {"venue", "paper"}, {"market_data", source}};
  if (simulated) {
    const Json& edge = member(member(config, "simulation"), "edge");
    json["world"] = edge.is_string() ? edge : Json(enum_name(trading::PredictionSimulation().edge));
  }
  json["optimistic"] = optimistic_json(config, simulated);
  return json;
}

Json session_report(const SessionMoment& moment, const std::function<std::string(const std::string&)>& question) {
  Json json = {{"session", moment.state->session()}, {"cycles", moment.counters.cycles}};
  json.update(provenance_json(*moment.state));
  json["account"] = account_json(moment);
  json["statistics"] = session_statistics(moment);
  json["strategies"] = compare_strategies(moment);
  json["reasons"] = no_trade_reasons(moment);
  json["positions"] = positions_json(*moment.state, question);
  json["orders"] = order_counts(*moment.state);
  return json;
}

namespace {

/// What a mark and the state at its time say of every ledger.
struct LastMark {
  std::map<std::string, Money> equity;
  std::map<std::string, Money> at_cost;  ///< cash and open cost then
};

/// What a journal's marks say, each beside the state of its time.
class MomentReader {
 public:
  MomentReader(const EngineState& state, SessionMoment& moment) : state_(state), moment_(moment) {}

  void take(const execution::Mark& mark) {
    cycles_ = static_cast<std::uint64_t>(mark.cycle);
    moment_.marked = mark.time;
    each_marked(state_, mark, [&](const StrategyLedger& ledger, Money equity) {
      last_.equity[ledger.name] = equity;
      last_.at_cost[ledger.name] = ledger.cash + ledger.open_cost;
      growth(ledger).mark(equity, ledger.contributed);
    });
  }
  /// A strategy that is enabled again begins afresh.
  void take(const execution::Record& record) {
    const auto* switched = std::get_if<execution::StrategySwitched>(&record.body);
    if (switched == nullptr || !switched->enabled) return;
    if (const auto at = moment_.growth.find(switched->strategy); at != moment_.growth.end()) at->second.start_afresh();
  }
  /// Positions taken since the last mark count at cost.
  void finish() {
    for (const StrategyLedger& ledger : state_.ledgers()) {
      const Money at_cost = ledger.cash + ledger.open_cost;
      const auto marked = last_.equity.find(ledger.name);
      const Money equity = marked == last_.equity.end() ? at_cost : marked->second + at_cost - last_.at_cost[ledger.name];
      moment_.equity[ledger.name] = equity;
      growth(ledger).mark(equity, ledger.contributed);
    }
  }

  std::uint64_t cycles() const noexcept { return cycles_; }

 private:
  AccountGrowth& growth(const StrategyLedger& ledger) { return growth_of(moment_.growth, ledger); }

  const EngineState& state_;
  SessionMoment& moment_;
  std::uint64_t cycles_ = 0;
  LastMark last_;
};

}  // namespace

void each_marked(const EngineState& state, const execution::Mark& mark, const std::function<void(const StrategyLedger&, Money)>& visit) {
  if (mark.equity.empty()) return;
  std::size_t i = 0;
  for (const StrategyLedger& ledger : state.ledgers()) {
    if (ledger.name == EngineState::kExternal)
      visit(ledger, mark.equity.back());
    else if (i + 1 < mark.equity.size())
      visit(ledger, mark.equity[i++]);
  }
}

Status walk_session(const execution::SqliteJournal& journal, const std::function<Status(const execution::Record&)>& apply,
                    const std::function<void(const execution::Mark&)>& at_mark) {
  std::vector<execution::Mark> marks;
  TRADEWIND_TRY(journal.read_marks([&](const execution::Mark& mark) { marks.push_back(mark); }));
  std::size_t next = 0;
  TRADEWIND_TRY(execution::replay(journal, [&](const execution::Record& record) {
    for (; next < marks.size() && marks[next].time < record.time; ++next) at_mark(marks[next]);
    return apply(record);
  }));
  for (; next < marks.size(); ++next) at_mark(marks[next]);
  return {};
}

Result<SessionMoment> read_moment(const execution::SqliteJournal& journal, const EngineState& state,
                                  const std::function<Status(const execution::Record&)>& replay,
                                  const std::function<void(const execution::Mark&)>& at_mark) {
  SessionMoment moment;
  moment.state = &state;
  MomentReader reader(state, moment);
  const auto apply = [&](const execution::Record& record) -> Status {
    TRADEWIND_TRY(replay(record));
    reader.take(record);
    return {};
  };
  TRADEWIND_TRY(walk_session(journal, apply, [&](const execution::Mark& mark) {
    reader.take(mark);
    if (at_mark) at_mark(mark);
  }));
  reader.finish();
  TRADEWIND_ASSIGN(const std::string counters, journal.counters());
  moment.counters = counters_from_json(read_json(counters));
  moment.counters.cycles = reader.cycles();
  return moment;
}

}  // namespace tradewind::live
