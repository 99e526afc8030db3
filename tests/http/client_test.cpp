// SPDX-License-Identifier: Apache-2.0
#include "tradewind/http/client.hpp"

#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "tls_server.hpp"

namespace tradewind::http {
namespace {

using namespace std::chrono_literals;

/// Short waits; for the rest what users get.
ClientOptions quick(const TestAuthority* authority = nullptr) {
  ClientOptions options;
  options.backoff_seconds = 0.001;
  options.most_backoff_seconds = 0.01;
  if (authority != nullptr) options.ca_file = authority->ca_file();
  return options;
}

std::unique_ptr<Client> client_with(ClientOptions options) {
  auto made = Client::make(std::move(options));
  EXPECT_TRUE(made) << made.error().message();
  return std::move(*made);
}

Response get(Client& client, const std::string& url, double timeout = 60) {
  Request request;
  request.url = url;
  request.timeout_seconds = timeout;
  return client.fetch(std::move(request)).get();
}

Reply text(std::string body, int status = 200) {
  Reply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

/// Answers in turn, the last one again and again.
TlsServer::Answer in_turn(std::vector<Reply> replies) {
  return [replies = std::move(replies), next = std::size_t{0}](const ServedRequest&) mutable {
    return replies[std::min(next++, replies.size() - 1)];
  };
}

TEST(HttpClient, waits_no_longer_than_it_is_wanted) {
  TlsServer server(nullptr, [](const ServedRequest& request) {
    Reply reply = text("here");
    reply.hang = request.target != "/quick";
    if (reply.hang) reply.cut = 0;
    return reply;
  });
  const auto client = client_with(quick());
  std::vector<Request> requests(3);
  for (Request& request : requests) request.url = server.url() + "/silent";
  requests[0].url = server.url() + "/quick";
  int looks = 0;
  const auto begun = std::chrono::steady_clock::now();
  const auto answers = client->fetch_all(requests, [&] { return ++looks < 10; });
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
  EXPECT_EQ(looks, 10);
  EXPECT_EQ(answers[0].body, "here");
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(answers[i].status, 0);
    EXPECT_NE(answers[i].error.find("not waited for"), std::string::npos);
  }
}

TEST(HttpClient, fetches_over_verified_tls_and_keeps_the_connection) {
  const TestAuthority authority;
  TlsServer server(&authority, [](const ServedRequest& request) {
    Reply reply = text("you asked " + request.target);
    reply.headers = {{"X-Tag", " One "}};
    return reply;
  });
  const auto client = client_with(quick(&authority));
  const Response first = get(*client, server.url() + "/a?b=c");
  EXPECT_EQ(first.status, 200) << first.error;
  EXPECT_EQ(first.body, "you asked /a?b=c");
  EXPECT_FALSE(first.reused_connection);
  EXPECT_EQ(first.attempts, 1);
  EXPECT_NE(std::find(first.headers.begin(), first.headers.end(), std::pair<std::string, std::string>("x-tag", "One")),
            first.headers.end());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(get(*client, server.url() + "/again").reused_connection);
  EXPECT_EQ(server.connections(), 1);
  EXPECT_NE(server.served()[0].head.find("User-Agent: tradewind/"), std::string::npos);
  const ClientStatistics seen = client->statistics();
  EXPECT_EQ(seen.requests, 6U);
  EXPECT_EQ(seen.answers, 6U);
  EXPECT_EQ(seen.new_connections, 1U);
  EXPECT_EQ(seen.reused_connections, 5U);
  EXPECT_EQ(seen.bytes, 16U + 5 * 16U);
}

TEST(HttpClient, refuses_a_certificate_of_another_name) {
  const TestAuthority authority("DNS:elsewhere.example");
  TlsServer server(&authority, in_turn({text("secret")}));
  const auto client = client_with(quick(&authority));
  const Response response = get(*client, server.url("localhost") + "/x?key=hidden");
  EXPECT_EQ(response.status, 0);
  EXPECT_EQ(response.attempts, 1) << "trying again does not help";
  EXPECT_NE(response.error.find("localhost"), std::string::npos) << response.error;
  EXPECT_NE(response.error.find("certificate"), std::string::npos) << response.error;
  EXPECT_EQ(response.error.find("hidden"), std::string::npos) << response.error;
  EXPECT_TRUE(server.served().empty());
}

TEST(HttpClient, refuses_a_certificate_of_an_authority_it_does_not_trust) {
  const TestAuthority authority;
  const TestAuthority other;
  TlsServer server(&authority, in_turn({text("secret")}));
  for (const TestAuthority* trusted : {&other, static_cast<const TestAuthority*>(nullptr)}) {
    const Response response = get(*client_with(quick(trusted)), server.url());
    EXPECT_EQ(response.status, 0);
    EXPECT_NE(response.error.find("certificate"), std::string::npos) << response.error;
  }
  EXPECT_TRUE(server.served().empty());
}

TEST(HttpClient, needs_the_file_of_authorities_and_numbers_with_sense) {
  ClientOptions options;
  options.ca_file = "/no/such/file.pem";
  EXPECT_EQ(Client::make(options).error().code(), Errc::not_found);
  for (const auto& spoil : std::vector<std::function<void(ClientOptions&)>>{
           [](ClientOptions& o) { o.attempts = 0; }, [](ClientOptions& o) { o.connections = 0; },
           [](ClientOptions& o) { o.limits = {{"http", 0, 1}}; }, [](ClientOptions& o) { o.limits = {{"http", 1, 0}}; }}) {
    ClientOptions bad;
    spoil(bad);
    EXPECT_EQ(Client::make(bad).error().code(), Errc::usage);
  }
}

TEST(HttpClient, decodes_gzip_within_the_limit) {
  Reply small = text(std::string(1000, 'a'));
  small.gzip = true;
  Reply bomb = text(std::string(std::size_t{8} << 20, '\0'));
  bomb.gzip = true;
  TlsServer server(nullptr, in_turn({small, bomb}));
  ClientOptions options = quick();
  options.most_body = 100'000;
  const auto client = client_with(options);
  EXPECT_EQ(get(*client, server.url()).body, std::string(1000, 'a'));
  EXPECT_NE(server.served()[0].head.find("gzip"), std::string::npos);
  const Response response = get(*client, server.url() + "/?key=hidden");
  EXPECT_EQ(response.status, 0);
  EXPECT_TRUE(response.body.empty());
  EXPECT_NE(response.error.find("longer than 100000 bytes"), std::string::npos) << response.error;
  EXPECT_EQ(response.error.find("hidden"), std::string::npos);
  EXPECT_EQ(response.attempts, 1);
}

TEST(HttpClient, takes_a_body_up_to_the_limit_and_none_above) {
  TlsServer server(nullptr, in_turn({text(std::string(5000, 'x')), text(std::string(5001, 'x'))}));
  ClientOptions options = quick();
  options.most_body = 5000;
  const auto client = client_with(options);
  EXPECT_EQ(get(*client, server.url()).body.size(), 5000U);
  EXPECT_EQ(get(*client, server.url()).status, 0);
}

TEST(HttpClient, takes_no_endless_headers) {
  Reply reply = text("x");
  for (int i = 0; i < 40; ++i) reply.headers.emplace_back("X-" + std::to_string(i), std::string(8000, 'h'));
  TlsServer server(nullptr, in_turn({reply}));
  EXPECT_EQ(get(*client_with(quick()), server.url()).status, 0);
}

TEST(HttpClient, gives_up_an_attempt_when_its_time_is_over) {
  Reply silent = text("late");
  silent.hang = true;
  silent.cut = 0;
  Reply stuck = text(std::string(100, 'x'));
  stuck.hang = true;
  stuck.cut = 90;
  TlsServer server(nullptr, in_turn({silent, stuck}));
  ClientOptions options = quick();
  options.attempts = 2;
  const Response response = get(*client_with(options), server.url() + "/slow?key=hidden", 0.2);
  EXPECT_EQ(response.status, 0);
  EXPECT_EQ(response.attempts, 2);
  EXPECT_NE(response.error.find("timed out"), std::string::npos) << response.error;
  EXPECT_EQ(response.error.find("hidden"), std::string::npos) << response.error;
}

TEST(HttpClient, asks_again_when_the_connection_breaks) {
  Reply broken = text(std::string(100, 'x'));
  broken.cut = 90;
  TlsServer server(nullptr, in_turn({broken, text("whole")}));
  const Response response = get(*client_with(quick()), server.url());
  EXPECT_EQ(response.body, "whole");
  EXPECT_EQ(response.attempts, 2);
}

TEST(HttpClient, asks_again_after_answers_that_pass) {
  TlsServer server(nullptr, in_turn({text("", 425), text("", 429), text("oops", 500), text("good")}));
  const auto client = client_with(quick());
  const Response response = get(*client, server.url());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "good");
  EXPECT_EQ(response.attempts, 4);
  EXPECT_EQ(client->statistics().retries, 3U);
  EXPECT_EQ(client->statistics().answers, 1U);
}

TEST(HttpClient, asks_a_bounded_number_of_times) {
  TlsServer server(nullptr, in_turn({text("down", 503)}));
  ClientOptions options = quick();
  options.attempts = 3;
  const auto client = client_with(options);
  const Response response = get(*client, server.url());
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "down");
  EXPECT_EQ(server.served().size(), 3U);
  EXPECT_EQ(client->statistics().failures, 1U);
}

