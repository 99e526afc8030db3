// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tradewind/base/file.hpp"

namespace tradewind::workspace {

/// One value of a result row; monostate is null (undefined, or a column the strategy's run does not have).
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

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
  /// run_id, strategy_id, strategy_type, symbol, param.*, the metrics, total_signals, signal_changes, compression_ratio, total_trades,
  /// total_fills, rejected_orders, undefined ("name:reason;…").
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
  std::vector<ScanFault> faults;
  double milliseconds = 0;
};

/// Filters and sorts the strategies of `runs` (none: every run below `root`) by their catalogs alone; no signals are read.
/// A column known to any of the runs may be used; runs without it have null there. Errc::unknown_name with the nearest column;
/// Errc::not_found for a run that was named and is not there.
Result<ScanResult> scan(const Path& root, std::span<const std::string> runs, const ScanQuery& query);

/// Writes a result as `.csv`, `.json` (array of objects) or `.parquet`, by the file's extension; durable. Errc::usage for others.
Status export_rows(const ScanResult& result, const Path& file);

}  // namespace tradewind::workspace
