// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tradewind/commands/output.hpp"
#include "tradewind/market/series.hpp"

namespace tradewind::commands {

/// The column a command works on: the one named, else the first numeric one that is not in `other`.
/// Errors: unknown_name with the nearest name; invalid_data for text, or when the file has no numeric column.
Result<const market::SeriesColumn*> choose_column(const market::SeriesTable& table, const Path& file, const std::string& name,
                                                  const std::vector<std::string>& other = {});

/// Turns "row 7" in an error's where, a row of the table as the modules count them, into file and line. `rows` maps the rows of a
/// cleaned series to those of the table; empty: they are the same.
Error locate(const Error& error, const market::SeriesTable& table, const Path& file, const std::vector<std::size_t>& rows = {});

/// Bars per year that the timestamps show, over at least a week; nullopt without them.
std::optional<double> observed_periods_per_year(const market::SeriesTable& table);

}  // namespace tradewind::commands
