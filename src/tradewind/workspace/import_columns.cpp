// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/workspace/import_internal.hpp"

namespace tradewind::workspace {
namespace {

constexpr std::array<const char*, 4> kOrders = {"entries", "exits", "short_entries", "short_exits"};
constexpr const char* kPandasIndex = "__index_level_0__";

/// The column of times: `timestamp`, else what a pandas index or a Date column is called; -1: none.
int time_column(const std::vector<std::string>& names) {
  int other = -1;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string name = lower(trim(names[i]));
    if (name == "timestamp") return static_cast<int>(i);
    const bool is_time = name == "date" || name == "datetime" || name == kPandasIndex || (name.empty() && i == 0);
    if (is_time && other < 0) other = static_cast<int>(i);
  }
  return other;
}

Error no_column(const char* name, const Path& file, std::string hint) {
  return {Errc::invalid_data, fmt::format("there is no column '{}'", name), file.string(), std::move(hint)};
}

int* role_of(SignalColumns& columns, const std::string& name) {
  if (name == "signal") return &columns.signal;
  if (name == "confidence") return &columns.confidence;
  if (name == "strategy" || name == "strategy_id") return &columns.strategy;
  if (name == "symbol") return &columns.symbol;
  for (std::size_t i = 0; i < kOrders.size(); ++i)
    if (name == kOrders[i]) return &columns.orders[i];
  return nullptr;
}

Status find_roles(SignalColumns& columns, const Path& file) {
  for (std::size_t i = 0; i < columns.names.size(); ++i) {
    const std::string name = lower(trim(columns.names[i]));
    int* slot = role_of(columns, name);
    const bool again = name == "timestamp" && static_cast<int>(i) != columns.timestamp;
    if (again || (slot != nullptr && *slot >= 0))
      return Error(Errc::invalid_data, fmt::format("column '{}' stands twice", name), file.string() + ": row 0");
    if (slot != nullptr) *slot = static_cast<int>(i);
  }
  if (columns.timestamp < 0)
    return no_column("timestamp", file,
                     "the first line names the columns timestamp, signal and optionally confidence, strategy_id, symbol");
  return {};
}

Status find_wide(SignalColumns& columns, const Path& file) {
  for (std::size_t i = 0; i < columns.names.size(); ++i)
    if (static_cast<int>(i) != columns.timestamp) columns.wide.push_back(static_cast<int>(i));
  if (columns.wide.empty()) return Error(Errc::invalid_data, "there is no column but the time", file.string());
  columns.signal = columns.confidence = columns.strategy = columns.symbol = -1;
  columns.orders.fill(-1);
  return {};
}

class RowReader {
 public:
  RowReader(const SignalColumns& columns, const SignalCells& cells, std::int64_t number, const Path& file)
      : columns_(columns), cells_(cells), number_(number), file_(file) {}

  Result<SignalRow> common() {
    SignalRow row;
    const auto time = cells_.time(columns_.timestamp);
    if (!time) return fail("timestamp", columns_.timestamp, "a time such as 2021-03-31T14:30:00Z");
    row.timestamp = *time;
    if (columns_.strategy >= 0) {
      TRADEWIND_ASSIGN(strategy_, name("strategy", columns_.strategy, "a strategy's id"));
      row.strategy = strategy_;
    }
    if (columns_.symbol >= 0) {
      TRADEWIND_ASSIGN(symbol_, name("symbol", columns_.symbol, "a symbol"));
      row.symbol = symbol_;
    }
    return row;
  }

  Result<double> number(const char* what, int column, const char* expected) const {
    const auto value = cells_.number(column);
    if (!value) return fail(what, column, expected);
    return *value;
  }

 private:
  Error fail(std::string_view what, int column, const char* expected) const {
    return {Errc::invalid_data, cells_.fault(column, expected),
            fmt::format("{}: row {}, column {}", file_.string(), number_, printable(what))};
  }
  Result<std::string> name(const char* what, int column, const char* expected) const {
    auto text = cells_.text(column);
    if (!text || text->empty()) return fail(what, column, expected);
    return std::move(*text);
  }

