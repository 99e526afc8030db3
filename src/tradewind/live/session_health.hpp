// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/progress.hpp"
#include "tradewind/execution/journal.hpp"
#include "tradewind/live/account_record.hpp"
#include "tradewind/live/strategy_drift.hpp"
#include "tradewind/live/trade_follower.hpp"

namespace tradewind::live {

/// A strategy has begun to earn less than was expected of it.
struct DriftAlarm {
  std::string strategy;
  UnixNanos time = 0;  ///< of the mark that raised it
  std::string message;
};

/// How the account of a session and those of its strategies have done from mark to mark. Made of a session's records and marks alone, and
/// of what is known of its strategies: given the same, it is the same, whether the session ran through or was resumed.
class SessionHealth {
 public:
  /// What is known of a strategy; before its first mark. One that its analysis says not to trade is told of.
  void expect(const std::string& strategy, StrategyOrigin origin, Progress& progress = silent_progress());

  /// Takes a mark and the state at its time; a second mark of a cycle stands for the first. Gives the alarms raised since: those of a mark
  /// when the next one comes. O(strategies + open trades).
  std::vector<DriftAlarm> take(const execution::EngineState& state, const execution::Mark& mark);

  /// Adds to a session's report: `streaming` of the account and of every strategy, `drift` of every strategy, and `unqualified` with its
  /// `warning` where an analysis says not to trade it.
  void put(Json& report) const;

 private:
  /// One ledger at a mark.
  struct Marked {
    std::string ledger;
    Money equity;
    Money contributed;
    bool enabled = false;
    bool trading = false;
  };
  struct Ended {
    execution::TradeId trade = 0;
    std::string strategy;
    double expected = 0;  ///< share of the capital
    double earned = 0;    ///< share of the capital
  };
  /// The last mark: another one of its cycle may still stand for it.
  struct Pending {
    std::int64_t cycle = 0;
    UnixNanos time = 0;
    std::vector<Marked> ledgers;
    std::vector<Ended> ended;  ///< trades that are over since the mark before
  };
  static Marked total(const Pending& mark);
  AccountRecord& record(const std::string& ledger, Money contributed);
  Json streaming(const std::string& ledger, const Marked* pending) const;
  void note(const execution::EngineState& state, const execution::Trade& trade, Pending& mark) const;
  std::vector<DriftAlarm> settle(Pending& mark);

  std::map<std::string, StrategyOrigin> origins_;
  UnixNanos begun_ = 0;
  std::map<std::string, AccountRecord> records_;  ///< by ledger; the account's under ""
  std::map<std::string, StrategyDrift> drift_;
  std::map<std::string, bool> enabled_;  ///< at the last mark
  TradeFollower trades_;
  std::optional<Pending> pending_;
};

/// Whose report it is takes over from one that was stored what only a running session knows of its strategies: `drift`, `unqualified`,
/// `warning`.
void take_over_health(const Json& stored_strategy, Json& strategy);

}  // namespace tradewind::live
