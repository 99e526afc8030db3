// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/notifications/nats_bridge.hpp"
#include "tradewind/notifications/settings.hpp"
#include "tradewind/notifications/webhook_sender.hpp"

namespace tradewind::notifications {

struct SinkOptions {
  std::string source = "tradewind";  ///< CloudEvents source, a URI reference
  const Clock* clock = nullptr;      ///< null: system_clock()
  WebhookSenderOptions webhooks;
};

struct SinkReport {
  std::optional<NatsReport> nats;
  std::vector<WebhookReport> webhooks;
  /// One sentence for each sink that did not get everything, for the user.
  std::vector<std::string> warnings() const;
};

/// How long the end of a command waits for its events to be delivered, unless it knows better.
inline constexpr double kDeliverySeconds = 10;

/// Everything outside the process that a configuration wants told, connected to a bus. The bus must outlive it.
class EventSinks {
 public:
  /// Errors: as NatsBridge::open. Servers that are not there are none.
  static Result<std::unique_ptr<EventSinks>> open(EventBus& bus, const EventSettings& settings, const SinkOptions& options = {});
  EventSinks(const EventSinks&) = delete;
  EventSinks& operator=(const EventSinks&) = delete;
  /// As close(0).
  ~EventSinks();

  /// Gives what was published up to `seconds` to arrive, then ends all sinks and tells what became of it. To be called once the work is
  /// done, so that nothing is lost at exit; further calls give the same report.
  SinkReport close(double seconds);
  SinkReport report() const;

 private:
  EventSinks() = default;
  std::unique_ptr<WebhookSender> sender_;
  std::unique_ptr<NatsBridge> bridge_;
  std::vector<Subscription> subscriptions_;
};

}  // namespace tradewind::notifications
