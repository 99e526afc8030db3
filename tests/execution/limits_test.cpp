// SPDX-License-Identifier: Apache-2.0
#include "tradewind/execution/limits.hpp"

#include <gtest/gtest.h>

namespace tradewind::execution {
namespace {

StrategyLimits limits_of(const std::string& text, config::Complaints& complaints) {
  return read_strategy_limits(*config::parse_config(text, "test"), "strategies.a.limits", complaints);
}

TEST(StrategyLimits, are_dollars_or_shares_of_the_strategys_own_capital) {
  config::Complaints complaints("test");
  const StrategyLimits limits = limits_of("{max_loss: 5%, max_daily_loss: 12.50}", complaints);
  EXPECT_TRUE(complaints.empty());
  EXPECT_EQ(limits.max_loss->of(Money::whole(200)), Money::whole(10));
  EXPECT_EQ(limits.max_loss->of(Money::whole(20)), Money::whole(1)) << "whatever it is at the moment";
  EXPECT_EQ(limits.max_loss->of(-Money::whole(20)), Money{}) << "more was taken away than given";
  EXPECT_EQ(limits.max_daily_loss->of(Money::whole(200)), Money{12'500'000});
  EXPECT_FALSE(limits.max_drawdown || limits.losing_streak);
}

TEST(StrategyLimits, that_are_none_are_refused) {
  for (const char* wrong : {"0%", "-5%", "101%", "nan%", "%", "0", "-3", "x", "[1]"}) {
    config::Complaints complaints("test");
    limits_of(std::string("{max_loss: '") + wrong + "'}", complaints);
    EXPECT_FALSE(complaints.empty()) << wrong;
  }
}

}  // namespace
}  // namespace tradewind::execution
