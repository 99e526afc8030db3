// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "tradewind/base/csv.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/market/bars_builder_internal.hpp"
#include "tradewind/market/csv_layout_internal.hpp"
#include "tradewind/market/input_internal.hpp"
#include "tradewind/market/readers_internal.hpp"
#include "tradewind/market/timestamp_internal.hpp"
#include "tradewind/market/written_numbers_internal.hpp"

namespace tradewind::market {
namespace {

/// One pass over a CSV file of bars.
class CsvBarsReader {
 public:
  /// `one_of_several`: only rows of the symbol that is wanted are read.
  CsvBarsReader(const Path& path, LineReader& lines, TimestampReader times, const ReadOptions& options, bool one_of_several)
      : path_(path),
        lines_(lines),
        times_(std::move(times)),
        options_(options),
        builder_(options, "line"),
        symbols_(options.symbol),
        numbers_(options.thousands),
        one_of_several_(one_of_several),
        splitter_(',') {}

  Result<BarsImport> run() {
    TRADEWIND_ASSIGN(layout_, read_csv_layout(path_, options_.skip_rows));
    TRADEWIND_ASSIGN(const bool readable, settle());
    if (readable) read_rows();
    if (!lines_.status()) return Error(lines_.status().error());
    if (const auto fault = symbols_.fault()) builder_.reject_all(symbols_.second_line(), columns_.names[*columns_.symbol], *fault);
    if (one_of_several_) builder_.note(symbols_.note());
    if (blank_lines_ > 0) builder_.note(fmt::format("{} blank line{} ignored", blank_lines_, blank_lines_ == 1 ? "" : "s"));
    std::vector<std::string> notes = times_.notes();
    for (auto& note : numbers_.notes()) notes.push_back(std::move(note));
    BarsImport result = builder_.finish(std::move(notes));
    result.named_symbol = columns_.named_symbol.empty() ? symbols_.only() : columns_.named_symbol;
    result.symbols = symbols_.fault() ? symbols_.all() : columns_.symbols;
    return result;
  }
  /// The rows are of several symbols, one of which is wanted: they have to be read again.
  bool again() const { return !one_of_several_ && symbols_.several() && !symbols_.fault(); }

 private:
  Result<bool> settle();
  Status settle_times();
  bool settle_numbers();
  void read_rows();
  void read_row(std::string_view line);
  bool split_row(std::string_view line);
  std::optional<UnixNanos> time(std::string& reason);
  bool price(Role role, double& value) { return number(*columns_[role], value); }
  bool prices(BarRow& row);
  bool number(std::size_t column, double& value);
  bool volume(double& value);
  std::string number_fault(std::string_view text) const;
  std::string_view field(Role role) const { return splitter_.fields()[*columns_[role]]; }

