// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tradewind/market/columns_internal.hpp"
#include "tradewind/market/series.hpp"

namespace tradewind::market {

/// Which columns of a series file are read, and how.
struct SeriesPlan {
  std::vector<std::string> names;        ///< all columns of the file
  std::optional<std::size_t> timestamp;  ///< index of the time column
  std::vector<std::size_t> chosen;       ///< indices of the series to read
  std::vector<bool> as_text;             ///< per chosen column: read as words in any case
};

/// Checks names and request. Errors: invalid_data (duplicate names, no header), unknown_name.
Result<SeriesPlan> plan_series(std::vector<std::string> names, const SeriesOptions& options, const Path& path, const ContentOf& content);

Result<SeriesTable> read_csv_series(const Path& path, const SeriesOptions& options);
Result<SeriesTable> read_parquet_series(const Path& path, const SeriesOptions& options);

/// Holds the times of a table to one direction: forward, or from the newest back.
class SeriesOrder {
 public:
  /// Errors: invalid_data for a time that does not follow its predecessor.
  Status take(const Path& path, std::int64_t line, UnixNanos now);

 private:
  std::int64_t count_ = 0;
  bool descending_ = false;
  UnixNanos last_ = 0;
};

}  // namespace tradewind::market
