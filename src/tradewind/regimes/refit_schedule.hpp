// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

namespace tradewind::regimes {

/// When a model that learns from the past is fitted again: first after `history` values, then each time the past has grown by `refit`
/// values and by a tenth. The growing distance keeps the total work proportional to the length of the series.
class RefitSchedule {
 public:
  RefitSchedule(std::size_t history, std::size_t refit) : next_(history), refit_(refit) {}

  /// True when a fit on the first `seen` values is due; plans the next one.
  bool due(std::size_t seen) {
    if (seen < next_) return false;
    next_ = seen + std::max(refit_, seen / 10);
    return true;
  }

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    archive.same(self.refit_, "refit");
    archive(self.next_);
  }

 private:
  std::size_t next_;
  std::size_t refit_;
};

}  // namespace tradewind::regimes
