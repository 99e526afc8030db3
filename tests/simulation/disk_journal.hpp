// SPDX-License-Identifier: Apache-2.0
// The simulated disk, and what a reader of it knows without the engine.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "faults.hpp"

#include "tradewind/execution/journal.hpp"

namespace tradewind::simulation {

/// What the disk says of a strategy.
struct StrategyOnDisk {
  bool enabled = true;
  std::string stopped_by;  ///< the limit that did it; empty: a person
  Money contributed;       ///< capital given to it less capital taken away
  Money loss_base;         ///< its profit when it was last enabled
  Money day_base;          ///< … or at the day's first mark
};

/// What was appended survives, what was not does not. Gathers as it is written what the checks hold the engine to.
class DiskJournal final : public execution::Journal {
 public:
  DiskJournal(CrashPoint& crash, Random& random, const Faults& faults, const bool& quiet)
      : crash_(crash), random_(random), faults_(faults), quiet_(quiet) {}
  Status append(std::span<const execution::Record> records) override;
  Status read(const std::function<void(const execution::Record&)>& take) const override;

  bool holds_order(const trading::OrderId& id) const { return orders_.contains(id); }
  bool is_entry(const trading::OrderId& id) const;
  /// Empty for an order that is not the engine's.
  const std::string& strategy_of(const trading::OrderId& id) const;
  const std::map<std::string, StrategyOnDisk>& strategies() const { return strategies_; }
  execution::TradingState trading_state() const { return trading_state_; }
  Money day_equity() const { return day_equity_; }
  /// The last entry of the account that was known when a person last resumed.
  std::uint64_t resumed_at() const { return resumed_at_; }
  const std::vector<execution::Record>& records() const { return records_; }
  /// What no engine may write, in words; given once.
  std::vector<std::string> take_faults() { return std::exchange(wrong_, {}); }
  std::uint64_t failures = 0;

 private:
  struct Created {
    execution::TradeId trade = 0;
    bool entry = true;
  };
  void note(const execution::Record& record);
  void start_day(const execution::DayStarted& day, std::int64_t number);

  CrashPoint& crash_;
  Random& random_;
  const Faults& faults_;
  const bool& quiet_;
  std::vector<execution::Record> records_;
  std::unordered_map<trading::OrderId, Created> orders_;
  std::unordered_map<execution::TradeId, std::string> strategy_of_trade_;
  std::map<std::string, StrategyOnDisk> strategies_;
  execution::TradingState trading_state_ = execution::TradingState::active;
  std::int64_t last_command_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t resumed_at_ = 0;
  std::int64_t day_ = -1;
  Money day_equity_;
  std::vector<std::string> wrong_;
};

}  // namespace tradewind::simulation
