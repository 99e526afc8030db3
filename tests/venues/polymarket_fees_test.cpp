// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/polymarket_fees.hpp"

#include <gtest/gtest.h>

namespace tradewind::venues {
namespace {

/// Dollars for 100 shares at `cents` on a day; −1: not known.
double fee(const std::vector<std::string>& tags, const char* date, std::int64_t cents) {
  const auto fees = trading::fees_in_force(polymarket_fees(tags), parse_time(date)->nanos);
  return fees ? fees->taker(Price{cents * 10'000}, Shares::whole(100)).to_double() : -1;
}

TEST(PolymarketFees, are_those_of_the_category_and_the_day) {
  EXPECT_DOUBLE_EQ(fee({"crypto", "15M"}, "2026-01-05", 50), 0);
  EXPECT_DOUBLE_EQ(fee({"crypto", "15M"}, "2026-01-06", 50), 1.5625);
  EXPECT_DOUBLE_EQ(fee({"crypto", "15M"}, "2026-01-31", 10), 0.2025);
  EXPECT_DOUBLE_EQ(fee({"crypto"}, "2026-01-06", 50), 0);
  EXPECT_DOUBLE_EQ(fee({"crypto"}, "2026-05-01", 50), 1.8);
  EXPECT_DOUBLE_EQ(fee({"crypto"}, "2026-06-10", 50), 1.75);
  EXPECT_DOUBLE_EQ(fee({"sports"}, "2026-07-01", 50), 0.75);
  EXPECT_DOUBLE_EQ(fee({"politics"}, "2026-03-01", 50), 0);
  EXPECT_DOUBLE_EQ(fee({"Politics", "elections"}, "2026-07-01", 20), 0.64);
  EXPECT_DOUBLE_EQ(fee({"weather"}, "2026-07-01", 50), 1.25);
  EXPECT_DOUBLE_EQ(fee({"geopolitics"}, "2026-07-01", 50), 0);
  EXPECT_DOUBLE_EQ(fee({"geopolitics", "politics"}, "2026-07-01", 50), 1) << "the dearest";
  EXPECT_DOUBLE_EQ(fee({}, "2026-07-01", 50), 1.25) << "everything else";
}

TEST(PolymarketFees, are_not_known_around_a_change_without_a_date) {
  for (const char* date : {"2026-02-01", "2026-03-01", "2026-04-05"}) EXPECT_EQ(fee({"sports"}, date, 50), -1) << date;
  EXPECT_EQ(fee({"crypto"}, "2026-02-14", 50), -1);
  EXPECT_EQ(fee({"crypto", "15m"}, "2026-03-30", 50), -1);
  EXPECT_EQ(fee({"politics"}, "2026-03-30", 50), -1);
  EXPECT_GE(fee({"politics"}, "2026-04-06", 50), 0);
}

}  // namespace
}  // namespace tradewind::venues
