// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>

#include "tradewind/market/date_format_internal.hpp"
#include "tradewind/market/text_cursor_internal.hpp"

namespace tradewind::market {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lowered(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_letters(std::string_view text, std::string_view small) noexcept {
  return text.size() == small.size() && std::equal(text.begin(), text.end(), small.begin(), [](char a, char b) { return lowered(a) == b; });
}

/// Seconds of +01:00, -0530 or +01; nullopt for anything else.
std::optional<std::int32_t> offset_seconds_of(std::string_view text) noexcept {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  TextCursor cursor(text.substr(1));
  int hours = 0, minutes = 0;
  if (!cursor.digits(2, hours)) return std::nullopt;
  if (!cursor.at_end()) {
    cursor.eat(':');
    if (!cursor.digits(2, minutes)) return std::nullopt;
  }
  if (!cursor.at_end() || hours > 15 || minutes > 59) return std::nullopt;
  const std::int32_t seconds = hours * 3600 + minutes * 60;
  return text[0] == '-' ? -seconds : seconds;
}

bool is_zone_name(std::string_view text) noexcept {
  if (text.size() < 2 || text.size() > 64 || !is_letter(text[0])) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c) || std::strchr("/_+-", c) != nullptr; });
}

/// The date at the cursor. `order` matters to two small numbers before a year only.
bool read_date(TextCursor& text, DateOrder order, WallTime& wall) noexcept {
  const std::size_t width = text.digits_here();
  if (width == 0) {  // Mar 4, 2021
    if (!text.month_name(wall.month)) return false;
    text.eat('.');
    text.eat_blanks();
    const auto day = text.integer(1, 2);
    if (!day) return false;
    wall.day = static_cast<int>(*day);
    text.eat(',');
    text.eat_blanks();
    return text.digits(4, wall.year);
  }
  if (width == 8 || width == 14) return text.digits(4, wall.year) && text.digits(2, wall.month) && text.digits(2, wall.day);
  const auto first = text.integer(1, 4);
  const char separator = text.peek();
  if (!first || width == 3 || std::strchr("-/. ", separator) == nullptr || !text.eat(separator)) return false;
  if (is_letter(text.peek())) {  // 4-Mar-2021
    wall.day = static_cast<int>(*first);
    return width <= 2 && text.month_name(wall.month) && text.eat(separator) && text.digits(4, wall.year);
  }
  const auto second = text.integer(1, 2);
  if (!second || separator == ' ' || !text.eat(separator)) return false;
  if (width == 4) {
    const auto day = text.integer(1, 2);
    wall.year = static_cast<int>(*first);
    wall.month = static_cast<int>(*second);
    wall.day = static_cast<int>(day.value_or(0));
    return day.has_value();
  }
  if (text.digits_here() != 4 || !text.digits(4, wall.year) || order == DateOrder::unknown) return false;
  wall.month = static_cast<int>(order == DateOrder::month_first ? *first : *second);
  wall.day = static_cast<int>(order == DateOrder::month_first ? *second : *first);
  return true;
}

/// 9:30, 09:30:00, 09:30:00.5, 093000, 0930, each with AM or PM.
bool read_clock(TextCursor& text, WallTime& wall) noexcept {
  const std::size_t width = text.digits_here();
  if (width == 6 || width == 4) {
    if (!text.digits(2, wall.hour) || !text.digits(2, wall.minute) || (width == 6 && !text.digits(2, wall.second))) return false;
  } else {
    const auto hour = text.integer(1, 2);
    if (!hour || !text.eat(':') || !text.digits(2, wall.minute)) return false;
    wall.hour = static_cast<int>(*hour);
    if (text.eat(':') && !text.digits(2, wall.second)) return false;
  }
  if (text.peek() == '.' || text.peek() == ',') {
    text.eat(text.peek());
    const auto nanos = text.fraction();
    if (!nanos) return false;
    wall.nanos = *nanos;
  }
  TextCursor after = text;
  after.eat_blanks();
  bool afternoon = false;
  if (!after.half_of_day(afternoon)) return true;
  if (wall.hour < 1 || wall.hour > 12) return false;
  wall.hour = wall.hour % 12 + (afternoon ? 12 : 0);
  text = after;
  return true;
}

}  // namespace

bool is_leap_year(int year) noexcept { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

std::optional<std::int64_t> WallTime::nanos_of_day() const noexcept {
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return std::nullopt;
  return (std::int64_t{hour} * 3600 + minute * 60 + second) * kNanosPerSecond + nanos;
}

std::optional<UnixNanos> WallTime::nanos_since_1970() const noexcept {
  constexpr std::array kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1) return std::nullopt;
  const int last = kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && is_leap_year(year) ? 1 : 0);
  const auto clock = nanos_of_day();
  if (day > last || !clock) return std::nullopt;
  return days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day)) * kNanosPerDay + *clock;
}

bool TextCursor::eat(char c) noexcept {
  if (text_.empty() || text_.front() != c) return false;
  text_.remove_prefix(1);
  return true;
}

void TextCursor::eat_blanks() noexcept {
  while (eat(' ')) {
  }
}

