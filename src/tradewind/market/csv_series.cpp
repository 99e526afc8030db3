// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <fmt/format.h>

#include "tradewind/base/csv.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/market/csv_layout_internal.hpp"
#include "tradewind/market/series_internal.hpp"
#include "tradewind/market/timestamp_internal.hpp"
#include "tradewind/market/written_numbers_internal.hpp"

namespace tradewind::market {
namespace {

/// What the cells of one column have been so far.
struct CellCount {
  std::int64_t numbers = 0;
  std::int64_t words = 0;
  std::int64_t first_word_line = 0;
  std::string first_word;
};

/// Reads a CSV file of series. Whether a column is text shows only at the end of the file, so text columns are read in a second pass.
class CsvSeriesReader {
 public:
  CsvSeriesReader(const Path& path, const SeriesOptions& options) : path_(path), options_(options), splitter_(',') {}

  Result<SeriesTable> run() {
    TRADEWIND_TRY(read_header());
    TRADEWIND_TRY(pass());
    TRADEWIND_ASSIGN(const bool again, decide());
    if (again) TRADEWIND_TRY(pass());
    for (std::size_t i = 0; i < plan_.chosen.size(); ++i) {
      table_.columns[i].is_text = plan_.as_text[i];
      if (plan_.as_text[i]) table_.columns[i].values = {};
    }
    return std::move(table_);
  }

 private:
  Status pass();
  Status read_header();
  Status settle();
  Status read_row(std::string_view line, const LineReader& lines, TimestampReader& times, SeriesOrder& in_order);
  void add_cell(std::size_t column, std::string_view text, std::int64_t line);
  void add_blank_rows(std::int64_t end_line);
  Result<bool> decide();
  Error at(std::int64_t line, std::string message) const {
    return {Errc::invalid_data, std::move(message), fmt::format("{}:{}", path_.string(), line)};
  }

