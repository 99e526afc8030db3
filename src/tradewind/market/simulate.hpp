// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/market/bars.hpp"

namespace tradewind::market {

/// What market to simulate.
struct SimulationOptions {
  std::size_t symbols = 3;
  std::size_t bars = 2520;               ///< per symbol
  std::int64_t interval = kNanosPerDay;  ///< nanoseconds per bar
  std::uint64_t seed = 1;
  UnixNanos start = 1'420'070'400 * kNanosPerSecond;  ///< 2015-01-01; the first bar is the first open moment from here on
  bool around_the_clock = false;                      ///< no sessions and weekends, as for crypto
  double missing = 0.001;                             ///< share of intraday bars that are absent, for all symbols alike
};

/// A simulated market with the truth that made it.
struct Simulation {
  std::vector<Bars> symbols;  ///< SIM01, SIM02, …; all with the same timestamps
  std::vector<UnixNanos> timestamp;
  std::vector<std::uint8_t> regime;       ///< hidden regime of each bar, index into regime_names
  std::vector<std::string> regime_names;  ///< bull, sideways, bear, crash
};

/// Prices of correlated symbols under a hidden Markov chain of regimes that differ in drift, volatility, correlation and serial
/// correlation (momentum in trends, reversal in sideways markets); Student t returns, volume that follows the size of the move,
/// overnight gaps, consistent OHLC. Prices are rounded to 0.0001, volumes to integers: the same options give the same bars on any machine.
/// Errors: usage (no symbols or bars, odd interval, too much, an end after 2261). About 0.5 µs per bar and symbol.
Result<Simulation> simulate(const SimulationOptions& options);

/// "30s", "1min", "5m", "1h", "1d", "1w" as nanoseconds. Errors: usage.
Result<std::int64_t> parse_interval(std::string_view text);

}  // namespace tradewind::market
