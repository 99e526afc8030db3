// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/describe.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace tradewind::market {
namespace {

constexpr std::size_t kListedMoves = 5;
constexpr double kNanosPerYear = 365.25 * static_cast<double>(kNanosPerDay);

/// Splits are 3:2 or more, either way; an ordinary crash gets there within the bar rather than before its open.
bool looks_like_split(double ratio) noexcept { return ratio < 0.62 || ratio > 1.6; }

Move move_at(const Bars& bars, std::size_t i) {
  const double before = bars.close[i - 1];
  Move move{i, bars.timestamp[i], bars.close[i] / before - 1, false};
  move.suspected_split = looks_like_split(bars.close[i] / before) && (!bars.has_ohlc() || looks_like_split(bars.open[i] / before));
  return move;
}

}  // namespace

BarsSummary describe(const Bars& bars) {
  BarsSummary summary;
  summary.rows = bars.size();
  if (bars.size() == 0) return summary;
  summary.first = bars.timestamp.front();
  summary.last = bars.timestamp.back();
  summary.median_spacing = median_spacing(bars.timestamp);
  summary.bars_per_year = infer_periods_per_year(bars.timestamp);
  summary.gaps = find_gaps(bars.timestamp);
  for (const double volume : bars.volume) {
    summary.zero_volumes += volume == 0 ? 1 : 0;
    summary.missing_volumes += std::isnan(volume) ? 1 : 0;
  }
  const auto& lows = bars.has_ohlc() ? bars.low : bars.close;
  const auto& highs = bars.has_ohlc() ? bars.high : bars.close;
  summary.lowest = *std::min_element(lows.begin(), lows.end());
  summary.highest = *std::max_element(highs.begin(), highs.end());

  std::vector<Move> moves;
  moves.reserve(bars.size());
  for (std::size_t i = 1; i < bars.size(); ++i) {
    moves.push_back(move_at(bars, i));
    if (moves.back().suspected_split) summary.suspected_splits.push_back(moves.back());
  }
  const auto listed = moves.begin() + static_cast<std::ptrdiff_t>(std::min(kListedMoves, moves.size()));
  // By size of the logarithm, so that a halving and a doubling weigh the same.
  const auto size = [](const Move& move) { return std::abs(std::log1p(move.change)); };
  std::partial_sort(moves.begin(), listed, moves.end(),
                    [&](const Move& a, const Move& b) { return size(a) > size(b) || (size(a) == size(b) && a.row < b.row); });
  summary.largest_moves.assign(moves.begin(), listed);
  return summary;
}

std::optional<double> infer_periods_per_year(std::span<const UnixNanos> timestamps) {
  if (timestamps.size() < 2) return std::nullopt;
  const auto span = static_cast<double>(timestamps.back()) - static_cast<double>(timestamps.front());
  if (span < 90.0 * static_cast<double>(kNanosPerDay)) return std::nullopt;
  return static_cast<double>(timestamps.size() - 1) / span * kNanosPerYear;
}

std::optional<std::string> periods_per_year_warning(std::span<const UnixNanos> timestamps, double configured) {
  const auto observed = infer_periods_per_year(timestamps);
  if (!observed || std::abs(*observed / configured - 1) <= 0.05) return std::nullopt;
  return fmt::format(
      "periods_per_year is {:.6g}, but the timestamps show {:.1f} bars per year: annualised figures are off by a factor of {:.2f} or its "
      "root",
      configured, *observed, configured / *observed);
}

}  // namespace tradewind::market
