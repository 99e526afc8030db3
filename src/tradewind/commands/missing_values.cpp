// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/missing_values.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::commands {
namespace {

/// The rows in which a column has no number.
struct Gap {
  std::string column;
  std::vector<std::size_t> rows;
};

Result<std::vector<Gap>> gaps_of(const market::SeriesTable& table, const std::vector<std::string>& columns) {
  std::vector<Gap> gaps;
  std::unordered_set<std::string_view> asked(columns.begin(), columns.end());
  for (const market::SeriesColumn& column : table.columns) {
    if (column.is_text || asked.erase(column.name) == 0) continue;
    Gap gap{column.name, {}};
    for (std::size_t row = 0; row < column.values.size(); ++row)
      if (!std::isfinite(column.values[row])) gap.rows.push_back(row);
    if (!gap.rows.empty()) gaps.push_back(std::move(gap));
  }
  if (!asked.empty()) TRADEWIND_TRY(table.numbers(*asked.begin()));
  return gaps;
}

/// "'late' begins at line 302": where all that is missing stands at one end, and how much is missing elsewhere.
std::string words_of(const Gap& gap, const market::SeriesTable& table) {
  const std::size_t missing = gap.rows.size();
  const std::string name = fmt::format("'{}'", printable(gap.column));
  if (missing == table.rows()) return name + " has no value";
  if (gap.rows.back() == missing - 1) return fmt::format("{} begins at line {}", name, table.line[missing]);
  if (gap.rows.front() == table.rows() - missing) return fmt::format("{} ends at line {}", name, table.line[gap.rows.front() - 1]);
  return fmt::format("{} lacks {} value{}, the first at line {}", name, missing, missing == 1 ? "" : "s", table.line[gap.rows.front()]);
}

std::string words_of(std::vector<Gap> gaps, const market::SeriesTable& table) {
  constexpr std::size_t kNamed = 3;
  std::stable_sort(gaps.begin(), gaps.end(), [](const Gap& a, const Gap& b) { return a.rows.size() > b.rows.size(); });
  std::string words;
  for (std::size_t i = 0; i < std::min(kNamed, gaps.size()); ++i) words += (i == 0 ? "" : ", ") + words_of(gaps[i], table);
  if (gaps.size() > kNamed) words += fmt::format(", and {} more", gaps.size() - kNamed);
  return words;
}

Error refusal(const std::vector<Gap>& gaps, const market::SeriesTable& table, const Path& file) {
  const auto first = std::min_element(gaps.begin(), gaps.end(), [](const Gap& a, const Gap& b) { return a.rows[0] < b.rows[0]; });
  return {Errc::invalid_data, fmt::format("column '{}' holds a value that is not finite; {}", first->column, words_of(gaps, table)),
          fmt::format("{}:{}", file.string(), table.line[first->rows[0]]),
          "--nan drop keeps the rows that every column has, --nan zero reads what is missing as 0"};
}

void keep(market::SeriesTable& table, const MissingValues& rows) {
  for (market::SeriesColumn& column : table.columns) {
    if (!column.values.empty()) column.values = rows.of(column.values);
    if (!column.texts.empty()) column.texts = rows.of(column.texts);
  }
  if (!table.timestamp.empty()) table.timestamp = rows.of(table.timestamp);
  table.line = rows.of(table.line);
}

}  // namespace

Result<MissingValues> apply_nan_policy(market::SeriesTable& table, const std::vector<std::string>& columns, metrics::NanPolicy policy,
                                       const Path& file) {
  TRADEWIND_ASSIGN(const std::vector<Gap> gaps, gaps_of(table, columns));
  MissingValues out{table.rows(), {}, 0};
  std::vector<bool> missing(table.rows());
  for (const Gap& gap : gaps)
    for (const std::size_t row : gap.rows) missing[row] = true;
  out.changed = std::count(missing.begin(), missing.end(), true);
  const bool drop = policy == metrics::NanPolicy::drop;
  for (std::size_t row = 0; row < missing.size(); ++row)
    if (!(drop && missing[row])) out.kept.push_back(row);
  if (gaps.empty()) return out;
  if (policy == metrics::NanPolicy::reject) return refusal(gaps, table, file);
  const std::string why = words_of(gaps, table);
  if (out.kept.empty())
    return Error(Errc::invalid_data, fmt::format("no row has a value in every column: {}", why), file.string(),
                 "leave columns out with --column, or use --nan zero");
  table.notes.push_back(
      drop ? fmt::format("--nan drop: {} of {} rows are left out, so all columns have one length ({})", out.changed, out.rows, why)
           : fmt::format("--nan zero: in {} of {} rows what is missing is read as 0 ({})", out.changed, out.rows, why));
  if (drop) {
    keep(table, out);
    return out;
  }
  auto gap = gaps.begin();  // in the order of the columns
  for (market::SeriesColumn& column : table.columns) {
    if (gap == gaps.end() || column.name != gap->column) continue;
    for (const std::size_t row : (gap++)->rows) column.values[row] = 0;
  }
  return out;
}

}  // namespace tradewind::commands
