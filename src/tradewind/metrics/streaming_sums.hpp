// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

namespace tradewind::metrics {

/// A sum kept as an unevaluated pair of doubles, about 106 bits [Dekker 1971; Knuth 1997, 4.2.2]. What is added is kept exactly until the
/// magnitudes lie 2^106 apart, so that Σr² − (Σr)²/n loses nothing that matters and money moved from one sum to another is conserved.
/// Plain IEEE operations and fma: the same bits on every processor.
struct ExactSum {
  double high = 0;
  double low = 0;

  double value() const noexcept { return high + low; }
  bool operator==(const ExactSum&) const = default;
};

/// a + b as a pair, without error [Knuth].
inline ExactSum exact_sum(double a, double b) noexcept {
  const double sum = a + b;
  const double part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

/// a · b as a pair, without error.
inline ExactSum exact_product(double a, double b) noexcept {
  const double product = a * b;
  return {product, std::fma(a, b, -product)};
}

inline ExactSum operator+(const ExactSum& a, const ExactSum& b) noexcept {
  ExactSum head = exact_sum(a.high, b.high);
  const ExactSum tail = exact_sum(a.low, b.low);
  head = exact_sum(head.high, head.low + tail.high);
  return exact_sum(head.high, head.low + tail.low);
}
inline ExactSum operator+(const ExactSum& a, double b) noexcept { return a + ExactSum{b, 0}; }
inline ExactSum operator-(const ExactSum& a) noexcept { return {-a.high, -a.low}; }
inline ExactSum operator-(const ExactSum& a, const ExactSum& b) noexcept { return a + -b; }
inline ExactSum operator*(const ExactSum& a, const ExactSum& b) noexcept {
  const ExactSum head = exact_product(a.high, b.high);
  return exact_sum(head.high, head.low + (a.high * b.low + a.low * b.high));
}
inline ExactSum operator*(const ExactSum& a, double b) noexcept { return a * ExactSum{b, 0}; }
inline ExactSum operator/(const ExactSum& a, double b) noexcept {
  const double first = a.high / b;
  const ExactSum rest = a - exact_product(first, b);
  return exact_sum(first, rest.value() / b);
}

}  // namespace tradewind::metrics
