// SPDX-License-Identifier: Apache-2.0
#include "tradewind/notifications/cloud_event.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::notifications {
namespace {

constexpr std::size_t kMaxText = 1024;

Error foreign(const std::string& why, std::string where = {}) {
  return {Errc::invalid_data, "not a CloudEvent that can be read: " + why, std::move(where),
          "send CloudEvents 1.0 in JSON format with an object as data"};
}

Status read_text(const Json& in, const char* key, bool required, std::string& out) {
  const auto it = in.find(key);
  if (it == in.end() && !required) return {};
  if (it == in.end()) return foreign(fmt::format("it has no {}", key), key);
  if (!it->is_string()) return foreign(fmt::format("{} is not a text", key), key);
  out = it->get<std::string>();
  if (out.empty()) return foreign(fmt::format("{} is empty", key), key);
  if (out.size() > kMaxText) return foreign(fmt::format("{} has {} bytes, at most {} are read", key, out.size(), kMaxText), key);
  if (std::any_of(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
    return foreign(fmt::format("{} holds control characters", key), key);
  return {};
}

Status read_time(const Json& in, UnixNanos& out) {
  std::string text;
  TRADEWIND_TRY(read_text(in, "time", false, text));
  if (text.empty()) return {};
  const auto parsed = parse_time(text);
  if (!parsed || parsed->zone == ZoneForm::none)
    return foreign(fmt::format("time '{}' is not RFC 3339 with a zone", printable(text)), "time");
  out = parsed->nanos;
  return {};
}

Result<CloudEvent> read_event(const Json& in) {
  if (!in.is_object()) return foreign("it is not an object");
  CloudEvent event;
  std::string version, content;
  TRADEWIND_TRY(read_text(in, "specversion", true, version));
  if (version != "1.0") return foreign(fmt::format("its specversion is {}, 1.0 is read", printable(version)), "specversion");
  TRADEWIND_TRY(read_text(in, "id", true, event.id));
  TRADEWIND_TRY(read_text(in, "source", true, event.source));
  TRADEWIND_TRY(read_text(in, "type", true, event.type));
  TRADEWIND_TRY(read_text(in, "subject", false, event.subject));
  TRADEWIND_TRY(read_text(in, "datacontenttype", false, content));
  TRADEWIND_TRY(read_time(in, event.time));
  if (!content.empty() && !lower(content).starts_with("application/json"))
    return foreign(fmt::format("its data is {}, application/json is read", printable(content)), "datacontenttype");
  const auto data = in.find("data");
  if (data == in.end() || !data->is_object()) return foreign("its data is not a JSON object", "data");
  event.data = dump_json(*data);
  return event;
}

}  // namespace

std::string content_id(const CloudEvent& event) {
  return sha256_hex(dump_json(Json::array({event.source, event.type, event.subject, event.data}))).substr(0, 32);
}

std::string to_json(const CloudEvent& event) {
  Json out = {{"specversion", "1.0"}, {"id", event.id}, {"source", event.source}, {"type", event.type}};
  if (!event.subject.empty()) out["subject"] = event.subject;
  if (event.time != 0) out["time"] = format_time(event.time);
  out["datacontenttype"] = "application/json";
  Json data = read_json(event.data);
  TRADEWIND_ASSERT(data.is_object(), "an event's data is a JSON object");
  out["data"] = std::move(data);
  return dump_json(out);
}

Result<CloudEvent> parse_cloud_event(std::string_view json) {
  if (json.size() > kMaxEventBytes)
    return Error(Errc::too_large, fmt::format("an event of {} bytes, at most {} are read", json.size(), kMaxEventBytes));
  if (json_depth(json) > kMaxEventDepth)
    return Error(Errc::too_large, fmt::format("an event nested deeper than {} levels", kMaxEventDepth));
  try {
    const auto parsed = parse_json(json, "the event");
    return parsed ? read_event(*parsed) : foreign(parsed.error().message());
  } catch (const std::exception& fault) {
    return foreign(printable(fault.what(), 200));
  }
}

}  // namespace tradewind::notifications
