// SPDX-License-Identifier: Apache-2.0
#include <exception>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/telemetry/http_answer_internal.hpp"
#include "tradewind/telemetry/open_metrics.hpp"

namespace tradewind::telemetry {
namespace {

struct Answer {
  std::string_view status;
  std::string body;
  std::string_view type = "text/plain; charset=utf-8";
  std::string_view more = {};
};

std::string render(const Answer& answer, bool head) {
  return fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
      "Connection: close\r\n\r\n{}",
      answer.status, answer.type, answer.body.size(), answer.more, head ? std::string_view{} : answer.body);
}

bool is_our_host(std::string_view host, std::uint16_t port) {
  const std::string text = lower(trim(host));
  for (const std::string_view name : {"127.0.0.1", "localhost", "[::1]"})
    if (text == fmt::format("{}:{}", name, port) || (port == 80 && text == name)) return true;
  return false;
}

/// The value of Host, when there is exactly one.
std::optional<std::string_view> host_of(std::string_view headers) {
  std::optional<std::string_view> out;
  int hosts = 0;
  while (!headers.empty()) {
    const std::size_t end = std::min(headers.find("\r\n"), headers.size());
    const std::string_view line = headers.substr(0, end);
    headers.remove_prefix(std::min(headers.size(), end + 2));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || line[0] == ' ' || line[0] == '\t') return std::nullopt;
    if (lower(line.substr(0, colon)) != "host") continue;
    out = line.substr(colon + 1);
    ++hosts;
  }
  return hosts == 1 ? out : std::nullopt;
}

Answer metrics_answer(const std::function<Result<std::string>()>& metrics) {
  try {
    Result<std::string> text = metrics();
    if (text) return {"200 OK", std::move(*text), kOpenMetricsContentType};
    return {"500 Internal Server Error", text.error().message() + "\n"};
  } catch (const std::exception& error) {
    return {"500 Internal Server Error", std::string(error.what()) + "\n"};
  } catch (...) {
    return {"500 Internal Server Error", "unknown\n"};
  }
}

Answer answer_to(std::string_view method, std::string_view target, const std::function<Result<std::string>()>& metrics) {
  if (method != "GET" && method != "HEAD") return {"405 Method Not Allowed", "only GET and HEAD\n", "text/plain", "Allow: GET, HEAD\r\n"};
  const std::string_view path = target.substr(0, target.find('?'));
  if (path == "/metrics") return metrics_answer(metrics);
  if (path == "/healthz") return {"200 OK", "ok\n"};
  return {"404 Not Found", "there are /metrics and /healthz\n"};
}

}  // namespace

std::optional<std::string> http_answer(std::string_view received, std::uint16_t port, const std::function<Result<std::string>()>& metrics) {
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos || end + 4 > kMostRequest) {
    if (received.size() < kMostRequest) return std::nullopt;
    return render({"431 Request Header Fields Too Large", "the request is larger than 8 KiB\n"}, false);
  }
  const std::string_view head = received.substr(0, end);
  const std::size_t line_end = std::min(head.find("\r\n"), head.size());
  const std::vector<std::string> words = split(head.substr(0, line_end), ' ');
  if (words.size() != 3 || !words[2].starts_with("HTTP/1.") || !words[1].starts_with('/'))
    return render({"400 Bad Request", "no HTTP/1.1 request\n"}, false);
  const std::string_view headers = line_end == head.size() ? std::string_view{} : head.substr(line_end + 2);
  const auto host = host_of(headers);
  if (!host) return render({"400 Bad Request", "a request has one Host header\n"}, false);
  if (!is_our_host(*host, port)) return render({"421 Misdirected Request", "ask 127.0.0.1 by its number\n"}, false);
  return render(answer_to(words[0], words[1], metrics), words[0] == "HEAD");
}

}  // namespace tradewind::telemetry