TEST(HttpClient, takes_other_answers_as_they_are_and_follows_no_redirect) {
  Reply moved = text("", 302);
  moved.headers = {{"Location", "/elsewhere"}};
  TlsServer server(nullptr, in_turn({moved, text("no", 404)}));
  const auto client = client_with(quick());
  EXPECT_EQ(get(*client, server.url()).status, 302);
  EXPECT_EQ(get(*client, server.url()).status, 404);
  EXPECT_EQ(server.served().size(), 2U);
}

TEST(HttpClient, waits_as_long_as_the_server_asks) {
  Reply busy = text("", 429);
  busy.headers = {{"Retry-After", "1"}};
  TlsServer server(nullptr, in_turn({busy, text("ok")}));
  ClientOptions options = quick();
  options.most_backoff_seconds = 5;
  EXPECT_EQ(get(*client_with(options), server.url()).status, 200);
  const auto served = server.served();
  ASSERT_EQ(served.size(), 2U);
  EXPECT_GE(served[1].time - served[0].time, 1s);
}

TEST(HttpClient, waits_no_longer_than_its_maximum) {
  Reply busy = text("", 429);
  busy.headers = {{"Retry-After", "86400"}};
  TlsServer server(nullptr, in_turn({busy, text("ok")}));
  EXPECT_EQ(get(*client_with(quick()), server.url()).status, 200);  // else the test would last a day
}

