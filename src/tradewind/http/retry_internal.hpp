// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "tradewind/base/random.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/http/client.hpp"

namespace tradewind::http {

/// 425 (the venue's engine restarts), 429 and 5xx.
bool is_passing(int status) noexcept;

/// What a Retry-After header asks for [RFC 9110, 10.2.3]: seconds, or a date as seconds from `now`, not negative.
std::optional<double> retry_after_seconds(const std::string& text, UnixNanos now);

/// The wait before attempt number `attempt` + 1: uniform in [0, first · 2^(attempt − 1)] ("full jitter"), at least what the server asked
/// for, never above the options' maximum.
double backoff_seconds(const ClientOptions& options, int attempt, std::optional<double> retry_after, Random& random);

}  // namespace tradewind::http
