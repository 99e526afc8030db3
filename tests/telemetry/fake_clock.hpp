// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/time.hpp"

namespace tradewind::telemetry {

/// Time that passes when told to.
class FakeClock final : public Clock {
 public:
  UnixNanos now() const override { return 1'700'000'000 * kNanosPerSecond + time_; }
  std::int64_t steady() const override { return time_; }
  void pass_ms(double milliseconds) { time_ += static_cast<std::int64_t>(milliseconds * 1e6); }
  void pass_ns(std::int64_t nanoseconds) { time_ += nanoseconds; }

 private:
  std::int64_t time_ = 5'000'000'000;
};

}  // namespace tradewind::telemetry
