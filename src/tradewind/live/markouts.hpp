// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <vector>

#include "tradewind/base/time.hpp"
#include "tradewind/execution/journal.hpp"
#include "tradewind/prediction/market_view.hpp"

namespace tradewind::live {

/// Looks at what was bought and sold again a second, ten and sixty seconds later: a fill after which the price goes the wrong way was given
/// by somebody who knew more. Time is a clock's steady time. O(fills of the last minute) a look.
class Markouts {
 public:
  static constexpr std::array<int, 3> kSeconds = {1, 10, 60};

  /// `now`: when it was filled.
  void note(const trading::AccountEntry& fill, std::int64_t now) { open_.push_back({fill.sequence, fill.market_id, fill.outcome, now, 0}); }
  /// What is due by now; a book without two sides is waited for, a market that is gone is not.
  std::vector<execution::Markout> due(const prediction::MarketUniverse& universe, std::int64_t now);

 private:
  struct Open {
    std::uint64_t entry = 0;
    std::string market_id;
    trading::Outcome outcome = trading::Outcome::yes;
    std::int64_t time = 0;
    std::size_t next = 0;  ///< of kSeconds
  };
  std::deque<Open> open_;
};

}  // namespace tradewind::live
