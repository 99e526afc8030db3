// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include <curl/curl.h>

#include "tradewind/base/random.hpp"
#include "tradewind/http/client.hpp"
#include "tradewind/http/request_queue_internal.hpp"

namespace tradewind::http {

/// The thread behind a client. What is not guarded by the mutex belongs to it alone.
class Client::Worker {
 public:
  explicit Worker(ClientOptions options);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Errors: Errc::internal.
  Status start();
  std::future<Response> fetch(Request request);
  ClientStatistics statistics() const;

 private:
  struct Free {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };
  void run();
  bool take_inbox();
  void start_waiting();
  bool begin(std::unique_ptr<Job>& job);
  bool collect();
  void attempt_ended(std::unique_ptr<Job> job, CURLcode code);
  void answer(Job& job);
  void give_up(Job& job);
  void give_up_all();
  int wait_milliseconds();
  void count(const Job& job);

  const ClientOptions options_;
  const std::unique_ptr<CURLM, Free> multi_;
  RequestQueue queue_;
  std::unordered_map<CURL*, std::unique_ptr<Job>> under_way_;
  Random random_;
  std::uint64_t tickets_ = 0;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Job>> inbox_;  // guarded
  bool stopping_ = false;                    // guarded
  ClientStatistics statistics_;              // guarded
  std::thread thread_;
};

}  // namespace tradewind::http
