// SPDX-License-Identifier: Apache-2.0
#include "tradewind/http/client.hpp"

#include <chrono>
#include <cmath>
#include <mutex>

#include "tradewind/base/file.hpp"
#include "tradewind/http/worker_internal.hpp"

namespace tradewind::http {
namespace {

constexpr auto kLook = std::chrono::milliseconds(20);

bool make_sense(const ClientOptions& options) {
  for (const RateLimit& limit : options.limits)
    if (limit.requests < 1 || !(limit.seconds > 0 && limit.seconds <= 86'400)) return false;
  return options.connections_per_host >= 1 && options.connections >= 1 && options.attempts >= 1 && options.backoff_seconds >= 0 &&
         options.most_backoff_seconds >= 0 && options.most_backoff_seconds <= 86'400 && std::isfinite(options.backoff_seconds);
}

Response not_awaited() {
  Response response;
  response.error = "the answer was not waited for any longer";
  return response;
}

}  // namespace

Result<std::unique_ptr<Client>> Client::make(ClientOptions options) {
  static std::once_flag once;
  static CURLcode started = CURLE_FAILED_INIT;
  std::call_once(once, [] { started = curl_global_init(CURL_GLOBAL_DEFAULT); });
  if (started != CURLE_OK) return Error(Errc::internal, "libcurl cannot be started");
  if (!make_sense(options)) return Error(Errc::usage, "the client's numbers of connections, attempts and seconds must be positive");
  std::error_code ignored;
  if (!options.ca_file.empty() && !std::filesystem::is_regular_file(options.ca_file, ignored))
    return Error(Errc::not_found, "the file of trusted certificates is not there", options.ca_file);
  auto worker = std::make_unique<Worker>(std::move(options));
  TRADEWIND_TRY(worker->start());
  return std::unique_ptr<Client>(new Client(std::move(worker)));
}

Client::Client(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
Client::~Client() = default;

std::future<Response> Client::fetch(Request request) { return worker_->fetch(std::move(request)); }

std::vector<Response> Client::fetch_all(std::span<const Request> requests, const WhileWaiting& go_on) {
  std::vector<std::future<Response>> futures;
  futures.reserve(requests.size());
  for (const Request& request : requests) futures.push_back(fetch(request));
  std::vector<Response> answers;
  answers.reserve(requests.size());
  bool wanted = true;
  for (auto& future : futures) {
    while (wanted && go_on && future.wait_for(kLook) != std::future_status::ready) wanted = go_on();
    const bool there = wanted || future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    answers.push_back(there ? future.get() : not_awaited());
  }
  return answers;
}

ClientStatistics Client::statistics() const { return worker_->statistics(); }

}  // namespace tradewind::http
