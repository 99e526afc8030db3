// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace tradewind::regimes {

/// Mean and standard deviation of the last `window` values in amortised O(1). Sums run around a centre that is renewed from the
/// values themselves each time the ring is full, so rounding cannot build up over a long series.
class RollingWindow {
 public:
  explicit RollingWindow(std::size_t window) : ring_(window) {}

  void add(double value) {
    const double leaving = ring_[next_];
    ring_[next_] = value;
    next_ = (next_ + 1) % ring_.size();
    if (count_ < ring_.size()) {
      ++count_;
      if (count_ == ring_.size()) recentre();
      return;
    }
    if (next_ == 0) {
      recentre();
      return;
    }
    sum_ += (value - centre_) - (leaving - centre_);
    squares_ += (value - centre_) * (value - centre_) - (leaving - centre_) * (leaving - centre_);
  }

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    const std::size_t window = self.ring_.size();
    archive.same(window, "window");
    archive(self.ring_);
    archive(self.next_), archive(self.count_), archive(self.centre_), archive(self.sum_), archive(self.squares_);
    if constexpr (Archive::kLoading) {
      if (self.ring_.size() != window || self.next_ >= window || self.count_ > window) archive.fail();
    }
  }

  bool full() const { return count_ == ring_.size(); }
  /// Both need a full window; the deviation has ddof 1.
  double mean() const { return centre_ + sum_ / size(); }
  double deviation() const { return std::sqrt(std::max(0.0, (squares_ - sum_ * sum_ / size()) / (size() - 1))); }

 private:
  double size() const { return static_cast<double>(ring_.size()); }

  void recentre() {
    centre_ = 0;
    for (const double value : ring_) centre_ += value / size();
    sum_ = 0;
    squares_ = 0;
    for (const double value : ring_) {
      sum_ += value - centre_;
      squares_ += (value - centre_) * (value - centre_);
    }
  }

  std::vector<double> ring_;
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  double centre_ = 0;
  double sum_ = 0;
  double squares_ = 0;
};

}  // namespace tradewind::regimes
