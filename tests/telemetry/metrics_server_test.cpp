// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/metrics_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tradewind::telemetry {
namespace {

/// A client's side of one connection.
class Client {
 public:
  explicit Client(std::uint16_t port, int most_seconds = 30) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{most_seconds, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { ::close(socket_); }

  bool connected() const { return connected_; }
  void send(const std::string& text) { ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }
  /// Everything until the server closes.
  std::string receive() {
    std::string out;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(socket_, buffer, sizeof buffer, 0)) > 0;) out.append(buffer, static_cast<std::size_t>(got));
    return out;
  }

 private:
  int socket_;
  bool connected_ = false;
};

class MetricsServerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto started = MetricsServer::start([this]() -> Result<std::string> { return metrics(); }, {.client_seconds = 20});
    ASSERT_TRUE(started);
    server = std::move(*started);
  }
  std::string host() const { return fmt::format("127.0.0.1:{}", server->port()); }
  std::string ask(const std::string& method, const std::string& target, const std::string& host) {
    return raw(fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n\r\n", method, target, host));
  }
  std::string raw(const std::string& text) {
    Client client(server->port());
    client.send(text);
    return client.receive();
  }
  static std::string status(const std::string& answer) { return answer.substr(0, answer.find('\r')); }

  std::function<Result<std::string>()> metrics = [] { return std::string("# EOF\n"); };
  std::unique_ptr<MetricsServer> server;
};

TEST_F(MetricsServerTest, serves_metrics) {
  const std::string answer = ask("GET", "/metrics", host());
  EXPECT_EQ(status(answer), "HTTP/1.1 200 OK");
  EXPECT_NE(answer.find("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Content-Length: 6\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n# EOF\n"));
  EXPECT_EQ(status(ask("GET", "/metrics?format=x", host())), "HTTP/1.1 200 OK");
}