Response post(Client& client, const std::string& url, const std::string& body, bool repeatable = false) {
  Request request;
  request.url = url;
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body;
  request.timeout_seconds = 60;
  request.repeatable = repeatable;
  return client.fetch(std::move(request)).get();
}

TEST(HttpClient, posts_once_whatever_comes) {
  TlsServer server(nullptr, in_turn({text("", 503), text("ok")}));
  const auto client = client_with(quick());
  const Response response = post(*client, server.url(), R"({"a":1})");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.attempts, 1);
  ASSERT_EQ(server.served().size(), 1U);
  EXPECT_EQ(server.served()[0].method, "POST");
  EXPECT_EQ(server.served()[0].body, R"({"a":1})");
  EXPECT_NE(server.served()[0].head.find("Content-Type: application/json"), std::string::npos);
}

/// libcurl by itself sends again when a kept connection ends before an answer: an order would be doubled.
TEST(HttpClient, posts_once_though_a_kept_connection_breaks) {
  Reply none = text("");
  none.cut = 0;
  for (const std::string& body : {std::string(R"({"a":1})"), std::string()}) {
    TlsServer server(nullptr, in_turn({text("first"), none, text("twice")}));
    const auto client = client_with(quick());
    EXPECT_EQ(get(*client, server.url()).body, "first");
    const Response response = post(*client, server.url(), body);
    EXPECT_EQ(response.status, 0);
    EXPECT_FALSE(response.error.empty());
    EXPECT_EQ(server.served().size(), 2U);
  }
}

