// SPDX-License-Identifier: Apache-2.0
#include "tls_server.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "tradewind/base/text.hpp"

namespace tradewind::http {
namespace {

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& text) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, text.c_str());
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "no extension");
  X509_EXTENSION_free(extension);
}

X509* make_certificate(const char* common_name, EVP_PKEY* key, X509* issuer, long serial) {
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 2 * 86'400);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name),
                             -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer == nullptr ? certificate : issuer));
  return certificate;
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name) {
  std::string pattern = (std::filesystem::temp_directory_path() / "tradewind_http_XXXXXX").string();
  must(::mkdtemp(pattern.data()) != nullptr, "no temporary folder");
  folder_ = pattern;
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> ca_key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  key_.reset(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, void (*)(X509*)> ca(make_certificate(folder_.filename().c_str(), ca_key.get(), nullptr, 1), X509_free);
  extend(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign");
  must(X509_sign(ca.get(), ca_key.get(), EVP_sha256()) > 0, "not signed");
  certificate_.reset(make_certificate("tradewind test server", key_.get(), ca.get(), 2));
  extend(certificate_.get(), ca.get(), NID_subject_alt_name, name);
  must(X509_sign(certificate_.get(), ca_key.get(), EVP_sha256()) > 0, "not signed");
  std::FILE* file = std::fopen(ca_file().c_str(), "w");
  must(file != nullptr && PEM_write_X509(file, ca.get()) == 1, "not written");
  std::fclose(file);
}

TestAuthority::~TestAuthority() { std::filesystem::remove_all(folder_); }

std::string gzipped(const std::string& text) {
  z_stream stream{};
  must(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK, "no zlib");
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  must(deflate(&stream, Z_FINISH) == Z_STREAM_END, "not compressed");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// Bytes to and from one connection, with or without TLS, given up as soon as the server stops.
class TlsServer::Stream {
 public:
  Stream(int fd, SSL_CTX* context, const std::atomic<bool>& stop) : fd_(fd), stop_(stop) {
    if (context == nullptr) return;
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, fd);
  }
  ~Stream() {
    if (ssl_ != nullptr) SSL_free(ssl_);
    ::close(fd_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  bool shake_hands() { return ssl_ == nullptr || (readable() && SSL_accept(ssl_) == 1); }
  bool readable() const {
    while (!stop_) {
      if (ssl_ != nullptr && SSL_pending(ssl_) > 0) return true;
      pollfd waiting{fd_, POLLIN, 0};
      if (::poll(&waiting, 1, 10) > 0) return true;
    }
    return false;
  }
  bool read(std::string& into) {
    if (!readable()) return false;
    std::array<char, 16'384> buffer{};
    const long got =
        ssl_ != nullptr ? SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size())) : ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    into.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
  }
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t size = std::min<std::size_t>(bytes.size(), 16'384);
      const long sent =
          ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(size)) : ::send(fd_, bytes.data(), size, MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

 private:
  int fd_;
  SSL* ssl_ = nullptr;
  const std::atomic<bool>& stop_;
};

TlsServer::TlsServer(const TestAuthority* authority, Answer answer) : answer_(std::move(answer)) {
  std::signal(SIGPIPE, SIG_IGN);  // TLS writes by write(2)
  if (authority != nullptr) {
    context_ = SSL_CTX_new(TLS_server_method());
    must(SSL_CTX_use_certificate(context_, authority->certificate()) == 1 && SSL_CTX_use_PrivateKey(context_, authority->key()) == 1,
         "no certificate");
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  must(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(listener_, 128) == 0, "no port");
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

TlsServer::~TlsServer() {
  stop_ = true;
  arrived_.notify_all();
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
  SSL_CTX_free(context_);
}

std::string TlsServer::url(const std::string& host) const {
  return (context_ == nullptr ? "http://" : "https://") + host + ":" + std::to_string(port_);
}

std::vector<ServedRequest> TlsServer::served() const {
  const std::lock_guard lock(mutex_);
  return served_;
}

void TlsServer::gather(int requests) {
  const std::lock_guard lock(mutex_);
  gather_ = requests;
}

void TlsServer::accept_all() {
  while (!stop_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 10) <= 0) continue;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const timeval patience{60, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    threads_.emplace_back([this, fd, number = connections_++] { converse(fd, number); });
  }
}

void TlsServer::converse(int fd, int number) {
  Stream stream(fd, context_, stop_);
  if (!stream.shake_hands()) return;
  std::string buffer;
  for (;;) {
    ServedRequest request;
    request.connection = number;
    if (!read_request(stream, buffer, request) || !reply_to(stream, std::move(request))) return;
  }
}

bool TlsServer::read_request(Stream& stream, std::string& buffer, ServedRequest& request) const {
  std::size_t end = std::string::npos;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
    if (!stream.read(buffer)) return false;
  request.head = buffer.substr(0, end + 2);
  const std::string small = lower(request.head);
  const auto length = small.find("\r\ncontent-length:");
  const std::size_t wanted = length == std::string::npos ? 0 : std::stoul(small.substr(length + 17));
  while (buffer.size() < end + 4 + wanted)
    if (!stream.read(buffer)) return false;
  request.time = std::chrono::steady_clock::now();
  request.body = buffer.substr(end + 4, wanted);
  buffer.erase(0, end + 4 + wanted);
  request.method = request.head.substr(0, request.head.find(' '));
  const auto target = request.method.size() + 1;
  request.target = request.head.substr(target, request.head.find(' ', target) - target);
  return true;
}

/// Until as many requests are here as `gather` says, for at most a time that only a hang exceeds.
void TlsServer::wait_for_others() {
  std::unique_lock lock(mutex_);
  most_at_once_ = std::max(most_at_once_.load(), ++here_);
  arrived_.notify_all();
  arrived_.wait_for(lock, std::chrono::seconds(30), [&] { return stop_ || most_at_once_ >= gather_; });
}

bool TlsServer::reply_to(Stream& stream, ServedRequest request) {
  wait_for_others();
  Reply reply;
  {
    const std::lock_guard lock(mutex_);
    served_.push_back(request);
    reply = answer_(request);
    --here_;
  }
  if (reply.gzip) reply.body = gzipped(reply.body);
  std::string bytes = "HTTP/1.1 " + std::to_string(reply.status) + " Said\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n";
  if (reply.gzip) bytes += "Content-Encoding: gzip\r\n";
  for (const auto& [name, value] : reply.headers) bytes += name + ": " + value + "\r\n";
  bytes += "\r\n";
  if (request.method != "HEAD") bytes += reply.body;
  const bool cut = reply.cut < bytes.size();
  if (!stream.write(std::string_view(bytes).substr(0, reply.cut))) return false;
  while (reply.hang && !stop_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return !cut && !reply.close && !reply.hang;
}

}  // namespace tradewind::http
