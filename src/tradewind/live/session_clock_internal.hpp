// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "tradewind/base/time.hpp"

namespace tradewind::live {

/// Virtual time of simulated markets: stands still but for what it is told.
class SessionClock final : public Clock {
 public:
  explicit SessionClock(UnixNanos start) : start_(start) {}
  UnixNanos now() const override { return start_ + steady_; }
  std::int64_t steady() const override { return steady_; }
  /// Nanoseconds since the start; never back.
  void advance_to(std::int64_t since_start) { steady_ = std::max(steady_, since_start); }
  /// Back too.
  void set(std::int64_t since_start) { steady_ = since_start; }

 private:
  UnixNanos start_;
  std::int64_t steady_ = 0;
};

}  // namespace tradewind::live
