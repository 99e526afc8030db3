// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/market/columns_internal.hpp"
#include "tradewind/market/input_internal.hpp"

namespace tradewind::market {

/// How a CSV file is laid out, by its first lines.
struct CsvLayout {
  char separator = ',';
  std::int64_t header_line = 1;  ///< 0: the file has none, and its columns are called 1, 2, … or as their maker calls them
  std::int64_t last_header_line = 1;
  ColumnNames names;
  std::vector<std::vector<std::string>> head;  ///< cells of the first rows, by row; rows of another width are left out
  bool whole = false;                          ///< `head` is the whole file
  std::vector<std::string> notes;
  std::optional<Rejection> fault;  ///< why the file cannot be read as a table

  /// The cells of a column in the head.
  std::vector<std::string_view> cells(std::size_t column) const;
};

/// Looks at the head of a file, at most some hundred lines. Errors: as ByteSource.
Result<CsvLayout> read_csv_layout(const Path& path, std::int64_t skip_rows);

/// Which of the first two numbers of a date is the month, by all rows of a file; unknown when none shows it, or they contradict each
/// other.
Result<DateOrder> order_of_dates(const Path& path, const CsvLayout& layout, std::size_t column);

}  // namespace tradewind::market
