// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"
#include "tradewind/workspace/schemas.hpp"

namespace tradewind::replay {

/// Where the strategies of a replay come from: what makes its run reproducible.
struct ReplayProvenance {
  std::vector<workspace::RunMetadata> sources;  ///< of every run a strategy is of: their data, hashes and files are carried over
  std::vector<workspace::SignalMetadata>
      strategies;             ///< the source rows of the strategies, in the config's order: type, parameters, data hash
  workspace::States regimes;  ///< the schedule that was replayed
  std::optional<workspace::ClassifierMetadata> classifier;  ///< what made the schedule; none: it is stored as classifier "replay"
  UnixNanos created_at = 0;                                 ///< 0: now, by the system's clock
};

/// Names of the rows that are no single strategy.
inline constexpr const char* kEnsembleRow = "ensemble";
inline constexpr const char* kStaticRow = "static_weights";
inline constexpr const char* kEqualRow = "equal_weight";
inline constexpr const char* kBuyAndHoldRow = "buy_and_hold";

/// Writes a replay as a run of workflow_type "backtest", layout files: a row per strategy with its metrics in the window and its signals
/// cut to the window (a position held before it stands at the last bar before), rows without signals for the ensemble and the baselines,
/// the regimes as a classifier, signals/combined/ensemble_signals.parquet and analytics/replay.json. Its execution is that of the replay,
/// its configuration holds under "replay" what replay_config_from_json reads. A strategy_id that occurs in two sources gets
/// "@run_id" behind it. Equal replays give equal bytes but for created_at.
/// An interrupted write is completed by the same call; Errc::already_exists when the run is there and complete, or is another replay.
/// Errors: Errc::invalid_data when sources disagree about the data of a symbol; as RunWriter.
Result<workspace::RunMetadata> write_replay_run(const Path& root, const std::string& run_id, const SignalReplayConfig& config,
                                                std::span<const workspace::Signals> signals, std::span<const ReplaySeries> series,
                                                const RegimeReplayResult& result, const ReplayBaselines& baselines,
                                                const ReplayProvenance& provenance);

/// The object under "replay" of a run's configuration, as compact JSON: strategies, regimes, weights, window, confirm_bars, classifier.
std::string replay_config_json(const SignalReplayConfig& config, const std::string& classifier_id = {});

/// The strategies' names in the replay's own run, in the order of the config: their ids, "@run_id" behind those that occur twice.
std::vector<std::string> row_ids(const SignalReplayConfig& config);

struct StoredReplay {
  SignalReplayConfig config;  ///< strategies name the original runs; `execution` is left at its defaults
  std::string classifier_id;  ///< in the replay's own run; empty without regimes
};
/// Reads what replay_config_json wrote. Errc::corrupt.
Result<StoredReplay> replay_config_from_json(std::string_view json);

}  // namespace tradewind::replay
