// SPDX-License-Identifier: Apache-2.0
#include "tradewind/trading/money.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"

namespace tradewind {
namespace {

TEST(Money, Text_and_back_is_exact) {
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto micros = static_cast<std::int64_t>(random.next()) >> random.below(63);
    EXPECT_EQ(parse_decimal(decimal_text(micros)), micros);
  }
  EXPECT_EQ(decimal_text(Money{-1}), "-0.000001");
  EXPECT_EQ(decimal_text(Money{12'500'000}), "12.5");
  EXPECT_EQ(decimal_text(Money{std::numeric_limits<std::int64_t>::min()}), "-9223372036854.775808");
}

TEST(Money, Only_decimals_are_read) {
  EXPECT_EQ(parse_decimal(".48"), 480'000);
  EXPECT_EQ(parse_decimal("1.2300000000"), 1'230'000);
  for (const char* bad : {"", ".", "-", "1.2345678", "1e3", " 1", "1 ", "0x1", "nan", "1.2.3", "99999999999999999999", "1,5"})
    EXPECT_FALSE(parse_decimal(bad)) << bad;
}

TEST(Money, Notional_is_rounded_once_to_the_side_asked_for) {
  EXPECT_EQ(notional({333'333}, {3}, Rounding::down).micros, 0);
  EXPECT_EQ(notional({333'333}, {3}, Rounding::up).micros, 1);
  EXPECT_EQ(notional({570'000}, Shares::whole(7), Rounding::down), notional({570'000}, Shares::whole(7), Rounding::up));
  EXPECT_EQ(notional({500'000}, {-3}, Rounding::down).micros, -2);
  EXPECT_EQ(shares_for(Money::whole(1), {300'000}).micros, 3'333'333);
}

TEST(Money, Doubles_that_are_no_amounts_are_refused) {
  EXPECT_FALSE(fixed_from_double<Money>(std::nan("")));
  EXPECT_FALSE(fixed_from_double<Money>(INFINITY));
  EXPECT_FALSE(fixed_from_double<Money>(1e13));
  EXPECT_EQ(fixed_from_double<Money>(0.1)->micros, 100'000);
}

}  // namespace
}  // namespace tradewind
