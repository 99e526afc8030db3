// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <exception>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/http/transfer_internal.hpp"
#include "tradewind/version.hpp"

namespace tradewind::http {
namespace {

constexpr std::size_t kMostHeaders = std::size_t{256} << 10;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_one_line(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos; }

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F && c != ':' && c != ';'; });
}

bool has_body(const Request& request) { return request.method != "GET" && request.method != "HEAD"; }
bool may_repeat(const Request& request) { return request.method == "GET" || request.repeatable; }

}  // namespace

Result<Target> check_request(const Request& request) {
  if (!is_name(request.method)) return Error(Errc::usage, "the method is no word");
  for (const auto& [name, value] : request.headers)
    if (!is_name(name) || !is_one_line(value)) return Error(Errc::usage, fmt::format("the header {} cannot be sent", printable(name)));
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (!url) return Error(Errc::internal, "no memory for a URL");
  if (!is_one_line(request.url) || curl_url_set(url.get(), CURLUPART_URL, request.url.c_str(), 0) != CURLUE_OK)
    return Error(Errc::usage, "the URL cannot be read");
  const std::string scheme = part_of(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return Error(Errc::usage, "the URL starts with neither http:// nor https://");
  Target target;
  target.host = fmt::format("{}://{}:{}", scheme, lower(part_of(url.get(), CURLUPART_HOST)), part_of(url.get(), CURLUPART_PORT));
  target.shown = request.delivery ? "the message" : printable(target.host + part_of(url.get(), CURLUPART_PATH), 200);
  return target;
}

Result<std::unique_ptr<Transfer>> Transfer::make(const Request& request, const ClientOptions& options) {
  std::unique_ptr<Transfer> transfer(new Transfer(request, options));
  transfer->handle_.reset(curl_easy_init());
  if (!transfer->handle_ || !transfer->set_headers()) return Error(Errc::internal, "no memory for a request");
  transfer->set_connection();
  transfer->set_method();
  transfer->set_callbacks();
  return transfer;
}

bool Transfer::set_headers() {
  const auto append = [this](const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) return false;
    static_cast<void>(headers_.release());
    headers_.reset(longer);
    return true;
  };
  // libcurl would wait a second for "100 Continue" before a long body.
  if (!append("Expect:")) return false;
  for (const auto& [name, value] : request_.headers)
    if (!append(value.empty() ? name + ";" : name + ": " + value)) return false;
  curl_easy_setopt(handle(), CURLOPT_HTTPHEADER, headers_.get());
  return true;
}

