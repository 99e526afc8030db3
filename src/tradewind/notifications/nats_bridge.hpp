// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tradewind/notifications/analytics_events.hpp"
#include "tradewind/notifications/settings.hpp"

namespace tradewind::notifications {

struct NatsReport {
  bool connected = false;
  std::uint64_t sent = 0;     ///< handed to the server's connection
  std::uint64_t dropped = 0;  ///< for lack of room while the server was away, or not sent before the end
  std::uint64_t pending = 0;
  std::uint64_t received = 0;  ///< put onto the bus
  std::uint64_t refused = 0;   ///< messages under the prefix that are no event of ours
  std::string last_fault;      ///< of the connection, a message sent or one refused
};

/// Every event of a bus goes to a NATS server as CloudEvents JSON, to the subject made of the prefix and the event's type; with `subscribe`
/// events of others come onto the bus (they are not sent again). Connecting, reconnecting and sending are done on threads of their own:
/// a server that is away costs the publisher nothing. What the server has got is delivered at most once, to whoever listens then.
class NatsBridge {
 public:
  /// The bus must outlive the bridge. `source` is the CloudEvents' source. Errors: `invalid_config` for credentials or certificates that
  /// cannot be read or a URL that libnats refuses; a server that is not there is no error.
  static Result<std::unique_ptr<NatsBridge>> open(EventBus& bus, const NatsSettings& settings, const std::string& source,
                                                  const Clock& clock = system_clock());
  NatsBridge(const NatsBridge&) = delete;
  NatsBridge& operator=(const NatsBridge&) = delete;
  /// As close().
  ~NatsBridge();

  /// Waits until the server has confirmed that it has everything published so far, at most `seconds`. Whether it has.
  bool flush(double seconds);
  /// Ends the subscriptions and the connection; what is pending counts as dropped.
  void close();
  NatsReport report() const;

 private:
  struct State;
  explicit NatsBridge(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tradewind::notifications
