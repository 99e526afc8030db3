// SPDX-License-Identifier: Apache-2.0
#include "tradewind/sweep/compare.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tradewind::sweep {
namespace {

/// `right` is a row when `constant` is null.
using Kernel = void (*)(const double* left, const double* right, const double* constant, std::size_t words, std::uint64_t* greater,
                        std::uint64_t* less);

void compare_plain(const double* left, const double* right, const double* constant, std::size_t words, std::uint64_t* greater,
                   std::uint64_t* less) {
  for (std::size_t w = 0; w < words; ++w) {
    std::uint64_t g = 0;
    std::uint64_t l = 0;
    for (std::size_t i = 0; i < 64; ++i) {
      const double a = left[64 * w + i];
      const double b = constant != nullptr ? *constant : right[64 * w + i];
      g |= static_cast<std::uint64_t>(a > b) << i;
      l |= static_cast<std::uint64_t>(a < b) << i;
    }
    greater[w] = g;
    less[w] = l;
  }
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) void compare_avx512(const double* left, const double* right, const double* constant, std::size_t words,
                                                       std::uint64_t* greater, std::uint64_t* less) {
  const __m512d fixed = _mm512_set1_pd(constant != nullptr ? *constant : 0);
  for (std::size_t w = 0; w < words; ++w) {
    std::uint64_t g = 0;
    std::uint64_t l = 0;
    for (std::size_t i = 0; i < 64; i += 8) {
      const __m512d a = _mm512_loadu_pd(left + 64 * w + i);
      const __m512d b = constant != nullptr ? fixed : _mm512_loadu_pd(right + 64 * w + i);
      g |= static_cast<std::uint64_t>(_mm512_cmp_pd_mask(a, b, _CMP_GT_OQ)) << i;
      l |= static_cast<std::uint64_t>(_mm512_cmp_pd_mask(a, b, _CMP_LT_OQ)) << i;
    }
    greater[w] = g;
    less[w] = l;
  }
}

__attribute__((target("avx2"))) void compare_avx2(const double* left, const double* right, const double* constant, std::size_t words,
                                                  std::uint64_t* greater, std::uint64_t* less) {
  const __m256d fixed = _mm256_set1_pd(constant != nullptr ? *constant : 0);
  for (std::size_t w = 0; w < words; ++w) {
    std::uint64_t g = 0;
    std::uint64_t l = 0;
    for (std::size_t i = 0; i < 64; i += 4) {
      const __m256d a = _mm256_loadu_pd(left + 64 * w + i);
      const __m256d b = constant != nullptr ? fixed : _mm256_loadu_pd(right + 64 * w + i);
      g |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_GT_OQ)))) << i;
      l |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_LT_OQ)))) << i;
    }
    greater[w] = g;
    less[w] = l;
  }
}
#endif

Kernel best_kernel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return compare_avx512;
  if (__builtin_cpu_supports("avx2")) return compare_avx2;
#endif
  return compare_plain;
}

const Kernel g_kernel = best_kernel();

}  // namespace

void compare_rows(const double* left, const double* right, std::size_t words, std::uint64_t* greater, std::uint64_t* less) {
  g_kernel(left, right, nullptr, words, greater, less);
}

void compare_constant(const double* left, double right, std::size_t words, std::uint64_t* greater, std::uint64_t* less) {
  g_kernel(left, nullptr, &right, words, greater, less);
}

}  // namespace tradewind::sweep
