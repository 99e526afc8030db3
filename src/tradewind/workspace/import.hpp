// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/file.hpp"
#include "tradewind/workspace/schemas.hpp"

namespace tradewind::workspace {

/// What trading makes of signals that came without it. The workspace knows no prices: who does (replay::SignalPricing) fills it in.
struct RunCompletion {
  /// execution, symbols, periods_per_year, commission_model, slippage_model, start_date, end_date, data_files and data_hashes count.
  RunMetadata described;
  std::vector<std::string> metric_columns;
  /// Gives the row its symbol, counts and metrics: `values[i]` belongs to `metric_columns[i]`. `row.symbol` is empty when nothing says it.
  std::function<Status(SignalMetadata& row, const Signals& signals)> complete;
};

/// How a table of signals is laid out.
enum class SignalFormat : std::uint8_t {
  automatic,      ///< by its columns: entries_exits when it has `entries`, else long_rows
  long_rows,      ///< strategy_id, symbol, timestamp, signal[, confidence]
  wide,           ///< timestamp and a column for each strategy
  entries_exits,  ///< [strategy_id, symbol,] timestamp, entries, exits[, short_entries, short_exits]: booleans
};
constexpr auto names_of(SignalFormat) { return std::to_array<std::string_view>({"auto", "long", "wide", "entries-exits"}); }

struct ImportOptions {
  SignalFormat format = SignalFormat::automatic;
  const RunCompletion* completion = nullptr;  ///< none: signals alone, which no command can trade
};

struct ImportReport {
  std::int64_t strategies = 0;
  std::int64_t rows_read = 0;
  std::int64_t rows_kept = 0;  ///< after removing rows that change nothing
};

/// Stores signals of another tool as a run of workflow_type "import". A source is a `.csv` or `.parquet` file, a folder of them, or the
/// `signals` folder of a run. Signals are -1, 0, 1 or booleans; without a column of strategies a file's name (of `signals.parquet`: its
/// folder's) is the strategy's id. A strategy on several symbols becomes one strategy on each, `SYMBOL.ID`. In a wide table an empty cell
/// is no row. An entry opens a position, an exit closes it, both at once change nothing.
/// Errc::invalid_data says file, row, column and why; nothing is written then. Errc::too_large beyond 500 million rows.
Result<ImportReport> import_signals(const Path& root, std::span<const Path> sources, const std::string& run_id,
                                    const ImportOptions& options = {});

}  // namespace tradewind::workspace
