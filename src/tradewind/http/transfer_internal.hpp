// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <string>

#include <curl/curl.h>

#include "tradewind/base/result.hpp"
#include "tradewind/http/client.hpp"

namespace tradewind::http {

/// Where a request goes.
struct Target {
  std::string host;   ///< scheme://host:port
  std::string shown;  ///< the URL for messages: without user, query and fragment
};
/// Errors: Errc::usage for a URL, method or header that cannot be sent.
Result<Target> check_request(const Request& request);

/// One attempt: a libcurl handle with everything it points to. Stays where it is.
class Transfer {
 public:
  /// `request` must outlive it. Errors: Errc::internal without memory.
  static Result<std::unique_ptr<Transfer>> make(const Request& request, const ClientOptions& options);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* handle() const noexcept { return handle_.get(); }
  /// Fills everything but `attempts`; `shown` stands before an error. Call once, when libcurl is done.
  void finish(CURLcode code, const std::string& shown, Response& response);
  /// Whether trying again may help: not after a refused certificate, an answer too long and the like.
  static bool may_pass(CURLcode code) noexcept;

 private:
  struct Free {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  Transfer(const Request& request, const ClientOptions& options) : request_(request), options_(options) {}
  bool set_headers();
  void set_connection();
  void set_method();
  void set_callbacks();
  std::string why(CURLcode code) const;

  static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t give_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;

  const Request& request_;
  const ClientOptions& options_;
  std::unique_ptr<curl_slist, Free> headers_;
  std::unique_ptr<CURL, Free> handle_;  // after the list it uses, so that it goes first
  std::array<char, CURL_ERROR_SIZE> message_{};
  std::size_t sent_ = 0;
  std::size_t header_bytes_ = 0;
  bool too_long_ = false;
  Response answer_;
};

}  // namespace tradewind::http
