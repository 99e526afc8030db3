// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/webhook.hpp"

#include <algorithm>
#include <cmath>

#include <curl/curl.h>
#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/notifications/signature.hpp"

namespace tradewind::notifications {
namespace {

constexpr double kFirstPause = 0.5;
constexpr double kLongestPause = 30;

bool may_be_repeated(int status) { return status == 0 || status == 408 || status == 429 || status >= 500; }

std::string describe(const HttpReply& reply) {
  if (reply.status == 0) return reply.error.empty() ? "no answer" : reply.error;
  if (reply.status >= 300 && reply.status < 400) return fmt::format("answer {}: redirects are not followed", reply.status);
  return fmt::format("answer {}", reply.status);
}

bool has_header(const Webhook& hook, std::string_view name) {
  return std::any_of(hook.headers.begin(), hook.headers.end(), [&](const auto& header) { return lower(header.first) == name; });
}

}  // namespace

Result<HttpPost> make_post(const Webhook& hook, const CloudEvent& event) {
  HttpPost post;
  post.url = hook.url;
  post.timeout_seconds = hook.timeout_seconds;
  post.body = to_json(event);
  if (hook.body) {
    TRADEWIND_ASSIGN(post.body, hook.body->render(event));
  }
  if (!has_header(hook, "content-type"))
    post.headers.emplace_back("Content-Type", hook.body ? "application/json" : "application/cloudevents+json");
  post.headers.emplace_back("X-Tradewind-Event", event.type);
  post.headers.emplace_back("X-Tradewind-Delivery", event.id);
  if (!hook.secret.empty()) post.headers.emplace_back("X-Tradewind-Signature", "sha256=" + hmac_sha256_hex(hook.secret, post.body));
  post.headers.insert(post.headers.end(), hook.headers.begin(), hook.headers.end());
  return post;
}

std::optional<double> retry_after_seconds(const std::string& header, UnixNanos now) {
  if (header.empty()) return std::nullopt;
  if (const auto seconds = parse_number(header)) return *seconds >= 0 && *seconds <= 1e9 ? seconds : std::nullopt;
  const auto at = static_cast<std::int64_t>(curl_getdate(header.c_str(), nullptr));
  if (at < 0) return std::nullopt;
  return std::max(0.0, static_cast<double>(at) - static_cast<double>(now) / static_cast<double>(kNanosPerSecond));
}

Delivery deliver(const Webhook& hook, const CloudEvent& event, const DeliveryContext& context) {
  Delivery out;
  const auto post = make_post(hook, event);
  if (!post) {
    out.reason = post.error().message();
    return out;
  }
  const Stopwatch watch(context.clock);
  for (;;) {
    const HttpReply reply = context.transport.post(*post, context.cancellation);
    ++out.attempts;
    out.status = reply.status;
    if (reply.status >= 200 && reply.status < 300) {
      out.delivered = true;
      return out;
    }
    out.reason = describe(reply);
    if (!may_be_repeated(reply.status)) return out;
    if (out.attempts >= hook.max_attempts) {
      out.reason += fmt::format("; given up after {} attempts", out.attempts);
      return out;
    }
    double seconds = context.random.uniform() * std::min(kLongestPause, kFirstPause * std::exp2(out.attempts - 1));
    if (const auto asked = retry_after_seconds(reply.retry_after, context.clock.now())) seconds = std::max(seconds, *asked);
    if (watch.seconds() + seconds > hook.give_up_seconds) {
      out.reason += fmt::format("; the next attempt would come later than {} s after the first", number_text(hook.give_up_seconds));
      return out;
    }
    if (context.cancellation.requested() || !context.pause.wait(seconds)) {
      out.reason += "; stopped";
      return out;
    }
  }
}

}  // namespace tradewind::notifications
