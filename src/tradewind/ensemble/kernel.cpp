// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "tradewind/base/parallel.hpp"
#include "tradewind/ensemble/kernel_internal.hpp"

namespace tradewind::ensemble {
namespace {

using Lanes = double __attribute__((vector_size(32)));
using WideLanes = double __attribute__((vector_size(64)));
constexpr std::size_t kLanes = 4;
constexpr std::size_t kTileRows = 4;     // columns of the left factor held as scalars
constexpr std::size_t kTileColumns = 8;  // columns of the right factor held in lanes

/// One number, or as many as there are lanes.
template <class T>
[[gnu::always_inline]] inline void load(const double* from, T& value) noexcept {
  std::memcpy(&value, from, sizeof value);
}

/// Σ over i < n of what add(i, sum) adds to a sum of lanes or, for what is left at the end, of one number. Part of the clone that calls it.
template <class Add>
[[gnu::always_inline]] inline double sum_of(std::size_t n, const Add& add) noexcept {
  Lanes even = {};
  Lanes odd = {};
  std::size_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    add(i, even);
    add(i + kLanes, odd);
  }
  even += odd;
  double sum = (even[0] + even[1]) + (even[2] + even[3]);
  for (; i < n; ++i) add(i, sum);
  return sum;
}

/// sums[i][j] += Σ_t left[t][i] · right[t][j] over packed rows.
TRADEWIND_WIDE_CLONES void tile(const double* left, const double* right, std::size_t rows, double* sums) noexcept {
  static_assert(sizeof(WideLanes) == kTileColumns * sizeof(double));
  WideLanes acc[kTileRows] = {};
  for (std::size_t t = 0; t < rows; ++t) {
    WideLanes r;
    std::memcpy(&r, right + t * kTileColumns, sizeof r);
    for (std::size_t i = 0; i < kTileRows; ++i) acc[i] += left[t * kTileRows + i] * r;
  }
  for (std::size_t i = 0; i < kTileRows; ++i)
    for (std::size_t j = 0; j < kTileColumns; ++j) sums[i * kTileColumns + j] += acc[i][j];
}

/// Rows [first, last) of columns [from, to), packed in groups of `width` with zeros where columns end.
void pack(const double* matrix, std::size_t stride, std::size_t first, std::size_t last, std::size_t from, std::size_t to,
          std::size_t width, std::vector<double>& out) {
  const std::size_t groups = (to - from + width - 1) / width;
  const std::size_t rows = last - first;
  out.assign(groups * width * rows, 0.0);
  for (std::size_t c = from; c < to; ++c) {
    const double* source = matrix + c * stride + first;
    double* target = out.data() + ((c - from) / width) * width * rows + (c - from) % width;
    for (std::size_t t = 0; t < rows; ++t) target[t * width] = source[t];
  }
}

}  // namespace

TRADEWIND_CLONES double dot(const double* a, const double* b, std::size_t n) noexcept {
  return sum_of(n, [=]<class T>(std::size_t i, T& sum) __attribute__((always_inline)) {
    T left;
    T right;
    load(a + i, left);
    load(b + i, right);
    sum += left * right;
  });
}

TRADEWIND_CLONES double sum_about(const double* a, std::size_t n, double centre) noexcept {
  return sum_of(n, [=]<class T>(std::size_t i, T& sum) __attribute__((always_inline)) {
    T value;
    load(a + i, value);
    sum += value - centre;
  });
}

TRADEWIND_CLONES double squares_about(const double* a, std::size_t n, double centre) noexcept {
  return sum_of(n, [=]<class T>(std::size_t i, T& sum) __attribute__((always_inline)) {
    T value;
    load(a + i, value);
    value -= centre;
    sum += value * value;
  });
}

TRADEWIND_CLONES void subtract(const double* __restrict a, std::size_t n, double centre, double* __restrict out) noexcept {
  for (std::size_t i = 0; i < n; ++i) out[i] = a[i] - centre;
}

