// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/market/utc_offset.hpp"

namespace tradewind::market {

/// One column of a series file: either numbers or words.
struct SeriesColumn {
  std::string name;
  bool is_text = false;
  bool counts_rows = false;        ///< row numbers that a program wrote along, which was not asked for by name: no series
  bool part_of_bars = false;       ///< open, high, low or volume beside a close, which was not asked for by name: no series of its own
  std::vector<double> values;      ///< numbers; NaN where the cell is blank, NaN or null, ±inf as written
  std::vector<std::string> texts;  ///< words (is_text), "" where blank
};

/// A table of series, one row per period.
struct SeriesTable {
  std::string timestamp_name;                 ///< name of the time column; empty when there is none
  std::vector<UnixNanos> timestamp;           ///< strictly increasing; empty when there is no time column
  std::vector<SeriesColumn> columns;          ///< all but the time column, in the order of the file (or of the request)
  std::vector<std::int64_t> line;             ///< where each row stands: 1-based line of a CSV file (header 1), row of a Parquet file
  std::vector<std::string> notes;             ///< what was assumed
  std::string sha256;                         ///< of the file's bytes as stored
  std::vector<UtcOffset> clock = {};          ///< that the times are of, by their own offsets or their zone; empty: UTC, and of plain dates
  std::vector<std::int32_t> utc_offset = {};  ///< while it is read: by row, in seconds

  std::size_t rows() const noexcept { return line.size(); }
  /// The column of that name. Errors: unknown_name with the nearest name.
  Result<const SeriesColumn*> column(std::string_view name) const;
  /// As `column`, and it must hold numbers. Errors: unknown_name, invalid_data.
  Result<const SeriesColumn*> numbers(std::string_view name) const;
  /// The columns that hold numbers and are neither row numbers nor parts of bars, in order.
  std::vector<const SeriesColumn*> numeric_columns() const;
  /// What to say when there is none: Errc::invalid_data, which names the columns that were taken for row numbers.
  Error no_numbers(const Path& file) const;
};

struct SeriesOptions {
  std::vector<std::string> columns;                   ///< those to read; empty: all
  std::vector<std::string> text_columns;              ///< read as words whatever they hold (labels such as 0, 1, 2)
  std::string zone;                                   ///< IANA zone of times without offset; empty: UTC, with a note
  std::uint64_t max_values = std::uint64_t{1} << 28;  ///< rows x columns above which the file is refused
};

/// Reads a table of series from .csv, .csv.gz or Parquet (told by the content). Numbers are correctly rounded; integers and
/// float32 are widened. A file with a header only has zero rows. A column that is numeric but for a few cells is an error that
/// names the first of them. Errors: not_found, storage, invalid_data (with file:line), unknown_name, too_large.
Result<SeriesTable> read_series(const Path& path, const SeriesOptions& options = {});

}  // namespace tradewind::market
