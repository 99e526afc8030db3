// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "tradewind/base/csv.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/workspace/import_internal.hpp"

namespace tradewind::workspace {
namespace {

struct Columns {
  int timestamp = -1;
  int signal = -1;
  int confidence = -1;
  int strategy = -1;
  std::size_t count = 0;
};

Result<Columns> columns_of(const std::vector<std::string_view>& header, const Path& file) {
  Columns out;
  out.count = header.size();
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::string name = lower(trim(header[i]));
    int* slot = name == "timestamp"                           ? &out.timestamp
                : name == "signal"                            ? &out.signal
                : name == "confidence"                        ? &out.confidence
                : name == "strategy" || name == "strategy_id" ? &out.strategy
                                                              : nullptr;
    if (slot == nullptr) continue;
    if (*slot >= 0) return Error(Errc::invalid_data, "column '" + name + "' stands twice", file.string() + ": row 0");
    *slot = static_cast<int>(i);
  }
  if (out.timestamp < 0 || out.signal < 0)
    return Error(Errc::invalid_data, std::string("there is no column '") + (out.timestamp < 0 ? "timestamp" : "signal") + "'",
                 file.string(), "the first line names the columns timestamp, signal and optionally confidence, strategy");
  return out;
}

class LineReader {
 public:
  LineReader(const Path& file, const Columns& columns) : file_(file), columns_(columns) {}

  Result<SignalRow> parse(std::int64_t number, const std::vector<std::string_view>& fields) const {
    if (fields.size() != columns_.count)
      return Error(Errc::invalid_data, "has " + std::to_string(fields.size()) + " fields, the first line " + std::to_string(columns_.count),
                   file_.string() + ": row " + std::to_string(number));
    const auto field = [&](int column) { return trim(fields[static_cast<std::size_t>(column)]); };
    const auto fail = [&](const char* column, std::string_view text, const char* expected) {
      return Error(Errc::invalid_data, "'" + printable(text) + "' is not " + expected,
                   file_.string() + ": row " + std::to_string(number) + ", column " + column);
    };
    SignalRow row;
    const auto time = parse_time(field(columns_.timestamp));
    if (!time) return fail("timestamp", field(columns_.timestamp), "a time such as 2021-03-31T14:30:00Z");
    row.timestamp = time->nanos;
    const auto signal = parse_number(field(columns_.signal));
    if (!signal) return fail("signal", field(columns_.signal), "-1, 0 or 1");
    row.signal = *signal;
    if (columns_.confidence >= 0) {
      const auto confidence = parse_number(field(columns_.confidence));
      if (!confidence) return fail("confidence", field(columns_.confidence), "a number in [0, 1]");
      row.confidence = *confidence;
    }
    if (columns_.strategy >= 0) {
      row.strategy = field(columns_.strategy);
      if (row.strategy.empty()) return fail("strategy", "", "a strategy's id");
    }
    return row;
  }

 private:
  const Path& file_;
  const Columns& columns_;
};

}  // namespace

Status read_signal_csv(const Path& file, SignalRowSink& sink) {
  TRADEWIND_ASSIGN(const std::string text, read_file(file));
  std::string_view rest = without_bom(text);
  const auto next_line = [&] {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  };
  const std::string_view header = next_line();
  FieldSplitter splitter(detect_separator(header));
  constexpr std::size_t kAll = static_cast<std::size_t>(-1);
  splitter.split(header, kAll);
  TRADEWIND_ASSIGN(const Columns columns, columns_of(splitter.fields(), file));
  const LineReader reader(file, columns);
  for (std::int64_t number = 1; !rest.empty(); ++number) {
    const std::string_view line = next_line();
    if (trim(line).empty()) continue;
    if (!splitter.split(line, kAll))
      return Error(Errc::invalid_data, "a quote is not closed", file.string() + ": row " + std::to_string(number));
    TRADEWIND_ASSIGN(const SignalRow row, reader.parse(number, splitter.fields()));
    TRADEWIND_TRY(sink.row(number, row));
  }
  return {};
}

}  // namespace tradewind::workspace