TRADEWIND_CLONES void axpy(double factor, const double* __restrict x, double* __restrict y, std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

TRADEWIND_CLONES void combine_columns(const double* matrix, std::size_t n, std::span<const std::size_t> columns,
                                      std::span<const double> weights, double* __restrict out) noexcept {
  std::fill(out, out + n, 0.0);
  std::size_t k = 0;
  for (; k + 4 <= columns.size(); k += 4) {
    const double* a = matrix + columns[k] * n;
    const double* b = matrix + columns[k + 1] * n;
    const double* c = matrix + columns[k + 2] * n;
    const double* d = matrix + columns[k + 3] * n;
    const double w0 = weights[k];
    const double w1 = weights[k + 1];
    const double w2 = weights[k + 2];
    const double w3 = weights[k + 3];
    for (std::size_t i = 0; i < n; ++i) out[i] += (a[i] * w0 + b[i] * w1) + (c[i] * w2 + d[i] * w3);
  }
  for (; k < columns.size(); ++k) {
    const double* a = matrix + columns[k] * n;
    const double w = weights[k];
    for (std::size_t i = 0; i < n; ++i) out[i] += w * a[i];
  }
}

void gram_tile(const double* left, std::size_t left_columns, const double* right, std::size_t right_columns, std::size_t rows, double* out,
               bool symmetric) {
  const std::size_t left_groups = (left_columns + kTileRows - 1) / kTileRows;
  const std::size_t right_groups = (right_columns + kTileColumns - 1) / kTileColumns;
  std::vector<double> sums(left_groups * right_groups * kTileRows * kTileColumns, 0.0);
  std::vector<double> packed_left;
  std::vector<double> packed_right;
  for (std::size_t first = 0; first < rows; first += kGramBlock) {
    const std::size_t last = std::min(rows, first + kGramBlock);
    const std::size_t count = last - first;
    pack(left, rows, first, last, 0, left_columns, kTileRows, packed_left);
    pack(right, rows, first, last, 0, right_columns, kTileColumns, packed_right);
    for (std::size_t b = 0; b < right_groups; ++b) {
      for (std::size_t a = 0; a < left_groups; ++a) {
        if (symmetric && (b + 1) * kTileColumns <= a * kTileRows) break;  // all below the diagonal
        tile(packed_left.data() + a * kTileRows * count, packed_right.data() + b * kTileColumns * count, count,
             sums.data() + (a * right_groups + b) * kTileRows * kTileColumns);
      }
    }
  }
  for (std::size_t i = 0; i < left_columns; ++i) {
    for (std::size_t j = 0; j < right_columns; ++j)
      out[i * right_columns + j] = sums[((i / kTileRows) * right_groups + j / kTileColumns) * kTileRows * kTileColumns +
                                        (i % kTileRows) * kTileColumns + j % kTileColumns];
  }
}

Result<std::vector<double>> gram(std::span<const double> matrix, std::size_t rows, std::size_t columns, double scale, int threads,
                                 const Cancellation* cancellation) {
  std::vector<double> result(columns * columns, 0.0);
  const std::size_t strips = (columns + kGramTask - 1) / kGramTask;
  std::vector<std::pair<std::size_t, std::size_t>> tasks;
  for (std::size_t i = 0; i < strips; ++i) {
    for (std::size_t j = i; j < strips; ++j) tasks.emplace_back(i, j);
  }
  const auto one = [&](std::size_t index) -> Status {
    const std::size_t i0 = tasks[index].first * kGramTask;
    const std::size_t i1 = std::min(columns, i0 + kGramTask);
    const std::size_t j0 = tasks[index].second * kGramTask;
    const std::size_t j1 = std::min(columns, j0 + kGramTask);
    std::vector<double> sums((i1 - i0) * (j1 - j0));
    gram_tile(matrix.data() + i0 * rows, i1 - i0, matrix.data() + j0 * rows, j1 - j0, rows, sums.data(), i0 == j0);
    for (std::size_t i = i0; i < i1; ++i) {
      for (std::size_t j = std::max(i, j0); j < j1; ++j)
        result[i * columns + j] = result[j * columns + i] = scale * sums[(i - i0) * (j1 - j0) + j - j0];
    }
    return {};
  };
  TRADEWIND_TRY(parallel_for(tasks.size(), threads, one, cancellation));
  return result;
}

}  // namespace tradewind::ensemble