  const SignalColumns& columns_;
  const SignalCells& cells_;
  std::int64_t number_;
  const Path& file_;
  std::string strategy_;
  std::string symbol_;
};

Status give_wide(const SignalColumns& columns, const SignalCells& cells, const RowReader& reader, SignalRow row, std::int64_t number,
                 SignalRowSink& sink) {
  for (const int column : columns.wide) {
    if (cells.is_empty(column)) continue;
    row.strategy = row.column = columns.names[static_cast<std::size_t>(column)];
    TRADEWIND_ASSIGN(row.signal, reader.number(columns.names[static_cast<std::size_t>(column)].c_str(), column, "-1, 0 or 1"));
    TRADEWIND_TRY(sink.row(number, row));
  }
  return {};
}

Result<SignalOrders> orders_of(const SignalColumns& columns, const SignalCells& cells, const RowReader& reader) {
  SignalOrders orders{};
  for (std::size_t i = 0; i < orders.size(); ++i) {
    if (columns.orders[i] < 0 || cells.is_empty(columns.orders[i])) continue;
    TRADEWIND_ASSIGN(const double value, reader.number(kOrders[i], columns.orders[i], "true or false"));
    orders[i] = value != 0;
  }
  return orders;
}

}  // namespace

std::vector<int> SignalColumns::wanted() const {
  std::vector<int> all = {timestamp, signal, confidence, strategy, symbol};
  all.insert(all.end(), orders.begin(), orders.end());
  all.insert(all.end(), wide.begin(), wide.end());
  std::erase_if(all, [](int column) { return column < 0; });
  std::sort(all.begin(), all.end());
  return all;
}

Result<SignalColumns> signal_columns(std::vector<std::string> names, SignalFormat format, const Path& file) {
  SignalColumns columns;
  columns.names = std::move(names);
  columns.timestamp = time_column(columns.names);
  if (format == SignalFormat::wide) {
    if (columns.timestamp < 0) return no_column("timestamp", file, "a wide table has the times in a column and a column a strategy");
    TRADEWIND_TRY(find_wide(columns, file));
    return columns;
  }
  TRADEWIND_TRY(find_roles(columns, file));
  const bool orders =
      format == SignalFormat::entries_exits || (format == SignalFormat::automatic && columns.signal < 0 && columns.orders[0] >= 0);
  if (orders) {
    columns.signal = -1;
    if (columns.orders[0] < 0 && columns.orders[2] < 0) return no_column("entries", file, "--format entries-exits needs entries and exits");
    for (const std::size_t entry : {std::size_t{0}, std::size_t{2}})
      if (columns.orders[entry] >= 0 && columns.orders[entry + 1] < 0)
        return no_column(kOrders[entry + 1], file, "entries without exits never end; a column of signals says it by `signal`");
    return columns;
  }
  columns.orders.fill(-1);
  if (columns.signal < 0)
    return no_column("signal", file,
                     "a table with a column for each strategy is read by --format wide, one of entries and exits by --format "
                     "entries-exits");
  return columns;
}

Status give_row(const SignalColumns& columns, const SignalCells& cells, std::int64_t number, const Path& file, SignalRowSink& sink) {
  RowReader reader(columns, cells, number, file);
  TRADEWIND_ASSIGN(SignalRow row, reader.common());
  if (!columns.wide.empty()) return give_wide(columns, cells, reader, row, number, sink);
  row.column = "signal";
  if (columns.signal >= 0) {
    TRADEWIND_ASSIGN(row.signal, reader.number("signal", columns.signal, "-1, 0 or 1"));
  } else {
    TRADEWIND_ASSIGN(row.orders, orders_of(columns, cells, reader));
  }
  if (columns.confidence >= 0) {
    TRADEWIND_ASSIGN(row.confidence, reader.number("confidence", columns.confidence, "a number in [0, 1]"));
  }
  return sink.row(number, row);
}

}  // namespace tradewind::workspace