std::size_t TextCursor::digits_here() const noexcept {
  return static_cast<std::size_t>(std::find_if_not(text_.begin(), text_.end(), is_digit) - text_.begin());
}

std::optional<std::int64_t> TextCursor::integer(std::size_t fewest, std::size_t most) noexcept {
  const std::size_t count = std::min(digits_here(), most);
  if (count < fewest) return std::nullopt;
  std::int64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value * 10 + (text_[i] - '0');
  text_.remove_prefix(count);
  return value;
}

bool TextCursor::digits(std::size_t count, int& value) noexcept {
  const auto number = integer(count, count);
  if (number) value = static_cast<int>(*number);
  return number.has_value();
}

std::optional<std::int64_t> TextCursor::fraction() noexcept {
  const std::size_t count = digits_here();
  auto nanos = count > 9 ? std::nullopt : integer(1, 9);
  for (std::size_t i = count; nanos && i < 9; ++i) *nanos *= 10;
  return nanos;
}

bool TextCursor::month_name(int& month) noexcept {
  constexpr std::array<std::string_view, 12> kMonths = {"january", "february", "march",     "april",   "may",      "june",
                                                        "july",    "august",   "september", "october", "november", "december"};
  const auto end = std::find_if_not(text_.begin(), text_.end(), is_letter);
  const std::string_view word = text_.substr(0, static_cast<std::size_t>(end - text_.begin()));
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (!same_letters(word, kMonths[i]) && !same_letters(word, kMonths[i].substr(0, 3)) && !(i == 8 && same_letters(word, "sept")))
      continue;
    month = static_cast<int>(i) + 1;
    text_.remove_prefix(word.size());
    return true;
  }
  return false;
}

bool TextCursor::half_of_day(bool& afternoon) noexcept {
  const std::string_view word = text_.substr(0, 2);
  if ((!same_letters(word, "am") && !same_letters(word, "pm")) || (text_.size() > 2 && is_letter(text_[2]))) return false;
  afternoon = lowered(word[0]) == 'p';
  text_.remove_prefix(2);
  return true;
}

bool TextCursor::zone(WrittenTime& out, bool one_word) noexcept {
  const std::string_view word = one_word ? text_.substr(0, text_.find(' ')) : text_;
  text_.remove_prefix(word.size());
  std::string_view shift = word;
  if (word.size() > 3 && (same_letters(word.substr(0, 3), "gmt") || same_letters(word.substr(0, 3), "utc"))) shift = word.substr(3);
  if (same_letters(word, "z") || same_letters(word, "utc") || same_letters(word, "gmt")) {
    out.zone = ZoneForm::utc;
  } else if (const auto seconds = offset_seconds_of(shift)) {
    out.zone = ZoneForm::offset;
    out.offset = *seconds;
  } else {
    out.zone_name = word;
    return is_zone_name(word);
  }
  return true;
}

std::optional<WrittenTime> parse_written_time(std::string_view text, DateOrder order) noexcept {
  TextCursor cursor(text);
  WallTime wall;
  WrittenTime out;
  if (!read_date(cursor, order, wall)) return std::nullopt;
  out.date_only = cursor.at_end();
  if (!out.date_only) {
    const std::size_t before = cursor.rest().size();
    if (!cursor.eat('T') && !cursor.eat('t') && !cursor.eat('-')) {
      cursor.eat(',');
      cursor.eat_blanks();
    }
    const bool apart = cursor.rest().size() < before || cursor.digits_here() == 6;  // 20210304093000
    if (!apart || !read_clock(cursor, wall)) return std::nullopt;
    cursor.eat_blanks();
    if (!cursor.at_end() && !cursor.zone(out, false)) return std::nullopt;
  }
  const auto nanos = wall.nanos_since_1970();
  if (!nanos) return std::nullopt;
  out.nanos = *nanos;
  return out;
}

std::optional<DateOrder> order_shown(std::string_view text) noexcept {
  TextCursor cursor(text);
  const std::size_t width = cursor.digits_here();
  const auto first = cursor.integer(1, 2);
  const char separator = cursor.peek();
  if (!first || width > 2 || separator == '\0' || std::strchr("-/.", separator) == nullptr || !cursor.eat(separator)) return std::nullopt;
  const auto second = cursor.integer(1, 2);
  if (!second || !cursor.eat(separator) || cursor.digits_here() != 4) return std::nullopt;
  if (*first > 12 && *second <= 12) return DateOrder::day_first;
  if (*second > 12 && *first <= 12) return DateOrder::month_first;
  return DateOrder::unknown;
}

std::optional<std::int64_t> parse_time_of_day(std::string_view text) noexcept {
  TextCursor cursor(text);
  WallTime wall;
  if (!read_clock(cursor, wall) || !cursor.at_end()) return std::nullopt;
  return wall.nanos_of_day();
}

bool is_written_time(std::string_view text) noexcept {
  if (parse_time(text) || order_shown(text)) return true;
  const bool digits_only = !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
  if (digits_only && text.size() != 8 && text.size() != 14) return false;
  return parse_written_time(text, DateOrder::unknown).has_value();
}

}  // namespace tradewind::market
