// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace tradewind::metrics {

/// One decline of the equity below an earlier peak. Points count equity values: 0 is the start, t the equity after bar t − 1;
/// so the bars of the decline are [peak, trough) and those of the way back [trough, recovery).
struct Drawdown {
  std::size_t peak = 0;                 ///< the last point at the high
  std::size_t trough = 0;               ///< the first point at the low
  std::optional<std::size_t> recovery;  ///< the first point at or above the peak again; none while under water at the end
  double depth = 0;                     ///< positive fraction of the peak

  std::size_t decline_bars() const noexcept { return trough - peak; }
  std::optional<std::size_t> recovery_bars() const noexcept {
    return recovery ? std::optional<std::size_t>(*recovery - trough) : std::nullopt;
  }
};

/// Drawdown at the close of every bar: 1 − E_t / peak, in [0, 1], the starting equity counting as a peak. O(n).
/// Returns are simple, finite and ≥ −1 (calculate_metrics checks; these functions do not).
std::vector<double> drawdown_series(std::span<const double> returns);

/// The deepest `count` drawdowns, deepest first, ties by the earlier peak. Fewer when the path has fewer. O(n + d log d).
std::vector<Drawdown> drawdown_table(std::span<const double> returns, std::size_t count);

/// The drawdown that max_drawdown reports; none when equity never falls below its peak. O(n).
std::optional<Drawdown> deepest_drawdown(std::span<const double> returns);

}  // namespace tradewind::metrics
