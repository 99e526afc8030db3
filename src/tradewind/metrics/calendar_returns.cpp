// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/calendar_returns.hpp"

#include <chrono>
#include <cmath>

namespace tradewind::metrics {
namespace {

struct Civil {
  int year;
  unsigned month;  ///< from 0
  bool operator==(const Civil&) const = default;
};

Civil civil_of(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()) - 1};
}

/// Keeps the extremes of one kind of period.
struct Extremes {
  std::optional<DatedReturn> best, worst;
  std::int64_t count = 0, won = 0;

  void add(const DatedReturn& one) {
    ++count;
    won += one.total_return > 0;
    if (!best || one.total_return > best->total_return) best = one;
    if (!worst || one.total_return < worst->total_return) worst = one;
  }
};

/// The equity at the start of a period that is under way.
struct Running {
  std::int64_t day = 0;
  double growth = 1;

  void restart(std::int64_t first) { day = first, growth = 1; }
  DatedReturn done() const { return {day, growth - 1}; }
};

}  // namespace

CalendarReturns calendar_returns(std::span<const double> returns, std::span<const std::int64_t> days) {
  CalendarReturns out;
  Extremes by_day, by_month, by_year;
  Running day, month, year;
  Civil date{};
  const auto end_month = [&] {
    by_month.add(month.done());
    out.years.back().months[date.month] = month.growth - 1;
  };
  const auto end_year = [&] {
    by_year.add(year.done());
    out.years.back().total_return = year.growth - 1;
  };
  for (std::size_t t = 0; t < returns.size(); ++t) {
    if (t == 0 || days[t] != day.day) {
      const Civil now = civil_of(days[t]);
      const bool first = t == 0, new_year = first || now.year != date.year, new_month = first || !(now == date);
      if (!first) by_day.add(day.done());
      if (!first && new_month) end_month();
      if (!first && new_year) end_year();
      day.restart(days[t]);
      if (new_month) month.restart(days[t]);
      if (new_year) year.restart(days[t]);
      if (new_year) out.years.push_back({.year = now.year, .total_return = 0, .months = {}}), out.years.back().months.fill(std::nan(""));
      date = now;
    }
    for (Running* const period : {&day, &month, &year}) period->growth *= 1 + returns[t];
  }
  if (!returns.empty()) by_day.add(day.done()), end_month(), end_year();
  out.days = by_day.count, out.won_days = by_day.won;
  out.months = by_month.count, out.won_months = by_month.won;
  out.best_day = by_day.best, out.worst_day = by_day.worst;
  out.best_month = by_month.best, out.worst_month = by_month.worst;
  out.best_year = by_year.best, out.worst_year = by_year.worst;
  return out;
}

}  // namespace tradewind::metrics
