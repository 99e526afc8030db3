// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/time.hpp"

#include <gtest/gtest.h>

namespace tradewind {
namespace {

TEST(ParseTime, reads_dates_and_times_with_and_without_zone) {
  EXPECT_EQ(parse_time("1970-01-02")->nanos, kNanosPerDay);
  EXPECT_TRUE(parse_time("1970-01-02")->date_only);
  EXPECT_EQ(parse_time("2020-01-01T00:00:00Z")->nanos, 1577836800 * kNanosPerSecond);
  EXPECT_EQ(parse_time("2020-01-01 05:30:00+05:30")->nanos, 1577836800 * kNanosPerSecond);
  EXPECT_EQ(parse_time("2020-01-01T00:00")->zone, ZoneForm::none);
  EXPECT_EQ(parse_time("1969-12-31T23:59:59.999999999Z")->nanos, -1);
}

TEST(ParseTime, rejects_what_is_no_time) {
  for (const char* text :
       {"", "2021-02-30", "2021-13-01", "2021-01-01T24:00:00", "2021-01-01T10:61", "2021-01-01T10:00:00Zx", "20210101",
        "2021-01-01T10:00:00.", "2021-01-01T10:00:00.1234567890Z", "2021-01-01T10:00:00+25:00", "9999-01-01", "2021-1-1"})
    EXPECT_FALSE(parse_time(text)) << text;
}

TEST(FormatTime, is_the_inverse_of_parse_time) {
  for (const char* text : {"2020-02-29T23:59:59Z", "1700-03-01T00:00:00Z", "2021-03-31T14:30:00.25Z", "1969-12-31T23:59:59.999999999Z"})
    EXPECT_EQ(format_time(parse_time(text)->nanos), text);
  EXPECT_EQ(format_time(0, true), "1970-01-01");
}

}  // namespace
}  // namespace tradewind
