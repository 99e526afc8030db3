// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/ensemble/adaptive.hpp"
#include "tradewind/market/bars.hpp"
#include "tradewind/metrics/performance_metrics.hpp"
#include "tradewind/metrics/trade_tables.hpp"
#include "tradewind/replay/regime_gate.hpp"
#include "tradewind/workspace/schemas.hpp"

namespace tradewind::replay {

/// One stored strategy of a replay.
struct ReplayStrategy {
  std::string run_id;
  std::string strategy_id;
  double weight = 1;  ///< share of the starting capital, > 0; with weights per regime: its share while the regime is unknown, ≥ 0
  /// The regimes it is held in; none: always. The signals given to a replay are those after the gate (gated_signals).
  std::optional<RegimeGate> gate = {};
};

/// What to replay and how orders are filled. Weights may sum to less than 1: the rest stays cash.
struct SignalReplayConfig {
  std::vector<ReplayStrategy> strategies;
  metrics::TradeTables::Options execution;
  // What follows counts for SignalReplayEngine only; replay_signals holds the strategies' own weights over all bars.
  std::vector<std::string> regimes = {};                 ///< labels of the states of the regime schedule
  std::vector<std::vector<double>> regime_weights = {};  ///< by regime, one per strategy: ≥ 0, sum ≤ 1
  /// Weights that follow the probabilities of `regimes` as far as moving pays, instead of regime_weights, which are then empty, and of
  /// confirm_bars.
  std::optional<ensemble::AdaptiveModel> adaptive = {};
  UnixNanos from = std::numeric_limits<UnixNanos>::min();  ///< trades in bars at [from, to)
  UnixNanos to = std::numeric_limits<UnixNanos>::max();
  int confirm_bars = 1;  ///< bars of the common timeline a new regime must have held before the weights follow, ≥ 1
};

/// The prices a strategy trades on, and what of trading them is their own.
struct ReplaySeries {
  const market::Bars* bars = nullptr;
  std::optional<metrics::FillModel> fill = {};  ///< none: that of the replay
  double periods_per_year = 0;                  ///< 0: that of the replay

  /// How its orders are executed in a replay.
  metrics::TradeTables::Options execution(const metrics::TradeTables::Options& of_replay) const {
    metrics::TradeTables::Options own = of_replay;
    own.fill = fill.value_or(of_replay.fill);
    if (periods_per_year > 0) own.periods_per_year = periods_per_year;
    return own;
  }
};

/// How one member did by itself.
struct MemberResult {
  ReplayStrategy strategy;
  std::string symbol;
  metrics::PerformanceMetrics performance;  ///< of a whole account of its own: equal to what the sweep stored, to the last bit
  double profit = 0;                        ///< in units of the ensemble's starting capital
};

/// The replay as a whole. Every member trades its share of the starting capital by itself, as sub-accounts would: nothing is moved
/// between them afterwards, so every cost is one that really would have been paid.
struct ReplayResult {
  metrics::PerformanceMetrics performance;  ///< net of costs; trade counts are those of all members
  std::vector<MemberResult> members;
  std::vector<UnixNanos> timestamp;  ///< every bar of any member's series
  std::vector<double> returns;       ///< net, per timestamp
  std::vector<double> equity;        ///< net, starting capital 1
  std::vector<double> gross_equity;  ///< the same positions without costs
};

/// Replays the signals of `signals[i]` (of config.strategies[i]) over `series[i]`. Signals must lie on the series' timestamps.
/// Errors: Errc::invalid_data for a signal at a time the series does not have; Errc::usage for weights that are not positive or sum
/// above 1. O(members · bars).
Result<ReplayResult> replay_signals(const SignalReplayConfig& config, std::span<const workspace::Signals> signals,
                                    std::span<const ReplaySeries> series);

/// Net return per bar of several strategies on one timeline: 0 before and after a strategy's own data and in bars it does not have.
struct ReturnTable {
  std::vector<std::string> names;
  std::vector<UnixNanos> timestamp;
  std::vector<std::vector<double>> returns;  ///< by strategy
};

/// Each strategy's own account, as replay_signals has it, on the union of all bars' timestamps. Errors as replay_signals. O(strategies ·
/// bars).
Result<ReturnTable> strategy_returns(const SignalReplayConfig& config, std::span<const workspace::Signals> signals,
                                     std::span<const ReplaySeries> series);

}  // namespace tradewind::replay
