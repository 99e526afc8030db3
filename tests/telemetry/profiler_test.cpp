// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/optimizer/profiler.hpp"

#include <time.h>

#include <cmath>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace tradewind::telemetry {
namespace {

double computed_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

volatile double sink = 0;

/// Computes for that long, measured by the work done and not by the clock on the wall, so that a busy machine changes nothing.
[[gnu::noinline]] void hot_spot(double seconds) {
  for (const double end = computed_seconds() + seconds; computed_seconds() < end;) {
    double x = 1;
    for (int i = 0; i < 20'000; ++i) x = x * 1.0000001 + 0.5 / (x + i);
    sink = sink + x;
  }
}

[[gnu::noinline]] void side_show(double seconds) {
  for (const double end = computed_seconds() + seconds; computed_seconds() < end;) {
    double x = 1;
    for (int i = 0; i < 20'000; ++i) x = x * 1.0000002 - 0.5 / (x + i);
    sink = sink + x;
  }
}

[[gnu::noinline]] void caller(double seconds) {
  hot_spot(5 * seconds);
  side_show(seconds);
  sink = sink + 1;
}

/// Enough samples to judge: some kernels give them rarely when they are busy.
Result<Profile> profile_with_samples() {
  Result<Profile> out = profile_bottlenecks([] { caller(0.1); });
  for (const double seconds : {0.2, 0.5, 1.0})
    if (out && out->samples < 30) out = profile_bottlenecks([seconds] { caller(seconds); });
  return out;
}

bool under_thread_sanitizer() {
#ifdef __SANITIZE_THREAD__
  return true;
#else
  return false;
#endif
}

const TimeConsumer* find(const Profile& profile, std::string_view name) {
  for (const TimeConsumer& each : profile.top_time_consumers)
    if (each.function.find(name) != std::string::npos) return &each;
  return nullptr;
}

TEST(Profiler, finds_the_hot_spot) {
  if (under_thread_sanitizer()) GTEST_SKIP() << "the thread sanitizer holds signals back until a safe place";
  const auto profile = profile_with_samples();
  ASSERT_TRUE(profile);
  ASSERT_GT(profile->samples, 10U) << profile->full_profile;
  EXPECT_EQ(profile->lost_samples, 0U);
  ASSERT_LE(profile->top_time_consumers.size(), 10U);
  EXPECT_NE(profile->top_time_consumers.at(0).function.find("hot_spot"), std::string::npos) << profile->full_profile;
  const TimeConsumer* hot = find(*profile, "hot_spot");
  const TimeConsumer* side = find(*profile, "side_show");
  ASSERT_TRUE(hot != nullptr && side != nullptr) << profile->full_profile;
  EXPECT_GT(hot->self_percent, 50);
  EXPECT_GT(hot->samples, side->samples);
  const TimeConsumer* all = find(*profile, "caller");
  ASSERT_NE(all, nullptr) << profile->full_profile;
  EXPECT_GT(all->total_percent, 90);
  EXPECT_LT(all->self_percent, 20);
  EXPECT_GE(profile->cpu_seconds, 0.6);
  EXPECT_GE(profile->execution_time_seconds, 0.6);
  EXPECT_NE(profile->full_profile.find("side_show"), std::string::npos);
}

TEST(Profiler, waiting_is_no_computing) {
  const auto profile = profile_bottlenecks([] { std::this_thread::sleep_for(std::chrono::milliseconds(100)); });
  ASSERT_TRUE(profile);
  EXPECT_GE(profile->execution_time_seconds, 0.1);
  EXPECT_LT(profile->cpu_seconds, profile->execution_time_seconds);
}

TEST(Profiler, takes_one_at_a_time) {
  const auto outer = profile_bottlenecks([] {
    const auto inner = std::make_unique<Result<Profile>>(Error(Errc::internal, "not run"));
    std::thread([&] { *inner = profile_bottlenecks([] {}); }).join();
    ASSERT_FALSE(*inner);
    EXPECT_EQ(inner->error().code(), Errc::already_exists);
  });
  EXPECT_TRUE(outer);
  EXPECT_TRUE(profile_bottlenecks([] {})) << "and the next may run";
}

TEST(Profiler, an_exception_is_an_error_and_leaves_no_timer) {
  const auto thrown = profile_bottlenecks([] { throw std::runtime_error("no luck"); });
  ASSERT_FALSE(thrown);
  EXPECT_NE(thrown.error().message().find("no luck"), std::string::npos);
  hot_spot(0.02);
  EXPECT_TRUE(profile_bottlenecks([] {}));
}

}  // namespace
}  // namespace tradewind::telemetry
