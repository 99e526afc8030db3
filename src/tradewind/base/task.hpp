// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/guard.hpp"
#include "tradewind/base/result.hpp"

namespace tradewind {

/// Work on a thread of its own: asked for now, fetched later, stopped on request. Dropped, it is cancelled and waited for. What it throws
/// is its error, and so is that no thread could be had.
template <class T>
class Task {
 public:
  /// Starts `work`, which looks at the cancellation between its steps.
  explicit Task(std::function<Result<T>(const Cancellation&)> work) : shared_(std::make_unique<Shared>()) {
    future_ = shared_->promise.get_future();
    auto started = start_thread(
        [shared = shared_.get(), run = std::move(work)] { shared->promise.set_value(guarded([&] { return run(shared->cancellation); })); });
    if (started)
      thread_ = std::move(*started);
    else
      shared_->promise.set_value(no_thread_error());
  }
  Task(Task&&) noexcept = default;
  Task& operator=(Task&&) = delete;
  ~Task() {
    cancel();
    if (thread_.joinable()) thread_.join();
  }

  bool done() const { return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }
  void cancel() noexcept {
    if (shared_) shared_->cancellation.request();
  }
  /// Waits for the result; once only.
  Result<T> get() {
    Result<T> result = future_.get();
    if (thread_.joinable()) thread_.join();
    return result;
  }

 private:
  struct Shared {
    Cancellation cancellation;
    std::promise<Result<T>> promise;
  };
  std::unique_ptr<Shared> shared_;
  std::future<Result<T>> future_;
  std::thread thread_;
};

}  // namespace tradewind
