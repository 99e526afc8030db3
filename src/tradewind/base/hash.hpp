// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tradewind/base/result.hpp"

namespace tradewind {

/// Incremental SHA-256 (FIPS 180-4). What it gives for a file equals the `sha256sum` command.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text) { update(std::as_bytes(std::span(text))); }
  /// 64 lower-case hexadecimal digits. Ends the computation.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view text);
/// The first 64 bits of the SHA-256: identities of strategies in a catalog (parameter_hash).
std::uint64_t hash64(std::string_view text);
/// Hash of a file's content, read in pieces.
Result<std::string> sha256_file(const std::filesystem::path& path);

}  // namespace tradewind
