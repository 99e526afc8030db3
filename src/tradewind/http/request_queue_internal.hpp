// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <future>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tradewind/http/client.hpp"
#include "tradewind/http/transfer_internal.hpp"

namespace tradewind::http {

/// A request on its way through the client.
struct Job {
  Request request;
  Target target;
  std::promise<Response> promise;
  Response response;
  std::unique_ptr<Transfer> transfer;
  std::uint64_t ticket = 0;  ///< order of asking
  int limit = -1;            ///< index of its rate limit; −1: none
  std::int64_t queued = 0;   ///< monotonic time it took its place in line
  bool throttled = false;    ///< a rate limit held this attempt up
};

/// A sliding window over the arrivals at the server. When a request arrives is not known, only that it is before its answer; so a place is
/// taken from the start until `seconds` after the end. Whatever the network does, the server never sees more than it allows.
class RateWindow {
 public:
  RateWindow(int requests, double seconds);
  bool full(std::int64_t now);
  void start() noexcept { ++under_way_; }
  void end(std::int64_t now);
  /// When a place gets free by the passing of time.
  std::int64_t opens() const noexcept;
  /// The last time `full` was true.
  std::int64_t last_full() const noexcept { return last_full_; }

 private:
  std::size_t places_;
  std::int64_t length_;
  std::size_t under_way_ = 0;
  std::deque<std::int64_t> ended_;
  std::int64_t last_full_ = std::numeric_limits<std::int64_t>::min();
};

/// Who may start next: first come, first served among those whose host, rate limit and time of a retry allow it. One thread.
class RequestQueue {
 public:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  explicit RequestQueue(const ClientOptions& options);
  void add(std::unique_ptr<Job> job, std::int64_t now);
  /// Back in line from time `due` on, before those that asked later.
  void add_later(std::unique_ptr<Job> job, std::int64_t due);
  /// The next that may start now, counted as under way until `end`; nullptr: none.
  std::unique_ptr<Job> start(std::int64_t now);
  void end(const Job& job, std::int64_t now);
  /// When `start` may have something without another `end` or `add`; kNever: not by time alone.
  std::int64_t wakes(std::int64_t now);
  /// Everyone still waiting.
  std::vector<std::unique_ptr<Job>> leave();

 private:
  struct Lane {
    std::deque<std::unique_ptr<Job>> jobs;
    std::string host;
    int limit = -1;
  };
  bool open(const Lane& lane, std::int64_t now);
  Lane& lane_of(const Job& job);

  const ClientOptions& options_;
  std::vector<RateWindow> windows_;
  std::map<std::pair<std::string, int>, Lane> lanes_;  // by host and limit: few
  std::multimap<std::int64_t, std::unique_ptr<Job>> later_;
  std::map<std::string, int> under_way_;  // by host
  int all_under_way_ = 0;
};

/// Index of the limit with the longest prefix of a URL; −1: none.
int limit_of(const std::vector<RateLimit>& limits, const std::string& url);

}  // namespace tradewind::http
