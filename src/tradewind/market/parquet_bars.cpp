// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/market/bars_builder_internal.hpp"
#include "tradewind/market/parquet_internal.hpp"
#include "tradewind/market/readers_internal.hpp"
#include "tradewind/market/timestamp_internal.hpp"

namespace tradewind::market {
namespace {

/// The columns of a Parquet file of bars, row by row.
class ParquetBarsReader {
 public:
  ParquetBarsReader(const ParquetInput& input, TimestampReader times, const ReadOptions& options)
      : input_(input),
        times_(std::move(times)),
        builder_(options, "row"),
        symbols_(options.symbol),
        wanted_(options.symbol),
        options_(options) {}

  Result<BarsImport> run() {
    ColumnNames names{input_.names(), {}};
    names.split_levels();
    columns_ = recognise_columns(names, options_, [&](std::size_t column) { return input_.content(column); });
    builder_.set_columns(columns_);
    for (const auto& note : columns_.notes) builder_.note(note);
    if (columns_.fault) builder_.reject(0, columns_.fault->column, columns_.fault->reason);
    if (!columns_.fault) {
      TRADEWIND_TRY(load());
      read_symbols();
      if (const auto fault = symbols_.fault())
        builder_.reject_all(symbols_.second_line(), columns_.names[*columns_.symbol], *fault);
      else if (check_types())
        add_rows();
    }
    BarsImport result = builder_.finish(times_.notes());
    result.named_symbol = columns_.named_symbol.empty() ? symbols_.only() : columns_.named_symbol;
    result.symbols = symbols_.fault() ? symbols_.all() : columns_.symbols;
    return result;
  }

 private:
  Status load();
  bool check_types();
  void read_symbols();
  void add_rows();
  std::optional<UnixNanos> time_at(std::size_t row, std::string& reason);
  bool price(Role role, std::size_t row, double& value);
  bool number(const ParquetColumn& data, const std::string& name, std::size_t row, double& value);
  bool prices(std::size_t row, BarRow& out);
  void settle_times();
  const ParquetColumn& column(Role role) const { return data_[static_cast<std::size_t>(role)]; }