  Path path_;
  LineReader& lines_;
  TimestampReader times_;
  ReadOptions options_;
  BarsBuilder builder_;
  RowSymbols symbols_;
  WrittenNumbers numbers_;
  bool one_of_several_;
  CsvLayout layout_;
  BarColumns columns_;
  FieldSplitter splitter_;
  std::int64_t blank_lines_ = 0;
};

/// What the head says of columns, times and numbers; false when it refuses the file.
Result<bool> CsvBarsReader::settle() {
  if (layout_.fault) {
    builder_.reject(layout_.fault->line, layout_.fault->column, layout_.fault->reason);
    return false;
  }
  splitter_ = FieldSplitter(layout_.separator);
  columns_ = recognise_columns(layout_.names, options_, [&](std::size_t column) { return content_of(layout_.cells(column)); });
  builder_.set_columns(columns_);
  if (layout_.separator != ',') builder_.note(fmt::format("the separator is {}", separator_name(layout_.separator)));
  for (const auto& note : layout_.notes) builder_.note(note);
  for (const auto& note : columns_.notes) builder_.note(note);
  if (columns_.fault) {
    if (layout_.header_line == 0)
      columns_.fault->reason =
          "the file has no header: say what its columns are by their number, e.g. --columns "
          "timestamp=1,open=2,high=3,low=4,close=5,volume=6";
    else if (layout_.head.empty())
      columns_.fault->reason +=
          "; no row has as many fields as this line: if it is not the header, --skip-rows N passes the lines before that";
    builder_.reject(std::max<std::int64_t>(layout_.header_line, 1), columns_.fault->column, columns_.fault->reason);
    return false;
  }
  TRADEWIND_TRY(settle_times());
  return settle_numbers();
}

Status CsvBarsReader::settle_times() {
  const std::size_t column = *columns_[Role::timestamp];
  DateOrder order = options_.day_first ? DateOrder::day_first : columns_.makers_order();
  if (order == DateOrder::unknown && options_.date_format.empty()) {
    TRADEWIND_ASSIGN(order, order_of_dates(path_, layout_, column));
  }
  times_.written(options_.date_format, order);
  if (columns_.says_utc()) times_.called_utc();
  if (!columns_.time_of_day) return {};
  const auto clocks = layout_.cells(*columns_.time_of_day);
  const auto dates = layout_.cells(column);
  const bool midnights = std::all_of(clocks.begin(), clocks.end(), [](std::string_view clock) { return parse_time_of_day(clock) == 0; });
  if (midnights && std::any_of(dates.begin(), dates.end(), [&](std::string_view date) { return date != dates.front(); }))
    times_.days_only();
  return {};
}

bool CsvBarsReader::settle_numbers() {
  std::optional<std::size_t> first;
  const auto learn = [&](std::optional<std::size_t> column) {
    if (!column) return;
    for (const std::string_view cell : layout_.cells(*column)) numbers_.learn(cell);
    if (!first) first = column;
  };
  for (const Role role : {Role::open, Role::high, Role::low, Role::close, Role::volume}) learn(columns_[role]);
  learn(columns_.adjusted);
  const auto fault = numbers_.fault("say what groups digits with --thousands , or --thousands .");
  if (fault) builder_.reject(layout_.last_header_line + 1, columns_.names[*first], *fault);
  return !fault;
}

void CsvBarsReader::read_rows() {
  std::string_view line;
  while (lines_.next(line)) {
    if (lines_.number() <= layout_.last_header_line) continue;
    if (line.empty()) {
      ++blank_lines_;
      continue;
    }
    read_row(lines_.number() == 1 ? without_bom(line) : line);
  }
  if (lines_.number() > 1 && !lines_.terminated() && builder_.rejected() == 0)
    builder_.note("the last line has no line end: if the file was cut off there, its last value may be incomplete");
  if (lines_.status() && builder_.rows() == 0 && builder_.rejected() == 0)
    builder_.reject(layout_.last_header_line, "", "no data rows after the header");
}

bool CsvBarsReader::split_row(std::string_view line) {
  const std::int64_t number = lines_.number();
  const std::size_t expected = layout_.names.names.size();
  if (auto fault = text_fault(line, lines_.offset())) {
    builder_.reject(number, "", std::move(*fault));
    return false;
  }
  const auto found = splitter_.split(line, expected);
  if (!found) {
    builder_.reject(number, "", "a quote is not closed on this line");
    return false;
  }
  if (*found == expected && !lines_.overlong()) return true;
  if (lines_.overlong())
    builder_.reject(number, "", "the line is longer than 1 MiB");
  else
    builder_.reject(number, "",
                    fmt::format("{} field{}, {} expected{}", *found, *found == 1 ? "" : "s", expected,
                                lines_.terminated() ? "" : "; the file ends inside this line"));
  return false;
}

std::string CsvBarsReader::number_fault(std::string_view text) const {
  if (text.empty()) return "blank";
  const std::string shown = printable(text, 40);
  const auto value = parse_double(text);
  if (value && text.find_first_of("0123456789") != std::string_view::npos) return fmt::format("{} is too large for a number", shown);
  if (value || is_missing(text)) return fmt::format("{} is not a finite number", shown);
  if (text.find(',') != std::string_view::npos) return fmt::format("'{}' is not a number: write a decimal point, no comma", shown);
  return fmt::format("'{}' is not a number", shown);
}

bool CsvBarsReader::number(std::size_t column, double& value) {
  const std::string_view text = splitter_.fields()[column];
  if (numbers_.plain_first()) {
    if (const auto parsed = parse_double(text); parsed && std::isfinite(*parsed)) [[likely]] {
      value = *parsed;
      return true;
    }
  }
  const auto parsed = columns_[Role::volume] == column ? numbers_.volume(text) : numbers_.price(text);
  if (parsed && std::isfinite(*parsed)) {
    value = *parsed;
    return true;
  }
  builder_.reject(lines_.number(), columns_.names[column], number_fault(text));
  return false;
}

bool CsvBarsReader::volume(double& value) {
  if (!columns_[Role::volume]) return true;
  if (is_no_value(field(Role::volume))) {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  return price(Role::volume, value);
}

std::optional<UnixNanos> CsvBarsReader::time(std::string& reason) {
  if (columns_.time_of_day) return times_.read(field(Role::timestamp), splitter_.fields()[*columns_.time_of_day], reason);
  return times_.read(field(Role::timestamp), reason);
}

bool CsvBarsReader::prices(BarRow& row) {
  if (columns_.has_ohlc() && (!price(Role::open, row.open) || !price(Role::high, row.high) || !price(Role::low, row.low))) return false;
  if (!price(Role::close, row.close) || !volume(row.volume)) return false;
  return !columns_.adjusted || number(*columns_.adjusted, row.adjusted);
}

void CsvBarsReader::read_row(std::string_view line) {
  if (!split_row(line)) return;
  if (columns_.symbol) {
    const std::string_view symbol = splitter_.fields()[*columns_.symbol];
    symbols_.take(symbol, lines_.number());
    if (one_of_several_ ? symbol != options_.symbol : symbols_.several()) return;
  }
  if (columns_.wide && is_no_value(field(Role::close))) return builder_.leave_out();
  BarRow row;
  std::string reason;
  const auto when = time(reason);
  row.timestamp = when.value_or(0);
  row.utc_offset = times_.utc_offset();
  if (when) {
    if (prices(row)) builder_.add(lines_.number(), row);
  } else if (times_.both()) {
    if (prices(row)) builder_.add_twofold(lines_.number(), row, *times_.both(), std::move(reason));
  } else if (times_.undecided()) {
    builder_.reject_kind(lines_.number(), columns_.name(Role::timestamp), std::move(reason));
  } else {
    builder_.reject(lines_.number(), columns_.name(Role::timestamp), std::move(reason));
  }
}

}  // namespace

Result<BarsImport> read_csv_bars(const Path& path, const ReadOptions& options) {
  for (bool one_of_several = false;; one_of_several = true) {
    TRADEWIND_ASSIGN(auto times, TimestampReader::open(options.zone, TimestampReader::Naive::reject));
    TRADEWIND_ASSIGN(const auto source, ByteSource::open(path));
    LineReader lines(*source);
    CsvBarsReader reader(path, lines, std::move(times), options, one_of_several);
    TRADEWIND_ASSIGN(auto result, reader.run());
    if (reader.again()) continue;
    TRADEWIND_ASSIGN(result.sha256, source->sha256());
    return result;
  }
}

}  // namespace tradewind::market
