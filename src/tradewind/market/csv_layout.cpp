// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/csv_layout_internal.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tradewind/base/csv.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::market {
namespace {

constexpr std::size_t kHeadLines = 400;
constexpr std::size_t kHeadBytes = std::size_t{1} << 18;
constexpr std::size_t kMostPreamble = 10;

struct HeadLine {
  std::int64_t number;
  std::vector<std::string> fields;
};

/// The head of a file on its way to a layout.
class HeadReader {
 public:
  explicit HeadReader(std::int64_t skip_rows) : skip_(skip_rows) {}
  Result<CsvLayout> run(const Path& path);

 private:
  bool read_first(LineReader& lines);
  bool read_lines(LineReader& lines);
  void pass_preamble();
  bool pass_levels();
  bool pass_missing_header();
  void fill_head();
  void refuse(std::int64_t line, std::string reason) { layout_.fault = Rejection{line, "", std::move(reason)}; }
  bool is_level(std::size_t line) const;

  std::int64_t skip_;
  CsvLayout layout_;
  std::string first_;            ///< the first line that counts
  std::vector<HeadLine> lines_;  ///< without blank ones and those that are no text
  std::size_t header_ = 0;       ///< place of the header in lines_
  std::size_t body_ = 0;         ///< and of the first row
};

bool HeadReader::read_first(LineReader& lines) {
  std::string_view line;
  do {
    if (!lines.next(line)) {
      if (lines.status())
        refuse(lines.number() > 0 ? 1 : 0, lines.number() > 0 ? "no line is left after those skipped" : "the file is empty");
      return false;
    }
  } while (lines.number() <= skip_);
  const std::int64_t number = lines.number();
  if (lines.overlong()) {
    refuse(number, "the first line is longer than 1 MiB: this is no CSV file");
    return false;
  }
  const std::string_view text = number == 1 ? without_bom(line) : line;
  if (auto fault = text_fault(text, lines.offset())) {
    const bool utf16 = line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF");
    refuse(number, utf16 ? "the file is UTF-16: save it as UTF-8" : *fault);
    return false;
  }
  first_ = text;
  layout_.header_line = number;
  return true;
}

/// The lines of the head, cut by the separator of the line that has most of it among the first ones.
bool HeadReader::read_lines(LineReader& lines) {
  std::vector<std::pair<std::int64_t, std::string>> texts{{layout_.header_line, first_}};
  std::size_t bytes = first_.size();
  std::string_view line;
  layout_.whole = true;
  while (lines.next(line)) {
    if (texts.size() >= kHeadLines || bytes >= kHeadBytes) {
      layout_.whole = false;
      break;
    }
    if (line.empty() || lines.overlong() || text_fault(line, lines.offset())) continue;
    texts.emplace_back(lines.number(), line);
    bytes += line.size();
  }
  const auto separators = [](const std::string& text) { return std::count(text.begin(), text.end(), detect_separator(text)); };
  std::size_t header = 0;  // the first line that is cut at all: what stands before may be a title
  while (header + 1 < std::min(texts.size(), kMostPreamble) && separators(texts[header].second) == 0) ++header;
  layout_.separator = detect_separator(texts[separators(texts[header].second) > 0 ? header : 0].second);
  FieldSplitter splitter(layout_.separator);
  for (const auto& [number, text] : texts) {
    if (!splitter.split(text, LineReader::kLongestLine)) {
      if (number != layout_.header_line) continue;
      refuse(number, "a quote is not closed");
      return false;
    }
    lines_.push_back({number, {splitter.fields().begin(), splitter.fields().end()}});
  }
  return true;
}

/// Lines before the table: those with fewer fields than the header behind them, which names bars.
void HeadReader::pass_preamble() {
  if (names_bars(lines_[0].fields)) return;
  for (std::size_t i = 1; i < std::min(lines_.size(), kMostPreamble); ++i) {
    if (!names_bars(lines_[i].fields)) continue;
    const std::size_t width = lines_[i].fields.size();
    const bool shorter = std::all_of(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const HeadLine& line) { return line.fields.size() < width; });
    if (!shorter || (i + 1 < lines_.size() && lines_[i + 1].fields.size() != width)) return;
    header_ = i;
    layout_.notes.push_back(fmt::format("the header is line {}: what stands before it is no part of the table", lines_[i].number));
    return;
  }
}

/// A line of a header of several lines: no number in it.
bool HeadReader::is_level(std::size_t line) const {
  if (line >= lines_.size() || lines_[line].fields.size() != lines_[header_].fields.size() || lines_[line].fields.size() < 2) return false;
  const auto& fields = lines_[line].fields;
  return std::none_of(fields.begin() + 1, fields.end(), [](const std::string& field) { return parse_double(field) && !is_missing(field); });
}

