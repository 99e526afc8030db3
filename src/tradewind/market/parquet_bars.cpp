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

bool is_time(ParquetKind kind) noexcept {
  return kind == ParquetKind::date || kind == ParquetKind::timestamp_utc || kind == ParquetKind::timestamp_local;
}

/// The columns of a Parquet file of bars, row by row.
class ParquetBarsReader {
 public:
  ParquetBarsReader(const ParquetInput& input, TimestampReader times, const ReadOptions& options)
      : input_(input),
        times_(std::move(times)),
        builder_(options, "row"),
        symbols_(options.symbol),
        wanted_(options.symbol),
        limit_(options.max_values) {}

  Result<BarsImport> run() {
    columns_ = recognise_columns(input_.names());
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
    return builder_.finish(times_.notes());
  }

 private:
  Status load();
  bool check_types();
  void read_symbols();
  void add_rows();
  std::optional<UnixNanos> time_at(std::size_t row, std::string& reason);
  bool price(Role role, std::size_t row, double& value);
  const ParquetColumn& column(Role role) const { return data_[static_cast<std::size_t>(role)]; }

  const ParquetInput& input_;
  TimestampReader times_;
  BarsBuilder builder_;
  RowSymbols symbols_;
  std::string wanted_;
  ParquetColumn symbol_;  ///< no texts when the file has no such column, or not as text
  std::uint64_t limit_;
  BarColumns columns_;
  std::array<ParquetColumn, kRoles> data_;
  bool local_dates_ = false;  ///< every local time is a midnight: they are dates
};

Status ParquetBarsReader::load() {
  const auto used =
      static_cast<std::size_t>(std::count_if(columns_.index.begin(), columns_.index.end(), [](const auto& i) { return i.has_value(); }));
  TRADEWIND_TRY(input_.check_size(used + (columns_.symbol ? 1 : 0), limit_));
  if (columns_.symbol) {
    TRADEWIND_ASSIGN(symbol_, input_.column(*columns_.symbol));
  }
  for (std::size_t i = 0; i < kRoles; ++i) {
    if (!columns_.index[i]) continue;
    TRADEWIND_ASSIGN(data_[i], input_.column(*columns_.index[i]));
  }
  const auto& times = column(Role::timestamp);
  if (const auto zone = times.type.find("tz="); zone != std::string::npos)
    times_.shown_in(times.type.substr(zone + 3, times.type.find_first_of(",]", zone) - zone - 3));
  local_dates_ = times.kind == ParquetKind::timestamp_local &&
                 std::all_of(times.integers.begin(), times.integers.end(), [](std::int64_t nanos) { return nanos % kNanosPerDay == 0; });
  return {};
}

bool ParquetBarsReader::check_types() {
  for (std::size_t i = 0; i < kRoles; ++i) {
    if (!columns_.index[i]) continue;
    const auto& data = data_[i];
    const bool time = static_cast<Role>(i) == Role::timestamp;
    const bool fits = time ? is_time(data.kind) || data.kind == ParquetKind::integer || data.kind == ParquetKind::text
                           : data.kind == ParquetKind::number || data.kind == ParquetKind::integer;
    if (fits) continue;
    builder_.reject(0, data.name, fmt::format("the column has type {}, expected {}", data.type, time ? "a timestamp or date" : "numbers"));
    return false;
  }
  return true;
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
  if (data.kind == ParquetKind::text) return times_.read(trim(data.texts[row]), reason);
  if (data.kind == ParquetKind::integer) return times_.read_integer(data.integers[row], reason);
  if (std::binary_search(data.out_of_range.begin(), data.out_of_range.end(), row)) {
    reason = "the time is outside 1677 to 2262";
    return std::nullopt;
  }
  if (data.kind == ParquetKind::timestamp_local && !local_dates_) return times_.read_local(data.integers[row], reason);
  if (data.kind == ParquetKind::timestamp_utc) return times_.read_utc(data.integers[row]);
  return data.integers[row];
}

bool ParquetBarsReader::price(Role role, std::size_t row, double& value) {
  value = column(role).numbers[row];
  if (std::isfinite(value)) return true;
  if (role == Role::volume && std::isnan(value)) return true;
  builder_.reject(static_cast<std::int64_t>(row) + 1, columns_.name(role),
                  column(role).is_valid(row) ? fmt::format("{} is not a finite number", value) : "blank");
  return false;
}

void ParquetBarsReader::add_rows() {
  const auto rows = static_cast<std::size_t>(input_.rows());
  builder_.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    if (symbols_.several() && symbol_.texts[i] != wanted_) continue;
    BarRow row;
    std::string reason;
    const auto time = time_at(i, reason);
    if (!time) {
      builder_.reject(static_cast<std::int64_t>(i) + 1, columns_.name(Role::timestamp), std::move(reason));
      continue;
    }
    row.timestamp = *time;
    row.utc_offset = times_.utc_offset();
    if (columns_.has_ohlc() && (!price(Role::open, i, row.open) || !price(Role::high, i, row.high) || !price(Role::low, i, row.low)))
      continue;
    if (!price(Role::close, i, row.close)) continue;
    if (columns_[Role::volume] && !price(Role::volume, i, row.volume)) continue;
    builder_.add(static_cast<std::int64_t>(i) + 1, row);
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
