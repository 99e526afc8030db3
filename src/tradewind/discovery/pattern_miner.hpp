// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/event_trace.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/discovery/pattern.hpp"

namespace tradewind::discovery {

struct MinerOptions {
  double min_support = 0.05;    ///< in [0, 1]; with min_confidence selects the structural list, never what is tested
  double min_confidence = 0.6;  ///< in [0, 1]
  bool bars = true;             ///< mine the bars form
  bool runs = true;             ///< mine the runs form
  int max_length = 3;           ///< signals in a sequence, 1 … 8
  int max_gap = 0;              ///< runs that may be passed over between two neighbours of a runs pattern, 0 … 20
  int window = 20;              ///< bars of a window in which runs patterns are counted for support, 2 … 100,000
  int permutations = 500;       ///< 19 … 100,000
  int block = 10;               ///< bars whose returns keep their relative signs under the null, 1 … 10,000
  double holdout = 0.3;         ///< newest share of the bars kept back, in [0, 0.9]; 0: none, then p_adjusted alone decides
  int embargo = -1;             ///< bars left out between both parts; −1: block + max_length
  double cost = 0;              ///< of acting on one occurrence, in and out, fraction in [0, 1)
  bool excess = false;          ///< test returns less the mean of their regime, so that drift makes no pattern
  int horizon = 5;              ///< bars after a regime transition, 1 … 10,000
  std::uint64_t seed = 1;
  int threads = 1;
};

/// Everything that was found and how much was tried.
struct MinedPatterns {
  std::vector<TradingPattern> patterns;  ///< structural or significant; significant ones first, bars before runs, then by p_adjusted
  std::int64_t tested = 0;               ///< associations tried, listed or not
  std::int64_t bars = 0;                 ///< of the discovery part
  std::int64_t holdout_bars = 0;
};

struct RegimePatterns {
  std::vector<TransitionPattern> transitions;  ///< every (from, to) that occurs, in the order of the labels
  std::int64_t tested = 0;
};

/// Smallest share of the bars, and smallest number of occurrences, from which an association is tested.
inline constexpr double kTestedSupport = 0.001;
inline constexpr std::int64_t kTestedOccurrences = 5;
inline constexpr double kSignificance = 0.05;

/// Mines patterns from signals, regimes and events, and tests every one of them.
class PatternMiner {
 public:
  /// Error: `usage` naming the option that is out of range.
  static Result<PatternMiner> make(const MinerOptions& options = {});

  /// Sequences of signals and the return of the bar after the last one. Occurrences of all streams are pooled; one block of bars is one
  /// draw of the null whatever the number of streams. `returns[t]` is the return of bar t. Degenerate input (no bars, constant
  /// signals, no regimes) gives fewer or no patterns, never an error.
  /// Errors: `invalid_data` with "row N" for lengths that differ, signals other than −1, 0, 1, returns that are not finite, unknown
  /// states; `too_large` above 2^27 streams · bars · max_length; `interrupted`. O(streams · bars · max_length + permutations · bars / block
  /// · associations).
  Result<MinedPatterns> mine_patterns(std::span<const SignalStream> signals, std::span<const double> returns, const Regimes& regimes,
                                      std::span<const EventTrace> events = {}, const Surroundings& around = {},
                                      const Cancellation* cancellation = nullptr) const;

  /// What follows changes of regime, over all bars (no holdout). Bars without a label break the sequence. Errors: as mine_patterns.
  Result<RegimePatterns> find_regime_patterns(const Regimes& regimes, std::span<const double> returns,
                                              const Cancellation* cancellation = nullptr) const;

  const MinerOptions& options() const noexcept { return options_; }

 private:
  explicit PatternMiner(const MinerOptions& options) : options_(options) {}
  MinerOptions options_;
};

}  // namespace tradewind::discovery
