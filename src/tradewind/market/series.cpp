// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/series.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/market/columns_internal.hpp"
#include "tradewind/market/csv_internal.hpp"
#include "tradewind/market/readers_internal.hpp"
#include "tradewind/market/series_internal.hpp"

namespace tradewind::market {
namespace {

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Status check_names(std::vector<std::string>& names, const Path& path) {
  const bool numbers =
      std::all_of(names.begin(), names.end(), [](const std::string& name) { return parse_double(name).has_value() && !is_missing(name); });
  if (numbers && !names.empty())
    return Error(Errc::invalid_data, "the first line holds numbers, it must name the columns", path.string() + ":1",
                 "add a header line, e.g. 'return'");
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i].empty()) names[i] = fmt::format("column_{}", i + 1);
  for (std::size_t i = 1; i < names.size(); ++i)
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i))
      return Error(Errc::invalid_data, fmt::format("two columns are called '{}'", printable(names[i])), path.string() + ":1");
  return {};
}

}  // namespace

Result<const SeriesColumn*> SeriesTable::column(std::string_view name) const {
  std::vector<std::string> known;
  for (const auto& column : columns) {
    if (column.name == name) return &column;
    known.push_back(column.name);
  }
  return Error(Errc::unknown_name, fmt::format("there is no column '{}'", printable(name)), {}, suggestion(name, known));
}

Result<const SeriesColumn*> SeriesTable::numbers(std::string_view name) const {
  TRADEWIND_ASSIGN(const SeriesColumn* found, column(name));
  if (!found->is_text) return found;
  const auto first = std::find_if(found->texts.begin(), found->texts.end(), [](const std::string& text) { return !is_missing(text); });
  const auto row = static_cast<std::size_t>(first - found->texts.begin());
  return Error(Errc::invalid_data,
               fmt::format("column '{}' holds text, e.g. '{}', where numbers are needed", printable(name),
                           first == found->texts.end() ? "" : printable(*first, 30)),
               row < line.size() ? fmt::format("line {}", line[row]) : "");
}

std::vector<const SeriesColumn*> SeriesTable::numeric_columns() const {
  std::vector<const SeriesColumn*> result;
  for (const auto& column : columns)
    if (!column.is_text) result.push_back(&column);
  return result;
}

Result<SeriesPlan> plan_series(std::vector<std::string> names, const SeriesOptions& options, const Path& path) {
  SeriesPlan plan;
  TRADEWIND_TRY(check_names(names, path));
  plan.names = std::move(names);
  plan.timestamp = find_timestamp(plan.names);
  std::vector<std::string> wanted = options.columns;
  for (const auto& name : options.text_columns)
    if (!wanted.empty() && !contains(wanted, name)) wanted.push_back(name);
  for (const auto* list : std::array{static_cast<const std::vector<std::string>*>(&wanted), &options.text_columns})
    for (const auto& name : *list)
      if (!contains(plan.names, name))
        return Error(Errc::unknown_name, fmt::format("there is no column '{}'", printable(name)), path.string(),
                     suggestion(name, plan.names));
  if (wanted.empty()) {
    for (std::size_t i = 0; i < plan.names.size(); ++i)
      if (plan.timestamp != i) plan.chosen.push_back(i);
  }
  for (const auto& name : wanted)
    plan.chosen.push_back(static_cast<std::size_t>(std::find(plan.names.begin(), plan.names.end(), name) - plan.names.begin()));
  for (const std::size_t i : plan.chosen) plan.as_text.push_back(contains(options.text_columns, plan.names[i]));
  return plan;
}

Error series_order_error(const Path& path, std::int64_t line, UnixNanos before, UnixNanos now) {
  return {Errc::invalid_data, fmt::format("time {} does not come after {}", format_time(now, true), format_time(before, true)),
          fmt::format("{}:{}", path.string(), line), "sort the rows by time and remove duplicates"};
}

Result<SeriesTable> read_series(const Path& path, const SeriesOptions& options) {
  TRADEWIND_ASSIGN(const bool parquet, is_parquet(path));
  return parquet ? read_parquet_series(path, options) : read_csv_series(path, options);
}

}  // namespace tradewind::market
