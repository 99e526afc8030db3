// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/expression.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace tradewind {
namespace {

class TextColumn final : public ExpressionColumn {
 public:
  explicit TextColumn(std::vector<std::string> rows) : rows_(std::move(rows)) {}
  bool is_text() const override { return true; }
  void numbers(std::size_t, std::span<double>) const override {}
  std::string_view text(std::size_t row) const override { return rows_[row]; }

 private:
  std::vector<std::string> rows_;
};

bool holds(const char* text, std::vector<double> values) {
  auto expression = Expression::parse(text);
  EXPECT_TRUE(expression) << text;
  auto result = expression->matches(values);
  EXPECT_TRUE(result) << text;
  return *result;
}

TEST(Expression, follows_precedence_and_both_spellings) {
  EXPECT_TRUE(holds("a > 1 or a < 0 and a > 5", {2}));
  EXPECT_FALSE(holds("(a > 1 || a < 0) && a > 5", {2}));
  EXPECT_TRUE(holds("not a = 3", {2}));
  EXPECT_TRUE(holds("!(a == 3) & -a + 2 * 3 >= 4", {2}));
  EXPECT_TRUE(holds("fast < slow", {5, 20}));
  EXPECT_TRUE(holds("a in (1, 2, 3)", {2}));
  EXPECT_TRUE(holds("`regime.SPY.trend.window=200.up.mean` > 1e-3", {0.01}));
}

TEST(Expression, an_undefined_operand_never_matches) {
  const double undefined = std::nan("");
  for (const char* text : {"a > 1", "a <= 1", "a == 1", "a != 1", "1 / 0 > 0 and a > 0"}) EXPECT_FALSE(holds(text, {undefined})) << text;
}

TEST(Expression, compares_text) {
  auto expression = Expression::parse("symbol == 'SPY' or symbol in (\"AAPL\", 'WM')");
  ASSERT_TRUE(expression);
  const TextColumn symbols({"SPY", "BAC", "WM"});
  const ExpressionColumn* columns[] = {&symbols};
  std::vector<std::uint32_t> matching;
  ASSERT_TRUE(expression->select(columns, 3, matching));
  EXPECT_EQ(matching, (std::vector<std::uint32_t>{0, 2}));
  auto mixed = Expression::parse("symbol > 3");
  EXPECT_FALSE(mixed->select(columns, 3, matching));
}

TEST(Expression, says_where_it_is_malformed) {
  for (const char* text :
       {"", "a", "a >", "a > 1 and", "a > 1 b", "(a > 1", "a in 1", "a > 'x", "a and b > 1", "1 + 2", "a > 1 > 2", "not a", "@"}) {
    const auto expression = Expression::parse(text);
    ASSERT_FALSE(expression) << text;
    EXPECT_EQ(expression.error().code(), Errc::usage) << text;
    EXPECT_FALSE(expression.error().where().empty()) << text;
  }
  EXPECT_FALSE(Expression::parse(std::string(100000, '(')));
  EXPECT_FALSE(Expression::parse(std::string(100000, '-') + "1 > 0"));
}

std::string chain(const std::string& term, const std::string& between, int terms) {
  std::string text = term;
  for (int i = 1; i < terms; ++i) text += between + term;
  return text;
}

TEST(Expression, takes_long_chains_without_a_deep_stack) {
  EXPECT_TRUE(holds((chain("a", " + ", 9'999) + " > 1").c_str(), {1}));
  EXPECT_TRUE(holds((chain("a", " * ", 9'999) + " = 1").c_str(), {1}));
  EXPECT_FALSE(holds((chain("a > 1", " or ", 5'000)).c_str(), {1}));
  EXPECT_TRUE(holds((chain("a > 0", " and ", 5'000)).c_str(), {1}));
  EXPECT_TRUE(holds("10 - a - a * 2 / 4 * 2 - 3 = 3", {2}));  // from left to right
  for (const char* between : {" + ", " * ", ", "}) {
    const std::string inner = chain("1", between, 20'000);
    const auto refused = Expression::parse(between[0] == ',' ? "a in (" + inner + ")" : "a > " + inner);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("more than 10000"), std::string::npos) << refused.error().message();
  }
  EXPECT_FALSE(Expression::parse(chain("a > 1", " and ", 100'000)));
}

}  // namespace
}  // namespace tradewind
