// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/webhook.hpp"

#include <atomic>
#include <future>
#include <map>
#include <mutex>

#include <gtest/gtest.h>

#include "tradewind/notifications/analytics_events.hpp"
#include "tradewind/notifications/signature.hpp"
#include "tradewind/notifications/webhook_sender.hpp"

namespace tradewind::notifications {
namespace {

constexpr UnixNanos kStart = 1'700'000'000 * kNanosPerSecond;

class FakeClock final : public Clock {
 public:
  UnixNanos now() const override { return kStart + passed; }
  std::int64_t steady() const override { return passed; }
  std::int64_t passed = 0;
};

/// Time passes at once and is written down.
class FakePause final : public Pause {
 public:
  explicit FakePause(FakeClock& clock) : clock_(clock) {}
  bool wait(double seconds) override {
    waits.push_back(seconds);
    clock_.passed += static_cast<std::int64_t>(seconds * 1e9);
    return !stop;
  }
  std::vector<double> waits;
  bool stop = false;

 private:
  FakeClock& clock_;
};

/// Answers as it is told, the last answer again and again.
class FakeTransport final : public HttpTransport {
 public:
  explicit FakeTransport(std::vector<HttpReply> answers) : answers_(std::move(answers)) {}
  HttpReply post(const HttpPost& request, const Cancellation&) override {
    const std::lock_guard lock(mutex_);
    posts.push_back(request);
    return answers_[std::min(posts.size(), answers_.size()) - 1];
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return posts.size();
  }
  std::vector<HttpPost> posts;

