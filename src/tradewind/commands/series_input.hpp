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

/// Refuses what cannot be returns of a bar: ten values or more, all above 0, half of them above 0.5, and not one number throughout. What
/// could be either is noted: positive throughout, half of them above 0.05, and smooth as prices are. `option` says what makes returns of
/// prices.
Status check_returns(const market::SeriesColumn& column, const Path& file, std::vector<std::string>& notes,
                     std::string_view option = "--prices makes returns of prices");
/// The note that `check_returns` would refuse with, for series that may be anything; empty when they look like returns.
std::string looks_like_prices(const market::SeriesColumn& column);

/// `--prices` means the columns of a file: refused for a run.
Status no_prices_of_run(bool prices);

/// Makes returns of the columns named, which hold prices: the first row goes. Errors: unknown_name; invalid_data for prices that are not
/// above 0, with file and line. The return of a bar is what was made since the last price before it; where a price is missing the return
/// is.
Status make_returns(market::SeriesTable& table, const std::vector<std::string>& columns, const Path& file);

/// Reads a price that is missing as the last one before it. Error: unknown_name.
Status carry_prices(market::SeriesTable& table, const std::string& column);

/// make_returns for every numeric column of a table, or their check with `check_returns`; `but` is left alone.
Status returns_of_columns(market::SeriesTable& table, bool prices, const std::string& but, const Path& file);

/// Turns "row 7" in an error's where, a row of the table as the modules count them, into file and line. `rows` maps the rows of a
/// cleaned series to those of the table; empty: they are the same.
Error locate(const Error& error, const market::SeriesTable& table, const Path& file, const std::vector<std::size_t>& rows = {});

/// Bars per year that the timestamps show, over at least a week; nullopt without them.
std::optional<double> observed_periods_per_year(const market::SeriesTable& table);

}  // namespace tradewind::commands
