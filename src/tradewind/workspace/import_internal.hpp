// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/workspace/import.hpp"

namespace tradewind::workspace {

/// entries, exits, short_entries, short_exits
using SignalOrders = std::array<bool, 4>;

/// One row of a foreign signals file, not yet checked. `strategy` and `symbol` are empty when the file has no such column.
struct SignalRow {
  UnixNanos timestamp = 0;
  double signal = 0;
  double confidence = 1;
  std::string_view strategy;
  std::string_view symbol;
  std::optional<SignalOrders> orders;  ///< instead of `signal`
  std::string_view column;             ///< where the signal stands
};

/// Takes the rows of a file as they are read; `number` counts data rows from 1.
class SignalRowSink {
 public:
  virtual ~SignalRowSink() = default;
  virtual Status begin(const Path& file) = 0;
  /// What the file says of its only strategy: keys and texts of a Parquet footer.
  virtual void describe(const std::map<std::string, std::string>& footer) = 0;
  virtual Status row(std::int64_t number, const SignalRow& row) = 0;
  virtual Status end() = 0;
};

/// Which column of a file is what; numbers count the file's columns, -1: there is none.
struct SignalColumns {
  int timestamp = -1;
  int signal = -1;
  int confidence = -1;
  int strategy = -1;
  int symbol = -1;
  std::array<int, 4> orders = {-1, -1, -1, -1};
  std::vector<int> wide;           ///< each a strategy
  std::vector<std::string> names;  ///< of all columns

  /// All that are read, ascending.
  std::vector<int> wanted() const;
};
Result<SignalColumns> signal_columns(std::vector<std::string> names, SignalFormat format, const Path& file);

/// The cells of one row of a file.
class SignalCells {
 public:
  virtual ~SignalCells() = default;
  virtual bool is_empty(int column) const = 0;
  virtual std::optional<UnixNanos> time(int column) const = 0;
  /// Numbers and booleans; nullopt for anything else.
  virtual std::optional<double> number(int column) const = 0;
  virtual std::optional<std::string> text(int column) const = 0;
  /// Why a cell is not what is expected.
  virtual std::string fault(int column, std::string_view expected) const = 0;
};
/// Gives what a row says to the sink: one signal, or one of each strategy of a wide table.
Status give_row(const SignalColumns& columns, const SignalCells& cells, std::int64_t number, const Path& file, SignalRowSink& sink);

/// Which columns are read, ascending, by the names of all and the footer's keys and texts.
using ParquetOpened =
    std::function<Result<std::vector<int>>(const std::vector<std::string>& names, const std::map<std::string, std::string>& footer)>;
using ParquetRow = std::function<Status(const SignalCells& cells, std::int64_t number)>;
/// Gives the rows of a Parquet file, numbered from 1. Errors as read_signal_parquet.
Status visit_parquet(const Path& file, const ParquetOpened& opened, const ParquetRow& row);

/// What a file of another tool says of one strategy, made sparse.
struct ForeignStrategy {
  std::string id;
  std::string symbol;  ///< empty: it does not say
  std::string type;
  std::vector<Parameter> parameters;
  std::int64_t rows = 0;
  Signals sparse;
};
/// The strategies of one file, as import_signals reads it.
Result<std::vector<ForeignStrategy>> read_foreign_signals(const Path& file);

/// Errc::invalid_data with file, row, column; Errc::too_large for files that would not fit into memory.
Status read_signal_csv(const Path& file, SignalFormat format, SignalRowSink& sink);
Status read_signal_parquet(const Path& file, SignalFormat format, SignalRowSink& sink);

}  // namespace tradewind::workspace
