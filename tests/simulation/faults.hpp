// SPDX-License-Identifier: Apache-2.0
// Time, chance and what goes wrong, all of one seed.
#pragma once

#include <cstdint>

#include "tradewind/base/random.hpp"
#include "tradewind/base/time.hpp"

namespace tradewind::simulation {

inline constexpr std::int64_t kMillisecond = 1'000'000;
inline constexpr std::int64_t kSecond = 1'000'000'000;

/// Virtual time. The wall clock jumps, the monotonic one does not.
class VirtualClock final : public Clock {
 public:
  UnixNanos now() const override { return kStart + steady_ + jump; }
  std::int64_t steady() const override { return steady_; }
  void advance(std::int64_t nanos) { steady_ += nanos; }
  std::int64_t jump = 0;

 private:
  static constexpr UnixNanos kStart = 1'767'225'600 * kSecond;
  std::int64_t steady_ = kSecond;
};

/// The process dies here.
struct Crash {};

/// Dies at the n-th side effect from now.
class CrashPoint {
 public:
  void arm(int effects) { left_ = effects; }
  void step() {
    if (left_ > 0 && --left_ == 0) throw Crash{};
  }

 private:
  int left_ = 0;
};

/// Which faults a seed has and how often, drawn from the seed.
struct Faults {
  double drop = 0;                 ///< of any message
  double duplicate = 0;            ///< of any message
  double server_error = 0;         ///< 5xx: half of them after the order was taken
  double too_many = 0;             ///< 429
  double hang = 0;                 ///< per second: the venue takes what comes for a while, or does not, and answers nothing
  double freeze = 0;               ///< per second: the feed stops for a while
  double gap = 0;                  ///< per book: marked as gapped
  double crossed = 0;              ///< per book: bids above asks
  double ghost = 0;                ///< of fills: reversed later
  double manual = 0;               ///< per second: somebody trades by hand
  double crash = 0;                ///< per second
  double clock_jump = 0;           ///< per second
  double journal_error = 0;        ///< of appends
  double command = 0;              ///< per second: disable, enable, rebalance, a strategy more
  double halt = 0;                 ///< per second, three times as often while the venue hangs: the kill switch, and later a resume
  std::int64_t latency = kSecond;  ///< longest way of a message
};
Faults draw_faults(Random& random);

}  // namespace tradewind::simulation
