// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/result.hpp"

namespace tradewind {

/// The number, or null for NaN and infinities, which JSON cannot hold.
inline Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

/// A member of an object; null when it has none of that name or is no object. Never throws.
const Json& member(const Json& object, std::string_view name);

/// The value as text. Never throws for what it holds: bytes that are not UTF-8 become U+FFFD. Without `indent` on one line.
inline std::string dump_json(const Json& value, int indent = -1) { return value.dump(indent, ' ', false, Json::error_handler_t::replace); }

/// How deep the brackets of a JSON text go: known before parsing, since whatever walks the value recurses as deep.
std::size_t json_depth(std::string_view text) noexcept;

inline constexpr std::size_t kMostJsonDepth = 200;

/// Errc::corrupt for a text nested deeper than 200 levels; `what` says whose text it is: "the analysis".
Status check_json_depth(std::string_view text, std::string_view what);

/// The value of a text from a file or the network: with read_json the only way that text becomes JSON (tests/check_layers.py).
/// Errc::corrupt, which names `what`, for a text that is no JSON, no UTF-8 or nested deeper than 200 levels.
Result<Json> parse_json(std::string_view text, std::string_view what);

/// The same for whoever has no use for the reason: a discarded value (`is_discarded`) instead of the error.
Json read_json(std::string_view text);

/// The enum value of a JSON text, as enum_from_name; none for a value that is no text, too.
template <class Enum>
std::optional<Enum> enum_from_json(const Json& value) {
  const auto* const text = value.get_ptr<const std::string*>();
  return text == nullptr ? std::nullopt : enum_from_name<Enum>(*text);
}

}  // namespace tradewind
