// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/notifications/event_queue.hpp"
#include "tradewind/notifications/webhook.hpp"

namespace tradewind::notifications {

struct WebhookSenderOptions {
  HttpTransport* transport = nullptr;  ///< null: client_transport()
  const Clock* clock = nullptr;        ///< null: system_clock()
  Pause* pause = nullptr;              ///< null: real waiting
  int in_flight = 4;                   ///< posts at the same time, over all hooks
  std::size_t capacity = 1024;         ///< events waiting per hook; beyond it the oldest is dropped and counted
  std::uint64_t seed = 0;              ///< of the pauses' jitter; 0: from the clock, so that processes differ
};

/// What became of a hook's events: sent = delivered + failed + dropped + pending.
struct WebhookReport {
  std::string url;  ///< scheme and host
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;   ///< refused, or given up
  std::uint64_t dropped = 0;  ///< never tried: no room, or stopped before their turn
  std::uint64_t pending = 0;
  std::uint64_t attempts = 0;
  std::string last_failure;
};

/// Posts events to webhooks. Each hook has a thread of its own and gets its events one after the other, in order: a slow hook holds up
/// neither the others nor the sender. Thread-safe.
class WebhookSender {
 public:
  WebhookSender(std::vector<Webhook> hooks, const WebhookSenderOptions& options = {});
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;
  /// As close().
  ~WebhookSender();

  /// Whether a hook wants events of this type.
  bool wants(std::string_view type) const;
  /// Queues the event for every hook that wants its type. Never waits for a hook.
  void send(const CloudEvent& event);
  /// Waits until nothing is pending, at most `seconds`. Whether nothing is.
  bool flush(double seconds);
  /// Cuts short pauses and posts under way; what has not been delivered then counts as failed or dropped. Nothing is sent afterwards.
  void close();
  std::vector<WebhookReport> report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tradewind::notifications
