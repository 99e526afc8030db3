// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/http_transport.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>

#include <curl/curl.h>

#include "tradewind/base/text.hpp"
#include "tradewind/version.hpp"

namespace tradewind::notifications {
namespace {

constexpr std::size_t kMostAnswer = std::size_t{1} << 16;

struct HandleDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Answer {
  std::size_t bytes = 0;
  std::string retry_after;
};

std::size_t take_body(char*, std::size_t size, std::size_t count, void* user) {
  auto& answer = *static_cast<Answer*>(user);
  answer.bytes += size * count;
  return answer.bytes > kMostAnswer ? 0 : size * count;
}

std::size_t take_header(char* text, std::size_t size, std::size_t count, void* user) {
  const std::string_view line(text, size * count);
  const auto colon = line.find(':');
  if (colon != std::string_view::npos && lower(line.substr(0, colon)) == "retry-after")
    static_cast<Answer*>(user)->retry_after = std::string(trim(line.substr(colon + 1)).substr(0, 64));
  return size * count;
}

int look_up(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const Cancellation*>(user)->requested() ? 1 : 0;
}

class CurlTransport final : public HttpTransport {
 public:
  CurlTransport() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  HttpReply post(const HttpPost& request, const Cancellation& cancellation) override {
    const std::unique_ptr<CURL, HandleDeleter> handle(curl_easy_init());
    if (!handle) return {0, "no memory for a connection", {}};
    std::unique_ptr<curl_slist, HandleDeleter> headers;
    for (const auto& [name, value] : request.headers) {
      curl_slist* longer = curl_slist_append(headers.get(), (name + ": " + value).c_str());
      if (longer == nullptr) return {0, "no memory for a header", {}};
      static_cast<void>(headers.release());
      headers.reset(longer);
    }
    Answer answer;
    std::array<char, CURL_ERROR_SIZE> why{};
    set_up(handle.get(), request, answer, cancellation);
    curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, why.data());
    const CURLcode code = curl_easy_perform(handle.get());
    HttpReply reply;
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    // An answer longer than what is read has been an answer all the same.
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && answer.bytes > kMostAnswer)) {
      reply.status = static_cast<int>(status);
      reply.retry_after = answer.retry_after;
    } else {
      reply.error = curl_easy_strerror(code);
    }
    return reply;
  }

 private:
  static void set_up(CURL* handle, const HttpPost& request, Answer& answer, const Cancellation& cancellation) {
    const auto milliseconds = static_cast<long>(std::max(1.0, request.timeout_seconds * 1000));
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, milliseconds);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "tradewind/" TRADEWIND_VERSION);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &answer);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, look_up);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &cancellation);
  }
};

}  // namespace

HttpTransport& curl_transport() {
  static CurlTransport transport;
  return transport;
}

}  // namespace tradewind::notifications
