// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/optimizer/ttl_cache.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "fake_clock.hpp"

namespace tradewind::telemetry {
namespace {

TEST(TtlCache, keeps_values_by_type) {
  TtlCache cache;
  cache.put("answer", 42);
  cache.put("name", std::string("tradewind"));
  EXPECT_EQ(cache.get<int>("answer"), 42);
  EXPECT_EQ(cache.get<std::string>("name"), "tradewind");
  EXPECT_FALSE(cache.get<double>("answer")) << "of another type";
  EXPECT_FALSE(cache.get<int>("question"));
  cache.put("answer", 43.5);
  EXPECT_EQ(cache.get<double>("answer"), 43.5);
  const auto statistics = cache.statistics();
  EXPECT_EQ(statistics.cache_hits, 3U);
  EXPECT_EQ(statistics.cache_misses, 2U);
  EXPECT_DOUBLE_EQ(statistics.hit_rate_percent.value(), 60);
  EXPECT_EQ(statistics.cache_size, 2U);
}

TEST(TtlCache, forgets_when_the_time_is_over) {
  FakeClock clock;
  TtlCache cache(100, clock);
  cache.put("short", 1, 60.0);
  cache.put("long", 2);
  clock.pass_ns(60 * kNanosPerSecond - 1);
  EXPECT_EQ(cache.get<int>("short"), 1);
  clock.pass_ns(1);
  EXPECT_EQ(cache.statistics().cache_size, 1U);
  EXPECT_FALSE(cache.get<int>("short"));
  clock.pass_ns(100 * kNanosPerDay);
  EXPECT_EQ(cache.get<int>("long"), 2);
}

TEST(TtlCache, a_ttl_of_nothing_keeps_nothing) {
  TtlCache cache;
  for (const double ttl : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    cache.put("a", 1);
    cache.put("a", 2, ttl);
    EXPECT_FALSE(cache.get<int>("a")) << ttl;
  }
  cache.put("a", 3, 1e300);
  EXPECT_EQ(cache.get<int>("a"), 3);
}

TEST(TtlCache, the_least_recently_used_makes_room) {
  FakeClock clock;
  TtlCache cache(3, clock);
  for (const char* key : {"a", "b", "c"}) cache.put(key, 1);
  EXPECT_TRUE(cache.get<int>("a"));
  cache.put("d", 1);
  EXPECT_FALSE(cache.get<int>("b"));
  EXPECT_TRUE(cache.get<int>("a"));
  EXPECT_TRUE(cache.get<int>("c"));
  EXPECT_TRUE(cache.get<int>("d"));
  EXPECT_EQ(cache.statistics().evictions, 1U);
  cache.put("d", 2);
  EXPECT_EQ(cache.statistics().cache_size, 3U) << "replacing takes no room";
  EXPECT_TRUE(cache.erase("d"));
  EXPECT_FALSE(cache.erase("d"));
  cache.clear();
  EXPECT_EQ(cache.statistics().cache_size, 0U);
  EXPECT_FALSE(cache.statistics().hit_rate_percent == std::nullopt);
}

TEST(TtlCache, may_be_used_from_many_threads) {
  TtlCache cache(50);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&cache, t] {
      for (int i = 0; i < 2'000; ++i) {
        cache.put(std::to_string((i * (t + 1)) % 100), i);
        cache.get<int>(std::to_string(i % 100));
      }
    });
  for (auto& each : threads) each.join();
  const auto statistics = cache.statistics();
  EXPECT_EQ(statistics.cache_hits + statistics.cache_misses, 8'000U);
  EXPECT_LE(statistics.cache_size, 50U);
}

}  // namespace
}  // namespace tradewind::telemetry
