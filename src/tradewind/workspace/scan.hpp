// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/workspace/scan_column.hpp"

namespace tradewind::workspace {

struct ScanQuery {
  std::string where = {};             ///< a filter such as `net_sharpe > 1 and symbol == 'SPY'`; empty keeps all
  std::string sort = "sharpe_ratio";  ///< any column; empty sorts by run_id, strategy_id
  bool descending = true;             ///< undefined last either way, ties by run_id, strategy_id
  std::size_t limit = 20;             ///< 0: all
  std::size_t offset = 0;
  std::vector<std::string> columns = {};  ///< empty: all
};

/// A run that could not be scanned; the others are.
struct ScanFault {
  std::string run_id;
  Error error;
};

struct ScanResult {
  std::size_t scanned = 0;
  std::size_t matched = 0;
  std::size_t rows = 0;  ///< of those that matched, the ones that the limit lets through: what every column holds
  /// What was asked for, or run_id, strategy_id, strategy_type, symbol, param.*, the metrics, total_signals, signal_changes,
  /// compression_ratio, total_trades, total_fills, rejected_orders, undefined ("name:reason;…").
  std::vector<ScanColumn> columns;
  std::vector<ScanFault> faults;
  double milliseconds = 0;

  /// A column by its name; null when the result has none of that name.
  const ScanColumn* find(std::string_view column) const noexcept;
  /// One value, for printing. Both indices are in range.
  Cell cell(std::size_t row, std::size_t column) const { return columns[column].cell(row); }
};

/// Filters and sorts the strategies of `runs` (none: every run below `root`) by their catalogs alone; no signals are read.
/// A column known to any of the runs may be used; runs without it have null there. Errc::unknown_name with the nearest column;
/// Errc::not_found for a run that was named and is not there.
Result<ScanResult> scan(const Path& root, std::span<const std::string> runs, const ScanQuery& query);

/// Writes a result as `.csv`, `.json` (array of objects) or `.parquet`, by the file's extension; durable. Errc::usage for others.
Status export_rows(const ScanResult& result, const Path& file);

}  // namespace tradewind::workspace
