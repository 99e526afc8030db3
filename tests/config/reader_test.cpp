// SPDX-License-Identifier: Apache-2.0
#include "tradewind/config/reader.hpp"

#include <gtest/gtest.h>

namespace tradewind::config {
namespace {

TEST(ParseConfig, reads_yaml_and_json_with_lines) {
  auto yaml = parse_config("a: 1\nb:\n  - x\n  - {c: 10bps}\n", "f.yaml");
  ASSERT_TRUE(yaml);
  EXPECT_EQ(yaml->find("b")->items[1].find("c")->text, "10bps");
  EXPECT_EQ(yaml->find("b")->line, 2);
  EXPECT_EQ(to_json(*yaml), R"({"a":1,"b":["x",{"c":"10bps"}]})");
  EXPECT_TRUE(parse_config(R"({"a": [1, 2.5, "3", true, null]})", "f.json"));
  EXPECT_EQ(to_json(*parse_config(R"({"a": [1, 2.5, "3", true, null]})", "f.json")), R"({"a":[1,2.5,"3",true,null]})");
}

TEST(ParseConfig, refuses_what_it_cannot_trust) {
  for (const char* text : {"", "a: [1, 2", "a: 1\na: 2", "? [x]\n: 1", "\xff\xfe"}) {
    const auto value = parse_config(text, "f.yaml");
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code(), Errc::invalid_config) << text;
  }
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 10; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) bomb += (j > 0 ? ",*a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  const auto exploded = parse_config(bomb, "bomb.yaml");
  ASSERT_FALSE(exploded);
  EXPECT_EQ(exploded.error().code(), Errc::too_large);
}

TEST(ParseConfig, holds_one_document_of_at_most_two_mebibytes) {
  const auto second = parse_config("a: 1\n---\nb: 2\n", "f.yaml");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().where(), "f.yaml:3");
  for (const char* one : {"a: 1\n---\n", "---\na: 1\n...\n", "%YAML 1.2\n---\na: 1\n"}) EXPECT_TRUE(parse_config(one, "f.yaml")) << one;
  const auto big = parse_config("a: [" + std::string(std::size_t{2} << 20, ',') + "]", "f.yaml");
  ASSERT_FALSE(big);
  EXPECT_EQ(big.error().code(), Errc::too_large);
  EXPECT_NE(big.error().message().find("2097152"), std::string::npos);
}

TEST(ParseConfig, nesting_without_brackets_is_bounded) {
  std::string blocks;
  for (int i = 0; i < 1'000; ++i) blocks += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  for (const std::string& deep : {blocks,
                                  [] {
                                    std::string dashes;
                                    for (int i = 0; i < 200'000; ++i) dashes += "- ";
                                    return dashes;
                                  }(),
                                  [] {
                                    std::string marks;
                                    for (int i = 0; i < 200'000; ++i) marks += "? ";
                                    return marks;
                                  }()})
    EXPECT_FALSE(parse_config(deep, "deep.yaml"));
}

TEST(ParseConfig, nesting_is_bounded) { EXPECT_FALSE(parse_config(std::string(100'000, '['), "deep.yaml")); }

TEST(MapReader, complains_about_everything_at_once_with_lines_and_nearest_keys) {
  auto value = parse_config("comission: 10bps\nfill: next_opne\nwindow: many\n", "sweep.yaml");
  Complaints complaints("sweep.yaml");
  MapReader reader(*value, "execution", complaints);
  EXPECT_EQ(reader.rate("commission", 0.001), 0.001);
  const std::vector<std::string> fills = {"next_open", "next_close", "close"};
  reader.choice("fill", "next_open", fills);
  reader.number("window", 20, 1, 100);
  reader.finish();
  const auto status = complaints.status();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().where(), "sweep.yaml:2");
  const std::string message = status.error().message();
  EXPECT_NE(message.find("next_opne"), std::string::npos);
  EXPECT_NE(message.find("line 1: execution.comission: unknown key (did you mean 'commission'?)"), std::string::npos) << message;
  EXPECT_NE(message.find("'many' is not a number"), std::string::npos);
}

TEST(ParseConfig, a_comma_outside_of_brackets_is_named_and_not_read_for_ever) {
  for (const char* text : {",", "[a],b", "{a: 1},", "--- ,"}) {
    const auto parsed = parse_config(text, "x.yaml");
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().where(), "x.yaml:1") << text;
    EXPECT_NE(parsed.error().message().find("not valid YAML"), std::string::npos) << parsed.error().message();
  }
  EXPECT_TRUE(parse_config("a: 1\n---\n---\n...\n", "x.yaml"));
  EXPECT_EQ(parse_config("a: 1\n---\nb: 2\n", "x.yaml").error().where(), "x.yaml:3");
}

TEST(MapReader, what_is_quoted_is_only_shown) {
  const auto broken = parse_config(std::string_view("a: \"\\\x01\"\n", 8), "x.yaml");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message().find("\\x01"), std::string::npos) << broken.error().message();
  Complaints complaints("x.yaml");
  complaints.add(1, "k", "'\x1b[2J' is no number", "did you mean '\x1b'?");
  EXPECT_EQ(complaints.status().error().message(), "k: '\\x1B[2J' is no number");
  EXPECT_EQ(complaints.status().error().hint(), "did you mean '\\x1B'?");
}

}  // namespace
}  // namespace tradewind::config
