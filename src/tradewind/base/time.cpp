// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/time.hpp"

#include <chrono>
#include <cstdlib>

#include <fmt/format.h>

namespace tradewind {
namespace {

/// Reads exactly `count` digits at `position`; -1 when there are not that many.
int digits(std::string_view text, std::size_t position, std::size_t count) noexcept {
  if (position + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = position; i < position + count; ++i) {
    const char c = text[i];
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool is_leap(int year) noexcept { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_in_month(int year, int month) noexcept {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

/// Reads `.123456789` (1–9 digits) at `position`, moving it on; nullopt when malformed.
std::optional<std::int64_t> fraction_nanos(std::string_view text, std::size_t& position) noexcept {
  ++position;
  std::int64_t nanos = 0;
  std::int64_t unit = kNanosPerSecond / 10;
  const std::size_t first = position;
  for (; position < text.size() && text[position] >= '0' && text[position] <= '9'; ++position) {
    if (unit == 0) return std::nullopt;
    nanos += (text[position] - '0') * unit;
    unit /= 10;
  }
  if (position == first) return std::nullopt;
  return nanos;
}

/// Reads `Z`, `+HH:MM`, `+HHMM` or `+HH` from `position` to the end of the text; nullopt when malformed.
std::optional<std::int64_t> offset_seconds(std::string_view text, std::size_t position) noexcept {
  if (text[position] == 'Z' || text[position] == 'z') return position + 1 == text.size() ? std::optional<std::int64_t>(0) : std::nullopt;
  if (text[position] != '+' && text[position] != '-') return std::nullopt;
  const std::int64_t sign = text[position] == '-' ? -1 : 1;
  const int hours = digits(text, position + 1, 2);
  std::size_t next = position + 3;
  int minutes = 0;
  if (next < text.size()) {
    if (text[next] == ':') ++next;
    minutes = digits(text, next, 2);
    next += 2;
  }
  if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59 || next != text.size()) return std::nullopt;
  return sign * (hours * 3600 + minutes * 60);
}

class SystemClock final : public Clock {
 public:
  UnixNanos now() const override {
    if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH")) return std::strtoll(epoch, nullptr, 10) * kNanosPerSecond;
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  }
  std::int64_t steady() const override {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
};

}  // namespace

std::int64_t days_from_civil(int year, unsigned month, unsigned day) noexcept {
  const int y = month <= 2 ? year - 1 : year;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(y - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

std::optional<ParsedTime> parse_time(std::string_view text) noexcept {
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  if (year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || day > days_in_month(year, month)) return std::nullopt;

  ParsedTime parsed;
  parsed.nanos = days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day)) * kNanosPerDay;
  if (text.size() == 10) {
    parsed.date_only = true;
    return parsed;
  }
  if (text[10] != 'T' && text[10] != ' ' && text[10] != 't') return std::nullopt;
  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text[13] != ':') return std::nullopt;
  std::size_t position = 16;
  int second = 0;
  if (position < text.size() && text[position] == ':') {
    second = digits(text, 17, 2);
    if (second < 0 || second > 59) return std::nullopt;
    position = 19;
    if (position < text.size() && text[position] == '.') {
      const auto fraction = fraction_nanos(text, position);
      if (!fraction) return std::nullopt;
      parsed.nanos += *fraction;
    }
  }
  parsed.nanos += (std::int64_t{hour} * 3600 + minute * 60 + second) * kNanosPerSecond;
  if (position == text.size()) return parsed;
  const auto offset = offset_seconds(text, position);
  if (!offset) return std::nullopt;
  parsed.zone = text[position] == 'Z' || text[position] == 'z' ? ZoneForm::utc : ZoneForm::offset;
  parsed.nanos -= *offset * kNanosPerSecond;
  return parsed;
}

std::string format_time(UnixNanos nanos, bool short_dates) {
  std::int64_t days = nanos / kNanosPerDay;
  std::int64_t rest = nanos % kNanosPerDay;
  if (rest < 0) {
    rest += kNanosPerDay;
    --days;
  }
  // Inverse of days_from_civil, same source.
  const std::int64_t z = days + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(z - era * 146097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned mp = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * mp + 2) / 5 + 1;
  const unsigned month = mp < 10 ? mp + 3 : mp - 9;
  const std::int64_t year = static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0);

  std::string text = fmt::format("{:04}-{:02}-{:02}", year, month, day);
  if (rest == 0 && short_dates) return text;
  const std::int64_t seconds = rest / kNanosPerSecond;
  text += fmt::format("T{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (const std::int64_t fraction = rest % kNanosPerSecond; fraction != 0) {
    std::string part = fmt::format(".{:09}", fraction);
    part.erase(part.find_last_not_of('0') + 1);
    text += part;
  }
  return text + "Z";
}

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace tradewind
