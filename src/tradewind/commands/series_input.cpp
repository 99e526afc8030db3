// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/series_input.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::commands {

Result<const market::SeriesColumn*> choose_column(const market::SeriesTable& table, const Path& file, const std::string& name,
                                                  const std::vector<std::string>& other) {
  if (!name.empty()) {
    auto found = table.numbers(name);
    if (!found) return found.error().with_context("reading " + file.string());
    return found;
  }
  for (const market::SeriesColumn* column : table.numeric_columns()) {
    if (std::find(other.begin(), other.end(), column->name) == other.end()) return column;
  }
  return table.no_numbers(file);
}

namespace {

enum class Likeness { returns, perhaps_prices, prices };

struct Judged {
  Likeness likeness = Likeness::returns;
  double median = 0;
};

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Judged judge_prices(const std::vector<double>& values) {
  constexpr std::size_t kFewest = 10;
  constexpr double kNoReturn = 0.5, kRareReturn = 0.05, kSmooth = 0.05, kStill = 1e-9;
  std::vector<double> given, moves;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    if (!(value > 0)) return {};
    if (!given.empty()) moves.push_back(std::fabs(value / given.back() - 1));
    given.push_back(value);
  }
  if (given.size() < kFewest || *std::max_element(moves.begin(), moves.end()) < kStill) return {};
  const double median = median_of(std::move(given));
  if (median > kNoReturn) return {Likeness::prices, median};
  if (median > kRareReturn && median_of(std::move(moves)) < kSmooth) return {Likeness::perhaps_prices, median};
  return {};
}

std::string price_words(const market::SeriesColumn& column, double median) {
  return fmt::format("column '{}' looks like prices: every value is above 0, and half of them above {:.4g}", printable(column.name),
                     median);
}

}  // namespace

std::string looks_like_prices(const market::SeriesColumn& column) {
  const Judged judged = judge_prices(column.values);
  return judged.likeness == Likeness::returns ? std::string() : price_words(column, judged.median);
}

Status check_returns(const market::SeriesColumn& column, const Path& file, std::vector<std::string>& notes, std::string_view option) {
  const Judged judged = judge_prices(column.values);
  if (judged.likeness == Likeness::returns) return {};
  const std::string words = price_words(column, judged.median);
  if (judged.likeness == Likeness::prices)
    return Error(Errc::invalid_data, words + ", where the return of each bar is needed", file.string(), std::string(option));
  notes.push_back(fmt::format("{}; it is read as returns ({})", words, option));
  return {};
}

Status no_prices_of_run(bool prices) {
  if (!prices) return {};
  return Error(Errc::usage, "a run's strategies have returns already; --prices is for the columns of a file", "--prices");
}

Status make_returns(market::SeriesTable& table, const std::vector<std::string>& columns, const Path& file) {
  std::unordered_set<std::string_view> asked(columns.begin(), columns.end());
  for (market::SeriesColumn& column : table.columns) {
    if (column.is_text || asked.erase(column.name) == 0) continue;
    auto& values = column.values;
    for (std::size_t row = 0; row < values.size(); ++row)
      if (!std::isnan(values[row]) && !(values[row] > 0 && std::isfinite(values[row])))
        return Error(Errc::invalid_data, fmt::format("column '{}' holds {}, which is no price", printable(column.name), values[row]),
                     fmt::format("{}:{}", file.string(), table.line[row]), "if these are returns already, leave out --prices");
    double last = std::nan("");
    for (double& value : values) {
      const double before = std::exchange(last, std::isnan(value) ? last : value);
      value = value / before - 1;
    }
  }
  if (!asked.empty()) TRADEWIND_TRY(table.numbers(*asked.begin()));
  const auto drop_first = [](auto& rows) {
    if (!rows.empty()) rows.erase(rows.begin());
  };
  for (market::SeriesColumn& column : table.columns) {
    drop_first(column.values);
    drop_first(column.texts);
  }
  drop_first(table.timestamp);
  drop_first(table.line);
  return {};
}

Status carry_prices(market::SeriesTable& table, const std::string& column) {
  TRADEWIND_TRY(table.numbers(column));
  for (market::SeriesColumn& one : table.columns) {
    if (one.name != column) continue;
    for (std::size_t row = 1; row < one.values.size(); ++row)
      if (std::isnan(one.values[row])) one.values[row] = one.values[row - 1];
  }
  return {};
}

Status returns_of_columns(market::SeriesTable& table, bool prices, const std::string& but, const Path& file) {
  std::vector<std::string> names;
  for (const market::SeriesColumn* column : table.numeric_columns()) {
    if (column->name == but) continue;
    names.push_back(column->name);
    if (!prices) TRADEWIND_TRY(check_returns(*column, file, table.notes));
  }
  return prices ? make_returns(table, names, file) : Status();
}

Error locate(const Error& error, const market::SeriesTable& table, const Path& file, const std::vector<std::size_t>& rows) {
  const std::string& where = error.where();
  constexpr std::string_view kPrefix = "row ";
  if (!where.starts_with(kPrefix)) return where.empty() ? error.with_where(file.string()) : error;
  std::size_t row = 0;
  std::from_chars(where.data() + kPrefix.size(), where.data() + where.size(), row);
  if (!rows.empty() && row < rows.size()) row = rows[row];
  if (row >= table.rows()) return error;
  return error.with_where(fmt::format("{}:{}", file.string(), table.line[row]));
}

std::optional<double> observed_periods_per_year(const market::SeriesTable& table) {
  if (table.timestamp.size() < 2) return std::nullopt;
  const double days = static_cast<double>(table.timestamp.back() - table.timestamp.front()) / static_cast<double>(kNanosPerDay);
  if (days < 7) return std::nullopt;
  return static_cast<double>(table.timestamp.size() - 1) / (days / 365.25);
}

}  // namespace tradewind::commands
