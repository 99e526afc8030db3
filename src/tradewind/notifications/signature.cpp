// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/signature.hpp"

#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "tradewind/base/result.hpp"

namespace tradewind::notifications {

std::string hmac_sha256_hex(std::string_view key, std::string_view message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  const auto* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, message.size(), digest.data(), &size);
  TRADEWIND_ASSERT(made != nullptr && size == 32, "SHA-256 gives 32 bytes");
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4U];
    hex += kDigits[digest[i] & 15U];
  }
  return hex;
}

}  // namespace tradewind::notifications