  const ParquetInput& input_;
  TimestampReader times_;
  BarsBuilder builder_;
  RowSymbols symbols_;
  std::string wanted_;
  ParquetColumn symbol_;  ///< no texts when the file has no such column, or not as text
  ReadOptions options_;
  BarColumns columns_;
  std::array<ParquetColumn, kRoles> data_;
  ParquetColumn clock_;       ///< the time of day, where it has a column of its own
  ParquetColumn adjusted_;    ///< the adjusted close, where it is wanted
  bool local_dates_ = false;  ///< every local time is a midnight: they are dates
};

Status ParquetBarsReader::load() {
  const auto used =
      static_cast<std::size_t>(std::count_if(columns_.index.begin(), columns_.index.end(), [](const auto& i) { return i.has_value(); }));
  TRADEWIND_TRY(input_.check_size(used + (columns_.symbol ? 1 : 0) + (columns_.adjusted ? 1 : 0) + (columns_.time_of_day ? 1 : 0),
                                  options_.max_values));
  if (columns_.symbol) {
    TRADEWIND_ASSIGN(symbol_, input_.column(*columns_.symbol));
  }
  for (std::size_t i = 0; i < kRoles; ++i) {
    if (!columns_.index[i]) continue;
    TRADEWIND_ASSIGN(data_[i], input_.column(*columns_.index[i]));
  }
  if (columns_.adjusted) {
    TRADEWIND_ASSIGN(adjusted_, input_.column(*columns_.adjusted));
  }
  if (columns_.time_of_day) {
    TRADEWIND_ASSIGN(clock_, input_.column(*columns_.time_of_day));
  }
  settle_times();
  return {};
}

void ParquetBarsReader::settle_times() {
  const auto& times = column(Role::timestamp);
  DateOrder order = options_.day_first ? DateOrder::day_first : columns_.makers_order();
  OrderEvidence evidence;
  for (const std::string& text : times.texts) evidence.take(text);
  if (order == DateOrder::unknown) order = evidence.order();
  times_.written(options_.date_format, order);
  if (columns_.says_utc()) times_.called_utc();
  if (const auto zone = times.type.find("tz="); zone != std::string::npos)
    times_.shown_in(times.type.substr(zone + 3, times.type.find_first_of(",]", zone) - zone - 3));
  local_dates_ = times.kind == ParquetKind::timestamp_local &&
                 std::all_of(times.integers.begin(), times.integers.end(), [](std::int64_t nanos) { return nanos % kNanosPerDay == 0; });
}

bool ParquetBarsReader::check_types() {
  for (std::size_t i = 0; i < kRoles; ++i) {
    if (!columns_.index[i]) continue;
    const auto& data = data_[i];
    const bool time = static_cast<Role>(i) == Role::timestamp;
    const bool fits = time ? data.kind != ParquetKind::unsupported : data.kind == ParquetKind::number || data.kind == ParquetKind::integer;
    if (fits) continue;
    builder_.reject(0, data.name, fmt::format("the column has type {}, expected {}", data.type, time ? "a timestamp or date" : "numbers"));
    return false;
  }
  const bool clocks = !columns_.time_of_day || (clock_.kind == ParquetKind::text && column(Role::timestamp).kind == ParquetKind::text);
  if (!clocks)
    builder_.reject(0, clock_.name,
                    fmt::format("the column has type {}: beside a date, the time of day must be text, and the date too", clock_.type));
  const bool adjusted = !columns_.adjusted || adjusted_.kind == ParquetKind::number || adjusted_.kind == ParquetKind::integer;
  if (!adjusted) builder_.reject(0, adjusted_.name, fmt::format("the column has type {}, expected numbers", adjusted_.type));
  return clocks && adjusted;
}

void ParquetBarsReader::read_symbols() {
  for (std::size_t i = 0; i < symbol_.texts.size(); ++i) symbols_.take(symbol_.texts[i], static_cast<std::int64_t>(i) + 1);
  if (symbols_.several() && !symbols_.fault()) builder_.note(symbols_.note());
}

std::optional<UnixNanos> ParquetBarsReader::time_at(std::size_t row, std::string& reason) {
  const auto& data = column(Role::timestamp);
  if (!data.is_valid(row)) {
    reason = "no timestamp";
    return std::nullopt;
  }
  if (columns_.time_of_day) return times_.read(trim(data.texts[row]), trim(clock_.texts[row]), reason);
  if (data.kind == ParquetKind::text) return times_.read(trim(data.texts[row]), reason);
  if (data.kind == ParquetKind::number) return times_.read_real(data.numbers[row], reason);
  if (data.kind == ParquetKind::integer) return times_.read_integer(data.integers[row], reason);
  if (std::binary_search(data.out_of_range.begin(), data.out_of_range.end(), row)) {
    reason = "the time is outside 1677 to 2262";
    return std::nullopt;
  }
  if (data.kind == ParquetKind::timestamp_local && !local_dates_) return times_.read_local(data.integers[row], reason);
  if (data.kind == ParquetKind::timestamp_utc) return times_.read_utc(data.integers[row]);
  return data.integers[row];
}

bool ParquetBarsReader::number(const ParquetColumn& data, const std::string& name, std::size_t row, double& value) {
  value = data.numbers[row];
  if (std::isfinite(value)) return true;
  builder_.reject(static_cast<std::int64_t>(row) + 1, name, data.is_valid(row) ? fmt::format("{} is not a finite number", value) : "blank");
  return false;
}

bool ParquetBarsReader::price(Role role, std::size_t row, double& value) {
  if (role == Role::volume && std::isnan(column(role).numbers[row])) {
    value = column(role).numbers[row];
    return true;
  }
  return number(column(role), columns_.name(role), row, value);
}

bool ParquetBarsReader::prices(std::size_t row, BarRow& out) {
  if (columns_.has_ohlc() && (!price(Role::open, row, out.open) || !price(Role::high, row, out.high) || !price(Role::low, row, out.low)))
    return false;
  if (!price(Role::close, row, out.close)) return false;
  if (columns_[Role::volume] && !price(Role::volume, row, out.volume)) return false;
  return !columns_.adjusted || number(adjusted_, columns_.names[*columns_.adjusted], row, out.adjusted);
}

void ParquetBarsReader::add_rows() {
  const auto rows = static_cast<std::size_t>(input_.rows());
  builder_.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    if (symbols_.several() && symbol_.texts[i] != wanted_) continue;
    if (columns_.wide && std::isnan(column(Role::close).numbers[i])) {
      builder_.leave_out();
      continue;
    }
    const auto line = static_cast<std::int64_t>(i) + 1;
    BarRow row;
    std::string reason;
    const auto time = time_at(i, reason);
    row.timestamp = time.value_or(0);
    row.utc_offset = times_.utc_offset();
    if (time) {
      if (prices(i, row)) builder_.add(line, row);
    } else if (times_.both()) {
      if (prices(i, row)) builder_.add_twofold(line, row, *times_.both(), std::move(reason));
    } else if (times_.undecided()) {
      builder_.reject_kind(line, columns_.name(Role::timestamp), std::move(reason));
    } else {
      builder_.reject(line, columns_.name(Role::timestamp), std::move(reason));
    }
  }
}

}  // namespace

Result<BarsImport> read_parquet_bars(const Path& path, const ReadOptions& options) {
  TRADEWIND_ASSIGN(auto times, TimestampReader::open(options.zone, TimestampReader::Naive::reject));
  TRADEWIND_ASSIGN(const auto input, ParquetInput::open(path));
  ReadOptions settings = options;
  if (const std::string symbol = input.metadata("tradewind.symbol"); !symbol.empty() && settings.symbol == default_symbol(path))
    settings.symbol = symbol;
  TRADEWIND_ASSIGN(auto result, ParquetBarsReader(input, std::move(times), settings).run());
  TRADEWIND_ASSIGN(result.sha256, sha256_file(path));
  return result;
}

}  // namespace tradewind::market
