// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/discovery/pattern.hpp"
#include "tradewind/discovery/pattern_miner.hpp"
#include "tradewind/metrics/splits.hpp"

namespace tradewind::discovery {

using metrics::BarRange;  ///< of every stream

/// Occurrences of a pattern: stream · bars + bar, where bar is the last one of the pattern; ascending.
using Occurrences = std::vector<std::uint32_t>;

/// A sequence in a regime (−1: any), with where it occurs in the discovery part and in the holdout. Occurrences have a next bar inside
/// their part.
struct Candidate {
  Form form = Form::bars;
  std::vector<std::int8_t> sequence;
  int regime = -1;
  Occurrences discovery;
  Occurrences holdout;
  double support = 0;
  double confidence = 0;
  double duration = 0;
  bool closed = true;
};

/// What all steps read.
struct MiningInput {
  std::span<const SignalStream> streams;
  std::span<const double> returns;
  Regimes regimes;
  std::span<const EventTrace> events;
  Surroundings around;
  BarRange discovery;
  BarRange holdout;

  std::size_t bars() const noexcept { return returns.size(); }
  int state(std::size_t bar) const noexcept { return regimes.state.empty() ? -1 : regimes.state[bar]; }
  /// Regimes apart make sense from two labels on, or when some bars have none.
  bool by_regime = false;
};

/// Candidates that occur often enough to be tested or reach min_support. Order: length, sequence, regime.
std::vector<Candidate> bar_candidates(const MiningInput& input, const MinerOptions& options);
std::vector<Candidate> run_candidates(const MiningInput& input, const MinerOptions& options);

/// Occurrences an association needs to be looked at.
std::int64_t least_occurrences(const MiningInput& input, const MinerOptions& options);

/// Fills the document's descriptive fields of a pattern. `direction` ±1 is the sign of its mean outcome.
class Describer {
 public:
  Describer(const MiningInput& input, const MinerOptions& options);
  void describe(const Candidate& candidate, int direction, TradingPattern& pattern) const;

 private:
  struct Fills {
    std::int64_t count = 0;
    double delay_seconds = 0;
    double cost = 0;
    std::int64_t without_cost = 0;
  };
  /// Moments of a strategy's bar returns signal[t] · r[t + 1] in the discovery part.
  struct StreamMoments {
    double mean = 0;
    double deviation = 0;  ///< √Σ(x − mean)²
  };
  void index_events();
  void add_regimes(const Candidate& candidate, int direction, TradingPattern& pattern) const;
  void add_strategies(const Candidate& candidate, int direction, TradingPattern& pattern) const;
  void add_market(const Candidate& candidate, TradingPattern& pattern) const;
  void add_events(const Candidate& candidate, TradingPattern& pattern) const;

  const MiningInput& input_;
  const MinerOptions& options_;
  std::vector<double> volatility_;  ///< trailing 20 bars, NaN before
  double average_volume_ = 0;
  std::vector<StreamMoments> moments_;
  std::vector<std::map<std::int64_t, Fills>> fills_;  ///< per stream: time of the signal → its fills
};

}  // namespace tradewind::discovery
