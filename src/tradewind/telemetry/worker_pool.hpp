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

#include "tradewind/base/result.hpp"

namespace tradewind::telemetry {

/// Threads that stay, for work that comes again and again. Whoever asks works along, so that a task may itself use the pool without
/// a deadlock. Thread-safe.
class WorkerPool {
 public:
  /// At least one thread. Errors: Errc::storage when the system gives no thread.
  static Result<std::unique_ptr<WorkerPool>> make(int threads);
  /// Waits for tasks under way.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Runs task(0) … task(count − 1) and waits for all that were started. Returns the error of the lowest failing index; after a failure
  /// no further task starts. Tasks do not throw.
  Status run(std::size_t count, const std::function<Status(std::size_t)>& task);
  int threads() const noexcept { return static_cast<int>(threads_.size()); }

 private:
  struct Batch;
  WorkerPool() = default;
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Batch>> batches_;  ///< that still have tasks to start
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tradewind::telemetry
