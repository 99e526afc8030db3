// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/execution/journal.hpp"
#include "tradewind/execution/state.hpp"
#include "tradewind/live/account_growth.hpp"

namespace tradewind::live {

/// What is counted outside the journal's records, and stored with them.
struct Counters {
  struct OfStrategy {
    std::uint64_t found = 0;                                ///< opportunities
    std::array<std::uint64_t, prediction::kFates> fates{};  ///< of those that were not sent
    Money least_order;                                      ///< the least that any it could not pay would have cost; 0: none
    std::string state;                                      ///< PredictionStrategy::save_state; empty but when it is written or read
  };
  std::uint64_t cycles = 0;
  std::map<std::string, OfStrategy> strategies;
};
Json to_json(const Counters& counters);
/// What is damaged or missing counts from 0.
Counters counters_from_json(const Json& json);

/// A session at one moment: everything it tells of itself is computed from this, whether it runs or only its journal is there.
struct SessionMoment {
  const execution::EngineState* state = nullptr;
  Counters counters;
  std::map<std::string, Money> equity;          ///< by ledger
  std::map<std::string, AccountGrowth> growth;  ///< by ledger
  UnixNanos marked = 0;                         ///< time of the last mark
  bool reconciled = false;

  Money equity_of(const std::string& ledger) const;
};
/// A ledger's growth, which begins with the session.
AccountGrowth& growth_of(std::map<std::string, AccountGrowth>& growth, const execution::StrategyLedger& ledger);

/// The document's compare_strategies.
Json compare_strategies(const SessionMoment& moment);
/// By time-weighted return; nullopt while no strategy has traded.
std::optional<std::string> best_strategy(const SessionMoment& moment);
/// The document's get_statistics.
Json session_statistics(const SessionMoment& moment);
/// cash, equity, realized_profit, unrealized_profit, fees.
Json account_json(const SessionMoment& moment);
/// {reason: count}: why opportunities did not become trades.
Json no_trade_reasons(const SessionMoment& moment);
/// sent, filled, cancelled, rejected, working, …
Json order_counts(const execution::EngineState& state);
/// What is held, by trade and token. `question` gives a market's, by its id.
Json positions_json(const execution::EngineState& state, const std::function<std::string(const std::string&)>& question);
/// Whether prices and money are real: {"simulated", "venue", "market_data"}, in simulated markets which "world", and "optimistic": the
/// options that are kinder than a venue. From the configuration a session was begun with.
Json provenance_json(const execution::EngineState& state);
/// The result of `tradewind live` as far as money goes: all but the time its stages took and what the optimizer advises.
Json session_report(const SessionMoment& moment, const std::function<std::string(const std::string&)>& question);

/// Equities of a mark with their ledgers; the external one is the last of a mark, a strategy that was added after it has none.
void each_marked(const execution::EngineState& state, const execution::Mark& mark,
                 const std::function<void(const execution::StrategyLedger&, Money)>& visit);
/// A session from its start: records in order, each mark when the records before it have been applied. Errors: as the journal's.
Status walk_session(const execution::SqliteJournal& journal, const std::function<Status(const execution::Record&)>& apply,
                    const std::function<void(const execution::Mark&)>& at_mark);
/// The moment a journal's last record leaves: accounts to the last digit, positions as they were last marked and at cost since.
/// `state` is kept by the caller; `replay` gives it a record, `at_mark` is told of each mark when the records before it are in. While
/// another process writes, to be called within SqliteJournal::at_one_moment. Errors: as the journal's.
Result<SessionMoment> read_moment(const execution::SqliteJournal& journal, const execution::EngineState& state,
                                  const std::function<Status(const execution::Record&)>& replay,
                                  const std::function<void(const execution::Mark&)>& at_mark = nullptr);

}  // namespace tradewind::live
