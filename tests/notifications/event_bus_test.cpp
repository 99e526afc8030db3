// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/event_bus.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tradewind/notifications/event_queue.hpp"

namespace tradewind::notifications {
namespace {

struct Ping {
  int number = 0;
};
struct Pong {
  int number = 0;
};

TEST(EventBus, calls_the_handlers_of_a_type_in_the_order_they_subscribed) {
  EventBus bus;
  std::string log;
  const auto first = bus.subscribe<Ping>([&](const Ping& ping) { log += "a" + std::to_string(ping.number); });
  auto second = bus.subscribe<Ping>([&](const Ping& ping) { log += "b" + std::to_string(ping.number); });
  const auto other = bus.subscribe<Pong>([&](const Pong&) { log += "!"; });
  bus.publish(Ping{1});
  second.reset();
  EXPECT_FALSE(second.active());
  bus.publish(Ping{2});
  EXPECT_EQ(log, "a1b1a2");
}

TEST(EventBus, a_handler_runs_on_the_publishers_thread) {
  EventBus bus;
  std::thread::id ran;
  const auto held = bus.subscribe<Ping>([&](const Ping&) { ran = std::this_thread::get_id(); });
  std::thread([&] { bus.publish(Ping{}); }).join();
  EXPECT_NE(ran, std::this_thread::get_id());
  bus.publish(Ping{});
  EXPECT_EQ(ran, std::this_thread::get_id());
}

TEST(EventBus, a_handler_may_publish_subscribe_and_unsubscribe) {
  EventBus bus;
  std::string log;
  std::vector<Subscription> later;
  Subscription own;
  Subscription next;
  own = bus.subscribe<Ping>([&](const Ping& ping) {
    log += "own" + std::to_string(ping.number) + " ";
    own.reset();
    next.reset();  // has not had this event yet and does not get it
    bus.publish(Pong{ping.number});
    later.push_back(bus.subscribe<Ping>([&](const Ping& again) { log += "later" + std::to_string(again.number) + " "; }));
    if (ping.number < 3) bus.publish(Ping{ping.number + 1});
  });
  next = bus.subscribe<Ping>([&](const Ping&) { log += "next "; });
  const auto answer = bus.subscribe<Pong>([&](const Pong& pong) { log += "pong" + std::to_string(pong.number) + " "; });
  bus.publish(Ping{1});
  EXPECT_EQ(log, "own1 pong1 later2 ");
  bus.publish(Ping{9});
  EXPECT_EQ(log, "own1 pong1 later2 later9 ");
}

TEST(EventBus, an_exception_ends_only_its_handler) {
  EventBus bus;
  int called = 0;
  const auto bad = bus.subscribe<Ping>([](const Ping&) { throw std::runtime_error("no luck"); });
  const auto worse = bus.subscribe<Ping>([](const Ping&) { throw 7; });
  const auto good = bus.subscribe<Ping>([&](const Ping&) { ++called; });
  bus.publish(Ping{});
  EXPECT_EQ(called, 1);
  EXPECT_EQ(bus.failures(), 2U);
  EXPECT_EQ(bus.last_failure(), "an exception without text");
}

TEST(EventBus, subscriptions_may_outlive_the_bus) {
  std::optional<EventBus> bus(std::in_place);
  auto held = bus->subscribe<Ping>([](const Ping&) {});
  bus.reset();
  held.reset();
  EXPECT_FALSE(held.active());
}

/// After reset() the handler's state may go: a handler still running would touch freed memory.
TEST(EventBus, no_handler_runs_after_its_subscription_ended) {
  EventBus bus;
  std::atomic<bool> stop{false};
  std::vector<std::thread> publishers;
  for (int t = 0; t < 2; ++t)
    publishers.emplace_back([&] {
      while (!stop) bus.publish(Ping{1});
    });
  std::atomic<std::int64_t> heard{0};
  for (int i = 0; i < 2000; ++i) {
    auto target = std::make_unique<int>(0);
    auto held = bus.subscribe<Ping>([&heard, pointer = target.get()](const Ping& ping) {
      heard += ping.number;
      if (*pointer != 0) std::abort();
    });
    held.reset();
    *target = 1;
    target.reset();
  }
  stop = true;
  for (auto& thread : publishers) thread.join();
}

TEST(EventBus, ending_a_subscription_waits_for_the_handler_that_runs) {
  EventBus bus;
  std::promise<void> inside;
  std::atomic<bool> returned{false};
  auto held = bus.subscribe<Ping>([&](const Ping&) {
    inside.set_value();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // long enough for a reset that does not wait to be over
    returned = true;
  });
  std::thread publisher([&] { bus.publish(Ping{}); });
  inside.get_future().wait();
  held.reset();
  EXPECT_TRUE(returned);
  publisher.join();
}

TEST(EventBus, two_handlers_that_end_each_other_do_not_wait_for_each_other) {
  for (int round = 0; round < 200; ++round) {
    EventBus bus;
    Subscription a;
    Subscription b;
    a = bus.subscribe<Ping>([&](const Ping&) { b.reset(); });
    std::promise<void> both;
    b = bus.subscribe<Pong>([&](const Pong&) { both.get_future().wait(); });
    std::thread other([&] { bus.publish(Pong{}); });
    std::thread one([&] { bus.publish(Ping{}); });
    one.join();  // would hang if the reset inside a handler waited for the other handler
    both.set_value();
    other.join();
  }
}

TEST(EventQueue, hands_over_in_order_on_a_thread_of_its_own) {
  std::vector<int> seen;
  std::thread::id ran;
  EventQueue<Ping> queue([&](const Ping& ping) {
    seen.push_back(ping.number);
    ran = std::this_thread::get_id();
  });
  for (int i = 0; i < 100; ++i) queue.push(Ping{i});
  ASSERT_TRUE(queue.drain(30));
  ASSERT_EQ(seen.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
  EXPECT_NE(ran, std::this_thread::get_id());
  EXPECT_EQ(queue.counts().handled, 100U);
}

/// A handler that stands still until it is let go.
struct Standing {
  std::promise<void> reached;
  std::promise<void> let_go;
  std::shared_future<void> gone = let_go.get_future().share();
  std::vector<int> seen;
  void handle(const Ping& ping) {
    seen.push_back(ping.number);
    if (seen.size() == 1) reached.set_value();
    gone.wait();
  }
};

TEST(EventQueue, never_makes_the_publisher_wait_and_counts_what_it_drops) {
  for (const Overflow overflow : {Overflow::drop_oldest, Overflow::drop_newest}) {
    Standing standing;
    EventQueue<Ping> queue([&](const Ping& ping) { standing.handle(ping); }, {3, overflow});
    queue.push(Ping{0});
    standing.reached.get_future().wait();
    for (int i = 1; i <= 10; ++i) queue.push(Ping{i});
    EXPECT_FALSE(queue.drain(0));
    QueueCounts counts = queue.counts();
    EXPECT_EQ(counts.dropped, 7U);
    EXPECT_EQ(counts.pending, 4U);
    standing.let_go.set_value();
    ASSERT_TRUE(queue.drain(30));
    EXPECT_EQ(standing.seen, overflow == Overflow::drop_oldest ? (std::vector<int>{0, 8, 9, 10}) : (std::vector<int>{0, 1, 2, 3}));
    counts = queue.counts();
    EXPECT_EQ(counts.pushed, counts.handled + counts.dropped + counts.pending);
  }
}

TEST(EventQueue, closing_drops_what_waits_and_finishes_what_runs) {
  Standing standing;
  EventQueue<Ping> queue([&](const Ping& ping) { standing.handle(ping); });
  queue.push(Ping{0});
  standing.reached.get_future().wait();
  queue.push(Ping{1});
  std::thread closing([&] { queue.close(); });
  while (queue.counts().pending != 1) std::this_thread::yield();
  standing.let_go.set_value();
  closing.join();
  queue.push(Ping{2});
  EXPECT_EQ(standing.seen, (std::vector<int>{0}));
  EXPECT_EQ(queue.counts().dropped, 2U);
  EXPECT_TRUE(queue.drain(0));
}

TEST(EventQueue, its_handler_may_end_it_and_may_throw) {
  std::promise<void> done;
  std::unique_ptr<EventQueue<Ping>> queue;
  queue = std::make_unique<EventQueue<Ping>>([&](const Ping& ping) {
    if (ping.number == 0) throw std::runtime_error("passed over");
    queue.reset();
    done.set_value();
  });
  queue->push(Ping{0});
  ASSERT_TRUE(queue->drain(30));
  EXPECT_EQ(queue->counts().handled, 1U);
  queue->push(Ping{1});
  done.get_future().wait();
}

}  // namespace
}  // namespace tradewind::notifications
