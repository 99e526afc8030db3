// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <openssl/ssl.h>

namespace tradewind::http {

/// A certificate authority of its own in a folder that goes with the object, and a server's certificate signed by it.
class TestAuthority {
 public:
  /// `name`: "DNS:localhost", "IP:127.0.0.1" or several with commas.
  explicit TestAuthority(const std::string& name = "DNS:localhost,IP:127.0.0.1");
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;
  std::string ca_file() const { return (folder_ / "ca.pem").string(); }
  X509* certificate() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_{nullptr, EVP_PKEY_free};
  std::unique_ptr<X509, void (*)(X509*)> certificate_{nullptr, X509_free};
};

struct ServedRequest {
  std::string method;
  std::string target;  ///< path and query
  std::string head;
  std::string body;
  int connection = 0;  ///< number of the connection, from 0
  std::chrono::steady_clock::time_point time;
};

struct Reply {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool gzip = false;                    ///< compress the body
  bool close = false;                   ///< close the connection afterwards
  bool hang = false;                    ///< say nothing more until the server stops
  std::size_t cut = std::string::npos;  ///< send so many bytes of all, then close (or hang)
};

std::string gzipped(const std::string& text);

/// An HTTPS/1.1 server on 127.0.0.1 with a thread a connection. `answer` is called under a lock, one request at a time; `http` instead of
/// TLS without an authority.
class TlsServer {
 public:
  using Answer = std::function<Reply(const ServedRequest&)>;
  TlsServer(const TestAuthority* authority, Answer answer);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::string url(const std::string& host = "127.0.0.1") const;
  std::vector<ServedRequest> served() const;
  int connections() const { return connections_; }
  /// The most requests that were being answered at once.
  int most_at_once() const { return most_at_once_; }
  /// Requests wait until so many are there.
  void gather(int requests);

 private:
  class Stream;
  void accept_all();
  void converse(int fd, int number);
  bool read_request(Stream& stream, std::string& buffer, ServedRequest& request) const;
  bool reply_to(Stream& stream, ServedRequest request);
  void wait_for_others();

  Answer answer_;
  SSL_CTX* context_ = nullptr;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<int> connections_{0};
  std::atomic<int> most_at_once_{0};
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<ServedRequest> served_;
  int gather_ = 0;
  int here_ = 0;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace tradewind::http
