// SPDX-License-Identifier: Apache-2.0
#include "tradewind/trading/fees.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tradewind/trading/prediction_market.hpp"

namespace tradewind::trading {
namespace {

TEST(Fees, in_force_are_those_of_the_last_change) {
  const std::vector<FeeChange> changes{{100, FeeSchedule{0.02, 1}}, {200, std::nullopt}, {300, FeeSchedule{0.04, 1}}};
  EXPECT_EQ(fees_in_force(changes, 99), std::nullopt) << "before the first nobody knows";
  EXPECT_EQ(fees_in_force(changes, 100)->rate, 0.02);
  EXPECT_EQ(fees_in_force(changes, 199)->rate, 0.02);
  EXPECT_EQ(fees_in_force(changes, 200), std::nullopt);
  EXPECT_EQ(fees_in_force(changes, 1'000)->rate, 0.04);
  EXPECT_EQ(fees_in_force({}, 1), std::nullopt);
}

TEST(Fees, of_a_market_are_its_schedule_or_the_one_of_the_moment) {
  PredictionMarket market;
  market.fees = {0.04, 1};
  EXPECT_EQ(market.fees_at(5), (FeeSchedule{0.04, 1}));
  market.fees_known = false;
  EXPECT_EQ(market.fees_at(5), std::nullopt);
  market.fee_changes = {{10, FeeSchedule{0.02, 1}}, {20, std::nullopt}};
  EXPECT_EQ(market.fees_at(9), std::nullopt);
  EXPECT_EQ(market.fees_at(10)->rate, 0.02) << "dates go before what was said of some moment";
  market.apply_fees(10);
  EXPECT_TRUE(market.fees_known);
  EXPECT_EQ(market.fees.rate, 0.02);
  market.apply_fees(20);
  EXPECT_FALSE(market.fees_known);
}

TEST(Fees, plausible_are_those_a_venue_could_mean) {
  for (const FeeSchedule& one : {FeeSchedule{}, FeeSchedule{0.25, 2}, FeeSchedule{0.072, 1}, FeeSchedule{0.1, 0}, FeeSchedule{0.4, 1}})
    EXPECT_TRUE(one.plausible()) << one.rate;
  for (const FeeSchedule& one : {FeeSchedule{-0.01, 1}, FeeSchedule{1, 2}, FeeSchedule{0.9, 1}, FeeSchedule{0.11, 0}, FeeSchedule{0.04, -1},
                                 FeeSchedule{0.04, 17}, FeeSchedule{std::nan(""), 1}, FeeSchedule{0.04, std::nan("")}})
    EXPECT_FALSE(one.plausible()) << one.rate << ' ' << one.exponent;
}

}  // namespace
}  // namespace tradewind::trading
