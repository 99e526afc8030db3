// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/http_transport.hpp"

#include <chrono>
#include <future>

#include "tradewind/http/client.hpp"

namespace tradewind::notifications {
namespace {

constexpr std::size_t kMostAnswer = std::size_t{1} << 16;
constexpr std::chrono::milliseconds kLook{20};  ///< between two looks at a cancellation

class ClientTransport final : public HttpTransport {
 public:
  HttpReply post(const HttpPost& request, const Cancellation& cancellation) override {
    if (!client_) return {0, client_.error().message(), {}};
    http::Request message;
    message.url = request.url;
    message.method = "POST";
    message.headers = request.headers;
    message.body = request.body;
    message.timeout_seconds = request.timeout_seconds;
    message.delivery = true;
    std::future<http::Response> answer = (*client_)->fetch(std::move(message));
    while (answer.wait_for(kLook) != std::future_status::ready)
      if (cancellation.requested()) return {0, "stopped while waiting for an answer", {}};
    return reply_of(answer.get());
  }

 private:
  static Result<std::unique_ptr<http::Client>> make() {
    http::ClientOptions options;
    options.most_body = kMostAnswer;
    return http::Client::make(options);
  }
  static HttpReply reply_of(const http::Response& response) {
    HttpReply reply{response.status, response.error, {}};
    for (const auto& [name, value] : response.headers)
      if (name == "retry-after") reply.retry_after = value.substr(0, 64);
    return reply;
  }

  const Result<std::unique_ptr<http::Client>> client_ = make();
};

}  // namespace

HttpTransport& client_transport() {
  static ClientTransport transport;
  return transport;
}

}  // namespace tradewind::notifications
