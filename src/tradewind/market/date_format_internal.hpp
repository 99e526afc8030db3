// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "tradewind/base/result.hpp"
#include "tradewind/base/time.hpp"

namespace tradewind::market {

/// A time as some program wrote it.
struct WrittenTime {
  UnixNanos nanos = 0;  ///< local wall time as if it were UTC, whatever the zone
  ZoneForm zone = ZoneForm::none;
  bool date_only = false;
  std::int32_t offset = 0;     ///< seconds ahead of UTC, of ZoneForm::offset
  std::string_view zone_name;  ///< of a zone written behind the time; zone is none then
};

/// Which of the first two numbers of 03/04/2021 is the month.
enum class DateOrder { unknown, month_first, day_first };

/// Times that are not ISO: 2021/3/4, 2021.03.04, 20210304, 04.03.2021, Mar 4, 2021, 4-Mar-2021; then 9:30, 09:30:00.5, 093000, 9:30 PM;
/// then Z, UTC, GMT+0100, +00:00, America/New_York. A date whose order is unknown is nullopt.
std::optional<WrittenTime> parse_written_time(std::string_view text, DateOrder order) noexcept;

/// Of a date of two small numbers and a year, which order it proves: month_first, day_first, unknown; nullopt for any other text.
std::optional<DateOrder> order_shown(std::string_view text) noexcept;

/// What the dates of a file prove together.
class OrderEvidence {
 public:
  /// Whether the text begins with a date that has an order.
  bool take(std::string_view text) noexcept {
    const auto shown = order_shown(text.substr(0, text.find_first_of(" T,")));
    day_first_ |= shown == DateOrder::day_first;
    month_first_ |= shown == DateOrder::month_first;
    return shown.has_value();
  }
  /// unknown: nothing is proven, or both are.
  DateOrder order() const noexcept {
    if (day_first_ == month_first_) return DateOrder::unknown;
    return day_first_ ? DateOrder::day_first : DateOrder::month_first;
  }
  bool proven() const noexcept { return day_first_ || month_first_; }

 private:
  bool day_first_ = false;
  bool month_first_ = false;
};

/// Nanoseconds since midnight of 9:30, 09:30:00, 093000, 0930.
std::optional<std::int64_t> parse_time_of_day(std::string_view text) noexcept;

/// Whether the text is a date or time that a person can see to be one: no integer since 1970.
bool is_written_time(std::string_view text) noexcept;

/// Errc::usage for a format that names no day, or has a directive that is not known.
Status check_date_format(std::string_view format);

/// The time that `text` is by a format as strptime has it: %Y %y %m %d %b %B %j %H %I %M %S %f %p %z %Z %s %F %T %%.
std::optional<WrittenTime> parse_by_format(std::string_view text, std::string_view format) noexcept;

}  // namespace tradewind::market
