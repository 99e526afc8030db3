// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace tradewind {

int thread_count(int requested) noexcept {
  if (requested > 0) return requested;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

Status parallel_for(std::size_t count, int threads, const std::function<Status(std::size_t)>& task, const Cancellation* cancellation) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::optional<Error> first_error;
  std::size_t first_index = count;

  const auto work = [&] {
    while (!stop.load(std::memory_order_relaxed)) {
      if (cancellation != nullptr && cancellation->requested()) return;
      const std::size_t index = next.fetch_add(1);
      if (index >= count) return;
      if (Status status = task(index); !status) {
        stop = true;
        const std::lock_guard lock(mutex);
        if (index < first_index) {
          first_index = index;
          first_error = status.error();
        }
      }
    }
  };
  const auto helpers = static_cast<std::size_t>(std::max(1, threads)) - 1;
  {
    std::vector<std::jthread> pool;
    for (std::size_t i = 0; i < std::min(helpers, count); ++i) pool.emplace_back(work);
    work();
  }
  if (first_error) return *first_error;
  if (cancellation != nullptr && cancellation->requested()) return interrupted_error();
  return {};
}

}  // namespace tradewind
