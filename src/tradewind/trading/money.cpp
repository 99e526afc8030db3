// SPDX-License-Identifier: Apache-2.0
#include "tradewind/trading/money.hpp"

#include <cmath>
#include <limits>

namespace tradewind {

std::optional<std::int64_t> micros_from_double(double value) noexcept {
  const double scaled = std::round(value * 1e6);
  if (!(std::abs(scaled) < 9.2e18)) return std::nullopt;  // also NaN
  return static_cast<std::int64_t>(scaled);
}

std::string decimal_text(std::int64_t micros) {
  const bool negative = micros < 0;
  // The magnitude of the most negative number has no positive counterpart.
  const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(micros) : static_cast<std::uint64_t>(micros);
  std::string text = (negative ? "-" : "") + std::to_string(magnitude / 1'000'000);
  std::uint64_t rest = magnitude % 1'000'000;
  if (rest == 0) return text;
  std::string digits = std::to_string(rest);
  digits.insert(0, 6 - digits.size(), '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  return text + "." + digits;
}

std::optional<std::int64_t> parse_decimal(std::string_view text) noexcept {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  Int128 micros = 0;
  int after_point = -1;  // digits seen after the point; −1: no point yet
  bool any = false;
  for (const char c : text) {
    if (c == '.') {
      if (after_point >= 0) return std::nullopt;
      after_point = 0;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    any = true;
    if (after_point >= 6) {
      if (c != '0') return std::nullopt;
      continue;
    }
    micros = micros * 10 + (c - '0');
    if (after_point >= 0) ++after_point;
    if (micros > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  }
  if (!any) return std::nullopt;
  for (int digits = after_point < 0 ? 0 : after_point; digits < 6; ++digits) micros *= 10;
  if (micros > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return static_cast<std::int64_t>(negative ? -micros : micros);
}

}  // namespace tradewind
