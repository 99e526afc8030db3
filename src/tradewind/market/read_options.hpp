// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "tradewind/base/result.hpp"

namespace tradewind::market {

/// What happens when a row cannot be accepted.
enum class OnError {
  fail,  ///< the whole file is refused, with the list of its faults
  skip,  ///< the bad rows are left out and counted
};

/// How a price file is read. What is not said is recognised from the file, and told, or refused where it would be a guess.
struct ReadOptions {
  /// Empty: from the file itself, else its name up to the first dot. Of a file with several symbols (a column of symbols, a column for
  /// each, header rows), the one that is read; without it, such a file is rejected.
  std::string symbol;
  std::string zone;     ///< IANA zone of times without an offset; empty: such times are rejected
  bool strict = false;  ///< reject identical duplicates and newest-first files instead of accepting them with a note
  bool sort = false;    ///< sort rows by time, with a note, instead of rejecting those out of order
  OnError on_error = OnError::fail;
  /// Which column plays which role: timestamp, time (of day, beside a date), open, high, low, close, volume, adjusted, symbol.
  std::map<std::string, std::string> columns;
  std::string date_format;         ///< of the times, as strptime has it (%d/%m/%Y); empty: recognised
  bool day_first = false;          ///< 03/04/2021 is the third of April
  std::int64_t skip_rows = 0;      ///< lines before the header
  char thousands = 0;              ///< what groups digits: , . ' or a blank; with '.', the decimal mark is a comma. 0: recognised
  bool adjusted = false;           ///< all four prices times adjusted close / close
  bool allow_negative = false;     ///< prices of 0 and below are prices (spreads, oil in April 2020)
  std::size_t max_rejected = 100;  ///< rejections listed; all are counted
  std::uint64_t max_values = std::uint64_t{1} << 28;  ///< rows x columns of a Parquet file, above which it is refused unread
};

/// Reader options as a user writes them, by name: on a command line, in a configuration, in a run's metadata. Switches are "true".
using ReadSettings = std::map<std::string, std::string>;

/// The names of ReadSettings: columns (`timestamp=…,close=…`), date_format, day_first, skip_rows, thousands, adjusted, allow_negative,
/// zone, sort.
std::span<const std::string_view> read_setting_names() noexcept;
bool is_read_switch(std::string_view name) noexcept;

/// The options that settings mean, for one symbol. Errors: usage, with the setting as the option `--date-format` in where.
Result<ReadOptions> read_options_of(const ReadSettings& settings, const std::string& symbol = {});

}  // namespace tradewind::market
