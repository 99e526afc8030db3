// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tradewind/base/result.hpp"

namespace tradewind::http {

struct Request {
  std::string url;  ///< http or https
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;             ///< of other methods than GET and HEAD
  double timeout_seconds = 10;  ///< of one attempt, connecting included, waiting for its turn excluded
  /// A request of another method than GET that changes nothing at the server: it is retried like a GET. All others leave once, whatever
  /// becomes of them; not even a connection that breaks before the first byte of an answer makes them leave again.
  bool repeatable = false;
  /// A message of which only the answer's status counts, such as a webhook's: it goes on a connection of its own, the answer's body is read
  /// up to `most_body` and thrown away, and an error shows nothing of the URL, which may be a secret.
  bool delivery = false;
};

/// An answer, or why there was none.
struct Response {
  int status = 0;                                            ///< 0: no answer
  std::string body;                                          ///< decoded
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string error;                                         ///< why there was none, without the URL's query
  int attempts = 0;
  double milliseconds = 0;  ///< of the last attempt, queueing excluded
  std::int64_t ended = 0;   ///< when it ended, by system_clock().steady()
  bool reused_connection = false;
  bool ok() const noexcept { return status >= 200 && status < 300; }
};

/// At most `requests` in each `seconds` for URLs that start with `prefix` (longest prefix counts; those without one are not limited).
/// Requests that arrive at the server count, so one takes its place until `seconds` after its answer.
struct RateLimit {
  std::string prefix;
  int requests = 1;
  double seconds = 1;
};

struct ClientOptions {
  int connections_per_host = 8;                   ///< requests under way at once to one host
  int connections = 32;                           ///< to all
  std::size_t most_body = std::size_t{64} << 20;  ///< bytes, decoded; a longer answer is an error
  int attempts = 4;                               ///< of a GET: after no answer, 425, 429 and 5xx, with full-jitter exponential backoff
  double backoff_seconds = 0.25;  ///< first step; doubled each time up to `most_backoff_seconds`; Retry-After is obeyed up to it
  double most_backoff_seconds = 8;
  std::string ca_file;  ///< certificates to trust instead of the system's; empty: the system's
  std::vector<RateLimit> limits;
  std::uint64_t seed = 1;  ///< of the jitter
};

struct ClientStatistics {
  std::uint64_t requests = 0;
  std::uint64_t answers = 0;   ///< 2xx
  std::uint64_t failures = 0;  ///< after all attempts: no answer, or none of 2xx
  std::uint64_t retries = 0;
  std::uint64_t throttled = 0;  ///< attempts that had to wait for a rate limit
  std::uint64_t new_connections = 0;
  std::uint64_t reused_connections = 0;
  std::uint64_t bytes = 0;  ///< of bodies, decoded
};

/// Called every 20 ms while answers are awaited; false: they are awaited no longer.
using WhileWaiting = std::function<bool()>;

/// An asynchronous HTTP client with pooled connections: libcurl's multi interface driven by one thread of its own. HTTP/1.1 and /2, TLS
/// with the peer's certificate and name verified, no redirects, compressed answers decoded within the size limit. Thread-safe. Dropped,
/// it gives up what is still under way; those futures get a Response with an error.
class Client {
 public:
  /// Errors: Errc::internal when libcurl cannot be started; Errc::not_found for a ca_file that is not there; Errc::usage for options
  /// without sense.
  static Result<std::unique_ptr<Client>> make(ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Never blocks. The future always gets a Response.
  std::future<Response> fetch(Request request);
  /// All at once; answers in the order asked. What is awaited no longer gets a Response with an error.
  std::vector<Response> fetch_all(std::span<const Request> requests, const WhileWaiting& go_on = {});
  ClientStatistics statistics() const;

 private:
  class Worker;
  explicit Client(std::unique_ptr<Worker> worker);
  std::unique_ptr<Worker> worker_;
};

}  // namespace tradewind::http
