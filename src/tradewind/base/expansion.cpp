// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/expansion.hpp"

#include <limits>

namespace tradewind {
namespace {

constexpr std::uint64_t kAlways = std::uint64_t{256} << 20;
std::atomic<std::uint64_t> g_limit = 400;

}  // namespace

std::uint64_t expansion_limit() noexcept { return g_limit; }
void set_expansion_limit(std::uint64_t times) noexcept { g_limit = std::max<std::uint64_t>(times, 1); }

Expansion::Expansion(Path file, std::uint64_t stored_bytes) : file_(std::move(file)), stored_(stored_bytes) {
  const std::uint64_t times = expansion_limit();
  const bool beyond = stored_ > std::numeric_limits<std::uint64_t>::max() / times;
  allowed_ = std::max(kAlways, beyond ? std::numeric_limits<std::uint64_t>::max() : stored_ * times);
}

Expansion Expansion::of(const Path& file) {
  std::error_code unknown;
  const auto size = std::filesystem::file_size(file, unknown);
  return {file, unknown ? 0 : size};
}

Status Expansion::take(std::uint64_t bytes) {
  if (bytes > allowed_ - taken_) return refusal();
  taken_ += bytes;
  return {};
}

Error Expansion::refusal() const {
  return {Errc::too_large,
          std::to_string(stored_) + " bytes unpack to more than " + std::to_string(allowed_) + ", which is as much as is read of them",
          file_.string(),
          "if you trust the file, allow more by --max-expansion (now " + std::to_string(expansion_limit()) +
              " times its size, 256 MiB at least)"};
}

}  // namespace tradewind
