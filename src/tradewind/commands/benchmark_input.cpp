// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/benchmark_input.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tradewind/analysis/holding.hpp"
#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/commands/metrics.hpp"
#include "tradewind/commands/series_input.hpp"

namespace tradewind::commands {
namespace {

/// A benchmark as returns of its own rows.
struct BenchmarkRows {
  std::vector<double> returns;  ///< of prices the first is 0 and stands for nothing
  std::vector<UnixNanos> time;
  std::vector<market::UtcOffset> clock;
  std::vector<std::string> notes;
  bool prices = false;
};

bool names_prices(const std::string& name) {
  const std::string small = lower(name);
  return small == "close" || small == "adj_close" || small == "adj close" || small == "price";
}

Result<BenchmarkRows> rows_of(market::SeriesTable table, const Path& file) {
  const auto columns = table.numeric_columns();
  if (columns.empty()) return table.no_numbers(file);
  const market::SeriesColumn* const priced = price_column(table);
  const market::SeriesColumn& chosen = priced != nullptr ? *priced : *columns.front();
  BenchmarkRows rows;
  rows.prices = priced != nullptr;
  if (!rows.prices && !check_returns(chosen, file, rows.notes)) {
    rows.prices = true;
    rows.notes.push_back(fmt::format("column '{}' of {} is read as prices", printable(chosen.name), file.string()));
  }
  for (std::size_t t = 0; t < chosen.values.size(); ++t) {
    const double value = chosen.values[t];
    const auto where = fmt::format("{}:{}", file.string(), table.line[t]);
    if (!std::isfinite(value)) return Error(Errc::invalid_data, fmt::format("column '{}' is not finite", printable(chosen.name)), where);
    if (rows.prices ? value <= 0 : value < -1)
      return Error(Errc::invalid_data,
                   fmt::format("column '{}' holds no {}: {}", printable(chosen.name), rows.prices ? "price" : "return", value), where,
                   rows.prices ? "" : "a column named close is read as prices");
    rows.returns.push_back(!rows.prices ? value : t == 0 ? 0 : value / chosen.values[t - 1] - 1);
  }
  rows.time = std::move(table.timestamp);
  rows.clock = std::move(table.clock);
  return rows;
}

bool a_row_a_day(std::span<const std::int64_t> days) { return std::adjacent_find(days.begin(), days.end()) == days.end(); }

struct Aligned {
  std::vector<double> returns;  ///< NaN where the benchmark has none
  std::int64_t standing = 0;    ///< bars that have none of its rows
};

/// What the benchmark made between the bars. Times are in any unit, the same on both sides.
Aligned align(const BenchmarkRows& rows, std::span<const std::int64_t> theirs, std::span<const std::int64_t> ours) {
  Aligned out;
  std::size_t next = 0;
  for (std::size_t t = 0; t < ours.size(); ++t) {
    double growth = 1, own = std::nan("");
    const std::size_t first = next;
    for (; next < theirs.size() && theirs[next] <= ours[t]; ++next) {
      if (theirs[next] == ours[t] && (next > 0 || !rows.prices)) own = rows.returns[next];
      growth *= 1 + rows.returns[next];
    }
    const bool from_the_bar_before = t > 0 && ours[t - 1] >= theirs.front();
    const bool shorter_rows = t + 1 < ours.size() && next + 1 < theirs.size() && theirs[next + 1] <= ours[t + 1];
    if (shorter_rows) own = std::nan("");  // a day's return is not that of the first week
    out.returns.push_back(ours[t] > theirs.back() ? std::nan("") : from_the_bar_before ? growth - 1 : own);
    out.standing += next == first && !std::isnan(out.returns.back());
  }
  return out;
}

/// The benchmark on a timeline, which holds a time at least, as its file does.
Aligned on_timeline(BenchmarkRows& rows, const Timeline& ours, std::string_view what) {
  const auto theirs = analysis::local_days(rows.time, rows.clock), days = analysis::local_days(ours.time, ours.clock);
  const bool by_day = a_row_a_day(days);
  if (!by_day) return align(rows, rows.time, ours.time);
  if (a_row_a_day(theirs) && rows.time.front() % kNanosPerDay != ours.time.front() % kNanosPerDay)
    rows.notes.push_back(fmt::format("the {} is aligned by day, as each file writes it: its rows have another time of day", what));
  return align(rows, theirs, days);
}

std::string span_text(std::span<const UnixNanos> times) {
  return fmt::format("{} to {}", format_time(times.front(), true), format_time(times.back(), true));
}

/// Says which bars have no return, and refuses when none has one.
Status tell_gaps(SeriesBeside& beside, std::string_view what, const std::string& where, const std::string& cover) {
  const auto missing = std::count_if(beside.returns.begin(), beside.returns.end(), [](double r) { return std::isnan(r); });
  if (missing == 0) return {};
  if (missing == std::ssize(beside.returns))
    return Error(Errc::invalid_data, fmt::format("the {} has no bar in common with the returns{}", what, cover), where);
  beside.notes.push_back(fmt::format("the {} has no return in {} of {} bars, which are left out of the comparison{}", what, missing,
                                     beside.returns.size(), cover));
  return {};
}

Result<SeriesBeside> beside_timeline(BenchmarkRows rows, const std::string& name, const Timeline& ours, std::string_view what) {
  SeriesBeside beside{name, {}, {}};
  Aligned aligned = on_timeline(rows, ours, what);
  beside.returns = std::move(aligned.returns);
  beside.notes = std::move(rows.notes);
  TRADEWIND_TRY(tell_gaps(beside, what, name, fmt::format("; it covers {}, they cover {}", span_text(rows.time), span_text(ours.time))));
  if (aligned.standing > 0)
    beside.notes.push_back(
        fmt::format("the {} has no row in {} of {} bars: it stands still there", what, aligned.standing, ours.time.size()));
  return beside;
}

Result<SeriesBeside> beside_of_file(const Path& source, const market::SeriesTable& table, const std::vector<std::size_t>& kept,
                                    std::string_view what) {
  TRADEWIND_ASSIGN(market::SeriesTable read, market::read_series(source));
  TRADEWIND_ASSIGN(BenchmarkRows rows, rows_of(std::move(read), source));
  std::vector<UnixNanos> timeline;
  if (!table.timestamp.empty())
    for (const std::size_t row : kept) timeline.push_back(table.timestamp[row]);
  if (!timeline.empty() && !rows.time.empty()) return beside_timeline(std::move(rows), source.string(), {timeline, table.clock}, what);
  if (rows.prices && !rows.returns.empty()) rows.returns.front() = std::nan("");
  if (rows.prices && rows.returns.size() == table.rows() + 1) rows.returns.erase(rows.returns.begin());  // beside returns of prices
  if (rows.returns.size() != table.rows())
    return Error(Errc::invalid_data, fmt::format("the {} has {} rows and the returns have {}", what, rows.returns.size(), table.rows()),
                 source.string(), "give both a column of times, or as many rows");
  SeriesBeside beside{source.string(), {}, std::move(rows.notes)};
  for (const std::size_t row : kept) beside.returns.push_back(rows.returns[row]);
  TRADEWIND_TRY(tell_gaps(beside, what, source.string(), ""));
  return beside;
}

Result<SeriesBeside> beside_of_column(const std::string& name, const market::SeriesTable& table, const Path& file,
                                      const std::vector<std::size_t>& kept, std::string_view what) {
  auto found = table.numbers(name);
  if (!found) return found.error().with_context(fmt::format("the {} is neither a file nor a column of {}", what, file.string()));
  SeriesBeside beside{name, {}, {}};
  TRADEWIND_TRY(check_returns(**found, file, beside.notes));
  for (const std::size_t row : kept) {
    const double value = (*found)->values[row];
    if (value < -1 || std::isinf(value))
      return Error(Errc::invalid_data, fmt::format("column '{}' holds no return: {}", printable(name), value),
                   fmt::format("{}:{}", file.string(), table.line[row]));
    beside.returns.push_back(value);
  }
  TRADEWIND_TRY(tell_gaps(beside, what, file.string(), ""));
  return beside;
}

/// A timeline as the rows of a table that has no columns.
struct TimelineRows {
  explicit TimelineRows(const Timeline& timeline) : rows(timeline.time.size()) {
    table.timestamp.assign(timeline.time.begin(), timeline.time.end());
    table.clock = timeline.clock;
    table.line.resize(timeline.time.size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
  }
  market::SeriesTable table;
  std::vector<std::size_t> rows;
};

/// What buying symbols at the first bar in these shares of the capital earns, the rest in cash.
Result<SeriesBeside> holding(analysis::RunInput& input, std::span<const HeldShare> shares, const Timeline& timeline) {
  std::map<std::string, double> by_symbol;
  for (const HeldShare& share : shares) by_symbol[share.symbol] += share.weight;
  std::vector<double> equity(timeline.time.size(), 1.0);
  SeriesBeside beside;
  for (const auto& [symbol, weight] : by_symbol) {
    TRADEWIND_ASSIGN(const std::vector<double> returns, analysis::holding_returns(input, symbol, timeline.time));
    if (by_symbol.size() == 1 && weight == 1) return SeriesBeside{"holding " + symbol, returns, {}};
    double own = 1;
    for (std::size_t t = 0; t < timeline.time.size(); ++t) {
      own *= 1 + returns[t];
      equity[t] += weight * (own - 1);
    }
    beside.name += (beside.name.empty() ? "holding " : ", ") + symbol;
  }
  beside.returns = metrics::returns_of_equity(equity);
  return beside;
}

}  // namespace

Result<std::vector<double>> benchmark_of_file(const Path& file, const Timeline& timeline, std::size_t bars) {
  TRADEWIND_ASSIGN(market::SeriesTable table, market::read_series(file));
  TRADEWIND_ASSIGN(BenchmarkRows rows, rows_of(std::move(table), file));
  if (timeline.time.empty() || rows.time.empty()) {
    if (rows.returns.size() == bars) return rows.returns;
    return Error(Errc::invalid_data, fmt::format("the benchmark has {} rows and the trials have {} bars", rows.returns.size(), bars),
                 file.string(), "give both a column of times, or as many rows");
  }
  const auto theirs = analysis::local_days(rows.time, rows.clock), ours = analysis::local_days(timeline.time, timeline.clock);
  const bool by_day = a_row_a_day(ours);
  const bool covers = by_day ? theirs.front() <= ours.front() && theirs.back() >= ours.back()
                             : rows.time.front() <= timeline.time.front() && rows.time.back() >= timeline.time.back();
  if (!covers)
    return Error(Errc::invalid_data,
                 fmt::format("the benchmark covers {} to {} and the trials {} to {}", format_time(rows.time.front()),
                             format_time(rows.time.back()), format_time(timeline.time.front()), format_time(timeline.time.back())),
                 file.string(), "a benchmark needs to cover all of the trials' bars");
  std::vector<double> matched = on_timeline(rows, timeline, "benchmark").returns;
  if (rows.prices || std::isnan(matched.front())) matched.front() = 0;
  return matched;
}

Result<std::vector<double>> benchmark_of_run(analysis::RunInput& input, const std::string& wanted, const Timeline& timeline) {
  const auto& symbols = input.metadata().symbols;
  if (std::find(symbols.begin(), symbols.end(), wanted) != symbols.end()) return analysis::holding_returns(input, wanted, timeline.time);
  auto read = benchmark_of_file(wanted, timeline, timeline.time.size());
  if (!read && read.error().code() == Errc::not_found)
    return Error(Errc::unknown_name,
                 fmt::format("'{}' is neither a symbol of run '{}' nor a file", printable(wanted), input.metadata().run_id), "--benchmark",
                 fmt::format("symbols: {}", fmt::join(symbols, "  ")));
  return read;
}

const market::SeriesColumn* price_column(const market::SeriesTable& table) {
  for (const market::SeriesColumn* const column : table.numeric_columns())
    if (names_prices(column->name)) return column;
  return nullptr;
}

bool names_file(const std::string& source) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(source, ignored);
}

Result<SeriesBeside> series_beside(const std::string& source, const market::SeriesTable& table, const Path& file,
                                   const std::vector<std::size_t>& rows, std::string_view what) {
  return names_file(source) ? beside_of_file(source, table, rows, what) : beside_of_column(source, table, file, rows, what);
}

Result<SeriesBeside> series_beside(const Path& source, const Timeline& timeline, std::string_view what) {
  const TimelineRows bars(timeline);
  return beside_of_file(source, bars.table, bars.rows, what);
}

Result<RiskFreeInput> risk_free_input(const std::string& text, double otherwise, const market::SeriesTable& table, const Path& file,
                                      const std::vector<std::size_t>& rows, std::vector<std::string>& notes) {
  RiskFreeInput out;
  const bool column = std::any_of(table.columns.begin(), table.columns.end(), [&](const auto& one) { return one.name == text; });
  if (text.empty() || tradewind::parse_rate(text) || (!names_file(text) && !column)) {
    TRADEWIND_ASSIGN(out.annual, parse_yearly_rate(text, "--risk-free", otherwise));
    if (out.annual > 1)
      notes.push_back(fmt::format("the risk-free rate is {} % a year; {} % is written {}%", number_text(100 * out.annual),
                                  number_text(out.annual), number_text(out.annual)));
    return out;
  }
  TRADEWIND_ASSIGN(SeriesBeside beside, series_beside(text, table, file, rows, "risk-free series"));
  const auto missing = std::count_if(beside.returns.begin(), beside.returns.end(), [](double r) { return std::isnan(r); });
  if (missing > 0)
    return Error(Errc::invalid_data, fmt::format("the risk-free series has no return in {} of {} bars", missing, beside.returns.size()),
                 beside.name, "it needs to cover every bar");
  const double mean = std::accumulate(beside.returns.begin(), beside.returns.end(), 0.0) / static_cast<double>(beside.returns.size());
  if (std::fabs(mean) > 0.005)
    return Error(Errc::invalid_data, fmt::format("the risk-free series earns {} % in a bar on average", number_text(100 * mean)),
                 beside.name, "give returns per bar, or prices; a yield of 4.5 % a year is --risk-free 4.5%");
  notes.insert(notes.end(), beside.notes.begin(), beside.notes.end());
  out.series = std::move(beside.returns);
  out.name = std::move(beside.name);
  return out;
}

Result<RiskFreeInput> risk_free_input(const std::string& text, double otherwise, const Timeline& timeline,
                                      std::vector<std::string>& notes) {
  const TimelineRows bars(timeline);
  return risk_free_input(text, otherwise, bars.table, {}, bars.rows, notes);
}

Result<SeriesBeside> benchmark_of_strategy(analysis::RunInput& input, const std::string& wanted, const std::string& symbol,
                                           const Timeline& timeline) {
  const HeldShare whole{symbol, 1};
  return benchmark_of_strategies(input, wanted, std::span(&whole, 1), timeline);
}

Result<SeriesBeside> benchmark_of_strategies(analysis::RunInput& input, const std::string& wanted, std::span<const HeldShare> shares,
                                             const Timeline& timeline) {
  if (wanted == "none" || wanted == "0") return SeriesBeside{};
  const auto& symbols = input.metadata().symbols;
  if (std::find(symbols.begin(), symbols.end(), wanted) != symbols.end()) {
    const HeldShare named{wanted, 1};
    return holding(input, std::span(&named, 1), timeline);
  }
  if (wanted.empty() && analysis::can_be_held(input)) return holding(input, shares, timeline);
  if (wanted.empty())
    return SeriesBeside{{}, {}, {"what the run trades cannot be held instead: there is no benchmark unless --benchmark names a file"}};
  if (names_file(wanted)) return series_beside(Path(wanted), timeline, "benchmark");
  return Error(Errc::unknown_name,
               fmt::format("'{}' is neither a symbol of run '{}' nor a file", printable(wanted), input.metadata().run_id), "--benchmark",
               fmt::format("symbols: {}", fmt::join(symbols, "  ")));
}

void put_benchmark(Json& json, const SeriesBeside& beside, std::span<const double> returns, const metrics::RiskFree& risk_free,
                   double periods_per_year, std::span<const std::int64_t> days) {
  Json compared = {{"name", beside.name}};
  const auto figures = metrics::compare_with_benchmark(returns, beside.returns, risk_free, periods_per_year);
  compared.update(analysis::benchmark_json(figures));
  if (!days.empty()) compared["yearly"] = analysis::yearly_json(returns, beside.returns, days);
  json["benchmark"] = std::move(compared);
}

}  // namespace tradewind::commands
