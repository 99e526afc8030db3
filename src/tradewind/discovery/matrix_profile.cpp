// SPDX-License-Identifier: Apache-2.0
#include "tradewind/discovery/matrix_profile.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/discovery/input_internal.hpp"

namespace tradewind::discovery {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kChunks = 16;  // independent of the number of threads, as the result must be
constexpr std::size_t kLanes = 8;    // diagonals that run side by side

using Pair = double __attribute__((vector_size(16)));
using PairMask = std::int64_t __attribute__((vector_size(16)));

Pair load(const double* from) noexcept {
  Pair pair;
  std::memcpy(&pair, from, sizeof pair);
  return pair;
}

/// What the recurrence cov(i, j) = cov(i − 1, j − 1) + df_i dg_j + df_j dg_i needs of every window.
struct Windows {
  std::vector<double> centred;  ///< the series less its mean
  std::vector<double> mean;
  std::vector<double> inverse_norm;  ///< 1 / ‖x − mean‖; NaN for a constant window, so that no comparison ever takes it
  std::vector<double> df;
  std::vector<double> dg;
  std::size_t window = 0;
  std::size_t count() const noexcept { return mean.size(); }
};

Windows windows_of(std::span<const double> series, std::size_t m) {
  Windows w;
  w.window = m;
  double total = 0;
  for (const double x : series) total += x;
  double scale = 0;
  for (const double x : series) w.centred.push_back(x - total / static_cast<double>(series.size()));
  for (const double x : w.centred) scale = std::max(scale, std::fabs(x));
  const std::size_t n = series.size() - m + 1;
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < m; ++k) sum += w.centred[i + k];
    const double mean = sum / static_cast<double>(m);
    double squares = 0;
    for (std::size_t k = 0; k < m; ++k) squares += (w.centred[i + k] - mean) * (w.centred[i + k] - mean);
    const bool constant = std::sqrt(squares / static_cast<double>(m)) <= 1e-12 * scale;
    w.mean.push_back(mean);
    w.inverse_norm.push_back(constant ? kNan : 1 / std::sqrt(squares));
    w.df.push_back(i == 0 ? 0 : (w.centred[i + m - 1] - w.centred[i - 1]) / 2);
    w.dg.push_back(i == 0 ? 0 : (w.centred[i + m - 1] - mean) + (w.centred[i - 1] - w.mean[i - 1]));
  }
  return w;
}

/// Highest correlation of every window so far, and with which.
struct Best {
  std::vector<double> correlation;
  std::vector<std::int64_t> match;
  explicit Best(std::size_t count) : correlation(count, -2.0), match(count, -1) {}

  void offer(std::size_t i, std::size_t j, double c) noexcept {
    if (c > correlation[i]) {
      correlation[i] = c;
      match[i] = static_cast<std::int64_t>(j);
    }
    if (c > correlation[j]) {
      correlation[j] = c;
      match[j] = static_cast<std::int64_t>(i);
    }
  }
};

double first_covariance(const Windows& w, std::size_t diagonal) noexcept {
  double sum = 0;
  for (std::size_t k = 0; k < w.window; ++k) sum += (w.centred[k] - w.mean[0]) * (w.centred[diagonal + k] - w.mean[diagonal]);
  return sum;
}

void scalar_diagonal(const Windows& w, std::size_t diagonal, std::size_t from, double covariance, Best& best) noexcept {
  for (std::size_t i = from; i + diagonal < w.count(); ++i) {
    const std::size_t j = i + diagonal;
    covariance += w.df[i] * w.dg[j] + w.df[j] * w.dg[i];
    best.offer(i, j, covariance * w.inverse_norm[i] * w.inverse_norm[j]);
  }
}

