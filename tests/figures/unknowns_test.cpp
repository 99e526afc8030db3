// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/unknowns.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "fixture.hpp"

namespace tradewind::figures {
namespace {

TEST(Unknowns, Name_what_makes_the_numbers_too_good_and_what_was_not_measured) {
  auto analysis = fixture();
  analysis["provenance"]["commission_rate"] = 0;
  analysis["provenance"]["slippage_bps"] = 0;
  analysis["provenance"]["fill"] = "close";
  analysis["provenance"]["symbols"] = {"SPY"};
  analysis["split"]["holdout_bars"] = 100;
  analysis["overfitting"]["pbo"] = nullptr;
  const auto unknowns = unknowns_of(analysis);
  const auto says = [&](std::string_view text) {
    return std::ranges::any_of(unknowns, [&](const std::string& one) { return one.find(text) != std::string::npos; });
  };
  EXPECT_TRUE(says("No costs were charged"));
  EXPECT_TRUE(says("close of the signal's own bar"));
  EXPECT_TRUE(says("Only one market was looked at: SPY"));
  EXPECT_TRUE(says("held-out part is short: 100 bars, 0.4 years"));
  EXPECT_TRUE(says("No probability of overfitting"));
}

}  // namespace
}  // namespace tradewind::figures
