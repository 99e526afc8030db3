// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/series_input.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

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
  return Error(Errc::invalid_data, fmt::format("{} has no column of numbers", file.string()), file.string(), "name one with --column");
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