void Transfer::set_connection() {
  const auto milliseconds = static_cast<long>(std::clamp(request_.timeout_seconds, 0.001, 86'400.0) * 1000);
  curl_easy_setopt(handle(), CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(handle(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle(), CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(handle(), CURLOPT_PIPEWAIT, 1L);  // rather a stream of an HTTP/2 connection that is being made than one more connection
  curl_easy_setopt(handle(), CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle(), CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(handle(), CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) {
    curl_easy_setopt(handle(), CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(handle(), CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(handle(), CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(handle(), CURLOPT_QUICK_EXIT, 1L);  // a name server that keeps silent must not hold up whoever gives up
#endif
  curl_easy_setopt(handle(), CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(handle(), CURLOPT_TIMEOUT_MS, milliseconds);
  curl_easy_setopt(handle(), CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
  curl_easy_setopt(handle(), CURLOPT_USERAGENT, "tradewind/" TRADEWIND_VERSION);
  curl_easy_setopt(handle(), CURLOPT_ACCEPT_ENCODING, "");
  if (!request_.delivery) curl_easy_setopt(handle(), CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options_.most_body));
}

void Transfer::set_method() {
  if (request_.method == "GET") {
    curl_easy_setopt(handle(), CURLOPT_HTTPGET, 1L);
    return;
  }
  if (request_.method == "HEAD") {
    curl_easy_setopt(handle(), CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(handle(), CURLOPT_POST, 1L);
    curl_easy_setopt(handle(), CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    curl_easy_setopt(handle(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  }
  // When a kept connection turns out to be dead, libcurl sends again by itself on a new one, though the server may have read the first.
  // It cannot do so with a body that it has no means to rewind, nor without a kept connection.
  if (!may_repeat(request_) && !request_.body.empty() && has_body(request_)) {
    curl_easy_setopt(handle(), CURLOPT_READFUNCTION, &Transfer::give_body);
    curl_easy_setopt(handle(), CURLOPT_READDATA, this);
  } else if (has_body(request_)) {
    curl_easy_setopt(handle(), CURLOPT_POSTFIELDS, request_.body.c_str());
  }
  if (request_.delivery || (!may_repeat(request_) && request_.body.empty())) curl_easy_setopt(handle(), CURLOPT_FRESH_CONNECT, 1L);
  if (request_.delivery) curl_easy_setopt(handle(), CURLOPT_FORBID_REUSE, 1L);
}

void Transfer::set_callbacks() {
  curl_easy_setopt(handle(), CURLOPT_ERRORBUFFER, message_.data());
  curl_easy_setopt(handle(), CURLOPT_WRITEFUNCTION, &Transfer::take_body);
  curl_easy_setopt(handle(), CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle(), CURLOPT_HEADERFUNCTION, &Transfer::take_header);
  curl_easy_setopt(handle(), CURLOPT_HEADERDATA, this);
}

std::size_t Transfer::take_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  if (size * count > transfer.options_.most_body - transfer.answer_.body.size()) {
    transfer.too_long_ = true;
    return 0;
  }
  try {
    transfer.answer_.body.append(bytes, size * count);
  } catch (const std::exception&) {
    return 0;
  }
  return size * count;
}

std::size_t Transfer::take_header(char* bytes, std::size_t size, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view line(bytes, size * count);
  transfer.header_bytes_ += line.size();
  if (transfer.header_bytes_ > kMostHeaders) {
    transfer.too_long_ = true;
    return 0;
  }
  try {
    if (line.starts_with("HTTP/")) transfer.answer_.headers.clear();  // those before were of a "100 Continue"
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && !line.starts_with("HTTP/"))
      transfer.answer_.headers.emplace_back(lower(trim(line.substr(0, colon))), trim(line.substr(colon + 1)));
  } catch (const std::exception&) {
    return 0;
  }
  return line.size();
}

std::size_t Transfer::give_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t now = std::min(size * count, transfer.request_.body.size() - transfer.sent_);
  std::memcpy(bytes, transfer.request_.body.data() + transfer.sent_, now);
  transfer.sent_ += now;
  return now;
}

std::string Transfer::why(CURLcode code) const {
  if (too_long_ || code == CURLE_FILESIZE_EXCEEDED) return fmt::format("the answer is longer than {} bytes", options_.most_body);
  if (request_.delivery) return curl_easy_strerror(code);
  const std::string detail(message_.data());
  const auto query = request_.url.find('?');
  const bool shows_query = query != std::string::npos && detail.find(request_.url.substr(query)) != std::string::npos;
  return detail.empty() || shows_query ? curl_easy_strerror(code) : printable(detail, 200);
}

void Transfer::finish(CURLcode code, const std::string& shown, Response& response) {
  const int attempts = response.attempts;
  long status = 0;
  long connects = 0;
  curl_off_t microseconds = 0;
  curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle(), CURLINFO_NUM_CONNECTS, &connects);
  curl_easy_getinfo(handle(), CURLINFO_TOTAL_TIME_T, &microseconds);
  // Of a delivery, an answer longer than what is read has been an answer all the same.
  const bool answered = code == CURLE_OK || (request_.delivery && too_long_);
  response = answered ? std::move(answer_) : Response{};
  if (request_.delivery) response.body.clear();
  if (answered)
    response.status = static_cast<int>(status);
  else
    response.error = fmt::format("{}: {}", shown, why(code));
  response.attempts = attempts;
  response.milliseconds = static_cast<double>(microseconds) * 1e-3;
  response.reused_connection = code == CURLE_OK && connects == 0;
}

bool Transfer::may_pass(CURLcode code) noexcept {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_WRITE_ERROR:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_OUT_OF_MEMORY: return false;
    default: return true;
  }
}

}  // namespace tradewind::http
