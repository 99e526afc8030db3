// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/polymarket_fees.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "tradewind/base/text.hpp"

namespace tradewind::venues {
namespace {

using trading::FeeChange;
using trading::FeeSchedule;

/// Midnight (UTC) of a day of 2026.
UnixNanos day(unsigned month, unsigned of_month) { return days_from_civil(2026, month, of_month) * kNanosPerDay; }

struct Category {
  std::string_view tag;
  double rate;  ///< since the spring of 2026, exponent 1
};
constexpr std::array kCategories{
    Category{"crypto", 0.07},   Category{"sports", 0.03},   Category{"finance", 0.04},   Category{"politics", 0.04},
    Category{"mentions", 0.04}, Category{"tech", 0.04},     Category{"economics", 0.05}, Category{"culture", 0.05},
    Category{"weather", 0.05},  Category{"geopolitics", 0},
};
constexpr double kOther = 0.05;
constexpr double kCryptoBefore = 0.072;  // until some day before the 10th of June
constexpr FeeSchedule kQuarterHours{0.25, 2};

}  // namespace

std::vector<FeeChange> polymarket_fees(std::span<const std::string> tags) {
  const auto is = [&](std::string_view name) {
    return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) { return lower(tag) == name; });
  };
  double rate = -1;
  for (const Category& one : kCategories)
    if (is(one.tag)) rate = std::max(rate, one.rate);
  if (rate < 0) rate = kOther;
  const bool crypto = is("crypto");
  std::vector<FeeChange> changes{{0, FeeSchedule{}}};
  if (crypto && is("15m"))
    changes.push_back({day(1, 6), kQuarterHours});
  else if (crypto || is("sports"))
    changes.push_back({day(2, 1), std::nullopt});  // some of them, from some day in February or March
  changes.push_back({day(3, 23), std::nullopt});
  changes.push_back({day(4, 6), FeeSchedule{crypto ? kCryptoBefore : rate, 1}});
  if (crypto) changes.push_back({day(6, 10), FeeSchedule{rate, 1}});
  return changes;
}

}  // namespace tradewind::venues