TEST(HttpClient, repeats_a_post_that_changes_nothing) {
  TlsServer server(nullptr, in_turn({text("", 503), text("ok")}));
  EXPECT_EQ(post(*client_with(quick()), server.url(), "[]", true).body, "ok");
  EXPECT_EQ(server.served()[1].body, "[]");
}

TEST(HttpClient, sends_other_methods) {
  TlsServer server(nullptr, in_turn({text("ok")}));
  const auto client = client_with(quick());
  for (const char* method : {"DELETE", "PUT", "HEAD"}) {
    Request request;
    request.url = server.url() + "/orders";
    request.method = method;
    request.body = std::string_view(method) == "HEAD" ? "" : "[1]";
    EXPECT_EQ(client->fetch(request).get().status, 200);
    EXPECT_EQ(server.served().back().method, method);
    EXPECT_EQ(server.served().back().body, request.body);
  }
}

TEST(HttpClient, sends_nothing_that_cannot_be_sent) {
  const auto client = client_with(quick());
  Request request;
  for (const char* url : {"", "file:///etc/passwd", "ftp://127.0.0.1/", "http://", "http://127.0.0.1:1/\r\nX: y"}) {
    request.url = url;
    const Response response = client->fetch(request).get();
    EXPECT_EQ(response.status, 0);
    EXPECT_FALSE(response.error.empty());
    EXPECT_EQ(response.attempts, 0);
  }
  request.url = "http://127.0.0.1:1/";
  request.headers = {{"X-A", "b\r\nX-Smuggled: c"}};
  EXPECT_EQ(client->fetch(request).get().attempts, 0);
  EXPECT_EQ(client->statistics().failures, 6U);
}

TEST(HttpClient, a_refused_connection_is_an_error_without_the_query) {
  std::string url;
  {
    url = TlsServer(nullptr, in_turn({text("")})).url();
  }
  const Response response = get(*client_with(quick()), url + "/p?key=hidden");
  EXPECT_EQ(response.status, 0);
  EXPECT_EQ(response.attempts, 4);
  EXPECT_NE(response.error.find("/p"), std::string::npos) << response.error;
  EXPECT_EQ(response.error.find("hidden"), std::string::npos) << response.error;
}

TEST(HttpClient, asks_many_at_once_and_answers_in_order) {
  const TestAuthority authority;
  TlsServer server(&authority, [](const ServedRequest& request) { return text(request.target); });
  ClientOptions options = quick(&authority);
  options.connections_per_host = 4;
  const auto client = client_with(options);
  server.gather(4);  // no answer before four are there
  std::vector<Request> requests(40);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].url = server.url() + "/" + std::to_string(i);
    requests[i].timeout_seconds = 60;
  }
  const auto answers = client->fetch_all(requests);
  for (std::size_t i = 0; i < requests.size(); ++i) EXPECT_EQ(answers[i].body, "/" + std::to_string(i)) << answers[i].error;
  EXPECT_EQ(server.most_at_once(), 4);
  EXPECT_LE(server.connections(), 4);
}

