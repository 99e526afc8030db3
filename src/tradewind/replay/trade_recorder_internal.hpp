// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tradewind/replay/replay_plan_internal.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"
#include "tradewind/replay/sub_account_internal.hpp"

namespace tradewind::replay {

/// Notes the trades of an ensemble's accounts as they happen, and what each account is worth at every bar.
class TradeRecorder {
 public:
  explicit TradeRecorder(const ReplayPlan& plan)
      : plan_(&plan), open_(plan.members.size(), -1), invested_(plan.members.size()), shares_(plan.members.size()) {}

  /// What one fill made of an account: a trade begins, grows, shrinks or ends. `out`: capital that left the account with it; `equity`: of
  /// the ensemble, at fill prices.
  void filled(std::size_t member, std::size_t place, const SubAccount& before, const SubAccount& after, const Quote& quote, double cost,
              double out, double equity, TradeExit why);
  /// An account at the close of a bar of its series. `ruined`: it held something and has nothing left.
  void marked(std::size_t member, std::size_t place, const SubAccount& account, double close, bool ruined);
  /// The shares of the equity at the end of a place.
  void note_shares(std::span<const double> marks, double equity);

  /// Ends the recording: trades by entry, then member; open ones are marked.
  void finish(std::span<const double> marks, RegimeReplayResult& result) &&;

 private:
  void end(std::size_t member, std::size_t place, double price, double profit, TradeExit why);
  double result_of(const ReplayTrade& trade, double price) const noexcept { return trade.side * (price / trade.entry_price - 1); }

  const ReplayPlan* plan_;
  std::vector<ReplayTrade> trades_;
  std::vector<std::ptrdiff_t> open_;  ///< by member: its open trade, −1 for none
  std::vector<double> invested_;      ///< by member: capital in its open trade
  std::vector<double> closes_ = std::vector<double>(open_.size(), 0.0);
  std::vector<std::vector<double>> shares_;
};

}  // namespace tradewind::replay
