// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "tradewind/replay/signal_replay_engine.hpp"

namespace tradewind::replay {

using Json = nlohmann::ordered_json;

/// {"metrics": {name: value or null, unit, bars, …}, "undefined": {name: reason}}.
Json performance_json(const metrics::PerformanceMetrics& performance);
Json config_json(const SignalReplayConfig& config, const std::string& classifier_id);

/// analytics/replay.json; `ids` are the strategies' names in the run.
std::string replay_document(const std::string& run_id, const SignalReplayConfig& config, const std::string& classifier_id,
                            std::span<const std::string> ids, const RegimeReplayResult& result, const ReplayBaselines& baselines);

}  // namespace tradewind::replay
