// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/date_format_internal.hpp"

#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/market/text_cursor_internal.hpp"

namespace tradewind::market {
namespace {

/// What a format has found so far.
struct FormatFields {
  WallTime wall;
  int day_of_year = 0;
  bool any_time = false;
  bool afternoon = false;
  bool half_days = false;
  std::optional<std::int64_t> epoch;
  WrittenTime zone;
};

bool read_fraction(TextCursor& text, FormatFields& out) {
  const auto nanos = text.fraction();
  out.wall.nanos = nanos.value_or(0);
  return nanos.has_value();
}

bool read_epoch(TextCursor& text, FormatFields& out) {
  const auto seconds = text.integer(1, 10);
  if (seconds) out.epoch = *seconds;
  return seconds.has_value();
}

bool read_number(TextCursor& text, int most_digits, int& value) {
  const auto number = text.integer(1, most_digits);
  if (number) value = static_cast<int>(*number);
  return number.has_value();
}

bool read_directive(char directive, TextCursor& text, FormatFields& out) {
  WallTime& wall = out.wall;
  out.any_time |= std::string_view("HIMSfT").find(directive) != std::string_view::npos;
  switch (directive) {
    case 'Y': return text.digits(4, wall.year);
    case 'y':
      if (!text.digits(2, wall.year)) return false;
      wall.year += wall.year < 69 ? 2000 : 1900;  // as POSIX has it
      return true;
    case 'm': return read_number(text, 2, wall.month);
    case 'd': return read_number(text, 2, wall.day);
    case 'j': return text.digits(3, out.day_of_year);
    case 'b':
    case 'B': return text.month_name(wall.month);
    case 'H': return read_number(text, 2, wall.hour);
    case 'I': out.half_days = true; return read_number(text, 2, wall.hour) && wall.hour >= 1 && wall.hour <= 12;
    case 'M': return text.digits(2, wall.minute);
    case 'S': return text.digits(2, wall.second);
    case 'f': return read_fraction(text, out);
    case 'p': return text.half_of_day(out.afternoon);
    case 'z':
    case 'Z': return text.zone(out.zone, true);
    case 's': return read_epoch(text, out);
    case 'F': return text.digits(4, wall.year) && text.eat('-') && text.digits(2, wall.month) && text.eat('-') && text.digits(2, wall.day);
    case 'T':
      return text.digits(2, wall.hour) && text.eat(':') && text.digits(2, wall.minute) && text.eat(':') && text.digits(2, wall.second);
    default: return directive == '%' && text.eat('%');
  }
}

std::optional<WrittenTime> finished(FormatFields& out) {
  if (out.epoch) {
    out.zone.zone = ZoneForm::utc;
    out.zone.nanos = *out.epoch * kNanosPerSecond;
    return out.zone;
  }
  if (out.half_days) out.wall.hour = out.wall.hour % 12 + (out.afternoon ? 12 : 0);
  if (out.day_of_year > 0) {
    out.wall.month = 1;
    out.wall.day = 1;
  }
  const auto nanos = out.wall.nanos_since_1970();
  if (!nanos) return std::nullopt;
  const std::int64_t later = out.day_of_year > 0 ? out.day_of_year - 1 : 0;
  if (later > 364 && !(later == 365 && is_leap_year(out.wall.year))) return std::nullopt;
  out.zone.nanos = *nanos + later * kNanosPerDay;
  out.zone.date_only = !out.any_time;
  return out.zone;
}

}  // namespace

Status check_date_format(std::string_view format) {
  constexpr std::string_view kKnown = "YymdbBjHIMSfpzZsFT%";
  std::string seen;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    const char directive = i + 1 < format.size() ? format[++i] : ' ';
    if (kKnown.find(directive) == std::string_view::npos)
      return Error(Errc::usage, fmt::format("'%{}' is no part of a date", printable(std::string_view(&directive, 1))), "--date-format",
                   "%Y %y %m %d %b %B %j %H %I %M %S %f %p %z %Z %s %F %T %%");
    seen += directive;
  }
  const auto has = [&](std::string_view any) { return seen.find_first_of(any) != std::string::npos; };
  if (has("sF") || (has("Yy") && (has("j") || (has("mbB") && has("d"))))) return {};
  return Error(Errc::usage, fmt::format("the format '{}' does not say year, month and day", printable(format)), "--date-format",
               "as strptime has it, e.g. %d/%m/%Y or %Y%m%d %H:%M");
}

std::optional<WrittenTime> parse_by_format(std::string_view text, std::string_view format) noexcept {
  TextCursor cursor(text);
  FormatFields out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const bool directive = format[i] == '%' && i + 1 < format.size();
    if (!(directive ? read_directive(format[++i], cursor, out) : cursor.eat(format[i]))) return std::nullopt;
  }
  if (!cursor.at_end()) return std::nullopt;
  return finished(out);
}

}  // namespace tradewind::market
