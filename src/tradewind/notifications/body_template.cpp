// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/body_template.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::notifications {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

const Json* walk(const Json& from, const std::vector<std::string>& names) {
  const Json* at = &from;
  for (const std::string& name : names) {
    const auto it = at->is_object() ? at->find(name) : at->end();
    if (it == at->end()) return nullptr;
    at = &*it;
  }
  return at;
}

std::string text_of(const Json& value, bool json) {
  if (!value.is_string()) return dump_json(value);
  if (!json) return value.get<std::string>();
  const std::string quoted = dump_json(value);
  return quoted.substr(1, quoted.size() - 2);
}

std::vector<std::string> names_of(const Json& event) {
  std::vector<std::string> names;
  for (const auto& [key, value] : event.items()) names.push_back(key);
  for (const auto& [key, value] : event["data"].items()) names.push_back(key);
  return names;
}

}  // namespace

Result<BodyTemplate> BodyTemplate::parse(std::string_view text, bool json) {
  BodyTemplate out;
  out.json_ = json;
  while (!text.empty()) {
    const auto open = text.find("{{");
    if (open != 0) out.parts_.push_back({std::string(text.substr(0, open)), false});
    if (open == std::string_view::npos) break;
    const auto close = text.find("}}", open);
    if (close == std::string_view::npos)
      return Error(Errc::invalid_config, fmt::format("a place is opened and not closed: '{}'", printable(text.substr(open))), {},
                   "close it by }}");
    const std::string_view name = trim(text.substr(open + 2, close - open - 2));
    if (!is_name(name))
      return Error(Errc::invalid_config, fmt::format("'{}' names no part of an event", printable(name)), {},
                   "write e.g. {{run_id}} or {{data.net_sharpe}}");
    out.parts_.push_back({std::string(name), true});
    text.remove_prefix(close + 2);
  }
  return out;
}

Result<std::string> BodyTemplate::render(const CloudEvent& event) const {
  const Json whole = read_json(to_json(event));
  std::string out;
  for (const Part& part : parts_) {
    if (!part.place) {
      out += part.text;
      continue;
    }
    const std::vector<std::string> names = split(part.text, '.');
    const Json* found = walk(whole, names);
    if (found == nullptr) found = walk(whole["data"], names);
    if (found == nullptr)
      return Error(Errc::unknown_name, fmt::format("an event {} has no '{}'", event.type, part.text), part.text,
                   suggestion(part.text, names_of(whole)));
    out += text_of(*found, json_);
  }
  return out;
}

Status BodyTemplate::check(const CloudEvent& example) const {
  TRADEWIND_ASSIGN(const std::string body, render(example));
  if (json_ && read_json(body).is_discarded())
    return Error(Errc::invalid_config, fmt::format("what comes out is not JSON: {}", printable(body, 120)), {},
                 "put places for texts between quotes, or set the header Content-Type to text/plain");
  return {};
}

}  // namespace tradewind::notifications
