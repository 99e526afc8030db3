// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tradewind::notifications {

/// HMAC-SHA256 of a message under a key [RFC 2104, FIPS 180-4], 64 lower-case hexadecimal digits.
std::string hmac_sha256_hex(std::string_view key, std::string_view message);

}  // namespace tradewind::notifications
