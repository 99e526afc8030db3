// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tradewind/market/bars.hpp"
#include "tradewind/market/gaps.hpp"

namespace tradewind::market {

/// A change from one close to the next.
struct Move {
  std::size_t row = 0;  ///< index of the bar it leads to
  UnixNanos timestamp = 0;
  double change = 0;  ///< close/previous close - 1
  /// The price already opened at the new level and moved like a split: probably the data is not adjusted.
  bool suspected_split = false;
};

/// What there is to know about a price history before using it.
struct BarsSummary {
  std::size_t rows = 0;
  UnixNanos first = 0;
  UnixNanos last = 0;
  std::int64_t median_spacing = 0;      ///< nanoseconds
  std::optional<double> bars_per_year;  ///< see infer_periods_per_year
  std::vector<Gap> gaps;
  std::size_t zero_volumes = 0;
  std::size_t missing_volumes = 0;
  double lowest = 0;  ///< of low, or of close when there are closes only
  double highest = 0;
  std::vector<Move> largest_moves;     ///< the five largest by size
  std::vector<Move> suspected_splits;  ///< all of them, in time order
};

/// Summary of non-empty bars. O(n).
BarsSummary describe(const Bars& bars);

/// Observed bars per calendar year (365.25 days); nullopt below 90 days, where weekends and holidays at the edges would mislead.
std::optional<double> infer_periods_per_year(std::span<const UnixNanos> timestamps);

/// A warning showing both figures when the observed rate differs from the configured one by more than 5 %.
std::optional<std::string> periods_per_year_warning(std::span<const UnixNanos> timestamps, double configured);

}  // namespace tradewind::market
