// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/benchmark_input.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/market/series.hpp"

namespace tradewind::commands {
namespace {

/// A benchmark as returns of its own rows.
struct Rows {
  std::vector<double> returns;
  bool prices = false;
};

bool names_prices(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name == "close" || name == "adj_close" || name == "adj close" || name == "price";
}

Result<Rows> rows_of(const market::SeriesTable& table, const Path& file) {
  const auto columns = table.numeric_columns();
  if (columns.empty()) return table.no_numbers(file);
  const auto priced = std::find_if(columns.begin(), columns.end(), [](const auto* column) { return names_prices(column->name); });
  const market::SeriesColumn& chosen = priced != columns.end() ? **priced : *columns.front();
  Rows rows;
  rows.prices = priced != columns.end();
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
  return rows;
}

}  // namespace

Result<std::vector<double>> benchmark_of_file(const Path& file, std::span<const UnixNanos> timeline, std::size_t bars) {
  TRADEWIND_ASSIGN(const market::SeriesTable table, market::read_series(file));
  TRADEWIND_ASSIGN(const Rows rows, rows_of(table, file));
  if (timeline.empty() || table.timestamp.empty()) {
    if (rows.returns.size() == bars) return rows.returns;
    return Error(Errc::invalid_data, fmt::format("the benchmark has {} rows and the trials have {} bars", rows.returns.size(), bars),
                 file.string(), "give both a column of times, or as many rows");
  }
  if (table.timestamp.front() > timeline.front() || table.timestamp.back() < timeline.back())
    return Error(Errc::invalid_data,
                 fmt::format("the benchmark covers {} to {} and the trials {} to {}", format_time(table.timestamp.front()),
                             format_time(table.timestamp.back()), format_time(timeline.front()), format_time(timeline.back())),
                 file.string(), "a benchmark needs to cover all of the trials' bars");
  std::vector<double> matched;
  std::size_t next = 0;
  for (std::size_t t = 0; t < timeline.size(); ++t) {
    double growth = 1;
    for (; next < table.timestamp.size() && table.timestamp[next] <= timeline[t]; ++next)
      if (t > 0 || (!rows.prices && table.timestamp[next] == timeline[t])) growth *= 1 + rows.returns[next];
    matched.push_back(growth - 1);
  }
  return matched;
}

}  // namespace tradewind::commands
