// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/market/parquet_internal.hpp"
#include "tradewind/market/series_internal.hpp"
#include "tradewind/market/timestamp_internal.hpp"

namespace tradewind::market {
namespace {

/// The time column as UTC nanoseconds, checked for order.
Result<std::vector<UnixNanos>> read_times(const ParquetColumn& data, const SeriesOptions& options, const Path& path,
                                          std::vector<std::string>& notes, std::vector<std::int32_t>& offsets) {
  TRADEWIND_ASSIGN(auto times, TimestampReader::open(options.zone, TimestampReader::Naive::as_utc));
  const bool dates = std::all_of(data.integers.begin(), data.integers.end(), [](std::int64_t nanos) { return nanos % kNanosPerDay == 0; });
  const std::size_t rows = std::max({data.integers.size(), data.texts.size(), data.numbers.size()});
  OrderEvidence evidence;
  for (const std::string& text : data.texts) evidence.take(text);
  times.written({}, evidence.order());
  if (const auto zone = data.type.find("tz="); zone != std::string::npos)
    times.shown_in(data.type.substr(zone + 3, data.type.find_first_of(",]", zone) - zone - 3));
  SeriesOrder order;
  std::vector<UnixNanos> result;
  result.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    std::string reason = "no timestamp";
    std::optional<UnixNanos> time;
    if (!data.is_valid(i) || std::binary_search(data.out_of_range.begin(), data.out_of_range.end(), i)) {
      if (data.is_valid(i)) reason = "the time is outside 1677 to 2262";
    } else if (data.kind == ParquetKind::text) {
      time = times.read(trim(data.texts[i]), reason);
    } else if (data.kind == ParquetKind::integer) {
      time = times.read_integer(data.integers[i], reason);
    } else if (data.kind == ParquetKind::number) {
      time = times.read_real(data.numbers[i], reason);
    } else {
      time = data.kind == ParquetKind::timestamp_local && !dates
                 ? times.read_local(data.integers[i], reason)
                 : std::optional(dates ? data.integers[i] : times.read_utc(data.integers[i]));
    }
    const auto row = static_cast<std::int64_t>(i) + 1;
    if (!time)
      return Error(Errc::invalid_data, fmt::format("column '{}': {}", data.name, reason), fmt::format("{}:{}", path.string(), row));
    TRADEWIND_TRY(order.take(path, row, *time));
    result.push_back(*time);
    offsets.push_back(dates ? 0 : times.utc_offset());
  }
  for (auto& note : times.notes()) notes.push_back(std::move(note));
  return result;
}

/// A column as the table wants it; nullopt for a type that is neither numbers nor words.
std::optional<SeriesColumn> to_series(ParquetColumn&& data, bool as_text) {
  SeriesColumn column;
  column.name = data.name;
  switch (data.kind) {
    case ParquetKind::text:
      column.is_text = true;
      column.texts = std::move(data.texts);
      return column;
    case ParquetKind::number:
    case ParquetKind::integer: break;
    default: return std::nullopt;
  }
  if (!as_text) {
    column.values = std::move(data.numbers);
    return column;
  }
  column.is_text = true;
  for (const double value : data.numbers) column.texts.push_back(std::isfinite(value) ? number_text(value) : std::string());
  return column;
}

}  // namespace

Result<SeriesTable> read_parquet_series(const Path& path, const SeriesOptions& options) {
  TRADEWIND_ASSIGN(const auto input, ParquetInput::open(path));
  ColumnNames names{input.names(), {}};
  names.split_levels();
  TRADEWIND_ASSIGN(const SeriesPlan plan,
                   plan_series(names.flat(), options, path, [&](std::size_t column) { return input.content(column); }));
  TRADEWIND_TRY(input.check_size(plan.chosen.size() + 1, options.max_values));
  SeriesTable table;
  if (plan.timestamp) {
    TRADEWIND_ASSIGN(const ParquetColumn times, input.column(*plan.timestamp));
    if (times.kind == ParquetKind::unsupported)
      return Error(Errc::invalid_data, fmt::format("column '{}' has type {}, expected a timestamp", times.name, times.type), path.string());
    table.timestamp_name = plan.names[*plan.timestamp];
    TRADEWIND_ASSIGN(table.timestamp, read_times(times, options, path, table.notes, table.utc_offset));
  }
  for (std::size_t i = 0; i < plan.chosen.size(); ++i) {
    TRADEWIND_ASSIGN(auto data, input.column(plan.chosen[i]));
    const std::string type = data.type;
    const std::string name = data.name = plan.names[plan.chosen[i]];
    if (auto column = to_series(std::move(data), plan.as_text[i])) {
      table.columns.push_back(std::move(*column));
    } else if (!options.columns.empty()) {
      return Error(Errc::invalid_data, fmt::format("column '{}' has type {}: neither numbers nor text", printable(name), type),
                   path.string());
    } else {
      table.notes.push_back(fmt::format("ignored column '{}' of type {}", printable(name), printable(type, 40)));
    }
  }
  table.line.resize(static_cast<std::size_t>(input.rows()));
  std::iota(table.line.begin(), table.line.end(), std::int64_t{1});
  TRADEWIND_ASSIGN(table.sha256, sha256_file(path));
  return table;
}

}  // namespace tradewind::market
