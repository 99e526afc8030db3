// SPDX-License-Identifier: Apache-2.0
// Dense kernels whose rounding does not depend on the processor: every sum runs in an order fixed here, which the blocking of a
// linear-algebra library (chosen from the cache sizes of the machine) would not give.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/result.hpp"

// Wider registers where the machine has them. The operations are element-wise and never fused, so the bits are the same.
// Sanitizers cannot run the resolver that picks the clone, and clang 16 gives it a name that other sources do not call.
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TRADEWIND_CLONES __attribute__((target_clones("avx2", "default")))
#define TRADEWIND_WIDE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define TRADEWIND_WIDE_CLONES
#define TRADEWIND_CLONES
#endif

namespace tradewind::ensemble {

/// Σ a_i b_i in eight interleaved sums.
double dot(const double* a, const double* b, std::size_t n) noexcept;
/// Σ (a_i − centre) and Σ (a_i − centre)² in eight interleaved sums.
double sum_about(const double* a, std::size_t n, double centre) noexcept;
double squares_about(const double* a, std::size_t n, double centre) noexcept;
/// out = a − centre
void subtract(const double* a, std::size_t n, double centre, double* out) noexcept;
/// y += factor · x
void axpy(double factor, const double* x, double* y, std::size_t n) noexcept;
/// out = Σ_k weights[k] · matrix column `columns[k]`, for a column-major matrix of n rows.
void combine_columns(const double* matrix, std::size_t n, std::span<const std::size_t> columns, std::span<const double> weights,
                     double* out) noexcept;

inline constexpr std::size_t kGramBlock = 512;
inline constexpr std::size_t kGramTask = 64;  ///< columns of the result per task
/// out[i · right_columns + j] = Σ_t left_i[t] · right_j[t] for columns of `rows` values one after the other: the sums that gram gives, bit
/// for bit. Best with up to kGramTask columns on each side. `symmetric`: both sides are the same columns, and entries with j < i may be
/// left out.
void gram_tile(const double* left, std::size_t left_columns, const double* right, std::size_t right_columns, std::size_t rows, double* out,
               bool symmetric = false);

/// scale · A'A for a column-major rows x columns matrix; full symmetric result. Every entry is a sum over the rows in blocks of
/// kGramBlock, so it depends on its two columns only. O(rows · columns²), multithreaded by tile.
Result<std::vector<double>> gram(std::span<const double> matrix, std::size_t rows, std::size_t columns, double scale, int threads,
                                 const Cancellation* cancellation = nullptr);

}  // namespace tradewind::ensemble
