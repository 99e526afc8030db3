// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <curl/curl.h>

#include "tradewind/base/text.hpp"
#include "tradewind/http/retry_internal.hpp"

namespace tradewind::http {

bool is_passing(int status) noexcept { return status == 425 || status == 429 || (status >= 500 && status < 600); }

std::optional<double> retry_after_seconds(const std::string& text, UnixNanos now) {
  const std::string trimmed(trim(text));
  if (trimmed.empty()) return std::nullopt;
  if (const auto seconds = parse_number(trimmed)) return *seconds >= 0 ? seconds : std::nullopt;
  const time_t date = curl_getdate(trimmed.c_str(), nullptr);
  if (date < 0) return std::nullopt;
  return std::max(0.0, static_cast<double>(date) - static_cast<double>(now) / static_cast<double>(kNanosPerSecond));
}

double backoff_seconds(const ClientOptions& options, int attempt, std::optional<double> retry_after, Random& random) {
  const double most = options.most_backoff_seconds;
  const double step = std::min(most, options.backoff_seconds * std::exp2(std::min(attempt, 60) - 1));
  return std::min(most, std::max(step * random.uniform(), retry_after.value_or(0)));
}

}  // namespace tradewind::http
