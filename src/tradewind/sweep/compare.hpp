// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace tradewind::sweep {

/// For 64·words numbers: bit i of greater[w] tells left[64w+i] > right[64w+i], bit i of less[w] tells <. NaN gives neither.
/// Exact on every machine; AVX-512 or AVX2 where the processor has them.
void compare_rows(const double* left, const double* right, std::size_t words, std::uint64_t* greater, std::uint64_t* less);
/// The same against one constant.
void compare_constant(const double* left, double right, std::size_t words, std::uint64_t* greater, std::uint64_t* less);

}  // namespace tradewind::sweep
