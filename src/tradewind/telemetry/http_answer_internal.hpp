// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tradewind/base/result.hpp"

namespace tradewind::telemetry {

inline constexpr std::size_t kMostRequest = 8192;

/// The whole answer to what a client has sent so far, headers included; nullopt while the request is not complete. Never throws.
std::optional<std::string> http_answer(std::string_view received, std::uint16_t port, const std::function<Result<std::string>()>& metrics);

}  // namespace tradewind::telemetry
