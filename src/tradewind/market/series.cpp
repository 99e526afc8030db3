// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/series.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "tradewind/base/csv.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/market/columns_internal.hpp"
#include "tradewind/market/readers_internal.hpp"
#include "tradewind/market/series_internal.hpp"

namespace tradewind::market {
namespace {

/// Where each name stands; a table may have a hundred thousand columns, so nothing is looked for one by one.
using Places = std::unordered_map<std::string_view, std::size_t>;

Status check_names(std::vector<std::string>& names, const Path& path) {
  const bool numbers =
      std::all_of(names.begin(), names.end(), [](const std::string& name) { return parse_double(name).has_value() && !is_missing(name); });
  if (numbers && !names.empty())
    return Error(Errc::invalid_data, "the first line holds numbers, it must name the columns", path.string() + ":1",
                 "add a header line, e.g. 'return'");
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i].empty()) names[i] = fmt::format("column_{}", i + 1);
  Places places(names.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!places.emplace(names[i], i).second)
      return Error(Errc::invalid_data, fmt::format("two columns are called '{}'", printable(names[i])), path.string() + ":1");
  return {};
}

}  // namespace

Result<const SeriesColumn*> SeriesTable::column(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const SeriesColumn& column) { return column.name == name; });
  if (found != columns.end()) return &*found;
  std::vector<std::string> known;
  for (const auto& column : columns) known.push_back(column.name);
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

Error SeriesTable::no_numbers(const Path& file) const {
  std::string counted;
  for (const SeriesColumn& column : columns)
    if (column.counts_rows) counted += (counted.empty() ? "'" : ", '") + printable(column.name) + "'";
  if (counted.empty()) return Error(Errc::invalid_data, fmt::format("{} has no column of numbers", file.string()), file.string());
  return Error(Errc::invalid_data, fmt::format("{} has no column of numbers but {}, which counts its rows", file.string(), counted),
               file.string(), "if it is a series, name it with --column where the command has that, or give it a name that says so");
}

std::vector<const SeriesColumn*> SeriesTable::numeric_columns() const {
  std::vector<const SeriesColumn*> result;
  for (const auto& column : columns)
    if (!column.is_text && !column.counts_rows && !column.part_of_bars) result.push_back(&column);
  return result;
}

namespace {

/// Names that programs give to row numbers; column_1 is what this reader calls a first column without a name.
bool names_row_numbers(const std::string& name) {
  constexpr std::array kNames = {"column_1", "unnamed: 0", "index",      "level_0",  "__index_level_0__",
                                 "id",       "row",        "row_number", "rownames", "n"};
  return std::find(kNames.begin(), kNames.end(), lower(name)) != kNames.end();
}

/// Whole numbers that rise in every row: by any step under a name for row numbers, else by 1 in ten rows or more.
bool counts_rows(const SeriesColumn& column) {
  const auto& v = column.values;
  const bool named = names_row_numbers(column.name);
  if (v.size() < (named ? 2U : 10U)) return false;
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (!(std::fabs(v[i]) <= 0x1p53) || v[i] != std::floor(v[i])) return false;
    if (i > 0 && (named ? v[i] <= v[i - 1] : v[i] - v[i - 1] != 1)) return false;
  }
  return true;
}

std::string several_symbols(const SeriesColumn& column) {
  constexpr std::size_t kMostCounted = 1000;
  std::set<std::string_view> known;
  for (const std::string& text : column.texts)
    if (!text.empty() && known.size() < kMostCounted) known.insert(text);
  if (known.size() < 2) return {};
  return fmt::format("column '{}' names {}{} symbols, {}: all rows are read as one series", printable(column.name),
                     known.size() < kMostCounted ? "" : "at least ", known.size(), quoted_list({known.begin(), known.end()}));
}

/// Open, high, low and volume beside a close are no series beside it.
void judge_bars(SeriesTable& table) {
  std::vector<std::string> names, set_aside;
  for (const SeriesColumn& column : table.columns) names.push_back(column.name);
  for (const std::size_t i : parts_of_bars(names)) {
    table.columns[i].part_of_bars = true;
    set_aside.push_back(names[i]);
  }
  if (!set_aside.empty())
    table.notes.push_back(fmt::format("the table holds bars: {} are read as series only when they are named", quoted_list(set_aside)));
}

