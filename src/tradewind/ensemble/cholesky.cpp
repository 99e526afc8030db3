// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstring>

#include "tradewind/ensemble/cholesky_internal.hpp"
#include "tradewind/ensemble/kernel_internal.hpp"

namespace tradewind::ensemble {

bool GrowingCholesky::append(std::span<const double> cross, double diagonal, double tolerance) {
  row_.assign(cross.begin(), cross.end());
  double pivot = diagonal;
  for (std::size_t k = 0; k < size_; ++k) {
    const double* l = column(k);
    row_[k] /= l[k];
    pivot -= row_[k] * row_[k];
    axpy(-row_[k], l + k + 1, row_.data() + k + 1, size_ - k - 1);
  }
  if (!(pivot > tolerance * diagonal) || !(diagonal > 0)) return false;
  if (factor_.size() < (size_ + 1) * stride_) factor_.resize((size_ + 1) * stride_);
  for (std::size_t k = 0; k < size_; ++k) column(k)[size_] = row_[k];
  column(size_)[size_] = std::sqrt(pivot);
  ++size_;
  return true;
}

void GrowingCholesky::remove(std::size_t k) {
  for (std::size_t c = 0; c < size_; ++c) {  // take the row out
    double* l = column(c);
    const std::size_t from = c > k ? c : k + 1;
    if (from < size_) std::memmove(l + from - 1, l + from, (size_ - from) * sizeof(double));
  }
  // What is left has one entry above the diagonal in every column from k + 1 on: rotate it away, column against column.
  for (std::size_t c = k; c + 1 < size_; ++c) {
    double* a = column(c);
    double* b = column(c + 1);
    // Row c of the remaining matrix holds a[c] and, from the next column, b[c].
    const double x = a[c];
    const double y = b[c];
    const double r = std::sqrt(x * x + y * y);
    const double cosine = x / r;
    const double sine = y / r;
    a[c] = r;
    for (std::size_t i = c + 1; i + 1 < size_; ++i) {
      const double p = a[i];
      const double q = b[i];
      a[i] = cosine * p + sine * q;
      b[i] = cosine * q - sine * p;
    }
  }
  --size_;
}

void GrowingCholesky::solve(double* x) const noexcept {
  for (std::size_t k = 0; k < size_; ++k) {
    const double* l = column(k);
    x[k] /= l[k];
    axpy(-x[k], l + k + 1, x + k + 1, size_ - k - 1);
  }
  for (std::size_t k = size_; k-- > 0;) {
    const double* l = column(k);
    x[k] = (x[k] - dot(l + k + 1, x + k + 1, size_ - k - 1)) / l[k];
  }
}

}  // namespace tradewind::ensemble
