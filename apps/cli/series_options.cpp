// SPDX-License-Identifier: Apache-2.0
#include "series_options.hpp"

namespace tradewind::cli {

Result<commands::MetricsArguments> ReturnsInput::finished() const {
  commands::MetricsArguments a = arguments;
  a.returns_of = returns_of == "asset" ? metrics::ReturnsOf::asset : metrics::ReturnsOf::strategy;
  TRADEWIND_ASSIGN(a.options.minimum_acceptable_return, commands::parse_yearly_rate(minimum_acceptable_return, "--target"));
  if (commission.empty() && slippage.empty() && slippage_model.empty()) return a;
  metrics::ExecutionCosts costs = metrics::ExecutionCosts::none();
  if (!commission.empty()) {
    TRADEWIND_ASSIGN(costs.commission_rate, commands::parse_cost(commission, "--commission"));
  }
  if (!slippage.empty()) {
    TRADEWIND_ASSIGN(costs.slippage_bps, commands::parse_cost(slippage, "--slippage"));
  }
  if (!slippage_model.empty()) costs.slippage_model = *enum_from_name<metrics::SlippageModel>(slippage_model);
  a.costs = costs;
  return a;
}

void add_series_options(CLI::App* command, ReturnsInput& options) {
  auto& a = options.arguments;
  command->add_option("--column", a.column, "Column of returns (default: the first numeric one)");
  command->add_flag("--prices", a.prices, "The column holds prices: returns are made of it");
  command->add_option("--periods-per-year", a.options.periods_per_year,
                      "Bars in a year: 252 daily stocks, 365 daily crypto, 98280 minutes of 390-minute sessions (a run knows its own)");
  command->add_option("--signals", a.signals, "Column of positions -1, 0, 1 known at the bar's start");
  command->add_option("--returns-of", options.returns_of, "What the returns are of when signals are given")
      ->check(CLI::IsMember({"strategy", "asset"}))
      ->capture_default_str();
  add_nan_option(command, a.nan_policy);
  command->add_option("--benchmark", a.benchmark, "What to compare with: a column of the file, or a file of returns or prices");
  command->add_option("--risk-free", a.risk_free, "Risk-free return: an annual rate, or a column or file with that of every bar");
  command->add_option("--sharpe-benchmark", a.sharpe_benchmark, "Annual Sharpe ratio that psr and min_track_record are measured against")
      ->check(CLI::Range(-100.0, 100.0))
      ->capture_default_str();
  command->add_option("--target", options.minimum_acceptable_return, "Annual minimum acceptable return of the Sortino ratio")
      ->capture_default_str();
}

}  // namespace tradewind::cli
