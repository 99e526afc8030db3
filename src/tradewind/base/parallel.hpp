// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/result.hpp"

namespace tradewind {

/// Threads to use for `requested` (0 or less: as many as the machine has cores).
int thread_count(int requested) noexcept;

/// Threads that stay, for work that comes again and again. Whoever asks works along, so that a task may itself use the pool without
/// a deadlock, and so that a pool without threads works too. Thread-safe.
class WorkerPool {
 public:
  /// As many threads as the system gives, up to `threads`.
  explicit WorkerPool(int threads);
  /// Waits for tasks under way.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Runs task(0) … task(count − 1), in order of index as threads become free, and waits for all that were started. Returns the error of
  /// the lowest failing index; what a task throws is its error. After a failure or a cancellation no further task starts.
  Status run(std::size_t count, const std::function<Status(std::size_t)>& task, const Cancellation* cancellation = nullptr);
  int threads() const noexcept { return static_cast<int>(threads_.size()); }

 private:
  struct Batch;
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Batch>> batches_;  ///< that still have tasks to start
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

/// The same on `threads` threads of its own, this one included; on fewer when the system gives no more.
/// What a task computes must depend on its index only: then results are the same at any thread count.
Status parallel_for(std::size_t count, int threads, const std::function<Status(std::size_t)>& task,
                    const Cancellation* cancellation = nullptr);

}  // namespace tradewind
