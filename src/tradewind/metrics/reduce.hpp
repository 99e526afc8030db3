// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tradewind::metrics {

/// Indices of the points that a line chart `buckets` pixels wide can show: of each of `buckets` stretches of (almost) equal length the
/// first, the smallest, the largest and the last value. A line through them covers the same pixels as one through all. The first of equal
/// values counts. NaN is never smallest or largest; a stretch of NaN keeps its ends, so gaps stay gaps.
/// Ascending, without doubles, at most 4 · buckets; holds the first and last index; all of them when that is no more. With 0 buckets it is
/// empty. O(n). [Jugel, Jerzak, Hackenbroich & Markl 2014, M4: a visualization-oriented time series data aggregation]
std::vector<std::size_t> m4_indices(std::span<const double> values, std::size_t buckets);

/// The same for several series that share one time axis: at most `max_points` indices, each stretch keeping first and last and the smallest
/// and largest of every series; as many stretches as that allows. Series shorter than the longest count as NaN behind their end.
/// Below 2 points per series only evenly spaced indices are kept. O(n · series · log max_points).
std::vector<std::size_t> m4_indices(std::span<const std::span<const double>> series, std::size_t max_points);

}  // namespace tradewind::metrics
