// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/webhook_sender.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include <fmt/format.h>

namespace tradewind::notifications {
namespace {

/// Lets so many through at a time.
class Gate {
 public:
  explicit Gate(int room) : room_(std::max(1, room)) {}
  void enter() {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [&] { return room_ > 0; });
    --room_;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    ++room_;
    free_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  int room_;
};

class GatedTransport final : public HttpTransport {
 public:
  GatedTransport(HttpTransport& inner, int room) : inner_(inner), gate_(room) {}
  HttpReply post(const HttpPost& request, const Cancellation& cancellation) override {
    gate_.enter();
    if (cancellation.requested()) {
      gate_.leave();
      return {0, "stopped", {}};
    }
    HttpReply reply = inner_.post(request, cancellation);
    gate_.leave();
    return reply;
  }

 private:
  HttpTransport& inner_;
  Gate gate_;
};

class RealPause final : public Pause {
 public:
  bool wait(double seconds) override {
    std::unique_lock lock(mutex_);
    return !stopped_.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return stop_; });
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    stopped_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
};

}  // namespace

struct WebhookSender::State {
  /// One hook, its tallies and its queue.
  struct Lane {
    State& state;
    Webhook hook;
    Random random;
    mutable std::mutex mutex;
    WebhookReport tally;
    std::optional<EventQueue<CloudEvent>> queue;

    Lane(State& owner, Webhook&& taken, std::uint64_t seed, std::uint64_t stream, std::size_t capacity)
        : state(owner), hook(std::move(taken)), random(seed, stream) {
      tally.url = display_url(hook.url);
      queue.emplace([this](const CloudEvent& event) { handle(event); }, QueueOptions{capacity, Overflow::drop_oldest});
    }
    bool wants(std::string_view type) const { return std::find(hook.types.begin(), hook.types.end(), type) != hook.types.end(); }
    void handle(const CloudEvent& event) {
      const Delivery delivery = deliver(hook, event, {state.transport, *state.clock, *state.pause, random, state.cancellation});
      const std::lock_guard lock(mutex);
      tally.attempts += static_cast<std::uint64_t>(delivery.attempts);
      ++(delivery.delivered ? tally.delivered : tally.failed);
      if (!delivery.delivered) tally.last_failure = fmt::format("{}: {}", event.type, delivery.reason);
    }
    WebhookReport report() const {
      WebhookReport out;
      {
        const std::lock_guard lock(mutex);
        out = tally;
      }
      const QueueCounts counts = queue->counts();  // later than the tallies, so that nothing counts as less than none
      out.dropped = counts.dropped;
      out.pending = counts.pushed - counts.dropped - out.delivered - out.failed;
      return out;
    }
  };

  const Clock* clock;
  RealPause real_pause;
  Pause* pause;
  GatedTransport transport;
  Cancellation cancellation;
  std::vector<std::unique_ptr<Lane>> lanes;

  explicit State(const WebhookSenderOptions& options)
      : clock(options.clock != nullptr ? options.clock : &system_clock()),
        pause(options.pause != nullptr ? options.pause : &real_pause),
        transport(options.transport != nullptr ? *options.transport : client_transport(), options.in_flight) {}
};

WebhookSender::WebhookSender(std::vector<Webhook> hooks, const WebhookSenderOptions& options) : state_(std::make_unique<State>(options)) {
  const std::uint64_t seed = options.seed != 0 ? options.seed : static_cast<std::uint64_t>(system_clock().steady());
  for (std::size_t i = 0; i < hooks.size(); ++i)
    state_->lanes.push_back(std::make_unique<State::Lane>(*state_, std::move(hooks[i]), seed, i, options.capacity));
}

WebhookSender::~WebhookSender() { close(); }

bool WebhookSender::wants(std::string_view type) const {
  return std::any_of(state_->lanes.begin(), state_->lanes.end(), [&](const auto& lane) { return lane->wants(type); });
}

void WebhookSender::send(const CloudEvent& event) {
  for (const auto& lane : state_->lanes)
    if (lane->wants(event.type)) lane->queue->push(event);
}

bool WebhookSender::flush(double seconds) {
  const Stopwatch watch;
  bool empty = true;
  for (const auto& lane : state_->lanes) empty = lane->queue->drain(std::max(0.0, seconds - watch.seconds())) && empty;
  return empty;
}

void WebhookSender::close() {
  state_->cancellation.request();
  state_->real_pause.stop();
  for (const auto& lane : state_->lanes) lane->queue->close();
}

std::vector<WebhookReport> WebhookSender::report() const {
  std::vector<WebhookReport> out;
  for (const auto& lane : state_->lanes) out.push_back(lane->report());
  return out;
}

}  // namespace tradewind::notifications
