// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/config/reader.hpp"
#include "tradewind/config/secrets.hpp"
#include "tradewind/notifications/webhook.hpp"

namespace tradewind::notifications {

struct NatsSettings {
  std::string url;                           ///< nats://host:port or tls://host:port, several separated by commas
  std::string subject_prefix = "tradewind";  ///< an event tradewind.sweep.completed goes to {prefix}.sweep.completed
  std::string credentials;                   ///< path of a .creds file that only its owner may read; empty: none
  std::string ca_file;                       ///< certificates to trust besides the system's; empty: none
  bool subscribe = false;                    ///< events of others under the prefix come onto the bus
  std::size_t max_pending = 10'000;          ///< events kept while the server is away; beyond it the oldest is dropped and counted
};

/// The section `events` of a configuration.
struct EventSettings {
  std::optional<NatsSettings> nats;
  std::vector<Webhook> webhooks;
  bool empty() const noexcept { return !nats && webhooks.empty(); }
};

using config::Environment;
using config::process_environment;

/// Reads the section (docs/notifications.md lists every key). `${NAME}` in URLs and header values is taken from the environment. What is
/// wrong goes to `complaints`: unknown keys, types and places in templates, templates that give no JSON, variables that are not set, URLs
/// and headers that cannot be sent.
EventSettings read_event_settings(const config::Value& section, const std::string& path, config::Complaints& complaints,
                                  const Environment& environment = process_environment());

}  // namespace tradewind::notifications
