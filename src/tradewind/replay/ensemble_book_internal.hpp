// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/metrics/streaming_sums.hpp"
#include "tradewind/replay/replay_plan_internal.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"
#include "tradewind/replay/sub_account_internal.hpp"
#include "tradewind/replay/trade_recorder_internal.hpp"

namespace tradewind::replay {

/// The accounts of an ensemble and the cash none of them holds, moved through the timeline of a plan bar by bar.
/// Cash lies in a sum of 106 bits, so that moving capital loses no bit: accounts and cash add up to the same total before and after.
class EnsembleBook {
 public:
  /// Starts with the given weights of a capital of 1. `gross`: the same positions without costs.
  EnsembleBook(const ReplayPlan& plan, std::span<const double> weights, bool gross);
  /// Tells every fill from now on. Borrowed.
  void tell(TradeRecorder* recorder) noexcept { recorder_ = recorder; }

  /// Weights to move to, from the fills of the next step on.
  void aim(std::span<const double> weights);
  /// Everything that happens at a place of the timeline; gives the equity at its end.
  double step(std::size_t place);

  const SubAccount& account(std::size_t member) const noexcept { return accounts_[member]; }
  double profit(std::size_t member) const noexcept { return marks_[member] - given_[member]; }
  std::span<const double> marks() const noexcept { return marks_; }
  double strategy_costs() const noexcept { return strategy_costs_; }
  /// What the move begun by the latest aim() has taken so far.
  const RegimeSwitch& move() const noexcept { return move_; }
  double equity() const noexcept;

 private:
  struct Needs;
  void trade(std::size_t place);
  void enter(std::size_t place);
  void rebalance(std::size_t place);
  void take(std::size_t place, double total, Needs& needs);
  void give(std::size_t place, double total, const Needs& needs);
  void note_move(const SubAccount& before, const SubAccount& after, double amount, double cost, double total);
  Quote quote(std::size_t member, std::size_t place) const noexcept;
  std::int32_t bar(std::size_t member, std::size_t place) const noexcept {
    return plan_->series[plan_->members[member].series].bar_at[place];
  }
  double value(std::size_t member, std::size_t place) const noexcept;
  double total(std::size_t place) const noexcept;
  void record(std::size_t member, std::size_t place, const SubAccount& before, double cost, double out, TradeExit why);

  const ReplayPlan* plan_;
  bool gross_;
  std::vector<SubAccount> accounts_;
  std::vector<double> marks_;      ///< latest value of each account
  std::vector<double> given_;      ///< capital put in less capital taken out
  std::vector<std::size_t> next_;  ///< next change of each member
  std::vector<double> weights_;
  std::vector<bool> pending_;        ///< accounts that have not got their weight yet
  std::vector<std::size_t> turned_;  ///< accounts between two positions in this step
  bool moving_ = false;
  bool stuck_ = false;  ///< an account can no longer get its weight
  metrics::ExactSum cash_;
  double strategy_costs_ = 0;
  RegimeSwitch move_;
  TradeRecorder* recorder_ = nullptr;
};

}  // namespace tradewind::replay
