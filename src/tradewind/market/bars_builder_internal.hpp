// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/market/columns_internal.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/market/timestamp_internal.hpp"

namespace tradewind::market {

/// The values of one row. open, high and low count only when the file has them; volume is NaN when missing.
struct BarRow {
  UnixNanos timestamp = 0;
  double open = 0;
  double high = 0;
  double low = 0;
  double close = 0;
  double volume = 0;
  double adjusted = 0;          ///< the adjusted close, where prices are to be adjusted
  std::int32_t utc_offset = 0;  ///< seconds that the row's own clock is ahead of UTC
};

/// Collects rows into bars and holds them to the rules: finite positive prices, high and low that span the bar, sane volumes,
/// increasing time, no contradicting duplicates. Shared by the CSV and the Parquet reader.
class BarsBuilder {
 public:
  /// `unit` is what messages call a row's place: "line" or "row".
  BarsBuilder(const ReadOptions& options, std::string_view unit);

  void set_columns(const BarColumns& columns);
  void reserve(std::size_t rows);
  /// Takes a row; one that breaks a rule is rejected.
  void add(std::int64_t line, const BarRow& row);
  /// Takes a row whose local time occurs twice, since clocks go back: told apart when such rows follow each other and the clock was seen to
  /// go back among them, else rejected with the reason.
  void add_twofold(std::int64_t line, const BarRow& row, const TwoTimes& times, std::string reason);
  /// A row without a bar, as a table of several symbols has them.
  void leave_out() noexcept { ++left_out_; }
  void reject(std::int64_t line, std::string_view column, std::string reason);
  /// The same for what would be said of row after row: the first of a column is listed, the others are counted.
  void reject_kind(std::int64_t line, std::string_view column, std::string reason);
  /// Forgets all rows and what was wrong with them, for one fault of the whole file.
  void reject_all(std::int64_t line, std::string_view column, std::string reason);
  void note(std::string text) { notes_.push_back(std::move(text)); }
  std::size_t rows() const noexcept { return bars_.size(); }
  std::int64_t rejected() const noexcept { return rejected_total_; }

  /// The end of the file: sorts, finds gaps, counts, decides whether the file is accepted.
  BarsImport finish(std::vector<std::string> reader_notes);

 private:
  bool check_prices(std::int64_t line, const BarRow& row);
  bool check_volume(std::int64_t line, double volume);
  bool check_order(std::int64_t line, const BarRow& row);
  void add_in_order(std::int64_t line, const BarRow& row);
  void adjust(BarRow& row) const;
  void settle_twofold();
  void rebuild(const std::vector<std::size_t>& order);
  void restart_ascending();
  void reverse_rows();
  bool same_as_last(const BarRow& row) const;
  void append(std::int64_t line, const BarRow& row);
  BarRow row_at(std::size_t i) const;
  void count_kinds();
  void sort_rows();
  void note_duplicates();
  void note_volumes();
  void note_gaps();
  std::string_view name(Role role) const;

  ReadOptions options_;
  std::string unit_;
  BarColumns columns_;
  Bars bars_;
  std::vector<std::int32_t> offsets_;  ///< seconds ahead of UTC, of each bar's own clock
  std::vector<std::int64_t> lines_;    ///< where each bar stood
  bool deferred_order_ = false;        ///< rows are checked for order only after sorting
  bool descending_ = false;            ///< so far the newest bar came first
  struct Twofold {
    std::int64_t line;
    BarRow row;
    TwoTimes times;
    std::string reason;
  };
  std::vector<Twofold> twofold_;  ///< those that follow each other, until the next plain time
  std::int64_t told_apart_ = 0;
  std::int64_t left_out_ = 0;
  struct Kind {
    std::string column;
    std::int64_t line;
    std::int64_t more = 0;
  };
  std::vector<Kind> kinds_;
  std::vector<Rejection> rejected_;
  std::int64_t rejected_total_ = 0;
  std::int64_t duplicates_ = 0;
  std::vector<std::int64_t> duplicate_lines_;
  std::vector<std::string> notes_;
};

/// The symbols of a file's rows, as far as its column of symbols names them.
class RowSymbols {
 public:
  /// `wanted` is the only symbol whose rows are read once a second one has been met.
  explicit RowSymbols(std::string wanted) : wanted_(std::move(wanted)) {}
  void take(std::string_view symbol, std::int64_t line);
  bool several() const noexcept { return second_line_ != 0; }
  /// At most 1,000 of them, sorted.
  const std::vector<std::string>& all() const noexcept { return known_; }
  /// The symbol of all rows; empty when there are several, or none.
  std::string only() const { return known_.size() == 1 ? known_.front() : std::string(); }
  /// Several, and none of them is wanted: what is wrong.
  std::optional<std::string> fault() const;
  std::string note() const;
  std::int64_t second_line() const noexcept { return second_line_; }

 private:
  static constexpr std::size_t kMostKept = 1000;

  std::string wanted_;
  std::string last_;
  std::vector<std::string> known_;  ///< sorted
  std::int64_t second_line_ = 0;
};

}  // namespace tradewind::market
