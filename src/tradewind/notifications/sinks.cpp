// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/sinks.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tradewind::notifications {

Result<std::unique_ptr<EventSinks>> EventSinks::open(EventBus& bus, const EventSettings& settings, const SinkOptions& options) {
  std::unique_ptr<EventSinks> out(new EventSinks());
  const Clock& clock = options.clock != nullptr ? *options.clock : system_clock();
  if (!settings.webhooks.empty()) {
    out->sender_ = std::make_unique<WebhookSender>(settings.webhooks, options.webhooks);
    out->subscriptions_ = subscribe_all(bus, [sender = out->sender_.get(), source = options.source, &clock](const AnalyticsEvent& event) {
      if (sender->wants(type_of(event))) sender->send(to_cloud_event(event, source, clock.now()));
    });
  }
  if (settings.nats) {
    TRADEWIND_ASSIGN(out->bridge_, NatsBridge::open(bus, *settings.nats, options.source, clock));
  }
  return out;
}

EventSinks::~EventSinks() { close(0); }

SinkReport EventSinks::close(double seconds) {
  const Stopwatch watch;
  if (bridge_) bridge_->flush(seconds);
  subscriptions_.clear();
  if (sender_) sender_->flush(std::max(0.0, seconds - watch.seconds()));
  if (bridge_) bridge_->close();
  if (sender_) sender_->close();
  return report();
}

SinkReport EventSinks::report() const {
  SinkReport out;
  if (bridge_) out.nats = bridge_->report();
  if (sender_) out.webhooks = sender_->report();
  return out;
}

std::vector<std::string> SinkReport::warnings() const {
  std::vector<std::string> out;
  if (nats && nats->dropped + nats->pending > 0)
    out.push_back(fmt::format("NATS did not get {} of {} events: {}", nats->dropped + nats->pending,
                              nats->sent + nats->dropped + nats->pending,
                              nats->last_fault.empty() ? "no time was left" : nats->last_fault));
  for (const WebhookReport& hook : webhooks) {
    const std::uint64_t lost = hook.failed + hook.dropped + hook.pending;
    if (lost > 0)
      out.push_back(fmt::format("webhook {} did not get {} of {} events: {}", hook.url, lost, lost + hook.delivered,
                                hook.last_failure.empty() ? "no time was left" : hook.last_failure));
  }
  return out;
}

}  // namespace tradewind::notifications
