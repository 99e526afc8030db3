// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "tradewind/base/text.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/prediction/news_feed.hpp"

namespace tradewind::prediction {
namespace {

/// Text without <tags>; many feeds carry HTML in it.
std::string without_markup(std::string_view text) {
  std::string plain;
  bool inside = false;
  for (const char c : text) {
    if (c == '<')
      inside = true;
    else if (c == '>' && inside)
      inside = false, plain += ' ';
    else if (!inside)
      plain += c;
  }
  return std::string(trim(plain));
}

std::string child_text(const pugi::xml_node& node, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const pugi::xml_node child = node.child(name)) {
      std::string text;
      for (const pugi::xml_node part : child.children())
        if (part.type() == pugi::node_pcdata || part.type() == pugi::node_cdata) text += part.value();
      if (!trim(text).empty()) return without_markup(clean_text(text));
    }
  return {};
}

trading::NewsItem item_of(const pugi::xml_node& node, const std::string& source, UnixNanos now) {
  trading::NewsItem item;
  item.headline = child_text(node, {"title"});
  item.text = child_text(node, {"description", "summary", "content"});
  item.id = child_text(node, {"guid", "id", "link"});
  if (item.id.empty()) item.id = item.headline;
  item.source = source;
  item.received = now;
  item.time = parse_feed_time(child_text(node, {"pubDate", "published", "updated", "dc:date"})).value_or(now);
  return item;
}

int two_digits(std::string_view text) {
  const bool digits = text.size() == 2 && text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9';
  return digits ? (text[0] - '0') * 10 + (text[1] - '0') : -1;
}

/// "+02:00" for the zone of an RFC 822 date; empty when it is none.
std::string iso_zone(std::string_view zone) {
  if (zone.size() == 5 && (zone[0] == '+' || zone[0] == '-')) return fmt::format("{}:{}", zone.substr(0, 3), zone.substr(3));
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kNames = {{{"GMT", "Z"},
                                                                                     {"UT", "Z"},
                                                                                     {"UTC", "Z"},
                                                                                     {"Z", "Z"},
                                                                                     {"EST", "-05:00"},
                                                                                     {"EDT", "-04:00"},
                                                                                     {"CST", "-06:00"},
                                                                                     {"CDT", "-05:00"},
                                                                                     {"MST", "-07:00"},
                                                                                     {"MDT", "-06:00"},
                                                                                     {"PST", "-08:00"}}};
  for (const auto& [name, offset] : kNames)
    if (zone == name) return std::string(offset);
  return zone == "PDT" ? "-07:00" : "";
}

}  // namespace

std::optional<UnixNanos> parse_feed_time(std::string_view text) {
  text = trim(text);
  if (const auto iso = parse_time(text)) return iso->zone == ZoneForm::none && !iso->date_only ? std::nullopt : std::optional(iso->nanos);
  if (text.size() > 64) return std::nullopt;
  if (const auto comma = text.find(','); comma != std::string_view::npos) text = trim(text.substr(comma + 1));
  std::vector<std::string> parts;
  for (std::string& part : split(text, ' '))
    if (!part.empty()) parts.push_back(std::move(part));
  if (parts.size() != 5) return std::nullopt;
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t month = parts[1].size() == 3 ? kMonths.find(parts[1]) : std::string_view::npos;
  const std::string day = parts[0].size() == 1 ? "0" + parts[0] : parts[0];
  if (month == std::string_view::npos || month % 3 != 0 || two_digits(day) < 0) return std::nullopt;
  const std::string year = parts[2].size() == 2 ? "20" + parts[2] : parts[2];
  const std::string zone = iso_zone(parts[4]);
  if (zone.empty()) return std::nullopt;
  const auto read = parse_time(fmt::format("{}-{:02}-{}T{}{}", year, month / 3 + 1, day, parts[3], zone));
  return read && read->zone != ZoneForm::none ? std::optional(read->nanos) : std::nullopt;
}

Result<std::vector<trading::NewsItem>> parse_rss(std::string_view text, const std::string& source, UnixNanos now) {
  if (text.size() > kLargestFeed)
    return Error(Errc::too_large, fmt::format("a feed of {} bytes; at most {} are read", text.size(), kLargestFeed), source);
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(text.data(), text.size());
  if (!parsed)
    return Error(Errc::invalid_data, fmt::format("not well-formed XML at byte {}: {}", parsed.offset, parsed.description()), source);
  const pugi::xml_node channel = document.child("rss").child("channel");
  const pugi::xml_node feed = document.child("feed");
  if (!channel && !feed) return Error(Errc::invalid_data, "neither an RSS 2.0 nor an Atom document", source);
  std::vector<trading::NewsItem> items;
  for (const pugi::xml_node node : channel ? channel.children("item") : feed.children("entry")) {
    if (items.size() == kMostNewsItems) break;
    trading::NewsItem item = item_of(node, source, now);
    if (!item.headline.empty()) items.push_back(std::move(item));
  }
  return items;
}

}  // namespace tradewind::prediction
