// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <optional>

#include "tradewind/base/guard.hpp"

namespace tradewind {

int thread_count(int requested) noexcept {
  if (requested > 0) return requested;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// The tasks of one run(). `task` outlives every call of it: run() waits until no call is under way.
struct WorkerPool::Batch {
  Batch(std::size_t tasks, const std::function<Status(std::size_t)>& function, const Cancellation* asked)
      : count(tasks), task(&function), cancellation(asked) {}

  bool has_more() const noexcept { return next < count; }
  bool cancelled() const noexcept { return cancellation != nullptr && cancellation->requested(); }

  /// Takes tasks until there are none.
  void work() {
    std::size_t ended = 0;
    while (true) {
      const std::size_t index = next.fetch_add(1);
      if (index >= count) break;  // run() may be over: nothing of the caller's is touched without a task in hand
      if (cancelled()) {
        give_up();
        ++ended;
        continue;
      }
      const Status status = guarded([&] { return (*task)(index); });
      ++ended;
      if (!status) fail(index, status.error());
    }
    const std::lock_guard lock(mutex);
    done += ended;
    if (done + given_up == count) finished.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex);
    finished.wait(lock, [&] { return done + given_up == count; });
  }
  void fail(std::size_t index, const Error& reason) {
    give_up();
    const std::lock_guard lock(mutex);
    if (index >= first_failure) return;
    first_failure = index;
    error = reason;
  }
  /// No further task starts.
  void give_up() {
    const std::size_t started = std::min(next.exchange(count), count);
    const std::lock_guard lock(mutex);
    given_up += count - started;
  }

  const std::size_t count;
  const std::function<Status(std::size_t)>* task;
  const Cancellation* cancellation;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::condition_variable finished;
  std::size_t done = 0;
  std::size_t given_up = 0;  ///< after a failure or a cancellation
  std::size_t first_failure = static_cast<std::size_t>(-1);
  std::optional<Error> error;
};

WorkerPool::WorkerPool(int threads) {
  for (int i = 0; i < threads; ++i) {
    auto started = start_thread([this] { work(); });
    if (!started) return;
    threads_.push_back(std::move(*started));
  }
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

Status WorkerPool::run(std::size_t count, const std::function<Status(std::size_t)>& task, const Cancellation* cancellation) {
  const auto batch = std::make_shared<Batch>(count, task, cancellation);
  const bool shared = count > 1 && !threads_.empty();
  if (shared) {
    {
      const std::lock_guard lock(mutex_);
      batches_.push_back(batch);
    }
    wake_.notify_all();
  }
  batch->work();
  batch->wait();
  if (shared) {
    const std::lock_guard lock(mutex_);
    std::erase(batches_, batch);
  }
  if (batch->error) return *batch->error;
  if (batch->cancelled()) return interrupted_error();
  return {};
}

Status parallel_for(std::size_t count, int threads, const std::function<Status(std::size_t)>& task, const Cancellation* cancellation) {
  const std::size_t helpers = std::min(static_cast<std::size_t>(std::max(1, threads)) - 1, count == 0 ? 0 : count - 1);
  return WorkerPool(static_cast<int>(helpers)).run(count, task, cancellation);
}

}  // namespace tradewind
