// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/commands/benchmark_input.hpp"
#include "tradewind/commands/metrics.hpp"
#include "tradewind/market/series.hpp"
#include "tradewind/metrics/benchmark.hpp"
#include "tradewind/metrics/distribution.hpp"

namespace tradewind::commands {

/// A column of returns with what stands beside it, rows left out by the NaN policy already gone.
struct ReturnSeries {
  market::SeriesTable table;
  std::string column;
  bool prices = false;  ///< the returns are those of prices
  metrics::CleanReturns returns;
  std::vector<std::int8_t> positions;
  std::vector<std::int8_t> states;
  std::vector<std::string> labels;
  std::optional<SeriesBeside> benchmark;
  RiskFreeInput risk_free;

  /// Of the rows that are left; empty for a file without times.
  std::vector<UnixNanos> times() const {
    std::vector<UnixNanos> out;
    if (!table.timestamp.empty())
      for (const std::size_t row : returns.rows) out.push_back(table.timestamp[row]);
    return out;
  }
  metrics::RiskFree risk_free_over(double periods_per_year) const {
    return risk_free.series.empty() ? metrics::RiskFree(risk_free.annual, periods_per_year) : metrics::RiskFree(risk_free.series);
  }
};

/// Reads what the arguments name. Errors: as read_series, choose_column, series_beside; `invalid_data` with file and line.
Result<ReturnSeries> read_return_series(const MetricsArguments& arguments);

/// Metrics of such a series, net where there are positions.
struct MeasuredReturns {
  metrics::PerformanceMetrics performance;
  metrics::DistributionMetrics distribution;
  std::vector<double> net;
  std::vector<double> gross;   ///< before costs; empty without positions
  std::vector<double> trades;  ///< results of the closed ones
};
/// `options` are those of the arguments with the risk-free rate that was read. Adds to `notes` what looks wrong. Errors: as
/// calculate_metrics and apply_costs.
Result<MeasuredReturns> measure_returns(const ReturnSeries& input, const MetricsArguments& arguments, const metrics::ReturnOptions& options,
                                        std::vector<std::string>& notes);

/// What to say to costs without positions.
Error costs_without_signals();
/// Warns, and notes, when the times of a file show another number of bars a year than was given.
void warn_of_clock(const market::SeriesTable& table, double periods_per_year, const Context& context, std::vector<std::string>& notes);

}  // namespace tradewind::commands
