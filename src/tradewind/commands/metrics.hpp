// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tradewind/commands/output.hpp"
#include "tradewind/metrics/positions.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::commands {

struct MetricsArguments {
  Path file;
  std::string column;          ///< returns; empty: the first numeric column
  bool prices = false;         ///< the column holds prices, of which returns are made
  bool price_by_name = false;  ///< without `column`, one named close, adj_close or price is taken, and holds prices
  std::string signals;         ///< positions −1, 0, +1; empty: none
  std::string regimes;         ///< labels, read as words; empty: none
  std::string benchmark;       ///< a column or a file of returns (a file also of prices) to compare with; empty: none
  std::string risk_free;       ///< a rate, a column or a file; empty: the rate of the options
  metrics::ReturnOptions options;
  double sharpe_benchmark = 0;  ///< annual Sharpe ratio that psr and min_track_record are measured against
  metrics::NanPolicy nan_policy = metrics::NanPolicy::reject;
  std::optional<metrics::ExecutionCosts> costs;  ///< needs signals
  metrics::ReturnsOf returns_of = metrics::ReturnsOf::strategy;
  bool labels_aligned = false;
  bool intervals = false;
  std::uint64_t seed = 1;
  std::size_t rolling = 0;    ///< window in bars; 0: none
  std::size_t drawdowns = 0;  ///< rows of the drawdown table
};

/// A rate as a user writes it: 0.001, 10bps or 0.1%, above −1 and below 1; `otherwise` for an empty text. Error: `usage` naming the option.
Result<double> parse_rate(std::string_view text, const std::string& option, double otherwise = 0);
/// A yearly return as a user writes it: above −1, and above 1 too where a rate per bar compounds to that.
Result<double> parse_yearly_rate(std::string_view text, const std::string& option, double otherwise = 0);
/// The same as parse_rate for what is paid: 0 or more.
Result<double> parse_cost(std::string_view text, const std::string& option, double otherwise = 0);

/// `tradewind metrics`: metrics of any return series, with costs, regimes, rolling windows, drawdowns and intervals where asked.
Result<CommandOutput> metrics_of_file(const MetricsArguments& arguments, const Context& context);

/// `tradewind metrics RUN`: strategies of a run by regime, with intervals and drawdown shares, for every classifier of their symbol.
/// Writes analytics/regime_performance.json into the run.
struct RunMetricsArguments {
  std::string run;
  std::string where;
  std::size_t top = 20;  ///< the best by net Sharpe ratio; 0: all
  std::uint64_t seed = 1;
  bool prices = false;  ///< asked for, and refused
};
Result<CommandOutput> metrics_of_run(const RunMetricsArguments& arguments, const Context& context);

}  // namespace tradewind::commands
