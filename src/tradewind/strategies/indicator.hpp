// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tradewind/market/bars.hpp"

namespace tradewind::strategies {

/// What a row of numbers over time is made of. Two strategies that ask for the same key share one computation.
struct IndicatorKey {
  enum class Kind {
    close,        ///< the close itself
    sma,          ///< simple moving average of the close: window
    ema,          ///< exponential moving average, α = 2/(n+1), seeded with the SMA of the first n closes: window
    macd,         ///< ema(fast) − ema(slow): fast, slow  [Appel 1979]
    macd_signal,  ///< ema of the macd line: fast, slow, signal
    highest,      ///< highest high of the window bars BEFORE this one: window  [Donchian]
    lowest,       ///< lowest low of the window bars BEFORE this one: window
    rsi,          ///< relative strength index with Wilder's smoothing: window  [Wilder 1978]
    zscore,       ///< (close − mean)/std(ddof=0) over the last window closes: window  [Bollinger 2001]
    momentum,     ///< close/close[window bars ago] − 1: window  [Moskowitz, Ooi & Pedersen 2012]
  };
  Kind kind = Kind::close;
  std::array<int, 3> windows = {0, 0, 0};
  auto operator<=>(const IndicatorKey&) const = default;
};

/// Computes one row, bar after bar. It may read bars up to and including the one it writes and nothing later; what it writes for a bar
/// does not depend on how the bars before were cut into calls. NaN until its window is full.
class Indicator {
 public:
  virtual ~Indicator() = default;
  /// Writes the values of bars [begin, begin + out.size()); calls are consecutive from bar 0.
  virtual void next(std::size_t begin, std::span<double> out) = 0;
};

/// The price columns of one symbol and what indicators share about them.
class PriceHistory {
 public:
  explicit PriceHistory(const market::Bars& bars);
  std::size_t size() const noexcept { return bars_->size(); }
  const market::Bars& bars() const noexcept { return *bars_; }
  const std::vector<double>& close() const noexcept { return bars_->close; }
  const std::vector<double>& high() const noexcept { return bars_->has_ohlc() ? bars_->high : bars_->close; }
  const std::vector<double>& low() const noexcept { return bars_->has_ohlc() ? bars_->low : bars_->close; }
  /// Sum of the closes of bars 0 … i−1; size() + 1 entries.
  const std::vector<double>& close_sums() const noexcept { return close_sums_; }
  /// The closes of bars 0 … exact_bars() − 1 are decimals: whole numbers of ticks, factor() of them to a unit of price.
  std::size_t exact_bars() const noexcept { return ticks_.size(); }
  double factor() const noexcept { return factor_; }
  const std::vector<std::int64_t>& ticks() const noexcept { return ticks_; }
  /// Sum of the ticks of bars 0 … i−1, which are whole numbers of doubles, so that differences are exact; empty when they are too large.
  const std::vector<double>& whole_sums() const noexcept { return whole_sums_; }
  /// Then these stand for them, modulo 2^64: differences over a window are exact. Empty otherwise.
  const std::vector<std::uint64_t>& tick_sums() const noexcept { return tick_sums_; }
  /// Where a price had more places than all before it: from `bar` on, a unit of price has `finer` times as many ticks.
  struct Refinement {
    std::size_t bar;
    std::int64_t finer;
  };
  /// By bar. An indicator counts in the ticks known at its bar, so that no later price changes the rounding of an earlier value.
  const std::vector<Refinement>& refinements() const noexcept { return refinements_; }
  /// ticks() are of the last refinement: how many of them make a tick as it was known at a bar.
  std::int64_t ticks_per_known_tick(std::size_t bar) const noexcept;
  /// First bar from which on that is 1.
  std::size_t settled_from() const noexcept { return refinements_.empty() ? 0 : refinements_.back().bar; }

 private:
  const market::Bars* bars_;
  std::vector<double> close_sums_;
  std::vector<std::int64_t> ticks_;
  std::vector<double> whole_sums_;
  std::vector<std::uint64_t> tick_sums_;
  std::vector<Refinement> refinements_;
  double factor_ = 1;
};

/// `history` must outlive the indicator.
std::unique_ptr<Indicator> make_indicator(const IndicatorKey& key, const PriceHistory& history);

}  // namespace tradewind::strategies
