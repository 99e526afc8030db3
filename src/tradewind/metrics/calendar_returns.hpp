// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tradewind::metrics {

/// What was earned in a day, month or year.
struct DatedReturn {
  std::int64_t day = 0;  ///< the period's first day with a bar, in days since 1970-01-01
  double total_return = 0;
};

struct CalendarYear {
  int year = 0;
  double total_return = 0;
  std::array<double, 12> months;  ///< NaN in months without a bar
};

/// Returns by the calendar. A period that the data cover in part counts as any other.
struct CalendarReturns {
  std::vector<CalendarYear> years;  ///< those with a bar, ascending
  std::int64_t days = 0, months = 0;
  std::int64_t won_days = 0, won_months = 0;                                                       ///< those that gained something
  std::optional<DatedReturn> best_day, worst_day, best_month, worst_month, best_year, worst_year;  ///< the first of equal ones
};

/// `days` are those of the bars on the reader's calendar, since 1970-01-01, never falling; as many as returns. Compounded. O(n).
CalendarReturns calendar_returns(std::span<const double> returns, std::span<const std::int64_t> days);

}  // namespace tradewind::metrics