  Path path_;
  SeriesOptions options_;
  CsvLayout layout_;
  DateOrder order_ = DateOrder::unknown;
  WrittenNumbers numbers_;
  FieldSplitter splitter_;
  SeriesPlan plan_;
  SeriesTable table_;
  std::vector<CellCount> counts_;
  std::int64_t first_blank_ = 0;  ///< line of the first of the blank lines just met, 0: none
  std::int64_t blank_lines_ = 0;
  bool second_pass_ = false;
};

Status CsvSeriesReader::read_header() {
  TRADEWIND_ASSIGN(layout_, read_csv_layout(path_, 0));
  if (layout_.fault) {
    const Rejection& fault = *layout_.fault;
    return fault.line == 0 ? Error(Errc::invalid_data, fault.reason, path_.string()) : at(fault.line, fault.reason);
  }
  splitter_ = FieldSplitter(layout_.separator);
  TRADEWIND_ASSIGN(
      plan_, plan_series(layout_.names.flat(), options_, path_, [&](std::size_t column) { return content_of(layout_.cells(column)); }));
  if (layout_.separator != ',' && plan_.names.size() > 1)
    table_.notes.push_back(fmt::format("the separator is {}", separator_name(layout_.separator)));
  for (const std::string& note : layout_.notes) table_.notes.push_back(note);
  if (plan_.timestamp) table_.timestamp_name = plan_.names[*plan_.timestamp];
  for (const std::size_t i : plan_.chosen) {
    table_.columns.emplace_back();
    table_.columns.back().name = plan_.names[i];
  }
  counts_.resize(plan_.chosen.size());
  return settle();
}

/// How dates and numbers are written.
Status CsvSeriesReader::settle() {
  if (plan_.timestamp) {
    TRADEWIND_ASSIGN(order_, order_of_dates(path_, layout_, *plan_.timestamp));
  }
  for (const std::size_t column : plan_.chosen)
    for (const std::string_view cell : layout_.cells(column)) numbers_.learn(cell);
  if (const auto fault = numbers_.fault("write a decimal point, and nothing between digits"))
    return at(layout_.last_header_line + 1, *fault);
  return {};
}

Status CsvSeriesReader::pass() {
  TRADEWIND_ASSIGN(const auto source, ByteSource::open(path_));
  TRADEWIND_ASSIGN(auto times, TimestampReader::open(options_.zone, TimestampReader::Naive::as_utc));
  times.written({}, order_);
  LineReader lines(*source);
  SeriesOrder in_order;
  std::string_view line;
  while (lines.next(line)) {
    if (lines.number() <= layout_.last_header_line) continue;
    if (line.empty()) {
      if (first_blank_ == 0) first_blank_ = lines.number();
      continue;
    }
    add_blank_rows(lines.number());
    TRADEWIND_TRY(read_row(line, lines, times, in_order));
    if (table_.line.size() * (plan_.chosen.size() + 1) > options_.max_values)
      return Error(Errc::too_large, fmt::format("more than {} values", options_.max_values), path_.string(),
                   "choose fewer columns or split the file");
  }
  TRADEWIND_TRY(lines.status());
  first_blank_ = 0;  // blank lines at the end of the file are no rows
  if (second_pass_) return {};
  for (auto& note : times.notes()) table_.notes.push_back(std::move(note));
  for (auto& note : numbers_.notes()) table_.notes.push_back(std::move(note));
  if (blank_lines_ > 0) table_.notes.push_back(fmt::format("{} blank line{} ignored", blank_lines_, blank_lines_ == 1 ? "" : "s"));
  TRADEWIND_ASSIGN(table_.sha256, source->sha256());
  return {};
}

/// In a file of one column a blank line between rows is a missing value; elsewhere it is nothing.
void CsvSeriesReader::add_blank_rows(std::int64_t end_line) {
  if (first_blank_ == 0) return;
  for (std::int64_t line = first_blank_; line < end_line; ++line) {
    if (plan_.names.size() > 1 || plan_.chosen.empty()) {
      blank_lines_ += second_pass_ ? 0 : 1;
      continue;
    }
    add_cell(0, {}, line);
    if (!second_pass_) table_.line.push_back(line);
  }
  first_blank_ = 0;
}

Status CsvSeriesReader::read_row(std::string_view line, const LineReader& lines, TimestampReader& times, SeriesOrder& in_order) {
  const std::int64_t number = lines.number();
  if (lines.overlong()) return at(number, "the line is longer than 1 MiB");
  if (const auto fault = text_fault(line, lines.offset())) return at(number, *fault);
  const auto found = splitter_.split(line, plan_.names.size());
  if (!found) return at(number, "a quote is not closed on this line");
  if (*found != plan_.names.size())
    return at(number, fmt::format("{} field{}, {} expected{}", *found, *found == 1 ? "" : "s", plan_.names.size(),
                                  lines.terminated() ? "" : "; the file ends inside this line"));
  const auto& fields = splitter_.fields();
  if (plan_.timestamp && !second_pass_) {
    std::string reason;
    const auto time = times.read(fields[*plan_.timestamp], reason);
    if (!time) return at(number, fmt::format("column '{}': {}", table_.timestamp_name, reason));
    TRADEWIND_TRY(in_order.take(path_, number, *time));
    table_.timestamp.push_back(*time);
    table_.utc_offset.push_back(times.utc_offset());
  }
  for (std::size_t i = 0; i < plan_.chosen.size(); ++i) add_cell(i, fields[plan_.chosen[i]], number);
  if (!second_pass_) table_.line.push_back(number);
  return {};
}

void CsvSeriesReader::add_cell(std::size_t column, std::string_view text, std::int64_t line) {
  auto& out = table_.columns[column];
  if (plan_.as_text[column]) {
    if (!second_pass_ || counts_[column].words > 0) out.texts.emplace_back(text);
    return;
  }
  if (second_pass_) return;
  auto& count = counts_[column];
  const auto value = numbers_.plain_first() ? parse_double(text) : std::nullopt;
  if (const auto number = value ? value : numbers_.price(text)) {
    count.numbers += 1;
    out.values.push_back(*number);
    return;
  }
  out.values.push_back(std::numeric_limits<double>::quiet_NaN());
  if (is_missing(text)) return;
  if (count.words++ > 0) return;
  count.first_word_line = line;
  count.first_word = printable(text, 40);
}

/// Which columns turned out to be text; true when the file has to be read again for them.
Result<bool> CsvSeriesReader::decide() {
  bool again = false;
  for (std::size_t i = 0; i < plan_.chosen.size(); ++i) {
    const auto& count = counts_[i];
    if (count.words == 0) continue;
    if (count.numbers > count.words)
      return at(count.first_word_line,
                fmt::format("column '{}' holds numbers, but here '{}'", printable(table_.columns[i].name), count.first_word));
    plan_.as_text[i] = true;
    again = true;
  }
  second_pass_ = again;
  return again;
}

}  // namespace

Result<SeriesTable> read_csv_series(const Path& path, const SeriesOptions& options) { return CsvSeriesReader(path, options).run(); }

}  // namespace tradewind::market