TEST(HttpClient, is_used_from_many_threads) {
  TlsServer server(nullptr, [](const ServedRequest& request) { return text(request.target); });
  const auto client = client_with(quick());
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string path = "/" + std::to_string(t) + "/" + std::to_string(i);
        good += get(*client, server.url() + path).body == path ? 1 : 0;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 100);
  EXPECT_EQ(client->statistics().answers, 100U);
}

/// The most requests within any window, by the server's own watch.
std::size_t most_in_window(const std::vector<ServedRequest>& served, std::chrono::duration<double> window) {
  std::vector<std::chrono::steady_clock::time_point> times;
  for (const ServedRequest& request : served) times.push_back(request.time);
  std::sort(times.begin(), times.end());
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < times.size(); ++last) {
    while (times[last] - times[first] >= window) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

TEST(HttpClient, never_exceeds_a_rate_limit) {
  TlsServer server(nullptr, in_turn({text("", 500), text("")}));
  ClientOptions options = quick();
  options.limits = {{server.url() + "/limited", 5, 0.2}, {server.url(), 1000, 1}};
  const auto client = client_with(options);
  std::vector<Request> requests(17);
  for (Request& request : requests) {
    request.url = server.url() + "/limited?x";
    request.timeout_seconds = 60;
  }
  for (const Response& response : client->fetch_all(requests)) EXPECT_TRUE(response.ok()) << response.error;
  EXPECT_EQ(server.served().size(), 18U) << "a repeated one counts";
  EXPECT_LE(most_in_window(server.served(), 0.2s), 5U);
  EXPECT_GE(client->statistics().throttled, 12U);
}

TEST(HttpClient, limits_only_what_has_a_limit) {
  TlsServer server(nullptr, in_turn({text("")}));
  ClientOptions options = quick();
  options.limits = {{server.url() + "/limited", 1, 3600}};
  const auto client = client_with(options);
  Request limited;
  limited.url = server.url() + "/limited";
  EXPECT_TRUE(client->fetch(limited).get().ok());
  auto waiting = client->fetch(limited);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(get(*client, server.url() + "/free").ok());
  EXPECT_EQ(waiting.wait_for(0s), std::future_status::timeout);
}

TEST(HttpClient, answers_what_is_under_way_when_it_is_closed) {
  Reply silent = text("never");
  silent.hang = true;
  silent.cut = 0;
  TlsServer server(nullptr, in_turn({silent}));
  std::vector<std::future<Response>> futures;
  {
    ClientOptions options = quick();
    options.connections_per_host = 2;
    const auto client = client_with(options);
    Request request;
    request.url = server.url() + "/?key=hidden";
    request.timeout_seconds = 60;
    for (int i = 0; i < 10; ++i) futures.push_back(client->fetch(request));
    while (server.served().empty()) std::this_thread::sleep_for(1ms);
  }
  for (auto& future : futures) {
    ASSERT_EQ(future.wait_for(0s), std::future_status::ready);
    const Response response = future.get();
    EXPECT_EQ(response.status, 0);
    EXPECT_NE(response.error.find("closed"), std::string::npos) << response.error;
    EXPECT_EQ(response.error.find("hidden"), std::string::npos) << response.error;
  }
}

TEST(HttpClient, answers_what_it_has_not_even_looked_at_when_it_is_closed) {
  TlsServer server(nullptr, in_turn({text("")}));
  for (int round = 0; round < 30; ++round) {
    std::vector<std::future<Response>> futures;
    {
      const auto client = client_with(quick());
      Request request;
      request.url = server.url();
      for (int i = 0; i < 20; ++i) futures.push_back(client->fetch(request));
    }
    for (auto& future : futures) {
      ASSERT_EQ(future.wait_for(0s), std::future_status::ready);
      const Response response = future.get();  // throws when a promise was broken
      EXPECT_NE(response.ok(), !response.error.empty());
    }
  }
}

}  // namespace
}  // namespace tradewind::http
