// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tradewind/base/result.hpp"
#include "tradewind/live/bar_trader.hpp"
#include "tradewind/regimes/classifier.hpp"
#include "tradewind/workspace/reader.hpp"

namespace tradewind::live {

/// A classifier of a run as it was before the run's first bar.
struct RunClassifier {
  std::unique_ptr<regimes::Classifier> classifier;
  std::string symbol;               ///< whose bars it was told
  std::vector<std::string> labels;  ///< of its states
};
/// Makes one of the run's classifiers, or a symbol's consensus of them, anew: told the run's bars it says what the run has stored.
/// Errors: Errc::not_found for one that the run does not have; Errc::unknown_name for a type this program does not know (of an import,
/// say); Errc::invalid_data for one that now tells other regimes apart.
Result<RunClassifier> classifier_of_run(const workspace::Run& run, const std::string& classifier_id);

/// A stored parameter as a number; none for a text.
std::optional<double> number_of(const workspace::ParameterValue& value);
/// A stored strategy of a run as a member, for every market. Errors: Errc::unknown_name for a type this program does not know; as
/// make_position_stream.
Result<BarMember> member_of(const workspace::SignalMetadata& row, double weight);

/// Returns per bar whose annual figures these are; none where one is undefined or nothing moves.
std::optional<metrics::DriftBaseline> returns_per_bar(double sharpe_ratio, double volatility, double periods_per_year, double risk_free);
/// What a backtest at full exposure promises of an account that holds no more than `options.share_per_market` of its equity.
void expect_of_account(StrategyOrigin& origin, const std::optional<metrics::DriftBaseline>& backtest, const BarTraderOptions& options);

}  // namespace tradewind::live
