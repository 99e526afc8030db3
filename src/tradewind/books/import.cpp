// SPDX-License-Identifier: Apache-2.0
#include "tradewind/books/import.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/books/import_internal.hpp"

namespace tradewind::books {
namespace {

/// 2001: no book was recorded before.
constexpr std::int64_t kEarliestSeconds = 978'307'200;

Result<std::int64_t> import_file(BooksFormat format, const Path& file, RecordingBuilder& builder) {
  switch (format) {
    case BooksFormat::pmxt_v1: return import_pmxt_v1(file, builder);
    case BooksFormat::pmxt_v2: return import_pmxt_v2(file, builder);
    case BooksFormat::ws: return import_frames(file, builder);
    case BooksFormat::quotes: return import_quotes(file, builder);
    case BooksFormat::betfair: return import_betfair(file, builder);
  }
  return 0;
}

/// SHA-256 of each file. One file under two names would be counted twice. Error: `usage`.
Result<std::vector<std::string>> sums_of(const std::vector<Path>& files) {
  std::vector<std::string> sums;
  std::map<std::string, Path> known;
  for (const Path& file : files) {
    if (!is_there(file)) return Error(Errc::not_found, "there is no such file", file.string());
    TRADEWIND_ASSIGN(std::string sum, sha256_file(file));
    const auto [at, fresh] = known.try_emplace(sum, file);
    if (!fresh)
      return Error(Errc::usage, fmt::format("{} and {} are the same file", at->second.string(), file.string()), "files", "name it once");
    sums.push_back(std::move(sum));
  }
  return sums;
}

bool is_table(const Path& file) { return file.extension() == ".parquet"; }

}  // namespace

Result<std::int64_t> each_line(const Path& file, const std::function<Status(const Json&, const std::string&)>& use) {
  TRADEWIND_ASSIGN(const std::string text, read_file(file));
  std::int64_t rows = 0, number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string where = fmt::format("{}:{}", file.string(), number);
    const auto json = parse_json(line, "the line");
    if (!json)
      return Error(Errc::invalid_data, json.error().message(), where,
                   begin >= text.size() ? "the last line is not whole: the file was cut, or is still being written" : "");
    TRADEWIND_TRY(use(*json, where));
    ++rows;
  }
  return rows;
}

std::optional<std::int64_t> micros_in(const Json& json, std::string_view key) {
  const Json& value = member(json, key);
  if (value.is_string()) return parse_decimal(value.get<std::string>());
  return value.is_number() ? micros_from_double(value.get<double>()) : std::nullopt;
}

std::optional<UnixNanos> millis_in(const Json& json, std::string_view key) {
  const Json& value = member(json, key);
  std::int64_t millis = 0;
  if (value.is_number_integer()) {
    millis = value.get<std::int64_t>();
  } else if (value.is_string()) {
    const auto text = value.get<std::string>();
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), millis);
    if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  } else {
    return std::nullopt;
  }
  // Recorders write seconds and microseconds too: a time of this century has 10, 13 or 16 digits.
  const std::int64_t unit = millis < 100'000'000'000 ? 1'000'000'000 : millis < 100'000'000'000'000 ? 1'000'000 : 1'000;
  std::int64_t nanos = 0;
  const bool fits = millis > kEarliestSeconds && !__builtin_mul_overflow(millis, unit, &nanos);
  return fits ? std::optional(nanos) : std::nullopt;
}

std::string text_in(const Json& json, std::string_view key) {
  const Json& value = member(json, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

Result<Recording> import_books(const ImportRequest& request) {
  TRADEWIND_ASSIGN(const std::vector<std::string> sums, sums_of(request.files));
  RecordingBuilder builder;
  for (const Path& file : request.markets)
    TRADEWIND_TRY(is_table(file) ? describe_by_table(file, builder) : describe_by_gamma(file, builder));
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const Path& file = request.files[i];
    if (request.cancellation != nullptr && request.cancellation->requested()) return interrupted_error();
    TRADEWIND_ASSIGN(const std::int64_t rows, import_file(request.format, file, builder));
    builder.source(file, sums[i], rows);
  }
  for (const Path& file : request.markets)
    if (is_table(file)) TRADEWIND_TRY(settle_by_table(file, builder));
  return builder.finish(std::string(enum_name(request.format)));
}

}  // namespace tradewind::books