/// What a table says of its rows rather than of a series.
void judge_columns(SeriesTable& table, const SeriesOptions& options) {
  const std::unordered_set<std::string_view> asked(options.columns.begin(), options.columns.end());
  if (asked.empty()) judge_bars(table);
  for (SeriesColumn& column : table.columns) {
    if (column.is_text) {
      if (!names_symbols(column.name)) continue;
      if (std::string note = several_symbols(column); !note.empty()) table.notes.push_back(std::move(note));
    } else if (!asked.contains(column.name) && counts_rows(column)) {
      column.counts_rows = true;
      table.notes.push_back(
          fmt::format("column '{}' numbers the rows: it is read as a series only when it is named", printable(column.name)));
    }
  }
}

}  // namespace

Result<SeriesPlan> plan_series(std::vector<std::string> names, const SeriesOptions& options, const Path& path, const ContentOf& content) {
  SeriesPlan plan;
  TRADEWIND_TRY(check_names(names, path));
  plan.names = std::move(names);
  plan.timestamp = find_timestamp(plan.names, content);
  Places places(plan.names.size());
  for (std::size_t i = 0; i < plan.names.size(); ++i) places.emplace(plan.names[i], i);
  const std::unordered_set<std::string_view> texts(options.text_columns.begin(), options.text_columns.end());
  std::vector<std::string_view> wanted(options.columns.begin(), options.columns.end());
  const std::unordered_set<std::string_view> named(wanted.begin(), wanted.end());
  for (const std::string& name : options.text_columns)
    if (!wanted.empty() && !named.contains(name)) wanted.emplace_back(name);
  const auto check_known = [&](std::string_view name) -> Status {
    if (places.contains(name)) return {};
    return Error(Errc::unknown_name, fmt::format("there is no column '{}'", printable(name)), path.string(), suggestion(name, plan.names));
  };
  for (const std::string_view name : wanted) TRADEWIND_TRY(check_known(name));
  for (const std::string& name : options.text_columns) TRADEWIND_TRY(check_known(name));
  if (wanted.empty()) {
    for (std::size_t i = 0; i < plan.names.size(); ++i)
      if (plan.timestamp != i) plan.chosen.push_back(i);
  }
  for (const std::string_view name : wanted) plan.chosen.push_back(places.at(name));
  for (const std::size_t i : plan.chosen) plan.as_text.push_back(texts.contains(plan.names[i]));
  return plan;
}

Status SeriesOrder::take(const Path& path, std::int64_t line, UnixNanos now) {
  const UnixNanos before = last_;
  last_ = now;
  if (count_++ == 0) return {};
  if (count_ == 2) descending_ = now < before;
  if (descending_ ? now < before : now > before) return {};
  return Error(
      Errc::invalid_data,
      fmt::format("time {} does not come {} {}", format_time(now, true), descending_ ? "before" : "after", format_time(before, true)),
      fmt::format("{}:{}", path.string(), line), "sort the rows by time and remove duplicates");
}

namespace {

/// A table that begins with the newest row, turned round.
void turn_round(SeriesTable& table) {
  if (table.timestamp.size() < 2 || table.timestamp.front() < table.timestamp.back()) return;
  std::reverse(table.timestamp.begin(), table.timestamp.end());
  std::reverse(table.line.begin(), table.line.end());
  std::reverse(table.utc_offset.begin(), table.utc_offset.end());
  for (SeriesColumn& column : table.columns) {
    std::reverse(column.values.begin(), column.values.end());
    std::reverse(column.texts.begin(), column.texts.end());
  }
  table.notes.emplace_back("the newest row stands first: the rows were turned round");
}

}  // namespace

Result<SeriesTable> read_series(const Path& path, const SeriesOptions& options) {
  TRADEWIND_ASSIGN(const bool parquet, is_parquet(path));
  TRADEWIND_ASSIGN(SeriesTable table, parquet ? read_parquet_series(path, options) : read_csv_series(path, options));
  turn_round(table);
  table.clock = offset_changes(table.timestamp, table.utc_offset);
  table.utc_offset.clear();
  judge_columns(table, options);
  return table;
}

}  // namespace tradewind::market
