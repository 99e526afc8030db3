// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "tradewind/execution/state.hpp"

namespace tradewind::live {

/// Follows the trades of one account: each is told of when its orders have been made and once more when it is over.
class TradeFollower {
 public:
  /// What has begun or ended since the last look, endings first; at the first look every trade the state still has, in their order.
  /// O(new trades + open trades).
  void look(const execution::EngineState& state, const std::function<void(const execution::Trade&, bool over)>& tell);

 private:
  execution::TradeId last_ = 0;           ///< trades up to this one were told of
  std::vector<execution::TradeId> open_;  ///< of these the end is still to be told
};

}  // namespace tradewind::live
