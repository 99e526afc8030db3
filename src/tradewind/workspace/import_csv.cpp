// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tradewind/base/csv.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/workspace/import_internal.hpp"

namespace tradewind::workspace {
namespace {

class CsvCells final : public SignalCells {
 public:
  explicit CsvCells(const std::vector<std::string_view>& fields) : fields_(fields) {}

  bool is_empty(int column) const override { return is_missing(field(column)); }
  std::optional<UnixNanos> time(int column) const override {
    const auto time = parse_time(field(column));
    return time ? std::optional(time->nanos) : std::nullopt;
  }
  std::optional<double> number(int column) const override {
    if (const auto value = parse_number(field(column))) return value;
    const std::string word = lower(field(column));
    if (word == "true") return 1.0;
    if (word == "false") return 0.0;
    return std::nullopt;
  }
  std::optional<std::string> text(int column) const override { return std::string(field(column)); }
  std::string fault(int column, std::string_view expected) const override {
    return "'" + printable(field(column)) + "' is not " + std::string(expected);
  }

 private:
  std::string_view field(int column) const { return trim(fields_[static_cast<std::size_t>(column)]); }
  const std::vector<std::string_view>& fields_;
};

}  // namespace

Status read_signal_csv(const Path& file, SignalFormat format, SignalRowSink& sink) {
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
  TRADEWIND_ASSIGN(const SignalColumns columns, signal_columns({splitter.fields().begin(), splitter.fields().end()}, format, file));
  for (std::int64_t number = 1; !rest.empty(); ++number) {
    const std::string_view line = next_line();
    if (trim(line).empty()) continue;
    const auto where = [&] { return file.string() + ": row " + std::to_string(number); };
    if (!splitter.split(line, kAll)) return Error(Errc::invalid_data, "a quote is not closed", where());
    if (const std::size_t fields = splitter.fields().size(); fields != columns.names.size())
      return Error(Errc::invalid_data, "has " + std::to_string(fields) + " fields, the first line " + std::to_string(columns.names.size()),
                   where());
    TRADEWIND_TRY(give_row(columns, CsvCells(splitter.fields()), number, file, sink));
  }
  return {};
}

}  // namespace tradewind::workspace
