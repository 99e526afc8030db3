// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "tradewind/base/csv.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/market/bars_builder_internal.hpp"
#include "tradewind/market/input_internal.hpp"
#include "tradewind/market/readers_internal.hpp"
#include "tradewind/market/timestamp_internal.hpp"

namespace tradewind::market {
namespace {

/// One pass over a CSV file of bars.
class CsvBarsReader {
 public:
  /// `one_of_several`: only rows of the symbol that is wanted are read.
  CsvBarsReader(LineReader& lines, TimestampReader times, const ReadOptions& options, bool one_of_several)
      : lines_(lines),
        times_(std::move(times)),
        options_(options),
        builder_(options, "line"),
        symbols_(options.symbol),
        one_of_several_(one_of_several),
        splitter_(',') {}

  Result<BarsImport> run() {
    if (read_header()) read_rows();
    if (!lines_.status()) return Error(lines_.status().error());
    if (const auto fault = symbols_.fault()) builder_.reject_all(symbols_.second_line(), columns_.names[*columns_.symbol], *fault);
    if (one_of_several_) builder_.note(symbols_.note());
    if (blank_lines_ > 0) builder_.note(fmt::format("{} blank line{} ignored", blank_lines_, blank_lines_ == 1 ? "" : "s"));
    return builder_.finish(times_.notes());
  }
  /// The rows are of several symbols, one of which is wanted: they have to be read again.
  bool again() const { return !one_of_several_ && symbols_.several() && !symbols_.fault(); }

 private:
  bool read_header();
  void read_rows();
  void read_row(std::string_view line);
  bool split_row(std::string_view line);
  bool price(Role role, double& value);
  bool volume(double& value);
  std::string number_fault(std::string_view text) const;
  std::string_view field(Role role) const { return splitter_.fields()[*columns_[role]]; }

  LineReader& lines_;
  TimestampReader times_;
  ReadOptions options_;
  BarsBuilder builder_;
  RowSymbols symbols_;
  bool one_of_several_;
  BarColumns columns_;
  FieldSplitter splitter_;
  char separator_ = ',';
  std::int64_t blank_lines_ = 0;
};

bool CsvBarsReader::read_header() {
  std::string_view line;
  if (!lines_.next(line)) {
    if (lines_.status()) builder_.reject(0, "", "the file is empty");
    return false;
  }
  if (lines_.overlong()) {
    builder_.reject(1, "", "the first line is longer than 1 MiB: this is no CSV file");
    return false;
  }
  const std::string_view text = without_bom(line);
  if (auto fault = text_fault(text, lines_.offset())) {
    const bool utf16 = line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF");
    builder_.reject(1, "", utf16 ? "the file is UTF-16: save it as UTF-8" : *fault);
    return false;
  }
  separator_ = detect_separator(text);
  splitter_ = FieldSplitter(separator_);
  if (!splitter_.split(text, LineReader::kLongestLine)) {
    builder_.reject(1, "", "a quote is not closed");
    return false;
  }
  columns_ = recognise_columns({splitter_.fields().begin(), splitter_.fields().end()});
  builder_.set_columns(columns_);
  if (separator_ != ',') builder_.note(fmt::format("the separator is {}", separator_name(separator_)));
  for (const auto& note : columns_.notes) builder_.note(note);
  if (columns_.fault) builder_.reject(columns_.fault->line, columns_.fault->column, columns_.fault->reason);
  return !columns_.fault;
}

void CsvBarsReader::read_rows() {
  std::string_view line;
  while (lines_.next(line)) {
    if (line.empty()) {
      ++blank_lines_;
      continue;
    }
    read_row(line);
  }
  if (lines_.number() > 1 && !lines_.terminated() && builder_.rejected() == 0)
    builder_.note("the last line has no line end: if the file was cut off there, its last value may be incomplete");
  if (lines_.status() && builder_.rows() == 0 && builder_.rejected() == 0) builder_.reject(1, "", "no data rows after the header");
}

bool CsvBarsReader::split_row(std::string_view line) {
  const std::int64_t number = lines_.number();
  const std::size_t expected = columns_.names.size();
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

bool CsvBarsReader::price(Role role, double& value) {
  const std::string_view text = field(role);
  if (const auto parsed = parse_double(text); parsed && std::isfinite(*parsed)) [[likely]] {
    value = *parsed;
    return true;
  }
  builder_.reject(lines_.number(), columns_.name(role), number_fault(text));
  return false;
}

bool CsvBarsReader::volume(double& value) {
  if (!columns_[Role::volume]) return true;
  if (is_missing(field(Role::volume))) {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  return price(Role::volume, value);
}

void CsvBarsReader::read_row(std::string_view line) {
  if (!split_row(line)) return;
  if (columns_.symbol) {
    const std::string_view symbol = splitter_.fields()[*columns_.symbol];
    symbols_.take(symbol, lines_.number());
    if (one_of_several_ ? symbol != options_.symbol : symbols_.several()) return;
  }
  BarRow row;
  std::string reason;
  const auto time = times_.read(field(Role::timestamp), reason);
  if (!time) return builder_.reject(lines_.number(), columns_.name(Role::timestamp), std::move(reason));
  row.timestamp = *time;
  row.utc_offset = times_.utc_offset();
  if (columns_.has_ohlc() && (!price(Role::open, row.open) || !price(Role::high, row.high) || !price(Role::low, row.low))) return;
  if (!price(Role::close, row.close) || !volume(row.volume)) return;
  builder_.add(lines_.number(), row);
}

}  // namespace

Result<BarsImport> read_csv_bars(const Path& path, const ReadOptions& options) {
  for (bool one_of_several = false;; one_of_several = true) {
    TRADEWIND_ASSIGN(auto times, TimestampReader::open(options.zone, TimestampReader::Naive::reject));
    TRADEWIND_ASSIGN(const auto source, ByteSource::open(path));
    LineReader lines(*source);
    CsvBarsReader reader(lines, std::move(times), options, one_of_several);
    TRADEWIND_ASSIGN(auto result, reader.run());
    if (reader.again()) continue;
    TRADEWIND_ASSIGN(result.sha256, source->sha256());
    return result;
  }
}

}  // namespace tradewind::market
