// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <typeindex>
#include <utility>

namespace tradewind::notifications {

/// A handler's place on a bus; the handler is called for as long as it lives.
class Subscription {
 public:
  Subscription() = default;
  Subscription(Subscription&& other) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept;
  ~Subscription() { reset(); }

  /// Ends it. Afterwards the handler is not running and will not be called again; inside a handler it does not wait for calls that other
  /// threads are in. The caller must not hold a lock that the handler takes.
  void reset() noexcept;
  bool active() const noexcept { return slot_ != nullptr; }

 private:
  friend class EventBus;
  struct Slot;
  struct Topics;
  Subscription(std::shared_ptr<Topics> topics, std::type_index type, std::shared_ptr<Slot> slot)
      : topics_(std::move(topics)), type_(type), slot_(std::move(slot)) {}
  std::shared_ptr<Topics> topics_;
  std::type_index type_ = typeid(void);
  std::shared_ptr<Slot> slot_;
};

/// Typed topics inside one process: whoever subscribed to a type of event gets every event of that type published from then on.
///
/// - Handlers run on the publisher's thread in the order they subscribed; slow ones belong behind an EventQueue. Events published by
///   several threads at once reach a handler on those threads at once.
/// - A handler may publish, subscribe and unsubscribe. Who subscribes during an event gets the next one.
/// - A handler's exception ends that handler's call only; it is counted and its text kept.
/// Thread-safe. Subscriptions may outlive the bus.
class EventBus {
 public:
  EventBus();
  EventBus(const EventBus&) = delete;
  EventBus& operator=(const EventBus&) = delete;
  ~EventBus();

  template <class Event>
  [[nodiscard]] Subscription subscribe(std::function<void(const Event&)> handler) {
    return add(typeid(Event), [handler = std::move(handler)](const void* event) { handler(*static_cast<const Event*>(event)); });
  }

  /// Returns when every handler has returned. One short lock and one call per handler.
  template <class Event>
  void publish(const Event& event) const {
    deliver(typeid(Event), &event);
  }

  /// Handler calls that ended by an exception, and what the last one said.
  std::uint64_t failures() const;
  std::string last_failure() const;

 private:
  Subscription add(std::type_index type, std::function<void(const void*)> handler);
  void deliver(std::type_index type, const void* event) const;
  std::shared_ptr<Subscription::Topics> topics_;
};

}  // namespace tradewind::notifications
