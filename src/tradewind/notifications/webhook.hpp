// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tradewind/base/random.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/config/secrets.hpp"
#include "tradewind/notifications/body_template.hpp"
#include "tradewind/notifications/http_transport.hpp"

namespace tradewind::notifications {

/// Where events are posted to.
struct Webhook {
  std::string url;                   ///< http or https; may hold a secret and is never shown whole
  std::vector<std::string> types;    ///< of the events it wants
  std::optional<BodyTemplate> body;  ///< none: the CloudEvent itself
  std::vector<std::pair<std::string, std::string>> headers;
  std::string secret;  ///< key of the signature; empty: none
  int max_attempts = 5;
  double timeout_seconds = 10;   ///< of one attempt
  double give_up_seconds = 120;  ///< after the first attempt
};

using config::display_url;

/// Waiting that can be cut short; tests put their own in.
class Pause {
 public:
  virtual ~Pause() = default;
  /// Waits; gives false, at once, when the work is to stop.
  virtual bool wait(double seconds) = 0;
};

/// What became of one event at one hook.
struct Delivery {
  bool delivered = false;
  int attempts = 0;
  int status = 0;      ///< of the last answer; 0: none came
  std::string reason;  ///< why it was not delivered
};

/// What a delivery needs of the world.
struct DeliveryContext {
  HttpTransport& transport;
  const Clock& clock;
  Pause& pause;
  Random& random;
  const Cancellation& cancellation;
};

/// The post that carries the event: body, `Content-Type`, `X-Tradewind-Event` (type), `X-Tradewind-Delivery` (the event's id, the same at
/// every attempt) and, with a secret, `X-Tradewind-Signature: sha256=…`, the HMAC-SHA256 of the body. Errors: as BodyTemplate::render.
Result<HttpPost> make_post(const Webhook& hook, const CloudEvent& event);

/// Posts until a 2xx answer. 408, 429, 5xx and no answer are tried again after a pause drawn from [0, min(30 s, 0.5 s · 2^k)) ("full
/// jitter" [Brooker, AWS Architecture Blog 2015]), or after what Retry-After asks for when that is longer; every other answer is final.
/// Ends after max_attempts, or when the next attempt would start later than give_up_seconds after the first.
Delivery deliver(const Webhook& hook, const CloudEvent& event, const DeliveryContext& context);

/// Seconds that a Retry-After header asks for (a number of seconds or an HTTP date [RFC 9110, 10.2.3]); nullopt for anything else.
std::optional<double> retry_after_seconds(const std::string& header, UnixNanos now);

}  // namespace tradewind::notifications
