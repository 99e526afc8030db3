// SPDX-License-Identifier: Apache-2.0
// A Cholesky factor that grows and shrinks by one row at a time, so that an active-set method never factorises twice.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tradewind::ensemble {

/// L with L L' = A, column-major with a fixed stride.
class GrowingCholesky {
 public:
  explicit GrowingCholesky(std::size_t capacity) : stride_(capacity) {}

  std::size_t size() const noexcept { return size_; }
  void clear() noexcept { size_ = 0; }
  /// Appends a row: `cross` are the new row's entries with those present, `diagonal` its own. False, and nothing changes, when the
  /// matrix would be singular: the remaining pivot is at most `tolerance` · diagonal. O(size²).
  bool append(std::span<const double> cross, double diagonal, double tolerance);
  /// Removes row and column k. O((size − k)²).
  void remove(std::size_t k);
  /// Solves A x = b in place. O(size²).
  void solve(double* x) const noexcept;

 private:
  double* column(std::size_t k) noexcept { return factor_.data() + k * stride_; }
  const double* column(std::size_t k) const noexcept { return factor_.data() + k * stride_; }

  std::size_t stride_;
  std::size_t size_ = 0;
  std::vector<double> factor_;
  std::vector<double> row_;
};

}  // namespace tradewind::ensemble
