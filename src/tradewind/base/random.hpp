// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tradewind {

/// xoshiro256++ [Blackman & Vigna 2021], seeded by splitmix64. The same seed gives the same numbers on every machine,
/// which the distributions of <random> do not promise.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept;
  /// Independent stream number `stream` of a seed, for parallel work whose result must not depend on the order.
  Random(std::uint64_t seed, std::uint64_t stream) noexcept;
  std::uint64_t next() noexcept;
  /// Uniform in [0, 1).
  double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  /// Uniform integer in [0, bound), without modulo bias [Lemire 2019]. bound > 0.
  std::uint64_t below(std::uint64_t bound) noexcept;
  /// Standard normal (Marsaglia polar method).
  double normal() noexcept;
  /// Student t with `degrees` > 2 degrees of freedom, scaled to unit variance.
  double student_t(int degrees) noexcept;

 private:
  std::uint64_t state_[4];
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace tradewind
