// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/event_bus.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace tradewind::notifications {

struct Subscription::Slot {
  std::function<void(const void*)> handler;
  std::mutex mutex;
  std::condition_variable idle;
  int running = 0;
  bool alive = true;
};

struct Subscription::Topics {
  using List = std::vector<std::shared_ptr<Slot>>;
  std::mutex mutex;
  std::unordered_map<std::type_index, std::shared_ptr<const List>>
      lists;  ///< replaced whole, so that publishers read theirs without a lock
  std::uint64_t failures = 0;
  std::string last_failure;

  void failed(std::string what) {
    const std::lock_guard lock(mutex);
    ++failures;
    last_failure = std::move(what);
  }
};

namespace {

/// Handlers this thread is in, of any bus: two handlers that end each other's subscriptions must not wait for each other.
thread_local int inside_handlers = 0;

}  // namespace

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this == &other) return *this;
  reset();
  topics_ = std::move(other.topics_);
  type_ = other.type_;
  slot_ = std::move(other.slot_);
  return *this;
}

void Subscription::reset() noexcept {
  const auto slot = std::move(slot_);
  const auto topics = std::move(topics_);
  slot_.reset();
  if (!slot) return;
  {
    const std::lock_guard lock(topics->mutex);
    auto& list = topics->lists[type_];
    auto rest = std::make_shared<Topics::List>(*list);
    std::erase(*rest, slot);
    list = std::move(rest);
  }
  std::unique_lock lock(slot->mutex);
  slot->alive = false;
  if (inside_handlers == 0) slot->idle.wait(lock, [&] { return slot->running == 0; });
}

EventBus::EventBus() : topics_(std::make_shared<Subscription::Topics>()) {}
EventBus::~EventBus() = default;

Subscription EventBus::add(std::type_index type, std::function<void(const void*)> handler) {
  auto slot = std::make_shared<Subscription::Slot>();
  slot->handler = std::move(handler);
  const std::lock_guard lock(topics_->mutex);
  auto& list = topics_->lists[type];
  auto longer = list ? std::make_shared<Subscription::Topics::List>(*list) : std::make_shared<Subscription::Topics::List>();
  longer->push_back(slot);
  list = std::move(longer);
  return {topics_, type, std::move(slot)};
}

void EventBus::deliver(std::type_index type, const void* event) const {
  const auto topics = topics_;  // a handler may end the bus
  std::shared_ptr<const Subscription::Topics::List> list;
  {
    const std::lock_guard lock(topics->mutex);
    const auto found = topics->lists.find(type);
    if (found == topics->lists.end()) return;
    list = found->second;
  }
  for (const auto& slot : *list) {
    {
      const std::lock_guard lock(slot->mutex);
      if (!slot->alive) continue;
      ++slot->running;
    }
    ++inside_handlers;
    try {
      slot->handler(event);
    } catch (const std::exception& fault) {
      topics->failed(fault.what());
    } catch (...) {
      topics->failed("an exception without text");
    }
    --inside_handlers;
    const std::lock_guard lock(slot->mutex);
    if (--slot->running == 0) slot->idle.notify_all();
  }
}

std::uint64_t EventBus::failures() const {
  const std::lock_guard lock(topics_->mutex);
  return topics_->failures;
}

std::string EventBus::last_failure() const {
  const std::lock_guard lock(topics_->mutex);
  return topics_->last_failure;
}

}  // namespace tradewind::notifications
