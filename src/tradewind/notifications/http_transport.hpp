// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tradewind/base/cancellation.hpp"

namespace tradewind::notifications {

struct HttpPost {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  double timeout_seconds = 10;
};

/// An answer, or why there was none.
struct HttpReply {
  int status = 0;           ///< 0: no answer
  std::string error;        ///< why, without the URL, which may hold a secret
  std::string retry_after;  ///< header Retry-After as sent
};

/// How posts leave the process; tests put their own in.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  /// Called from several threads at once. Gives up when `cancellation` is requested.
  virtual HttpReply post(const HttpPost& request, const Cancellation& cancellation) = 0;
};

/// The library's HTTP client: http and https, the peer's certificate and name verified, redirects not followed, what is answered read up to
/// 64 KiB and thrown away. Proxies as libcurl takes them from the environment. What is cancelled may still arrive.
HttpTransport& client_transport();

}  // namespace tradewind::notifications
