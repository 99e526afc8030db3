// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/text.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tradewind/base/random.hpp"

namespace tradewind {
namespace {

TEST(ParseRate, takes_fractions_basis_points_and_percent) {
  EXPECT_DOUBLE_EQ(*parse_rate("10bps"), 0.001);
  EXPECT_DOUBLE_EQ(*parse_rate("0.1%"), 0.001);
  EXPECT_DOUBLE_EQ(*parse_rate(" 0.001 "), 0.001);
  EXPECT_EQ(*parse_rate("0"), 0);
  for (const char* text : {"", "bps", "ten", "1e999", "nan"}) EXPECT_FALSE(parse_rate(text)) << text;
}

TEST(NumberText, reads_back_as_the_same_number) {
  Random random(5);
  for (int i = 0; i < 10'000; ++i) {
    const double value = std::ldexp(random.normal(), static_cast<int>(random.below(200)) - 100);
    EXPECT_EQ(*parse_number(number_text(value)), value);
  }
  EXPECT_EQ(number_text(20), "20");
  EXPECT_EQ(number_text(0.5), "0.5");
  EXPECT_EQ(number_text(-0.0), "0");
}

TEST(ParseNumber, takes_whole_finite_numbers_only) {
  EXPECT_EQ(*parse_number("+1.5e3"), 1500);
  for (const char* text : {"", "1x", "nan", "inf", "1e400", "0x10", " 1", "+-1", "+"}) EXPECT_FALSE(parse_number(text)) << text;
}

TEST(NearestName, finds_slips_of_the_keyboard_only) {
  const std::vector<std::string> names = {"total_trades", "total_fills", "win_rate"};
  EXPECT_EQ(*nearest_name("total_tradez", names), "total_trades");
  EXPECT_EQ(*nearest_name("wni_rate", names), "win_rate");
  EXPECT_FALSE(nearest_name("profit", names));
  EXPECT_EQ(suggestion("profit", names), "known: total_trades, total_fills, win_rate");
}

TEST(Printable, is_always_short_valid_text) {
  EXPECT_EQ(printable("a\xff\n"), "a\\xFF\\x0A");
  EXPECT_FALSE(invalid_utf8(printable(std::string(1000, '\xc3'), 60)));
  EXPECT_LE(printable(std::string(1000, 'x'), 60).size(), 64U);
  EXPECT_EQ(*invalid_utf8("ab\xc0\x80"), 2U);
  EXPECT_FALSE(invalid_utf8("Zürich €"));
}

}  // namespace
}  // namespace tradewind
