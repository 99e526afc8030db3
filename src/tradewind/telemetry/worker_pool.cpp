// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/worker_pool.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <system_error>

namespace tradewind::telemetry {

/// The tasks of one run(). `task` outlives every call of it: run() waits until no call is under way.
struct WorkerPool::Batch {
  Batch(std::size_t tasks, const std::function<Status(std::size_t)>& function) : count(tasks), task(&function) {}

  bool has_more() const noexcept { return next < count; }

  /// Takes tasks until there are none.
  void work() {
    for (std::size_t index = 0; (index = next.fetch_add(1)) < count;) {
      Status status = (*task)(index);
      const std::lock_guard lock(mutex);
      if (!status && index < first_failure) {
        first_failure = index;
        error = status.error();
        const std::size_t started = std::min(next.exchange(count), count);
        given_up += count - started;
      }
      ++done;
      if (done + given_up == count) finished.notify_all();
    }
  }
  void wait() {
    std::unique_lock lock(mutex);
    finished.wait(lock, [&] { return done + given_up == count; });
  }

  const std::size_t count;
  const std::function<Status(std::size_t)>* task;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::condition_variable finished;
  std::size_t done = 0;
  std::size_t given_up = 0;  ///< after a failure
  std::size_t first_failure = static_cast<std::size_t>(-1);
  std::optional<Error> error;
};

Result<std::unique_ptr<WorkerPool>> WorkerPool::make(int threads) {
  std::unique_ptr<WorkerPool> pool(new WorkerPool);
  try {
    for (int i = 0; i < std::max(1, threads); ++i) pool->threads_.emplace_back([raw = pool.get()] { raw->work(); });
  } catch (const std::system_error& error) {
    return Error(Errc::storage, std::string("the system gives no more threads: ") + error.what());
  }
  return pool;
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& each : threads_) each.join();
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stop_ || !batches_.empty(); });
    if (stop_) return;
    const std::shared_ptr<Batch> batch = batches_.front();
    if (!batch->has_more()) {
      batches_.pop_front();
      continue;
    }
    lock.unlock();
    batch->work();
    lock.lock();
  }
}

Status WorkerPool::run(std::size_t count, const std::function<Status(std::size_t)>& task) {
  if (count == 0) return {};
  const auto batch = std::make_shared<Batch>(count, task);
  if (count > 1) {
    const std::lock_guard lock(mutex_);
    batches_.push_back(batch);
  }
  if (count > 1) wake_.notify_all();
  batch->work();
  batch->wait();
  {
    const std::lock_guard lock(mutex_);
    std::erase(batches_, batch);
  }
  if (batch->error) return *batch->error;
  return {};
}

}  // namespace tradewind::telemetry
