// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/metrics_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tradewind/base/guard.hpp"
#include "tradewind/telemetry/http_answer_internal.hpp"

namespace tradewind::telemetry {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const noexcept { return number_; }

 private:
  int number_;
};

enum class Progress { going_on, done };

/// One request and its answer. The answer's end is waited for until the client has closed, so that no unread byte resets the connection.
class Connection {
 public:
  Connection(Descriptor socket, SteadyClock::time_point deadline) : socket_(std::move(socket)), deadline_(deadline) {}

  int descriptor() const noexcept { return socket_.get(); }
  SteadyClock::time_point deadline() const noexcept { return deadline_; }
  short wants() const noexcept { return sent_ < answer_.size() ? POLLOUT : POLLIN; }

  Progress proceed(std::uint16_t port, const std::function<Result<std::string>()>& metrics) {
    if (answer_.empty()) {
      if (receive() == Progress::done) return Progress::done;
      if (auto answer = http_answer(received_, port, metrics)) answer_ = std::move(*answer);
      if (answer_.empty()) return Progress::going_on;
    }
    if (sent_ < answer_.size()) return send();
    return drain();
  }

 private:
  Progress receive() {
    std::array<char, 2048> buffer;
    const ssize_t got = ::recv(descriptor(), buffer.data(), std::min(buffer.size(), kMostRequest - received_.size()), 0);
    if (got > 0) received_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)) ? Progress::going_on : Progress::done;
  }
  Progress send() {
    const ssize_t put = ::send(descriptor(), answer_.data() + sent_, answer_.size() - sent_, MSG_NOSIGNAL);
    if (put < 0) return errno == EAGAIN || errno == EINTR ? Progress::going_on : Progress::done;
    sent_ += static_cast<std::size_t>(put);
    if (sent_ == answer_.size()) ::shutdown(descriptor(), SHUT_WR);
    return Progress::going_on;
  }
  Progress drain() {
    std::array<char, 2048> buffer;
    const ssize_t got = ::recv(descriptor(), buffer.data(), buffer.size(), 0);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)) ? Progress::going_on : Progress::done;
  }

  Descriptor socket_;
  SteadyClock::time_point deadline_;
  std::string received_;
  std::string answer_;
  std::size_t sent_ = 0;
};

Error system_error(std::string_view what) { return {Errc::storage, fmt::format("{}: {}", what, std::strerror(errno))}; }

Result<Descriptor> listen_on(std::uint16_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return system_error("no socket for metrics");
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EADDRINUSE)
      return Error(Errc::already_exists, fmt::format("port {} is taken", port), {}, "choose another, or 0 for any that is free");
    return system_error(fmt::format("metrics cannot be served on port {}", port));
  }
  if (::listen(socket.get(), 16) != 0) return system_error("metrics cannot be served");
  return socket;
}

std::uint16_t port_of(const Descriptor& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

/// The same, and the log is told when there are none.
std::function<Result<std::string>()> told(std::function<Result<std::string>()> metrics, Log& log) {
  return [metrics = std::move(metrics), &log] {
    Result<std::string> text = guarded(metrics);
    if (!text) log.write_seldom(LogLevel::warn, "metrics: " + text.error().message());
    return text;
  };
}

}  // namespace

class MetricsServer::Loop {
 public:
  Loop(Descriptor listener, Descriptor wake, std::function<Result<std::string>()> metrics, const MetricsServerOptions& options)
      : listener_(std::move(listener)), wake_(std::move(wake)), metrics_(std::move(metrics)), options_(options), port_(port_of(listener_)) {
    thread_ = std::thread([this] { run(); });
  }
  ~Loop() {
    const std::uint64_t one = 1;
    while (::write(wake_.get(), &one, sizeof one) < 0 && errno == EINTR) {
    }
    thread_.join();
  }
  std::uint16_t port() const noexcept { return port_; }

 private:
  bool has_room() const { return connections_.size() < static_cast<std::size_t>(options_.most_connections); }

  void run() {
    std::vector<pollfd> watched;
    while (true) {
      watched.assign({{wake_.get(), POLLIN, 0}, {has_room() ? listener_.get() : -1, POLLIN, 0}});
      for (const Connection& each : connections_) watched.push_back({each.descriptor(), each.wants(), 0});
      ::poll(watched.data(), watched.size(), milliseconds_to_wait());
      if (watched[0].revents != 0) return;
      proceed(watched);
      if (watched[1].revents != 0) accept();
    }
  }

  int milliseconds_to_wait() const {
    if (connections_.empty()) return -1;
    const auto first = std::min_element(connections_.begin(), connections_.end(),
                                        [](const Connection& a, const Connection& b) { return a.deadline() < b.deadline(); });
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(first->deadline() - SteadyClock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }

  void proceed(const std::vector<pollfd>& watched) {
    const auto now = SteadyClock::now();
    std::vector<Connection> kept;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      const bool ready = watched[i + 2].revents != 0;
      const bool done = connections_[i].deadline() <= now || (ready && connections_[i].proceed(port_, metrics_) == Progress::done);
      if (!done) kept.push_back(std::move(connections_[i]));
    }
    connections_ = std::move(kept);
  }

  void accept() {
    Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket.get() < 0) {
      const int why = errno;
      if (why != EAGAIN && why != EINTR && why != ECONNABORTED)
        options_.log->write_seldom(LogLevel::warn, fmt::format("metrics: a connection was not taken: {}", std::strerror(why)));
      // Without descriptors left the listener stays readable: wait a little instead of spinning.
      if (why == EMFILE || why == ENFILE) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      return;
    }
    const auto allowed = std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(options_.client_seconds));
    connections_.emplace_back(std::move(socket), SteadyClock::now() + allowed);
  }

  Descriptor listener_;
  Descriptor wake_;
  std::function<Result<std::string>()> metrics_;
  MetricsServerOptions options_;
  std::uint16_t port_;
  std::vector<Connection> connections_;
  std::thread thread_;
};

MetricsServer::MetricsServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
MetricsServer::~MetricsServer() = default;
std::uint16_t MetricsServer::port() const noexcept { return loop_->port(); }

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(std::function<Result<std::string>()> metrics,
                                                            const MetricsServerOptions& options) {
  auto started = start_silently(std::move(metrics), options);
  if (started)
    options.log->info(fmt::format("metrics are served at http://127.0.0.1:{}/metrics", (*started)->port()));
  else
    options.log->error("metrics are not served: " + started.error().message());
  return started;
}

Result<std::unique_ptr<MetricsServer>> MetricsServer::start_silently(std::function<Result<std::string>()> metrics,
                                                                     const MetricsServerOptions& options) {
  if (!metrics || options.most_connections < 1 || !(options.client_seconds > 0 && options.client_seconds <= 3600))
    return Error(Errc::usage, "a metrics server needs metrics, at least one connection and at most an hour for a client");
  TRADEWIND_ASSIGN(Descriptor listener, listen_on(options.port));
  Descriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (wake.get() < 0) return system_error("no event for metrics");
  try {
    return std::unique_ptr<MetricsServer>(
        new MetricsServer(std::make_unique<Loop>(std::move(listener), std::move(wake), told(std::move(metrics), *options.log), options)));
  } catch (const std::system_error& error) {
    return Error(Errc::storage, fmt::format("no thread for metrics: {}", error.what()));
  }
}

}  // namespace tradewind::telemetry
