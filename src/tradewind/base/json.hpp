// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "tradewind/base/json_fwd.hpp"

namespace tradewind {

/// The number, or null for NaN and infinities, which JSON cannot hold.
inline Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

/// The value as text. Never throws for what it holds: bytes that are not UTF-8 become U+FFFD. Without `indent` on one line.
inline std::string dump_json(const Json& value, int indent = -1) { return value.dump(indent, ' ', false, Json::error_handler_t::replace); }

/// How deep the brackets of a JSON text go: known before parsing, since whatever walks the value recurses as deep.
inline std::size_t json_depth(std::string_view text) noexcept {
  std::size_t depth = 0;
  std::size_t most = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      most = std::max(most, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return most;
}

inline constexpr std::size_t kMostJsonDepth = 200;

/// The value of a text from outside; a discarded one (`is_discarded`) for what is no JSON, no UTF-8 or nested deeper than 200 levels.
inline Json read_json(std::string_view text) {
  if (json_depth(text) > kMostJsonDepth) return Json(Json::value_t::discarded);
  return Json::parse(text, nullptr, false);
}

}  // namespace tradewind
