// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tradewind/analysis/run_input.hpp"
#include "tradewind/discovery/condition_model.hpp"
#include "tradewind/discovery/pattern_miner.hpp"

namespace tradewind::analysis {

/// What patterns are mined from: strategies of one symbol with the symbol's own returns and regimes. Spans point into the object itself,
/// so it is neither copied nor moved.
struct PatternInput {
  PatternInput() = default;
  PatternInput(const PatternInput&) = delete;
  PatternInput& operator=(const PatternInput&) = delete;

  std::string symbol;
  std::string classifier;                         ///< whose regimes; empty: none
  std::vector<std::vector<std::int8_t>> signals;  ///< dense, by strategy
  std::vector<discovery::SignalStream> streams;
  std::vector<double> returns;  ///< of the symbol, close to close
  std::vector<std::int8_t> states;
  std::vector<std::string> labels;
  discovery::Surroundings around;
  std::vector<EventTrace> events;  ///< recorded for these strategies
};

/// Signals of a strategy as the position known at each bar's close.
std::vector<std::int8_t> dense_signals(const workspace::Signals& signals, const market::Bars& bars);

/// What acting on one occurrence of a pattern costs at the run's costs, in and out, as a fraction of what is traded: of `sqrt` slippage the
/// mean over the symbol's bars. Errors: as RunInput::series.
Result<double> occurrence_cost(RunInput& run, const std::string& symbol);

/// Fills `into` for strategies of a run, which all trade one symbol; `classifier` empty takes the first of the symbol.
/// Errors: as RunInput::series, load_signals, states_on.
Status read_pattern_input(RunInput& run, std::span<const std::string> strategy_ids, const std::string& symbol,
                          const std::string& classifier, const Path& root, PatternInput& into);

/// Whether a model of signals, regimes and recent returns tells the next return, tested with the miner's options. Errors: as
/// test_conditions.
Result<discovery::ConditionSkill> test_model(std::span<const discovery::SignalStream> streams, std::span<const double> returns,
                                             const discovery::Regimes& regimes, const discovery::MinerOptions& options,
                                             const std::string& lightgbm, const Cancellation* cancellation);

}  // namespace tradewind::analysis
