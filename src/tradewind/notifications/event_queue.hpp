// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "tradewind/base/guard.hpp"

namespace tradewind::notifications {

/// What goes when a queue is full.
enum class Overflow : std::uint8_t {
  drop_oldest,  ///< the latest news counts
  drop_newest,  ///< what came first counts
};

struct QueueOptions {
  std::size_t capacity = 1024;  ///< waiting events, at least 1
  Overflow overflow = Overflow::drop_oldest;
};

struct QueueCounts {
  std::uint64_t pushed = 0;
  std::uint64_t handled = 0;  ///< the handler returned or threw
  std::uint64_t dropped = 0;  ///< for lack of room, or waiting when the queue was closed
  std::size_t pending = 0;    ///< waiting or being handled; pushed = handled + dropped + pending
};

/// Hands events to a handler on a thread of its own, in order. push never waits for the handler: beyond `capacity` events are dropped and
/// counted. Put between a bus and slow work: `bus.subscribe<E>([&](const E& e) { queue.push(e); })`.
/// The handler's exceptions end that call only.
template <class Event>
class EventQueue {
 public:
  explicit EventQueue(std::function<void(const Event&)> handler, QueueOptions options = {}) : state_(std::make_shared<State>()) {
    state_->handler = std::move(handler);
    state_->options = options;
    if (auto started = start_thread([state = state_] { state->run(); }))
      worker_ = std::move(*started);
    else
      state_->closed = true;  // without a thread everything is dropped, and counted so
  }
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;
  ~EventQueue() { close(); }

  void push(Event event) {
    const auto state = state_;  // the handler may end the queue before this returns
    const std::lock_guard lock(state->mutex);
    ++state->counts.pushed;
    if (state->closed) {
      ++state->counts.dropped;
      return;
    }
    if (state->waiting.size() >= std::max<std::size_t>(1, state->options.capacity)) {
      ++state->counts.dropped;
      if (state->options.overflow == Overflow::drop_newest) return;
      state->waiting.pop_front();
    }
    state->waiting.push_back(std::move(event));
    state->wake.notify_one();
  }

  /// Waits until everything pushed so far is handled, at most `seconds`. Whether it is.
  bool drain(double seconds) {
    std::unique_lock lock(state_->mutex);
    return state_->idle.wait_for(lock, std::chrono::duration<double>(seconds),
                                 [&] { return state_->closed || (state_->waiting.empty() && !state_->busy); }) &&
           state_->waiting.empty() && !state_->busy;
  }

  /// Drops what is waiting and waits for the event being handled (not when called by the handler itself). Further events are dropped.
  void close() {
    {
      const std::lock_guard lock(state_->mutex);
      state_->closed = true;
      state_->counts.dropped += state_->waiting.size();
      state_->waiting.clear();
    }
    state_->wake.notify_all();
    state_->idle.notify_all();
    if (!worker_.joinable()) return;
    if (worker_.get_id() == std::this_thread::get_id())
      worker_.detach();
    else
      worker_.join();
  }

  QueueCounts counts() const {
    const std::lock_guard lock(state_->mutex);
    QueueCounts counts = state_->counts;
    counts.pending = state_->waiting.size() + (state_->busy ? 1 : 0);
    return counts;
  }

 private:
  /// Shared with the worker, which may outlive the queue when its handler ends it.
  struct State {
    std::function<void(const Event&)> handler;
    QueueOptions options;
    mutable std::mutex mutex;
    std::condition_variable wake;
    std::condition_variable idle;
    std::deque<Event> waiting;
    QueueCounts counts;
    bool busy = false;
    bool closed = false;

    void run() {
      std::unique_lock lock(mutex);
      for (;;) {
        wake.wait(lock, [&] { return closed || !waiting.empty(); });
        if (waiting.empty()) return;
        Event event = std::move(waiting.front());
        waiting.pop_front();
        busy = true;
        lock.unlock();
        try {
          handler(event);
        } catch (...) {  // NOLINT: a handler's fault is its own
        }
        lock.lock();
        busy = false;
        ++counts.handled;
        if (waiting.empty()) idle.notify_all();
      }
    }
  };

  std::shared_ptr<State> state_;
  std::thread worker_;
};

}  // namespace tradewind::notifications
