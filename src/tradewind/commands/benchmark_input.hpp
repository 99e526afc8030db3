// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/analysis/run_input.hpp"
#include "tradewind/base/file.hpp"
#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/market/series.hpp"
#include "tradewind/metrics/benchmark.hpp"

namespace tradewind::commands {

/// Bars in time, and the clock by which they belong to days.
struct Timeline {
  Timeline(std::span<const UnixNanos> times, std::vector<market::UtcOffset> of = {}) : time(times), clock(std::move(of)) {}
  Timeline(const std::vector<UnixNanos>& times, std::vector<market::UtcOffset> of = {}) : time(times), clock(std::move(of)) {}
  std::span<const UnixNanos> time;
  std::vector<market::UtcOffset> clock;  ///< empty: UTC
};

/// Returns of a benchmark file over each bar of a timeline. The file's column `close` (or `adj_close`, `adj close`, `price`) holds prices;
/// else its first numeric column holds returns, or prices when it cannot hold returns. With times on both sides, a bar's return is what the
/// benchmark made since the bar before, whatever times the file has in between; the first bar's is 0 for prices. Where neither side has two
/// rows on one day, days are compared and not times. Without times the file needs as many rows as there are bars.
/// Errors: as read_series; `invalid_data` for values that are not finite, prices at or below 0, a file that does not reach into the
/// timeline or has another number of rows.
Result<std::vector<double>> benchmark_of_file(const Path& file, const Timeline& timeline, std::size_t bars);

/// What all strategies of a run are to beat, on a timeline: a symbol of the run, held all the time, or a file. Errors: as
/// benchmark_of_file, holding_returns; `unknown_name` for what is neither.
Result<std::vector<double>> benchmark_of_run(analysis::RunInput& input, const std::string& wanted, const Timeline& timeline);

/// A series that stands beside the rows of a table: its return in each of them, NaN where it has none.
struct SeriesBeside {
  std::string name;
  std::vector<double> returns;
  std::vector<std::string> notes;  ///< what was assumed, and which bars it does not cover
};

/// A column of the table or a file. `rows` are those of the table that count. A file is read and aligned as in benchmark_of_file, but need
/// not cover every bar. `what` names it in messages: "benchmark". Errors: as benchmark_of_file; `unknown_name` for what is neither;
/// `invalid_data` when no bar has a return, and for returns below −1.
Result<SeriesBeside> series_beside(const std::string& source, const market::SeriesTable& table, const Path& file,
                                   const std::vector<std::size_t>& rows, std::string_view what);
/// The same beside bars that are no table.
Result<SeriesBeside> series_beside(const Path& source, const Timeline& timeline, std::string_view what);

/// What money earns without risk, as `--risk-free` says it: an annual rate, or else a column or file with a return for each bar.
struct RiskFreeInput {
  double annual = 0;
  std::vector<double> series;  ///< empty: the rate
  std::string name;            ///< of the series
};
/// `otherwise` for an empty text. Errors: `usage` for a rate of −100 % or below; as series_beside; `invalid_data` when a bar has none.
Result<RiskFreeInput> risk_free_input(const std::string& text, double otherwise, const market::SeriesTable& table, const Path& file,
                                      const std::vector<std::size_t>& rows, std::vector<std::string>& notes);

/// The same beside bars that are no table: a rate or a file.
Result<RiskFreeInput> risk_free_input(const std::string& text, double otherwise, const Timeline& timeline, std::vector<std::string>& notes);

/// What a strategy of a run is compared with: a symbol of the run, held all the time, or a file; empty: its own symbol where that can be
/// held; "none": nothing, as an empty series. Errors: as series_beside and holding_returns; `unknown_name` for what is neither.
Result<SeriesBeside> benchmark_of_strategy(analysis::RunInput& input, const std::string& wanted, const std::string& symbol,
                                           const Timeline& timeline);

/// The same for several strategies with their shares of the capital: by default what holding their symbols in these shares earns.
struct HeldShare {
  std::string symbol;
  double weight = 0;
};
Result<SeriesBeside> benchmark_of_strategies(analysis::RunInput& input, const std::string& wanted, std::span<const HeldShare> shares,
                                             const Timeline& timeline);

/// Puts the object `benchmark` into a command's object; `days` are those of the bars, empty where they have no times.
void put_benchmark(Json& json, const SeriesBeside& beside, std::span<const double> returns, const metrics::RiskFree& risk_free,
                   double periods_per_year, std::span<const std::int64_t> days);

/// The first column whose name says that it holds prices: close, adj_close, adj close, price in any case; nullptr: none does.
const market::SeriesColumn* price_column(const market::SeriesTable& table);

/// Whether a source names a file; else it is a column.
bool names_file(const std::string& source);

}  // namespace tradewind::commands
