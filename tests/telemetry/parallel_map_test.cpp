// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/optimizer/parallel_map.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <numeric>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

namespace tradewind::telemetry {
namespace {

std::vector<int> numbers(int count) {
  std::vector<int> out(static_cast<std::size_t>(count));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

struct Point {
  double x;
  int y;
  bool operator==(const Point&) const = default;
};

template <class F>
auto on_threads(F function, const std::vector<int>& items, int threads = 3) {
  WorkerPool pool(threads);
  return map_on_threads(function, std::span(items), &pool);
}

template <class F>
auto on_processes(F function, const std::vector<int>& items, ProcessOptions options = {.workers = 3, .most_seconds = 60}) {
  return map_on_processes(function, std::span(items), options);
}

TEST(MapOnThreads, gives_results_in_order) {
  const auto twice = on_threads([](int item) { return 2 * item; }, numbers(1'000));
  ASSERT_TRUE(twice);
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ((*twice)[static_cast<std::size_t>(i)], 2 * i);
  EXPECT_TRUE(on_threads([](int item) { return item; }, {})->empty());
  auto text = [](int item) { return std::to_string(item); };
  const std::vector<int> items{1, 2};
  EXPECT_EQ(*map_on_threads(text, std::span(items), nullptr), (std::vector<std::string>{"1", "2"})) << "without a pool";
}

TEST(MapOnThreads, an_exception_or_error_names_the_lowest_item) {
  for (WorkerPool* pool : {static_cast<WorkerPool*>(nullptr), new WorkerPool(3)}) {
    const std::unique_ptr<WorkerPool> owner(pool);
    const std::vector<int> items = numbers(50);
    auto throws = [](int item) { return item == 7 ? throw std::runtime_error("no luck") : item; };
    const auto thrown = map_on_threads(throws, std::span(items), pool);
    ASSERT_FALSE(thrown);
    EXPECT_EQ(thrown.error().message(), "item 7: no luck");
    auto fails = [](int item) -> Result<int> { return item % 20 == 19 ? Result<int>(Error(Errc::venue, "closed")) : Result<int>(item); };
    const auto failed = map_on_threads(fails, std::span(items), pool);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code(), Errc::venue);
    EXPECT_EQ(failed.error().message(), "item 19: closed");
  }
}

TEST(MapOnThreads, a_pool_may_be_used_from_its_own_tasks_and_by_many) {
  WorkerPool pool(2);
  const std::vector<int> outer = numbers(20);
  auto inner = [](int item) { return item + 1; };
  auto nested = [&](int) {
    const std::vector<int> items = numbers(20);
    const auto out = map_on_threads(inner, std::span(items), &pool);
    return std::accumulate(out->begin(), out->end(), 0);
  };
  std::vector<std::thread> askers;
  std::atomic<int> sum{0};
  for (int i = 0; i < 3; ++i)
    askers.emplace_back([&] {
      const auto out = map_on_threads(nested, std::span(outer), &pool);
      sum += std::accumulate(out->begin(), out->end(), 0);
    });
  for (auto& each : askers) each.join();
  EXPECT_EQ(sum, 3 * 20 * 210);
}

TEST(MapOnThreads, workers_stay_between_calls) {
  WorkerPool pool(4);
  EXPECT_EQ(pool.threads(), 4);
  std::set<std::thread::id> seen;
  std::mutex mutex;
  for (int call = 0; call < 50; ++call) {
    const Status status = pool.run(8, [&](std::size_t) -> Status {
      const std::lock_guard lock(mutex);
      seen.insert(std::this_thread::get_id());
      return {};
    });
    EXPECT_TRUE(status);
  }
  EXPECT_LE(seen.size(), 5U) << "four workers and the one who asks";
}

TEST(MapOnProcesses, gives_results_in_order) {
  const auto points = on_processes([](int item) { return Point{item / 2.0, item}; }, numbers(300));
  ASSERT_TRUE(points);
  for (int i = 0; i < 300; ++i) ASSERT_EQ((*points)[static_cast<std::size_t>(i)], (Point{i / 2.0, i}));
  const auto texts = on_processes([](int item) { return std::string(static_cast<std::size_t>(item), 'a'); }, numbers(100));
  ASSERT_TRUE(texts);
  for (std::size_t i = 0; i < 100; ++i) ASSERT_EQ((*texts)[i].size(), i);
  EXPECT_TRUE(on_processes([](int item) { return item; }, {})->empty());
}

TEST(MapOnProcesses, run_elsewhere) {
  const pid_t here = ::getpid();
  int changed = 0;
  const auto processes = on_processes([&](int item) { return changed = item + 1, ::getpid(); }, numbers(10));
  ASSERT_TRUE(processes);
  for (const pid_t each : *processes) EXPECT_NE(each, here);
  EXPECT_EQ(changed, 0);
}

TEST(MapOnProcesses, results_larger_than_a_pipe_do_not_block) {
  const auto texts = on_processes([](int item) { return std::string(3'000'000, static_cast<char>('a' + item)); }, numbers(8));
  ASSERT_TRUE(texts);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ((*texts)[i], std::string(3'000'000, static_cast<char>('a' + i)));
}

TEST(MapOnProcesses, a_crash_names_the_item) {
  const auto killed = on_processes([](int item) { return item == 11 ? ::kill(::getpid(), SIGKILL) : item; }, numbers(40));
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.error().message(), "item 11: its process was ended by signal 9");
  const auto left = on_processes([](int item) { return item == 5 ? ::_exit(3), 0 : item; }, numbers(40), {.workers = 1});
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().message(), "item 5: its process exited with 3");
}

TEST(MapOnProcesses, a_throw_or_error_names_the_item) {
  const auto thrown = on_processes([](int item) { return item == 3 ? throw std::runtime_error("no luck") : item; }, numbers(10));
  ASSERT_FALSE(thrown);
  EXPECT_EQ(thrown.error().message(), "item 3: no luck");
  EXPECT_EQ(thrown.error().code(), Errc::internal);
  const auto failed =
      on_processes([](int item) -> Result<int> { return item == 4 ? Result<int>(Error(Errc::venue, "closed")) : Result<int>(item); },
                   numbers(10), {.workers = 1});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), Errc::venue);
  EXPECT_EQ(failed.error().message(), "item 4: closed");
}

TEST(MapOnProcesses, one_that_hangs_is_ended) {
  const auto hung = on_processes([](int item) { return item == 1 ? ::pause() : item; }, numbers(4), {.workers = 2, .most_seconds = 0.3});
  ASSERT_FALSE(hung);
  EXPECT_EQ(hung.error().code(), Errc::interrupted);
  EXPECT_NE(hung.error().message().find("at item 1"), std::string::npos) << hung.error().message();
}

TEST(MapOnProcesses, results_with_pointers_are_refused) {
  const auto vectors = on_processes([](int item) { return std::vector<int>{item}; }, numbers(3));
  ASSERT_FALSE(vectors);
  EXPECT_EQ(vectors.error().code(), Errc::usage);
  EXPECT_FALSE(kCrossesProcesses<const char*>);
  EXPECT_FALSE(kCrossesProcesses<std::string_view>);
}

}  // namespace
}  // namespace tradewind::telemetry
