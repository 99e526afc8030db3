// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/ids.hpp"

#include <algorithm>
#include <string>

#include "tradewind/base/text.hpp"

namespace tradewind::workspace {
namespace {

bool is_word(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_id_character(char c) { return is_word(c) || std::string_view("._=,@+-").find(c) != std::string_view::npos; }

Error bad_name(std::string_view kind, std::string_view id, const std::string& why) {
  return {
      Errc::usage, std::string(kind) + " '" + printable(id) + "' " + why, {}, "use 1 to 200 of the characters A-Z a-z 0-9 . _ = , @ + -"};
}

}  // namespace

Status check_id(std::string_view kind, std::string_view id) {
  if (id.empty()) return bad_name(kind, id, "is empty");
  if (id.size() > 200) return bad_name(kind, id, "has " + std::to_string(id.size()) + " characters, at most 200 are allowed");
  const auto bad = std::find_if_not(id.begin(), id.end(), is_id_character);
  if (bad != id.end()) return bad_name(kind, id, "has a character that is not allowed at position " + std::to_string(bad - id.begin() + 1));
  if (id == "." || id == ".." || id == "combined") return bad_name(kind, id, "is a reserved name");
  if (id.front() == '_') return bad_name(kind, id, "starts with '_', which is reserved");
  return {};
}

std::string id_of_symbol(std::string_view symbol) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string id;
  for (const char c : symbol) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_word(c) || c == '-' || c == '@' || c == '+' || (c == '_' && !id.empty()))
      id += c;
    else
      id += {'=', kHex[byte >> 4U], kHex[byte & 15U]};
  }
  return id;
}

bool id_begins_with(std::string_view id, std::string_view symbol) {
  const auto begins = [&](std::string_view name) { return id.starts_with(name) && id.substr(name.size()).starts_with('.'); };
  return begins(symbol) || begins(id_of_symbol(symbol));
}

Status check_writer(std::string_view writer) {
  const bool good = !writer.empty() && writer.size() <= 64 && is_word(writer.front()) &&
                    std::all_of(writer.begin(), writer.end(), [](char c) { return is_word(c) || c == '_' || c == '-'; });
  if (!good)
    return Error(Errc::usage, "writer '" + printable(writer) + "' is not a writer name", {},
                 "use 1 to 64 letters, digits, '_' or '-', starting with a letter or digit");
  if (writer == "upkeep") return Error(Errc::usage, "writer 'upkeep' is reserved", {}, "choose another name");
  return {};
}

}  // namespace tradewind::workspace