/// The header of yfinance and of pandas' columns of two levels: Price,Close,High / Ticker,MSFT,MSFT / Date,,
bool HeadReader::pass_levels() {
  if (!is_level(header_) || !is_level(header_ + 1) || !is_level(header_ + 2)) return false;
  const auto& index = lines_[header_ + 2].fields;
  const auto blank = [](const std::string& field) { return field.empty(); };
  if (!std::all_of(index.begin() + 1, index.end(), blank) || is_written_time(index[0])) return false;
  const auto& second = lines_[header_ + 1].fields;
  if (std::any_of(second.begin() + 1, second.end(), blank)) return false;
  const auto* prices = &lines_[header_].fields;
  const auto* symbols = &lines_[header_ + 1].fields;
  const auto names_prices = [](const std::vector<std::string>& fields) {
    std::vector<std::string> names(fields.begin() + 1, fields.end());
    names.emplace_back("date");
    return names_bars(names);
  };
  if (!names_prices(*prices)) std::swap(prices, symbols);
  if (!names_prices(*prices)) return false;
  layout_.names.names = *prices;
  layout_.names.names[0] = index[0].empty() ? "Date" : index[0];
  layout_.names.symbols = *symbols;
  layout_.names.symbols[0].clear();
  layout_.last_header_line = lines_[header_ + 2].number;
  body_ = header_ + 3;
  layout_.notes.push_back(fmt::format("the header has three lines, as yfinance writes it: prices, symbols, '{}'", printable(index[0], 30)));
  return true;
}

/// Rows as those of Binance: open time, four prices that make a bar, volume, close time, and five more.
bool is_kline(const std::vector<std::string>& row) {
  if (row.size() != 12) return false;
  std::array<double, 12> v{};
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto value = parse_double(row[i]);
    if (!value) return false;
    v[i] = *value;
  }
  const bool bar = v[3] > 0 && v[3] <= std::min(v[1], v[4]) && v[2] >= std::max(v[1], v[4]);
  return bar && v[0] >= 1e12 && v[6] > v[0] && v[6] < v[0] * 1.01 && v[5] >= 0;
}

/// A first line that holds a time and numbers is a row, and the file has no header.
bool HeadReader::pass_missing_header() {
  const auto& first = lines_[header_].fields;
  const auto is_number = [](const std::string& field) { return parse_double(field).has_value() && !is_missing(field); };
  const bool epoch = is_number(first[0]) && content_of({first[0]}).times;
  if (first.size() < 2 || !(epoch || content_of({first[0]}).written_times)) return false;
  if (std::count_if(first.begin() + 1, first.end(), is_number) < 1) return false;
  layout_.header_line = 0;
  layout_.last_header_line = lines_[header_].number - 1;
  body_ = header_;
  const bool klines = std::all_of(lines_.begin() + static_cast<std::ptrdiff_t>(header_), lines_.end(),
                                  [](const HeadLine& line) { return is_kline(line.fields); });
  if (klines) {
    layout_.names.names = {"open_time",
                           "open",
                           "high",
                           "low",
                           "close",
                           "volume",
                           "close_time",
                           "quote_volume",
                           "count",
                           "taker_buy_volume",
                           "taker_buy_quote_volume",
                           "ignore"};
    layout_.notes.emplace_back("the file has no header: its twelve columns are read as Binance's klines");
    return true;
  }
  for (std::size_t i = 1; i <= first.size(); ++i) layout_.names.names.push_back(std::to_string(i));
  layout_.notes.emplace_back("the file has no header: its columns are called 1, 2, …");
  return true;
}

void HeadReader::fill_head() {
  const std::size_t width = layout_.names.names.size();
  for (std::size_t i = body_; i < lines_.size(); ++i)
    if (lines_[i].fields.size() == width) layout_.head.push_back(std::move(lines_[i].fields));
}

Result<CsvLayout> HeadReader::run(const Path& path) {
  TRADEWIND_ASSIGN(const auto source, ByteSource::open(path));
  LineReader lines(*source);
  const bool readable = read_first(lines) && read_lines(lines);
  TRADEWIND_TRY(lines.status());
  if (!readable) return std::move(layout_);
  pass_preamble();
  if (!pass_levels() && !pass_missing_header()) {
    layout_.names.names = lines_[header_].fields;
    layout_.header_line = layout_.last_header_line = lines_[header_].number;
    body_ = header_ + 1;
  }
  fill_head();
  return std::move(layout_);
}

}  // namespace

std::vector<std::string_view> CsvLayout::cells(std::size_t column) const {
  std::vector<std::string_view> cells;
  for (const auto& row : head) cells.emplace_back(row[column]);
  return cells;
}

Result<CsvLayout> read_csv_layout(const Path& path, std::int64_t skip_rows) { return HeadReader(skip_rows).run(path); }

Result<DateOrder> order_of_dates(const Path& path, const CsvLayout& layout, std::size_t column) {
  OrderEvidence evidence;
  bool any = false;
  for (const std::string_view cell : layout.cells(column)) any |= evidence.take(cell);
  if (!any || evidence.proven() || layout.whole) return evidence.order();
  TRADEWIND_ASSIGN(const auto source, ByteSource::open(path));
  LineReader lines(*source);
  FieldSplitter splitter(layout.separator);
  for (std::string_view line; !evidence.proven() && lines.next(line);)
    if (lines.number() > layout.last_header_line && splitter.split(line, column + 1) && splitter.fields().size() > column)
      evidence.take(splitter.fields()[column]);
  return evidence.order();
}

}  // namespace tradewind::market
