// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tradewind/base/log.hpp"
#include "tradewind/base/result.hpp"

namespace tradewind::telemetry {

struct MetricsServerOptions {
  std::uint16_t port = 0;     ///< 0: any that is free
  int most_connections = 16;  ///< more wait until one ends
  double client_seconds = 5;  ///< a connection that is not done by then is closed
  Log* log = &null_log();     ///< is told of the start and of failures
};

/// Answers GET and HEAD of /metrics with OpenMetrics text and of /healthz with "ok", on 127.0.0.1 only; one thread of its own. Requests
/// whose Host is not 127.0.0.1, localhost or [::1] with its port are refused (a page in a browser could otherwise read it through a name
/// that resolves to this machine). Each connection carries one request of at most 8 KiB. To let another machine read it, put a proxy with
/// authentication before it.
class MetricsServer {
 public:
  /// `metrics` gives the text of /metrics (open_metrics_text) on the server's thread; an error or exception becomes status 500.
  /// Errors: Errc::already_exists for a port that is taken, Errc::storage when the system gives no socket, Errc::usage for bad options.
  static Result<std::unique_ptr<MetricsServer>> start(std::function<Result<std::string>()> metrics,
                                                      const MetricsServerOptions& options = {});
  /// Stops at once, waiting only for a call of `metrics` under way.
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  std::uint16_t port() const noexcept;

 private:
  class Loop;
  static Result<std::unique_ptr<MetricsServer>> start_silently(std::function<Result<std::string>()> metrics,
                                                               const MetricsServerOptions& options);
  explicit MetricsServer(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace tradewind::telemetry
