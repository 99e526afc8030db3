// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/json.hpp"

#include <algorithm>

#include "tradewind/base/text.hpp"

namespace tradewind {

const Json& member(const Json& object, std::string_view name) {
  static const Json kAbsent;
  if (!object.is_object()) return kAbsent;
  const auto found = object.find(name);
  return found == object.end() ? kAbsent : *found;
}

std::size_t json_depth(std::string_view text) noexcept {
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

Status check_json_depth(std::string_view text, std::string_view what) {
  if (json_depth(text) <= kMostJsonDepth) return {};
  return Error(Errc::corrupt,
               std::string(what) + " is nested too deeply to be read: more than " + std::to_string(kMostJsonDepth) + " levels");
}

Result<Json> parse_json(std::string_view text, std::string_view what) {
  TRADEWIND_TRY(check_json_depth(text, what));
  try {
    return Json::parse(text);
  } catch (const Json::exception& fault) {
    return Error(Errc::corrupt, std::string(what) + " is no JSON: " + printable(fault.what(), 200));
  }
}

Json read_json(std::string_view text) {
  if (json_depth(text) > kMostJsonDepth) return Json(Json::value_t::discarded);
  return Json::parse(text, nullptr, false);
}

}  // namespace tradewind
