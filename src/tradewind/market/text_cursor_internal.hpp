// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tradewind/market/date_format_internal.hpp"

namespace tradewind::market {

bool is_leap_year(int year) noexcept;

/// The parts of a wall clock's time.
struct WallTime {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t nanos = 0;

  /// As if it were UTC; nullopt for a date or time that does not exist.
  std::optional<UnixNanos> nanos_since_1970() const noexcept;
  std::optional<std::int64_t> nanos_of_day() const noexcept;
};

/// Reads a text from left to right. What returns false or nullopt has moved nowhere that counts: the text is given up.
class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : text_(text) {}

  bool at_end() const noexcept { return text_.empty(); }
  char peek() const noexcept { return text_.empty() ? '\0' : text_.front(); }
  std::string_view rest() const noexcept { return text_; }
  bool eat(char c) noexcept;
  void eat_blanks() noexcept;
  /// How many digits stand here.
  std::size_t digits_here() const noexcept;
  std::optional<std::int64_t> integer(std::size_t fewest, std::size_t most) noexcept;
  bool digits(std::size_t count, int& value) noexcept;
  /// Digits after a decimal point as nanoseconds: one to nine of them.
  std::optional<std::int64_t> fraction() noexcept;
  /// Jan, January, in any case.
  bool month_name(int& month) noexcept;
  /// AM or PM, in any case.
  bool half_of_day(bool& afternoon) noexcept;
  /// Z, UTC, GMT, an offset, or a name such as America/New_York; `one_word`: up to the next blank, else all that is left.
  bool zone(WrittenTime& out, bool one_word) noexcept;

 private:
  std::string_view text_;
};

}  // namespace tradewind::market