 private:
  mutable std::mutex mutex_;
  std::vector<HttpReply> answers_;
};

CloudEvent event(const std::string& run = "spy-1") {
  return to_cloud_event(SweepCompleted{run, "complete", 12, 1, 100, 0.5}, "tradewind", kStart);
}

Webhook hook() {
  Webhook out;
  out.url = "https://user:pass@example.org/secret/path?token=x";
  out.types.assign(event_types().begin(), event_types().end());
  return out;
}

std::string header(const HttpPost& post, const std::string& name) {
  for (const auto& [key, value] : post.headers)
    if (key == name) return value;
  return "(none)";
}

struct Trial {
  FakeClock clock;
  FakePause pause{clock};
  FakeTransport transport;
  Random random{1};
  Cancellation cancellation;
  explicit Trial(std::vector<HttpReply> answers) : transport(std::move(answers)) {}
  Delivery run(const Webhook& to) { return deliver(to, event(), {transport, clock, pause, random, cancellation}); }
};

TEST(Signature, agrees_with_published_values) {
  // RFC 4231, test cases 2 and 6; the example of GitHub's documentation of webhooks.
  EXPECT_EQ(hmac_sha256_hex("Jefe", "what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256_hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hmac_sha256_hex("It's a Secret to Everybody", "Hello, World!"),
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
}

TEST(Webhook, posts_the_event_with_its_id_and_signature) {
  Webhook to = hook();
  to.secret = "key";
  to.headers = {{"Authorization", "Bearer t"}};
  const auto post = make_post(to, event());
  ASSERT_TRUE(post);
  EXPECT_EQ(post->body, to_json(event()));
  EXPECT_EQ(header(*post, "Content-Type"), "application/cloudevents+json");
  EXPECT_EQ(header(*post, "X-Tradewind-Event"), "tradewind.sweep.completed");
  EXPECT_EQ(header(*post, "X-Tradewind-Delivery"), event().id);
  EXPECT_EQ(header(*post, "X-Tradewind-Signature"), "sha256=" + hmac_sha256_hex("key", post->body));
  EXPECT_EQ(header(*post, "Authorization"), "Bearer t");
  EXPECT_EQ(header(*make_post(hook(), event()), "X-Tradewind-Signature"), "(none)");
}

TEST(Webhook, an_answer_in_the_200s_is_delivery) {
  for (const int status : {200, 201, 202, 204, 299}) {
    Trial trial({{status, "", ""}});
    const Delivery done = trial.run(hook());
    EXPECT_TRUE(done.delivered) << status;
    EXPECT_EQ(done.attempts, 1);
    EXPECT_TRUE(trial.pause.waits.empty());
  }
}

TEST(Webhook, tries_again_after_busy_broken_and_silent_servers) {
  Trial trial({{0, "Couldn't connect to server", ""}, {503, "", ""}, {429, "", ""}, {408, "", ""}, {200, "", ""}});
  const Delivery done = trial.run(hook());
  EXPECT_TRUE(done.delivered);
  EXPECT_EQ(done.attempts, 5);
  ASSERT_EQ(trial.pause.waits.size(), 4U);
  double limit = 0.5;
  for (const double wait : trial.pause.waits) {
    EXPECT_GE(wait, 0);
    EXPECT_LT(wait, limit);
    limit *= 2;
  }
  for (const HttpPost& post : trial.transport.posts)
    EXPECT_EQ(header(post, "X-Tradewind-Delivery"), event().id) << "the same id at every attempt";
}

TEST(Webhook, pauses_are_drawn_from_the_whole_range_and_end_at_30_seconds) {
  Webhook to = hook();
  to.max_attempts = 100;
  to.give_up_seconds = 1e6;
  Trial trial({{500, "", ""}});
  EXPECT_EQ(trial.run(to).attempts, 100);
  ASSERT_EQ(trial.pause.waits.size(), 99U);
  const auto late = std::vector<double>(trial.pause.waits.begin() + 10, trial.pause.waits.end());
  EXPECT_LT(*std::max_element(late.begin(), late.end()), 30);
  EXPECT_GT(*std::max_element(late.begin(), late.end()), 27);
  EXPECT_LT(*std::min_element(late.begin(), late.end()), 3);
}

TEST(Webhook, other_answers_are_final) {
  for (const int status : {400, 401, 403, 404, 410, 422, 301, 302, 307, 100}) {
    Trial trial({{status, "", "1"}});
    const Delivery done = trial.run(hook());
    EXPECT_FALSE(done.delivered);
    EXPECT_EQ(done.attempts, 1) << status;
    EXPECT_NE(done.reason.find(std::to_string(status)), std::string::npos);
  }
}

TEST(Webhook, gives_up_after_its_attempts_and_its_time) {
  Webhook to = hook();
  to.max_attempts = 3;
  Trial few({{500, "", ""}});
  EXPECT_EQ(few.run(to).attempts, 3);
  EXPECT_EQ(few.pause.waits.size(), 2U);
  to.max_attempts = 100;
  to.give_up_seconds = 60;
  Trial late({{500, "", ""}});
  const Delivery done = late.run(to);
  EXPECT_FALSE(done.delivered);
  EXPECT_LT(done.attempts, 30);
  EXPECT_LE(static_cast<double>(late.clock.passed) * 1e-9, 60);
  EXPECT_NE(done.reason.find("60 s"), std::string::npos) << done.reason;
}

TEST(Webhook, waits_as_long_as_it_is_asked_to) {
  Webhook to = hook();
  to.max_attempts = 3;
  Trial asked({{429, "", "20"}, {503, "", "Tue, 14 Nov 2023 22:14:20 GMT"}, {200, "", ""}});
  EXPECT_TRUE(asked.run(to).delivered);
  ASSERT_EQ(asked.pause.waits.size(), 2U);
  EXPECT_EQ(asked.pause.waits[0], 20);
  EXPECT_EQ(asked.pause.waits[1], 40) << "60 s after the start, of which 20 have passed";
  Trial too_long({{429, "", "3600"}, {200, "", ""}});
  EXPECT_EQ(too_long.run(to).attempts, 1);
  EXPECT_TRUE(too_long.pause.waits.empty());
}

TEST(Webhook, knows_every_form_of_retry_after) {
  EXPECT_EQ(retry_after_seconds("120", kStart), 120);
  EXPECT_EQ(retry_after_seconds("0", kStart), 0);
  EXPECT_EQ(retry_after_seconds("Tue, 14 Nov 2023 22:13:30 GMT", kStart), 10);
  EXPECT_EQ(retry_after_seconds("Tue, 14 Nov 2023 22:13:10 GMT", kStart), 0);
  for (const char* text : {"", "-1", "soon", "1e300", "nan"}) EXPECT_FALSE(retry_after_seconds(text, kStart)) << text;
}

TEST(Webhook, stops_between_attempts_when_asked) {
  Trial trial({{500, "", ""}});
  trial.pause.stop = true;
  const Delivery done = trial.run(hook());
  EXPECT_FALSE(done.delivered);
  EXPECT_EQ(done.attempts, 1);
  EXPECT_NE(done.reason.find("stopped"), std::string::npos);
}

TEST(Webhook, never_shows_what_follows_the_host) {
  EXPECT_EQ(display_url(hook().url), "https://example.org");
  EXPECT_EQ(display_url("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
  EXPECT_EQ(display_url("secret"), "(no URL)");
}

TEST(BodyTemplate, puts_parts_of_the_event_into_a_text) {
  const auto render = [](const std::string& text, bool json, const CloudEvent& from) {
    return *BodyTemplate::parse(text, json)->render(from);
  };
  EXPECT_EQ(render("run {{run_id}}: {{ data.strategies }} in {{seconds}} s, {{type}}", false, event()),
            "run spy-1: 12 in 0.5 s, tradewind.sweep.completed");
  EXPECT_EQ(render(R"({"a":{{data.seconds}}})", true, event()), R"({"a":0.5})");
  EXPECT_EQ(render(R"({"text":"{{run_id}}"})", true, event("a\"b\\c")), R"({"text":"a\"b\\c"})");
  EXPECT_EQ(render("{{run_id}}", false, event("a\"b")), "a\"b");
  EXPECT_EQ(render("{{sharpe}}", true, to_cloud_event(PerformanceUpdated{.name = "e"}, "s", 1)), "null");
  EXPECT_EQ(render("{{data}}", true, to_cloud_event(WorkflowPhaseChanged{"w", "p", "s", ""}, "s", 1)),
            R"({"workflow":"w","phase":"p","status":"s","message":""})");
  EXPECT_EQ(render("", true, event()), "");
  EXPECT_EQ(render("no place } {", true, event()), "no place } {");
}

TEST(BodyTemplate, refuses_places_that_are_none) {
  for (const char* text : {"{{run_id", "{{}}", "{{run id}}", "{{run_id}", "{{a-b}}"}) {
    const auto parsed = BodyTemplate::parse(text, true);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), Errc::invalid_config);
  }
  const auto unknown = BodyTemplate::parse("{{run_idd}}", true)->render(event());
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), Errc::unknown_name);
  EXPECT_NE(unknown.error().hint().find("run_id"), std::string::npos);
  EXPECT_FALSE(BodyTemplate::parse("{{data.run_id.more}}", true)->render(event()));
  EXPECT_EQ(BodyTemplate::parse(R"({"text": {{run_id}}})", true)->check(event()).error().code(), Errc::invalid_config);
  EXPECT_TRUE(BodyTemplate::parse(R"({"text": "{{run_id}}"})", true)->check(event()));
  EXPECT_TRUE(BodyTemplate::parse("{{run_id}} done", false)->check(event()));
}

/// Holds every post until it is opened; notes how many were inside at once, and the order by URL.
class Lock final : public HttpTransport {
 public:
  HttpReply post(const HttpPost& request, const Cancellation& cancellation) override {
    {
      const std::lock_guard lock(mutex_);
      most = std::max(most, ++inside_);
      bodies[request.url].push_back(request.body);
    }
    while (!open && !cancellation.requested()) std::this_thread::yield();
    const std::lock_guard lock(mutex_);
    --inside_;
    return cancellation.requested() ? HttpReply{0, "stopped", ""} : HttpReply{200, "", ""};
  }
  std::size_t seen(const std::string& url) {
    const std::lock_guard lock(mutex_);
    return bodies[url].size();
  }
  std::atomic<bool> open{false};
  int most = 0;
  std::map<std::string, std::vector<std::string>> bodies;

