// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/return_series.hpp"

#include <cmath>
#include <map>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/commands/series_input.hpp"
#include "tradewind/metrics/overfitting.hpp"

namespace tradewind::commands {
namespace {

Result<std::vector<std::int8_t>> read_positions(const ReturnSeries& input, const MetricsArguments& arguments) {
  TRADEWIND_ASSIGN(const market::SeriesColumn* const column, input.table.numbers(arguments.signals));
  std::vector<std::int8_t> positions;
  for (const std::size_t row : input.returns.rows) {
    const double value = column->values[row];
    if (value != -1 && value != 0 && value != 1) {
      return Error(Errc::invalid_data, fmt::format("signal '{}' is {}; it must be -1, 0 or 1", column->name, value),
                   fmt::format("{}:{}", arguments.file.string(), input.table.line[row]));
    }
    positions.push_back(static_cast<std::int8_t>(value));
  }
  return positions;
}

Status read_regimes(ReturnSeries& input, const MetricsArguments& arguments) {
  TRADEWIND_ASSIGN(const market::SeriesColumn* const column, input.table.column(arguments.regimes));
  std::map<std::string, std::int8_t> known;
  for (const std::size_t row : input.returns.rows) {
    if (!column->texts[row].empty()) known.emplace(column->texts[row], std::int8_t{0});
  }
  if (known.size() > 100) {
    return Error(Errc::invalid_data,
                 fmt::format("column '{}' has {} different labels; at most 100 make sense as regimes", column->name, known.size()),
                 arguments.file.string());
  }
  for (auto& [label, state] : known) {
    state = static_cast<std::int8_t>(input.labels.size());
    input.labels.push_back(label);
  }
  for (const std::size_t row : input.returns.rows)
    input.states.push_back(column->texts[row].empty() ? std::int8_t{-1} : known.at(column->texts[row]));
  return {};
}

/// The series beside the returns: what they are compared with, and what is earned without risk.
Status read_beside(ReturnSeries& input, const MetricsArguments& arguments) {
  auto& notes = input.table.notes;
  if (!arguments.benchmark.empty()) {
    TRADEWIND_ASSIGN(input.benchmark, series_beside(arguments.benchmark, input.table, arguments.file, input.returns.rows, "benchmark"));
    notes.insert(notes.end(), input.benchmark->notes.begin(), input.benchmark->notes.end());
  }
  TRADEWIND_ASSIGN(input.risk_free, risk_free_input(arguments.risk_free, arguments.options.risk_free, input.table, arguments.file,
                                                    input.returns.rows, notes));
  if (input.risk_free.series.empty() || (arguments.regimes.empty() && !arguments.intervals && arguments.rolling == 0)) return {};
  return Error(Errc::usage, "regimes, intervals and rolling windows take one risk-free rate, not a series of them", "--risk-free",
               "give a yearly rate such as 0.02");
}

/// The columns of the file that hold prices.
std::vector<std::string> priced_columns(const ReturnSeries& input, const MetricsArguments& arguments) {
  std::vector<std::string> columns = {input.column};
  if (!arguments.benchmark.empty() && arguments.benchmark != input.column && !names_file(arguments.benchmark))
    columns.push_back(arguments.benchmark);
  return columns;
}

metrics::DistributionMetrics distribution_of(const ReturnSeries& input, const MeasuredReturns& measured, const MetricsArguments& arguments,
                                             const metrics::ReturnOptions& options) {
  metrics::DistributionInput of{.returns = measured.net, .performance = &measured.performance};
  std::vector<double> excess;
  if (!input.risk_free.series.empty()) excess = metrics::excess_returns(measured.net, input.risk_free.series);
  of.trades = measured.trades;
  of.positions = input.positions;
  of.excess = excess;
  of.sharpe_benchmark = arguments.sharpe_benchmark;
  return metrics::distribution_metrics(of, options);
}

}  // namespace

Result<ReturnSeries> read_return_series(const MetricsArguments& given) {
  ReturnSeries input;
  MetricsArguments arguments = given;
  market::SeriesOptions options;
  if (!arguments.regimes.empty()) options.text_columns = {arguments.regimes};
  TRADEWIND_ASSIGN(input.table, market::read_series(arguments.file, options));
  if (const market::SeriesColumn* const price = price_column(input.table);
      price != nullptr && arguments.price_by_name && arguments.column.empty()) {
    arguments.column = price->name;
    arguments.prices = true;
    input.table.notes.push_back(
        fmt::format("returns are those of the prices in column '{}'; --column chooses another", printable(price->name)));
  }
  input.prices = arguments.prices;
  if (input.table.rows() == 0 && arguments.column.empty() && !input.table.columns.empty()) {
    input.column = input.table.columns.front().name;
  } else {
    TRADEWIND_ASSIGN(const market::SeriesColumn* const column,
                     choose_column(input.table, arguments.file, arguments.column,
                                   {arguments.signals, arguments.regimes, arguments.benchmark, arguments.risk_free}));
    input.column = column->name;
    if (arguments.prices)
      TRADEWIND_TRY(make_returns(input.table, priced_columns(input, arguments), arguments.file));  // the column stays where it is
    else
      TRADEWIND_TRY(check_returns(*column, arguments.file, input.table.notes));
    auto clean = metrics::apply_nan_policy(column->values, arguments.nan_policy);
    if (!clean) return locate(clean.error().with_context(fmt::format("column '{}'", column->name)), input.table, arguments.file);
    input.returns = std::move(*clean);
  }
  if (!arguments.signals.empty()) {
    TRADEWIND_ASSIGN(input.positions, read_positions(input, arguments));
  }
  if (!arguments.regimes.empty()) TRADEWIND_TRY(read_regimes(input, arguments));
  TRADEWIND_TRY(read_beside(input, arguments));
  return input;
}

Result<MeasuredReturns> measure_returns(const ReturnSeries& input, const MetricsArguments& arguments, const metrics::ReturnOptions& options,
                                        std::vector<std::string>& notes) {
  MeasuredReturns out;
  out.net = input.returns.values;
  if (arguments.signals.empty()) {
    TRADEWIND_ASSIGN(out.performance, metrics::calculate_metrics(out.net, options));
  } else {
    const auto costs = arguments.costs.value_or(metrics::ExecutionCosts::none());
    TRADEWIND_TRY(metrics::check(options));
    TRADEWIND_ASSIGN(auto costed, metrics::apply_costs(out.net, input.positions, costs, options.periods_per_year, arguments.returns_of));
    TRADEWIND_ASSIGN(out.performance, metrics::calculate_metrics(costed, input.positions, options));
    if (arguments.returns_of == metrics::ReturnsOf::strategy && costed.flat_bars_with_return > 0) {
      notes.push_back(fmt::format("{} bars without a position have a return; if '{}' holds the asset's returns, say --returns-of asset",
                                  costed.flat_bars_with_return, input.column));
    }
    out.trades = metrics::closed_trades(costed, input.positions);
    out.gross = std::move(costed.gross);
    out.net = std::move(costed.net);
  }
  if (!input.risk_free.series.empty())
    metrics::set_risk_free(out.performance, out.net, out.gross, input.risk_free.series, options.periods_per_year);
  out.distribution = distribution_of(input, out, arguments, options);
  return out;
}

Error costs_without_signals() {
  return Error(Errc::usage, "costs are charged where positions change, but no signals are given", "--commission, --slippage",
               "name the column of positions with --signals");
}

void warn_of_clock(const market::SeriesTable& table, double periods_per_year, const Context& context, std::vector<std::string>& notes) {
  const auto observed = observed_periods_per_year(table);
  if (!observed || std::fabs(*observed / periods_per_year - 1) <= 0.05) return;
  notes.push_back(fmt::format("--periods-per-year is {}, but the timestamps show {:.1f} bars a year", periods_per_year, *observed));
  context.progress->warn(notes.back());
}

}  // namespace tradewind::commands