TEST_F(MetricsServerTest, serves_health_and_nothing_else) {
  EXPECT_TRUE(ask("GET", "/healthz", host()).ends_with("\r\n\r\nok\n"));
  EXPECT_EQ(status(ask("GET", "/", host())), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(status(ask("GET", "/metrics/", host())), "HTTP/1.1 404 Not Found");
}

TEST_F(MetricsServerTest, head_has_no_body) {
  const std::string answer = ask("HEAD", "/metrics", host());
  EXPECT_EQ(status(answer), "HTTP/1.1 200 OK");
  EXPECT_NE(answer.find("Content-Length: 6\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(MetricsServerTest, refuses_other_methods) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "get"}) {
    const std::string answer = ask(method, "/metrics", host());
    EXPECT_EQ(status(answer), "HTTP/1.1 405 Method Not Allowed") << method;
    EXPECT_NE(answer.find("Allow: GET, HEAD\r\n"), std::string::npos);
  }
}

TEST_F(MetricsServerTest, checks_the_host) {
  const auto port = server->port();
  for (const std::string& good : {fmt::format("localhost:{}", port), fmt::format("LOCALHOST:{}", port), fmt::format("[::1]:{}", port)})
    EXPECT_EQ(status(ask("GET", "/healthz", good)), "HTTP/1.1 200 OK") << good;
  for (const std::string& bad : {std::string("evil.example"), fmt::format("evil.example:{}", port), std::string("127.0.0.1"),
                                 std::string("127.0.0.1:1"), fmt::format("127.0.0.1:{}.evil.example", port)})
    EXPECT_EQ(status(ask("GET", "/healthz", bad)), "HTTP/1.1 421 Misdirected Request") << bad;
  EXPECT_EQ(status(raw("GET /healthz HTTP/1.1\r\n\r\n")), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(status(raw(fmt::format("GET /healthz HTTP/1.1\r\nHost: {0}\r\nHost: {0}\r\n\r\n", host()))), "HTTP/1.1 400 Bad Request");
}

TEST_F(MetricsServerTest, refuses_what_is_no_request) {
  for (const char* bad :
       {"\r\n\r\n", "GET\r\n\r\n", "GET /healthz\r\n\r\n", "GET  /healthz HTTP/1.1\r\n\r\n", "GET /healthz HTTP/9\r\n\r\n",
        "GET http://x/ HTTP/1.1\r\n\r\n", "\x16\x03\x01\r\n\r\n", "GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n"})
    EXPECT_EQ(status(raw(bad)), "HTTP/1.1 400 Bad Request") << bad;
}

TEST_F(MetricsServerTest, a_request_has_at_most_8_kib) {
  const std::string start = fmt::format("GET /healthz HTTP/1.1\r\nHost: {}\r\nX: ", host());
  EXPECT_EQ(status(raw(start + std::string(8192 - start.size() - 4, 'a') + "\r\n\r\n")), "HTTP/1.1 200 OK");
  EXPECT_EQ(status(raw(start + std::string(8192 - start.size() - 3, 'a') + "\r\n\r\n")).substr(0, 12), "HTTP/1.1 431");
  EXPECT_EQ(status(raw(start + std::string(100'000, 'a'))).substr(0, 12), "HTTP/1.1 431");
}

TEST_F(MetricsServerTest, a_request_may_come_in_pieces) {
  Client client(server->port());
  for (const char c : fmt::format("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", host())) client.send(std::string(1, c));
  EXPECT_EQ(status(client.receive()), "HTTP/1.1 200 OK");
}

TEST_F(MetricsServerTest, large_answers_arrive_whole) {
  metrics = [] { return std::string(20'000'000, 'x'); };
  EXPECT_GT(ask("GET", "/metrics", host()).size(), 20'000'000U);
}

TEST_F(MetricsServerTest, failing_metrics_are_status_500) {
  metrics = []() -> Result<std::string> { return Error(Errc::internal, "no luck"); };
  EXPECT_EQ(status(ask("GET", "/metrics", host())), "HTTP/1.1 500 Internal Server Error");
  metrics = []() -> Result<std::string> { throw std::runtime_error("no luck"); };
  EXPECT_TRUE(ask("GET", "/metrics", host()).ends_with("no luck\n"));
  EXPECT_EQ(status(ask("GET", "/healthz", host())), "HTTP/1.1 200 OK") << "and it lives on";
}

/// Keeps what it is told.
struct HeardLog final : Log {
  void write(LogLevel level, std::string_view text) noexcept override {
    const std::lock_guard lock(mutex);
    lines.push_back(fmt::format("{} {}", enum_name(level), text));
  }
  void write_seldom(LogLevel level, std::string_view text) noexcept override { write(level, text); }
  bool keeps(LogLevel) const noexcept override { return true; }
  void flush() noexcept override {}
  std::mutex mutex;
  std::vector<std::string> lines;
};

TEST_F(MetricsServerTest, start_and_failures_stand_in_the_log) {
  HeardLog log;
  EXPECT_FALSE(MetricsServer::start([] { return std::string(); }, {.port = server->port(), .log = &log}));
  auto started = MetricsServer::start([this]() -> Result<std::string> { return metrics(); }, {.client_seconds = 20, .log = &log});
  ASSERT_TRUE(started);
  server = std::move(*started);
  metrics = []() -> Result<std::string> { throw std::runtime_error("no luck"); };
  ask("GET", "/metrics", host());
  ask("GET", "/healthz", host());
  const std::uint16_t port = server->port();
  server.reset();
  ASSERT_EQ(log.lines.size(), 3U);
  EXPECT_TRUE(log.lines[0].starts_with("error metrics are not served: port ")) << log.lines[0];
  EXPECT_EQ(log.lines[1], fmt::format("info metrics are served at http://127.0.0.1:{}/metrics", port));
  EXPECT_EQ(log.lines[2], "warn metrics: no luck");
}

TEST_F(MetricsServerTest, a_taken_port_is_said) {
  const auto second = MetricsServer::start([] { return std::string(); }, {.port = server->port()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::already_exists);
}

TEST(MetricsServer, refuses_bad_options) {
  EXPECT_FALSE(MetricsServer::start(nullptr));
  EXPECT_FALSE(MetricsServer::start([] { return std::string(); }, {.most_connections = 0}));
  EXPECT_FALSE(MetricsServer::start([] { return std::string(); }, {.client_seconds = 0}));
}

TEST(MetricsServer, closes_slow_clients_and_serves_those_who_waited) {
  auto server = MetricsServer::start([] { return std::string("# EOF\n"); }, {.most_connections = 2, .client_seconds = 0.3});
  ASSERT_TRUE(server);
  const auto port = (*server)->port();
  Client silent(port), slow(port), third(port);
  slow.send("GET /metrics HTTP/1.1\r\n");
  third.send(fmt::format("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", port));
  EXPECT_TRUE(third.receive().ends_with("ok\n"));
  EXPECT_EQ(silent.receive(), "");
  EXPECT_EQ(slow.receive(), "");
}

TEST(MetricsServer, stops_with_clients_still_there) {
  auto server = MetricsServer::start([] { return std::string("# EOF\n"); }, {.client_seconds = 3600});
  ASSERT_TRUE(server);
  Client silent((*server)->port());
  ASSERT_TRUE(silent.connected());
  server->reset();
  EXPECT_EQ(silent.receive(), "");
}

}  // namespace
}  // namespace tradewind::telemetry