/// kLanes diagonals at once; a branch is taken only where some window finds a better match, which soon becomes rare.
void eight_diagonals(const Windows& w, std::size_t diagonal, Best& best) noexcept {
  constexpr std::size_t kPairs = kLanes / 2;
  std::array<double, kLanes> start{};
  for (std::size_t lane = 0; lane < kLanes; ++lane) start[lane] = first_covariance(w, diagonal + lane);
  std::array<Pair, kPairs> covariance;
  for (std::size_t p = 0; p < kPairs; ++p) covariance[p] = load(start.data() + 2 * p);
  const std::size_t full = w.count() - diagonal - kLanes + 1;
  for (std::size_t i = 0; i < full; ++i) {
    const std::size_t j = i + diagonal;
    const double df = w.df[i];
    const double dg = w.dg[i];
    const double norm = w.inverse_norm[i];
    const double bar = best.correlation[i];
    std::array<Pair, kPairs> c;
    PairMask better{};
    for (std::size_t p = 0; p < kPairs; ++p) {
      covariance[p] += df * load(w.dg.data() + j + 2 * p) + load(w.df.data() + j + 2 * p) * dg;
      c[p] = covariance[p] * norm * load(w.inverse_norm.data() + j + 2 * p);
      better |= (c[p] > bar) | (c[p] > load(best.correlation.data() + j + 2 * p));
    }
    if ((better[0] | better[1]) == 0) [[likely]]
      continue;
    for (std::size_t lane = 0; lane < kLanes; ++lane) best.offer(i, j + lane, c[lane / 2][lane % 2]);
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) scalar_diagonal(w, diagonal + lane, full, covariance[lane / 2][lane % 2], best);
}

/// Diagonals [from, to).
void run_diagonals(const Windows& w, std::size_t from, std::size_t to, Best& best) noexcept {
  std::size_t diagonal = from;
  for (; diagonal + kLanes <= to; diagonal += kLanes) eight_diagonals(w, diagonal, best);
  for (; diagonal < to; ++diagonal) scalar_diagonal(w, diagonal, 0, first_covariance(w, diagonal), best);
}

/// Bounds of chunks of about equally many pairs: the diagonal k has count − k of them.
std::vector<std::size_t> chunk_bounds(std::size_t first, std::size_t count) {
  std::vector<std::size_t> bounds = {first};
  const double span = static_cast<double>(count - first);
  for (std::size_t chunk = 1; chunk < kChunks; ++chunk) {
    const double left = std::sqrt(1 - static_cast<double>(chunk) / kChunks);
    bounds.push_back(std::max(bounds.back(), count - static_cast<std::size_t>(span * left)));
  }
  bounds.push_back(count);
  return bounds;
}

MatrixProfile profile_of(const Best& best, std::size_t window) {
  MatrixProfile profile;
  profile.match = best.match;
  for (std::size_t i = 0; i < best.match.size(); ++i) {
    const double gap = std::max(0.0, 1 - best.correlation[i]);
    profile.distance.push_back(best.match[i] < 0 ? kNan : std::sqrt(2 * static_cast<double>(window) * gap));
  }
  return profile;
}

}  // namespace

Result<MatrixProfile> matrix_profile(std::span<const double> series, const ProfileOptions& options) {
  if (options.window < 4) return Error(Errc::usage, fmt::format("a window of {} bars; at least 4 make a shape", options.window), "window");
  TRADEWIND_TRY(check_returns(series));
  if (series.size() < options.window) return MatrixProfile{};
  const Windows windows = windows_of(series, options.window);
  const std::size_t exclusion = options.exclusion > 0 ? options.exclusion : (options.window + 3) / 4;
  Best best(windows.count());
  if (exclusion + 1 < windows.count()) {
    const auto bounds = chunk_bounds(exclusion + 1, windows.count());
    std::vector<Best> parts(kChunks, Best(0));
    TRADEWIND_TRY(parallel_for(
        kChunks, options.threads,
        [&](std::size_t chunk) -> Status {
          parts[chunk] = Best(windows.count());
          run_diagonals(windows, bounds[chunk], bounds[chunk + 1], parts[chunk]);
          return {};
        },
        options.cancellation));
    for (const Best& part : parts) {
      for (std::size_t i = 0; i < windows.count(); ++i) {
        if (!(part.correlation[i] > best.correlation[i])) continue;
        best.correlation[i] = part.correlation[i];
        best.match[i] = part.match[i];
      }
    }
  }
  return profile_of(best, options.window);
}

}  // namespace tradewind::discovery
