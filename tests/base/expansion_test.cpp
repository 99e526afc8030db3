// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/expansion.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace tradewind {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

TEST(Expansion, allows_a_floor_and_beyond_it_times_the_size) {
  EXPECT_EQ(Expansion("small", 10).allowed(), 256 * kMiB);
  EXPECT_EQ(Expansion("large", 10 * kMiB).allowed(), 4000 * kMiB);
  EXPECT_EQ(Expansion("huge", std::numeric_limits<std::uint64_t>::max()).allowed(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(Expansion::of("/not/there").allowed(), 256 * kMiB);
}

TEST(Expansion, counts_and_says_what_may_be_changed) {
  Expansion expansion("bomb.parquet", 10);
  EXPECT_TRUE(expansion.take(256 * kMiB));
  const Status refused = expansion.take(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::too_large);
  EXPECT_EQ(refused.error().where(), "bomb.parquet");
  EXPECT_NE(refused.error().hint().find("--max-expansion"), std::string::npos);
  EXPECT_FALSE(expansion.take(std::numeric_limits<std::uint64_t>::max())) << "no wrap around";
}

TEST(Expansion, is_set_for_the_process) {
  set_expansion_limit(1000);
  EXPECT_EQ(Expansion("large", kMiB).allowed(), 1000 * kMiB);
  set_expansion_limit(400);
}

}  // namespace
}  // namespace tradewind
