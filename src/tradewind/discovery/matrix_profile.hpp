// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/result.hpp"

namespace tradewind::discovery {

/// For every window of a series the nearest other window by shape (z-normalised Euclidean distance, 0 … 2√window).
struct MatrixProfile {
  std::vector<double> distance;     ///< NaN for a window without shape (constant) or without a partner
  std::vector<std::int64_t> match;  ///< start of the nearest window, −1 where distance is NaN
};

struct ProfileOptions {
  std::size_t window = 50;    ///< bars, ≥ 4
  std::size_t exclusion = 0;  ///< windows that start this near are trivial matches; 0: a quarter of the window, rounded up
  int threads = 1;
  const Cancellation* cancellation = nullptr;
};

/// Exact matrix profile by the recurrence of covariances along diagonals [Zhu et al. 2016 (STOMP); Zimmerman et al. 2019 (SCAMP)].
/// A series shorter than two windows gives NaN everywhere (or nothing). Constant windows (relative tolerance 1e-12) match nothing.
/// Errors: `invalid_data` with "row N" for a value that is not finite; `usage` for a window below 4; `interrupted`.
/// O(n²) time, O(n) memory per thread; the same bytes at any thread count.
Result<MatrixProfile> matrix_profile(std::span<const double> series, const ProfileOptions& options);

/// A motif (two windows of nearly one shape) or a discord (a window unlike all others).
struct Shape {
  std::size_t start = 0;
  std::size_t match = 0;  ///< the partner of a motif; the nearest window of a discord
  double distance = 0;
  double p_value = 1;  ///< family-wise: share of surrogates whose best motif (strangest discord) is as extreme, itself counted
};

struct ShapeOptions {
  ProfileOptions profile;
  int surrogates = 39;    ///< 19 … 10,000
  std::size_t block = 5;  ///< increments that stay together in a surrogate, ≥ 1
  bool levels = true;     ///< the series is a level (price, equity, spread), its increments are shuffled; false: its values are
  int candidates = 5;     ///< motifs and discords that are looked at, best first, ≥ 1
  std::uint64_t seed = 1;
};

/// What stands out from chance, and how much of it was tried.
struct Shapes {
  std::vector<Shape> motifs;    ///< p_value ≤ 0.05, nearest first, none within the exclusion zone of another
  std::vector<Shape> discords;  ///< p_value ≤ 0.05, strangest first
  std::int64_t windows = 0;     ///< compared with one another
};

/// Motifs and discords beyond a null of surrogates: the same increments in blocks of random order, which keeps their distribution and
/// short dependence and destroys longer shapes. Nearest distances shrink with the length of any series, so that without this null
/// every series has "motifs". Errors: as matrix_profile; `usage` for options out of range. O(surrogates · n²).
Result<Shapes> find_shapes(std::span<const double> series, const ShapeOptions& options);

}  // namespace tradewind::discovery
