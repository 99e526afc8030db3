// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/market/bars.hpp"
#include "tradewind/market/read_options.hpp"
#include "tradewind/market/utc_offset.hpp"

namespace tradewind::market {

/// One row that was not accepted, or one fault of the whole file (line 1, the header).
struct Rejection {
  std::int64_t line = 0;  ///< CSV: 1-based line, the header being 1. Parquet: 1-based row. 0: the file as a whole
  std::string column;     ///< name as in the file; empty when the fault is not one column's
  std::string reason;     ///< valid UTF-8, short
};

/// A column that was recognised.
struct ColumnRole {
  std::string role;  ///< timestamp, open, high, low, close, volume
  std::string name;  ///< as the file spells it
};

/// What reading a price file gave.
struct BarsImport {
  bool accepted = false;  ///< false: bars is empty and `rejected` says why
  Bars bars;
  std::vector<Rejection> rejected;  ///< the first of them, by line
  std::int64_t rejected_total = 0;
  std::vector<std::string> notes;  ///< what was assumed, repaired or looks odd
  std::vector<ColumnRole> columns;
  std::vector<std::string> ignored_columns;
  std::vector<std::string> symbols;  ///< those of a file that has several, when none of them was chosen
  std::string named_symbol;          ///< the only symbol that the file names; empty: none, or several
  std::string sha256;                ///< of the file's bytes as stored
  std::vector<UtcOffset>
      offsets;  ///< by the times' own offsets, or their zone; empty: UTC, and of plain dates, whose day is the exchange's
};

/// Reads and checks one symbol's bars from .csv, .csv.gz or Parquet (told by the content). Faults of the data are in the
/// result's `rejected`; an Error is returned only when the file cannot be read at all or an option is wrong.
/// Errors: not_found, storage, too_large, unknown_name (zone), invalid_data (damaged gzip or Parquet).
/// Memory is that of the bars plus a fixed buffer. CSV costs about 0.25 µs per row.
Result<BarsImport> read_bars(const Path& path, const ReadOptions& options = {});

/// As read_bars, for callers that only want good bars: rejections become one invalid_data error naming the first fault.
Result<Bars> load_bars(const Path& path, const ReadOptions& options = {});

}  // namespace tradewind::market
