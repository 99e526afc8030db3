// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/text.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tradewind/base/json.hpp"
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

TEST(Printable, shows_what_would_command_a_terminal_or_turn_text_around) {
  EXPECT_EQ(printable("\x1b[31m"), "\\x1B[31m");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "31m"),
            "a\\u009B31m");  // CSI in one character
  EXPECT_EQ(printable("\x7F"), "\\u007F");
  EXPECT_EQ(printable("\u202Egpj.exe"), "\\u202Egpj.exe");
  EXPECT_EQ(printable("\u2066\u061C\u200F\u2028"), "\\u2066\\u061C\\u200F\\u2028");
  EXPECT_EQ(printable("Zürich € 東京 👩‍🚀"), "Zürich € 東京 👩‍🚀");
  EXPECT_EQ(visible_lines("one\ntwo\r\x1b]0;\a\n"), "one\ntwo\\x0D\\x1B]0;\\x07\n");
  EXPECT_EQ(visible_lines(std::string(500, 'x')).size(), 500U);
}

TEST(CleanText, is_valid_and_cut_between_characters) {
  EXPECT_EQ(clean_text("a\xff\xc3"
                       "b"),
            "a\uFFFD\uFFFDb");
  EXPECT_EQ(clean_text("Zürich €"), "Zürich €");
  EXPECT_EQ(clean_text("aé", 2), "a");
  EXPECT_EQ(clean_text("aé", 3), "aé");
  EXPECT_EQ(clean_text("\xff", 2), "");
  Random random(9);
  for (int i = 0; i < 2'000; ++i) {
    std::string bytes;
    for (std::uint64_t n = random.below(12); n > 0; --n) bytes += static_cast<char>(random.below(256));
    const std::size_t limit = random.below(20);
    const std::string clean = clean_text(bytes, limit);
    EXPECT_LE(clean.size(), limit);
    EXPECT_FALSE(invalid_utf8(clean));
    EXPECT_EQ(clean_text(clean), clean);
  }
}

TEST(Json, of_foreign_text_never_throws_nor_overflows) {
  EXPECT_EQ(dump_json(Json{{"a", "x\xff"}}), "{\"a\":\"x\uFFFD\"}");
  EXPECT_EQ(json_depth(R"({"a]": [[1], "\"[["]})"), 3U);
  EXPECT_TRUE(read_json("[1, {\"a\": 2}]").is_array());
  EXPECT_TRUE(read_json(std::string(kMostJsonDepth, '[') + std::string(kMostJsonDepth, ']')).is_array());
  EXPECT_TRUE(read_json(std::string(1'000'000, '[') + std::string(1'000'000, ']')).is_discarded());
  EXPECT_TRUE(read_json("\"\xff\"").is_discarded());
  EXPECT_EQ(*parse_json("[1, {\"a\": 2}]", "the list"), Json::array({1, {{"a", 2}}}));
  const auto deep = parse_json(std::string(100'000, '[') + std::string(100'000, ']'), "the list");
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().code(), Errc::corrupt);
  EXPECT_EQ(deep.error().message(), "the list is nested too deeply to be read: more than 200 levels");
  for (const char* text : {"", "{", "[1] 2", "\"\xff\""}) {
    const auto bad = parse_json(text, "the list");
    ASSERT_FALSE(bad) << text;
    EXPECT_EQ(bad.error().code(), Errc::corrupt);
    EXPECT_TRUE(bad.error().message().starts_with("the list is no JSON: ")) << bad.error().message();
  }
}

enum class Fruit { apple, pear };
constexpr auto names_of(Fruit) { return std::to_array<std::string_view>({"apple", "pear"}); }

TEST(Json, holds_enums_by_their_names) {
  EXPECT_EQ(enum_from_json<Fruit>(Json("pear")), Fruit::pear);
  for (const Json& value : {Json("plum"), Json(1), Json(), Json::array({"pear"})}) EXPECT_FALSE(enum_from_json<Fruit>(value)) << value;
}

}  // namespace
}  // namespace tradewind
