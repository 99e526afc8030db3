// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/base/time.hpp"

namespace tradewind::market {

/// From `since` on, the clock that a file's times are of is `seconds` ahead of UTC.
struct UtcOffset {
  UnixNanos since = 0;
  std::int32_t seconds = 0;
  bool operator==(const UtcOffset&) const = default;
};
/// The offset in force at a time, that of the first entry before it; 0 without any.
std::int32_t offset_at(const std::vector<UtcOffset>& offsets, UnixNanos time) noexcept;
/// The offsets of ascending times, one at each change; empty when all are 0.
std::vector<UtcOffset> offset_changes(std::span<const UnixNanos> times, std::span<const std::int32_t> seconds);

}  // namespace tradewind::market
