// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tradewind/base/result.hpp"
#include "tradewind/live/bar_trader.hpp"
#include "tradewind/workspace/reader.hpp"

namespace tradewind::live {

/// A stored strategy of a run as a member, for every market. Errors: Errc::unknown_name for a type this program does not know; as
/// make_position_stream.
Result<BarMember> member_of(const workspace::SignalMetadata& row, double weight);

/// Returns per bar whose annual figures these are; none where one is undefined or nothing moves.
std::optional<metrics::DriftBaseline> returns_per_bar(double sharpe_ratio, double volatility, double periods_per_year, double risk_free);
/// What a backtest at full exposure promises of an account that holds no more than `options.share_per_market` of its equity.
void expect_of_account(StrategyOrigin& origin, const std::optional<metrics::DriftBaseline>& backtest, const BarTraderOptions& options);

}  // namespace tradewind::live
