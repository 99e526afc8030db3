// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/http_transport.hpp"

#include <gtest/gtest.h>

#include "server.hpp"
#include "tradewind/notifications/analytics_events.hpp"
#include "tradewind/notifications/signature.hpp"
#include "tradewind/notifications/sinks.hpp"

namespace tradewind::notifications {
namespace {

const std::string kOk = "HTTP/1.1 204 No Content\r\n\r\n";

HttpPost post_to(const std::string& url) { return {url, {{"Content-Type", "application/json"}, {"X-One", "two"}}, R"({"a":1})", 10}; }

TEST(ClientTransport, posts_body_and_headers) {
  HttpServer server({kOk});
  const Cancellation never;
  const HttpReply reply = client_transport().post(post_to(server.url() + "/path?q=1"), never);
  EXPECT_EQ(reply.status, 204) << reply.error;
  ASSERT_EQ(server.asked().size(), 1U);
  EXPECT_TRUE(server.asked()[0].starts_with("POST /path?q=1 HTTP/1.1\r\n")) << server.asked()[0];
  EXPECT_NE(server.asked()[0].find("X-One: two\r\n"), std::string::npos);
  EXPECT_NE(server.asked()[0].find("User-Agent: tradewind/"), std::string::npos);
  EXPECT_TRUE(server.asked()[0].ends_with("\r\n\r\n{\"a\":1}"));
}

TEST(ClientTransport, gives_what_the_server_says_and_follows_no_redirect) {
  HttpServer server({"HTTP/1.1 429 Slow\r\nretry-after:  17 \r\nContent-Length: 0\r\n\r\n",
                     "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"});
  const Cancellation never;
  const HttpReply busy = client_transport().post(post_to(server.url()), never);
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.retry_after, "17");
  EXPECT_EQ(client_transport().post(post_to(server.url()), never).status, 302);
  EXPECT_EQ(server.asked().size(), 2U);
}

TEST(ClientTransport, no_answer_is_an_error_that_does_not_show_the_url) {
  const Cancellation never;
  for (const std::string& url :
       {"http://127.0.0.1:" + std::to_string(free_port()) + "/hidden", std::string("file:///etc/hidden"), std::string("http:///hidden")}) {
    const HttpReply reply = client_transport().post(post_to(url), never);
    EXPECT_EQ(reply.status, 0) << url;
    EXPECT_FALSE(reply.error.empty());
    EXPECT_EQ(reply.error.find("hidden"), std::string::npos);
  }
  HttpServer closes({""});
  EXPECT_EQ(client_transport().post(post_to(closes.url()), never).status, 0);
}

TEST(ClientTransport, reads_no_endless_answer) {
  HttpServer server({"HTTP/1.1 200 OK\r\n\r\n" + std::string(std::size_t{8} << 20, 'x')});
  const Cancellation never;
  EXPECT_EQ(client_transport().post(post_to(server.url()), never).status, 200);
}

TEST(ClientTransport, gives_up_when_asked_and_when_time_is_over) {
  int port = 0;
  const int listener = loopback(0, port);  // takes connections and never answers
  ::listen(listener, 4);
  Cancellation cancelled;
  cancelled.request();
  EXPECT_EQ(client_transport().post(post_to("http://127.0.0.1:" + std::to_string(port)), cancelled).status, 0);
  HttpPost quick = post_to("http://127.0.0.1:" + std::to_string(port));
  quick.timeout_seconds = 0.05;
  const Cancellation never;
  EXPECT_NE(client_transport().post(quick, never).error.find("Timeout"), std::string::npos);
  ::close(listener);
}

/// A certificate of its own for a name, made by the command openssl; empty when that is missing.
std::string certificate(const std::filesystem::path& folder, const std::string& name) {
  const std::string base = (folder / "server").string();
  Process make({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + name, "-addext",
                "subjectAltName=DNS:" + name, "-keyout", base + ".key", "-out", base + ".pem"});
  return make.started() && make.wait() == 0 ? base : "";
}

TEST(ClientTransport, trusts_no_certificate_it_does_not_know) {
  const Folder folder;
  const std::string base = certificate(folder.path, "localhost");
  if (base.empty()) GTEST_SKIP() << "the command openssl is not there";
  const int port = free_port();
  Process server({"openssl", "s_server", "-quiet", "-accept", "127.0.0.1:" + std::to_string(port), "-key", base + ".key", "-cert",
                  base + ".pem", "-www"});
  ASSERT_TRUE(server.started());
  const Cancellation never;
  HttpReply reply;
  ASSERT_TRUE(eventually([&] {
    reply = client_transport().post(post_to("https://localhost:" + std::to_string(port)), never);
    return reply.error.find("connect") == std::string::npos;
  }));
  EXPECT_EQ(reply.status, 0);
  EXPECT_NE(reply.error.find("certificate"), std::string::npos) << reply.error;
}

/// A bus, settings as a user writes them and a server: everything between is real.
TEST(EventSinks, carry_an_event_from_the_bus_to_a_webhook) {
  HttpServer server({"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", kOk});
  const std::string yaml =
      "webhooks: [{url: \"" + server.url() +
      "/hook\", on: [analysis.ready], secret_env: KEY, template: '{\"text\":\"{{run_id}}: {{qualified}} of {{strategies}}\"}'}]";
  config::Complaints complaints("f");
  const EventSettings settings = read_event_settings(*config::parse_config(yaml, "f"), "events", complaints,
                                                     [](const std::string&) { return std::optional<std::string>("k"); });
  ASSERT_TRUE(complaints.empty());
  EventBus bus;
  const auto sinks = EventSinks::open(bus, settings);
  ASSERT_TRUE(sinks);
  bus.publish(SweepCompleted{"r", "complete", 1, 0, 10, 0});  // not wanted
  bus.publish(AnalysisReady{"r", "h", "p", 10, 3, {}});
  const SinkReport report = (*sinks)->close(60);
  ASSERT_EQ(report.webhooks.size(), 1U);
  EXPECT_EQ(report.webhooks[0].delivered, 1U);
  EXPECT_EQ(report.webhooks[0].attempts, 2U);
  EXPECT_TRUE(report.warnings().empty());
  ASSERT_EQ(server.asked().size(), 2U);
  const std::string body = R"({"text":"r: 3 of 10"})";
  for (const std::string& asked : server.asked()) {
    EXPECT_TRUE(asked.ends_with("\r\n\r\n" + body)) << asked;
    EXPECT_NE(asked.find("X-Tradewind-Signature: sha256=" + hmac_sha256_hex("k", body) + "\r\n"), std::string::npos);
  }
  bus.publish(AnalysisReady{"r", "h", "p", 10, 3, {}});
  EXPECT_EQ((*sinks)->close(60).webhooks[0].delivered, 1U) << "closed";
}

TEST(EventSinks, tell_what_did_not_arrive) {
  Webhook hook;
  hook.url = "http://127.0.0.1:" + std::to_string(free_port());
  hook.types = {std::string(SweepCompleted::kType)};
  hook.max_attempts = 1;
  EventSettings settings;
  settings.webhooks = {hook};
  EventBus bus;
  const auto sinks = EventSinks::open(bus, settings);
  bus.publish(SweepCompleted{"r", "complete", 1, 0, 10, 0});
  const auto warnings = (*sinks)->close(60).warnings();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find(hook.url + " did not get 1 of 1 events"), std::string::npos) << warnings[0];
}

}  // namespace
}  // namespace tradewind::notifications