 private:
  std::mutex mutex_;
  int inside_ = 0;
};

TEST(WebhookSender, keeps_the_order_of_each_hook_and_the_limit_of_posts_in_flight) {
  std::vector<Webhook> hooks;
  for (int i = 0; i < 6; ++i) {
    hooks.push_back(hook());
    hooks.back().url = "https://h" + std::to_string(i) + ".example";
  }
  Lock transport;
  WebhookSenderOptions options;
  options.transport = &transport;
  options.in_flight = 2;
  WebhookSender sender(hooks, options);
  std::vector<std::string> expected;
  for (int i = 0; i < 20; ++i) {
    sender.send(event("run-" + std::to_string(i)));
    expected.push_back(to_json(event("run-" + std::to_string(i))));
  }
  EXPECT_FALSE(sender.flush(0));
  transport.open = true;
  ASSERT_TRUE(sender.flush(60));
  EXPECT_LE(transport.most, 2);
  for (const Webhook& each : hooks) EXPECT_EQ(transport.bodies[each.url], expected);
  for (const WebhookReport& report : sender.report()) {
    EXPECT_EQ(report.delivered, 20U);
    EXPECT_EQ(report.failed + report.dropped + report.pending, 0U);
  }
}

TEST(WebhookSender, sends_only_what_a_hook_wants_and_a_stuck_hook_holds_up_nobody) {
  std::vector<Webhook> hooks{hook(), hook()};
  hooks[0].url = "https://stuck.example";
  hooks[1].url = "https://quick.example";
  hooks[1].types = {std::string(WorkflowPhaseChanged::kType)};
  class StuckOrQuick final : public HttpTransport {
   public:
    HttpReply post(const HttpPost& request, const Cancellation& cancellation) override {
      while (request.url == "https://stuck.example" && !cancellation.requested()) std::this_thread::yield();
      return {request.url == "https://quick.example" ? 200 : 0, "stopped", ""};
    }
  } transport;
  WebhookSenderOptions options;
  options.transport = &transport;
  options.capacity = 2;
  WebhookSender sender(hooks, options);
  for (int i = 0; i < 5; ++i) sender.send(event());
  sender.send(to_cloud_event(WorkflowPhaseChanged{"w", "p", "running", ""}, "s", kStart));
  while (sender.report()[1].delivered != 1) std::this_thread::yield();
  sender.close();
  const auto report = sender.report();
  EXPECT_EQ(report[0].url, "https://stuck.example");
  EXPECT_EQ(report[0].delivered, 0U);
  EXPECT_GE(report[0].failed, 0U);
  EXPECT_EQ(report[0].failed + report[0].dropped, 6U);
  EXPECT_EQ(report[0].pending, 0U);
  EXPECT_EQ(report[1].delivered, 1U);
  sender.send(event());
  EXPECT_EQ(sender.report()[0].dropped + sender.report()[0].failed, 7U) << "closed: nothing is sent, everything is counted";
}

TEST(WebhookSender, closing_cuts_a_long_pause_short) {
  FakeTransport transport({{503, "", "100"}});
  WebhookSenderOptions options;
  options.transport = &transport;
  WebhookSender sender({hook()}, options);
  sender.send(event());
  while (transport.count() == 0) std::this_thread::yield();
  sender.close();
  EXPECT_EQ(sender.report()[0].failed, 1U);
  EXPECT_NE(sender.report()[0].last_failure.find("503"), std::string::npos);
}

}  // namespace
}  // namespace tradewind::notifications
