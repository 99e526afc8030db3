// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tradewind::regimes {

/// e^x for x ≤ 0 in place, two values at a time, to within 2 units in the last place and the same on every machine (no fused
/// multiply-add). x below −700 counts as −700. `count` is even.
/// Method: x = (n/128) ln 2 + r; e^x = 2^(n div 128) · 2^((n mod 128)/128) · e^r with a polynomial for the tiny r [Tang 1989].
class Exponential {
 public:
  Exponential() {
    for (std::size_t k = 0; k < kEntries; ++k) table_[k] = static_cast<double>(std::exp2(static_cast<long double>(k) / kEntries));
  }

  static const Exponential& instance() {
    static const Exponential kInstance;
    return kInstance;
  }

  using Pair = double __attribute__((vector_size(16)));

  Pair operator()(Pair x) const noexcept {
    using Bits = std::uint64_t __attribute__((vector_size(16)));  // wraps around
    constexpr double kScale = 184.66496523378732;                 // 128 / ln 2
    constexpr double kHigh = 0x1.62e42fep-8;                      // ln 2 / 128 in 25 bits, so that n · kHigh is exact
    constexpr double kLow = 1.4223718738313642e-11;               // the rest
    constexpr double kShift = 0x1.8p52;                           // adding it rounds to an integer
    const Pair lowest{-700, -700};
    x = x < lowest ? lowest : x;
    const Pair shifted = x * kScale + kShift;
    Bits n;
    std::memcpy(&n, &shifted, sizeof n);
    const Pair whole = shifted - kShift;
    const Pair r = (x - whole * kHigh) - whole * kLow;
    const Pair square = r * r;
    const Pair polynomial = r + square * (0.5 + r * (1.0 / 6)) + square * square * (1.0 / 24 + r * (1.0 / 120));
    const Bits entry = n & static_cast<std::uint64_t>(kEntries - 1);
    Pair base{table_[static_cast<std::size_t>(entry[0])], table_[static_cast<std::size_t>(entry[1])]};
    Bits bits;
    std::memcpy(&bits, &base, sizeof bits);
    bits += (n >> 7) << 52;  // what the rounding constant left in the high bits is shifted out
    std::memcpy(&base, &bits, sizeof base);
    return base + base * polynomial;
  }

  void operator()(double* values, std::size_t count) const noexcept {
    for (std::size_t i = 0; i < count; i += 2) {
      Pair x;
      std::memcpy(&x, values + i, sizeof x);
      x = (*this)(x);
      std::memcpy(values + i, &x, sizeof x);
    }
  }

 private:
  static constexpr std::size_t kEntries = 128;
  alignas(64) std::array<double, kEntries> table_{};
};

}  // namespace tradewind::regimes
