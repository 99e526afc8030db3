// SPDX-License-Identifier: Apache-2.0
#include "tradewind/http/retry_internal.hpp"

#include <gtest/gtest.h>

#include "tradewind/http/request_queue_internal.hpp"

namespace tradewind::http {
namespace {

TEST(Retry, only_answers_that_pass_are_asked_again) {
  for (const int status : {425, 429, 500, 502, 503, 599}) EXPECT_TRUE(is_passing(status)) << status;
  for (const int status : {200, 204, 302, 400, 401, 404, 426, 428, 600}) EXPECT_FALSE(is_passing(status)) << status;
}

TEST(Retry, reads_seconds_and_dates) {
  const UnixNanos now = 784'111'777 * kNanosPerSecond;  // Sun, 06 Nov 1994 08:49:37 GMT
  EXPECT_EQ(retry_after_seconds("120", now), 120.0);
  EXPECT_EQ(retry_after_seconds(" 0 ", now), 0.0);
  EXPECT_EQ(retry_after_seconds("Sun, 06 Nov 1994 08:49:57 GMT", now), 20.0);
  EXPECT_EQ(retry_after_seconds("Sun, 06 Nov 1994 08:49:07 GMT", now), 0.0) << "a date that has passed";
  for (const char* text : {"", "-5", "soon", "nan", "inf"}) EXPECT_EQ(retry_after_seconds(text, now), std::nullopt) << text;
}

TEST(Retry, waits_within_a_growing_range_but_as_long_as_asked) {
  ClientOptions options;
  options.backoff_seconds = 1;
  options.most_backoff_seconds = 8;
  Random random(7);
  double longest[6] = {};
  for (int round = 0; round < 2000; ++round)
    for (int attempt = 1; attempt <= 6; ++attempt) {
      const double wait = backoff_seconds(options, attempt, std::nullopt, random);
      EXPECT_GE(wait, 0);
      longest[attempt - 1] = std::max(longest[attempt - 1], wait);
    }
  const double ranges[6] = {1, 2, 4, 8, 8, 8};
  for (int i = 0; i < 6; ++i) {
    EXPECT_LE(longest[i], ranges[i]);
    EXPECT_GT(longest[i], 0.95 * ranges[i]);
  }
  EXPECT_GE(backoff_seconds(options, 1, 5, random), 5);
  EXPECT_EQ(backoff_seconds(options, 1, 500, random), 8);
  EXPECT_LE(backoff_seconds(options, 100'000, std::nullopt, random), 8);
}

std::unique_ptr<Job> job(std::uint64_t ticket, int limit, const std::string& host = "a") {
  auto made = std::make_unique<Job>();
  made->ticket = ticket;
  made->limit = limit;
  made->target.host = host;
  return made;
}

TEST(RequestQueue, a_place_is_taken_until_a_window_after_the_answer) {
  ClientOptions options;
  options.limits = {{"x", 2, 1}};
  RequestQueue line(options);
  for (std::uint64_t i = 0; i < 4; ++i) line.add(job(i, 0), 0);
  const auto first = line.start(0);
  const auto second = line.start(10);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(line.start(1'000)) << "both are under way";
  EXPECT_EQ(line.wakes(1'000), RequestQueue::kNever);
  line.end(*second, 1'000);
  EXPECT_EQ(line.wakes(1'000), 1'000 + kNanosPerSecond);
  EXPECT_FALSE(line.start(kNanosPerSecond + 999));
  const auto third = line.start(kNanosPerSecond + 1'000);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->ticket, 2U);
  EXPECT_TRUE(third->throttled);
  EXPECT_FALSE(first->throttled);
}

TEST(RequestQueue, a_host_at_its_limit_is_no_reason_to_wake) {
  ClientOptions options;
  options.connections_per_host = 1;
  options.limits = {{"x", 2, 1}};
  RequestQueue line(options);
  line.add(job(0, 0), 0);
  line.add(job(1, 0), 0);
  line.add(job(2, -1, "b"), 0);
  const auto first = line.start(0);
  ASSERT_TRUE(first);
  const auto other = line.start(0);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->ticket, 2U) << "another host need not wait";
  EXPECT_FALSE(line.start(0));
  EXPECT_EQ(line.wakes(0), RequestQueue::kNever);
  line.end(*first, 5);
  ASSERT_TRUE(line.start(5));
}

TEST(RequestQueue, first_come_first_served_over_all_lanes_and_retries) {
  ClientOptions options;
  options.limits = {{"x", 10, 1}};
  RequestQueue line(options);
  line.add(job(3, -1), 0);
  line.add(job(2, 0), 0);
  line.add_later(job(1, -1), 50);
  EXPECT_EQ(line.wakes(0), 50);
  EXPECT_EQ(line.start(0)->ticket, 2U);
  EXPECT_EQ(line.start(50)->ticket, 1U);
  EXPECT_EQ(line.start(50)->ticket, 3U);
  line.add_later(job(9, -1), 99);
  line.add(job(8, -1), 0);
  EXPECT_EQ(line.leave().size(), 2U);
}

TEST(RequestQueue, the_longest_prefix_counts) {
  const std::vector<RateLimit> limits = {{"https://a/", 1, 1}, {"https://a/books", 1, 1}, {"https://a/book", 1, 1}};
  EXPECT_EQ(limit_of(limits, "https://a/time"), 0);
  EXPECT_EQ(limit_of(limits, "https://a/book?x"), 2);
  EXPECT_EQ(limit_of(limits, "https://a/books"), 1);
  EXPECT_EQ(limit_of(limits, "https://b/"), -1);
}

}  // namespace
}  // namespace tradewind::http
