// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/details.hpp"

#include <gtest/gtest.h>

namespace tradewind::prediction {
namespace {

TEST(Details, Keep_the_order_of_their_names_and_what_kind_of_value_each_is) {
  Details details;
  details["pairs"] = std::size_t{12};
  details["entry"] = 2.0F;
  details["hedge"] = "kalman";
  details["exact"] = true;
  details["change"] = -3;
  details["pairs"] = 7;  // the same name again: in its old place
  std::vector<std::string> names;
  for (const auto& [name, value] : details) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"pairs", "entry", "hedge", "exact", "change"}));
  EXPECT_EQ(std::get<std::int64_t>(details["pairs"].value()), 7);
  EXPECT_EQ(std::get<double>(details["entry"].value()), 2.0);
  EXPECT_EQ(std::get<std::string>(details["hedge"].value()), "kalman");
  EXPECT_TRUE(std::get<bool>(details["exact"].value()));
  EXPECT_EQ(details["change"], -3);
  EXPECT_TRUE(details.contains("hedge"));
  EXPECT_FALSE(details.contains("window"));
}

}  // namespace
}  // namespace tradewind::prediction
