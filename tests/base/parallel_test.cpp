// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/parallel.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tradewind/base/guard.hpp"
#include "tradewind/base/task.hpp"

namespace tradewind {
namespace {

TEST(ParallelFor, does_everything_once_at_any_thread_count) {
  for (const int threads : {-1, 0, 1, 2, 7, 100}) {
    std::vector<int> done(53);
    EXPECT_TRUE(parallel_for(done.size(), threads, [&](std::size_t i) -> Status { return ++done[i], Status(); }));
    EXPECT_EQ(done, std::vector<int>(53, 1)) << threads;
  }
  EXPECT_TRUE(parallel_for(0, 4, [](std::size_t) -> Status { return Error(Errc::internal, "never"); }));
}

TEST(ParallelFor, what_a_task_throws_is_the_error_of_the_lowest_index) {
  for (const int threads : {1, 4}) {
    const Status memory = parallel_for(40, threads, [](std::size_t i) -> Status {
      if (i == 3) throw std::bad_alloc();
      if (i > 3) throw std::runtime_error("later");
      return {};
    });
    ASSERT_FALSE(memory);
    EXPECT_EQ(memory.error().code(), Errc::storage);
    EXPECT_NE(memory.error().message().find("memory"), std::string::npos);
    const Status other = parallel_for(40, threads, [](std::size_t i) -> Status {
      if (i % 2 == 1) throw 5;
      return {};
    });
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code(), Errc::internal);
  }
}

TEST(ParallelFor, stops_when_asked_to) {
  Cancellation cancellation;
  std::atomic<int> done{0};
  const Status status = parallel_for(
      1'000, 3,
      [&](std::size_t i) -> Status {
        if (i == 10) cancellation.request();
        return ++done, Status();
      },
      &cancellation);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), Errc::interrupted);
  EXPECT_LT(done, 1'000);
}

TEST(WorkerPool, works_on_the_asking_thread_without_any_of_its_own) {
  WorkerPool pool(0);
  int sum = 0;
  EXPECT_TRUE(pool.run(10, [&](std::size_t i) -> Status { return sum += static_cast<int>(i), Status(); }));
  EXPECT_EQ(sum, 45);
}

TEST(Task, what_it_throws_is_its_error) {
  Task<int> task([](const Cancellation&) -> Result<int> { throw std::bad_alloc(); });
  const Result<int> result = task.get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Errc::storage);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // sanitizers need more addresses than the limit leaves
/// The exit code of `work` in a process in which no further thread can be had.
int without_threads(int (*work)()) {
  const pid_t child = ::fork();
  if (child == 0) {
    rlimit limit{};
    ::getrlimit(RLIMIT_AS, &limit);
    long pages = 0;
    if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
      if (std::fscanf(file, "%ld", &pages) != 1) ::_exit(90);
      std::fclose(file);
    }
    limit.rlim_cur = static_cast<rlim_t>(pages) * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (2U << 20);  // less than a stack
    ::setrlimit(RLIMIT_AS, &limit);
    std::vector<std::thread> kept;  // the stacks of threads that ended are used again: they go first
    for (int i = 0; i < 1'000; ++i) {
      auto one = start_thread([] { ::pause(); });
      if (!one) ::_exit(work());
      kept.push_back(std::move(*one));
    }
    ::_exit(91);  // the limit does not bite here: nothing would be shown
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

TEST(ParallelFor, uses_fewer_threads_when_the_system_gives_no_more) {
  EXPECT_EQ(without_threads([] {
              std::atomic<int> done{0};
              const Status status = parallel_for(100, 8, [&](std::size_t) -> Status { return ++done, Status(); });
              return status && done == 100 ? 0 : 1;
            }),
            0);
}

TEST(Task, no_thread_is_its_error) {
  EXPECT_EQ(without_threads([] {
              Task<int> task([](const Cancellation&) -> Result<int> { return 1; });
              const Result<int> result = task.get();
              return !result && result.error().code() == Errc::storage ? 0 : 1;
            }),
            0);
}
#endif

}  // namespace
}  // namespace tradewind
