// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tradewind/base/time.hpp"
#include "tradewind/workspace/run_execution.hpp"

namespace tradewind::workspace {

/// The version of the files on disk. Readers read every older one and refuse newer ones.
inline constexpr int kFormatVersion = 1;

using ParameterValue = std::variant<std::int64_t, double, bool, std::string>;
struct Parameter {
  std::string name;
  ParameterValue value;
  bool operator==(const Parameter&) const = default;
};

/// Sparse signals of one strategy: one entry per change, time strictly increasing, the state before the first entry is 0 (flat).
/// Spans are borrowed from the caller for the duration of the call.
struct SignalView {
  std::span<const UnixNanos> timestamp;
  std::span<const std::int8_t> signal;  ///< −1 short, 0 flat, +1 long
  std::span<const float> confidence;    ///< [0, 1]; empty means 1 everywhere
};

/// The same, owned.
struct Signals {
  std::vector<UnixNanos> timestamp;
  std::vector<std::int8_t> signal;
  std::vector<float> confidence;
};

/// One strategy of a run: SignalMetadata of the analytics document with its scalar metrics as named columns.
/// `values[i]` belongs to the run's `metric_columns[i]` (sharpe_ratio, …, regime.<classifier>.<label>.<metric>); NaN means undefined.
struct SignalMetadata {
  std::string strategy_id;
  std::string strategy_type;
  std::string symbol;
  std::vector<Parameter> parameters;
  std::int64_t total_signals = 0;   ///< bars the signals cover
  std::int64_t signal_changes = 0;  ///< rows stored
  double compression_ratio = 0;     ///< total_signals / signal_changes (total_signals when there is no change)
  std::int64_t total_trades = 0;    ///< closed trades
  std::int64_t total_fills = 0;
  std::int64_t rejected_orders = 0;
  std::vector<double> values;
  std::string undefined;             ///< "name:reason;name:reason" for the metrics that are NaN
  std::uint64_t parameter_hash = 0;  ///< identifies symbol, type, parameters and execution; what resume compares
  std::string data_hash;             ///< SHA-256 of the input it was computed on
};

/// One regime classifier of a run: ClassifierMetadata of the analytics document and its sparse states.
struct ClassifierMetadata {
  std::string classifier_id;
  std::string classifier_type;
  std::string symbol;
  std::vector<Parameter> parameters;
  std::vector<std::string> labels;  ///< label of state i
  std::int64_t total_states = 0;    ///< bars
  std::int64_t state_changes = 0;
  double compression_ratio = 0;
  bool hindsight = false;
  std::map<std::string, std::int64_t> regime_counts;                       ///< bars by label
  std::map<std::string, double> avg_regime_duration;                       ///< bars per run of the label
  std::map<std::string, std::map<std::string, double>> transition_matrix;  ///< P(to | from) between successive bars, rows sum to 1
  std::vector<std::string> diagnostics;  ///< what was wrong with its fits, a sentence each, in order of time
};

/// Sparse states of a classifier: one entry per change; state −1 means not yet known. The state before the first entry is −1.
struct StateView {
  std::span<const UnixNanos> timestamp;
  std::span<const std::int8_t> state;
};

/// One symbol's consensus of its classifiers, a row per bar. Spans are borrowed for the duration of the call.
struct ConsensusView {
  std::span<const UnixNanos> timestamp;
  std::span<const std::int8_t> state;              ///< index into the labels, −1: not yet known
  std::span<const float> agreement;                ///< weight of the classifiers that say so, [0, 1]; 0 while unknown
  std::span<const std::vector<float>> posteriors;  ///< by column: a classifier's probability of one of its states, NaN while unknown
};

/// The same, owned.
struct ConsensusRegimes {
  std::vector<UnixNanos> timestamp;
  std::vector<std::int8_t> state;
  std::vector<float> agreement;
  std::vector<std::string> labels;   ///< label of state i
  std::vector<std::string> columns;  ///< "trend.window=200.up": classifier without its symbol, label
  std::vector<std::vector<float>> posteriors;
};

/// RunMetadata of the analytics document plus what makes the run reproducible.
struct RunMetadata {
  std::string run_id;
  UnixNanos created_at = 0;
  std::string workflow_type = "optimization";  ///< optimization, backtest, live, import
  std::int64_t total_strategies = 0;
  std::int64_t total_classifiers = 0;
  std::int64_t total_events = 0;
  double best_sharpe = 0;  ///< NaN when no strategy has one
  std::string best_strategy;
  std::string best_classifier;
  std::string commission_model;  ///< e.g. "10bps of notional per fill"
  std::string slippage_model;    ///< e.g. "linear 5bps"
  UnixNanos start_date = 0;
  UnixNanos end_date = 0;
  std::vector<std::string> symbols;
  std::map<std::string, std::string> signal_files;      ///< strategy_id -> path in the run (files layout only; empty when packed)
  std::map<std::string, std::string> classifier_files;  ///< classifier_id -> path in the run
  std::string event_trace_file;

  std::string status = "running";  ///< running, complete, interrupted
  RunExecution execution;
  double periods_per_year = 0;                     ///< on the timeline of all symbols: the highest of theirs
  std::string layout;                              ///< files or packed
  std::string config;                              ///< the configuration as given, normalised JSON text
  std::map<std::string, std::string> data_hashes;  ///< path as configured -> SHA-256
  std::map<std::string, std::string> data_files;   ///< symbol -> where its file was found, for replays
  std::map<std::string, std::string> conditions;   ///< what all writers of a run must have in common: execution and, by symbol, data
  std::map<std::string, std::string> configs;      ///< of the second and later writers, by the writer's name
  std::vector<std::string> catalog;                ///< live catalog segments: writer and strategies of each
  std::string tradewind_version;

  /// A replay's run holds combinations of its strategies beside them, which have no signals of their own.
  bool is_replay() const { return workflow_type == "backtest"; }
};

}  // namespace tradewind::workspace
