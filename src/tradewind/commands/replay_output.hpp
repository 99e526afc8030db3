// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/commands/benchmark_input.hpp"
#include "tradewind/commands/replay.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"

namespace tradewind::commands {

/// A member's figures.
Json member_json(const replay::MemberResult& member);
/// The deepest drawdowns of a replay.
/// Puts the replay beside a benchmark into its object, with what there is to note; nothing for an empty series. `clock` is that of the
/// years.
void put_replay_benchmark(Json& json, const SeriesBeside& beside, const replay::ReplayResult& result,
                          const metrics::TradeTables::Options& execution, const std::vector<market::UtcOffset>& clock);
Json drawdowns_json(const replay::ReplayResult& result, int count);

/// Whether the arguments ask for what only a recorded replay has: trades, shares.
bool wants_recording(const ReplayArguments& arguments);
/// Writes the files that the arguments name and notes them in `json`. `recorded` may be null when
/// nothing of it is wanted.
Status write_files(const ReplayArguments& arguments, const replay::ReplayResult& result, const replay::RegimeReplayResult* recorded,
                   const std::vector<std::string>& regimes, Json& json);

}  // namespace tradewind::commands
