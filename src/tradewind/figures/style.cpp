// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <set>

#include "tradewind/figures/style_internal.hpp"

namespace tradewind::figures {

std::string Figure::text() const { return json().dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string_view colour(std::size_t index) noexcept { return kPalette[index % kPalette.size()]; }

std::string_view regime_colour(std::size_t index) noexcept {
  constexpr std::array<std::string_view, 6> colours = {"#5b3c9e", "#a48bd6", "#e2d8f5", "#6f7680", "#a9afb8", "#d5d8dc"};
  return colours[index % colours.size()];
}

std::string_view dash(std::size_t index) noexcept {
  constexpr std::array<std::string_view, 4> dashes = {"solid", "dash", "dot", "dashdot"};
  return dashes[index / kPalette.size() % dashes.size()];
}

std::string_view pattern(std::size_t index) noexcept {
  constexpr std::array<std::string_view, 4> patterns = {"", "/", "x", "."};
  return patterns[index / kPalette.size() % patterns.size()];
}

Json diverging_scale() { return Json::array({{0.0, "#A6400A"}, {0.25, "#EDA268"}, {0.5, "#F3F1EC"}, {0.75, "#83BBE0"}, {1.0, "#08527F"}}); }

Json base_layout(std::string_view title, int height) {
  return {{"title", {{"text", plain(title)}, {"font", {{"size", 16}}}, {"x", 0.0}, {"xref", "paper"}, {"xanchor", "left"}}},
          {"height", height},
          {"autosize", true},
          {"paper_bgcolor", "rgba(0,0,0,0)"},
          {"plot_bgcolor", "rgba(0,0,0,0)"},
          {"font", {{"family", "system-ui, sans-serif"}, {"size", 12}, {"color", "#767b84"}}},
          {"margin", {{"l", 60}, {"r", 20}, {"t", 50}, {"b", 50}}},
          {"hoverlabel", {{"align", "left"}}},
          {"showlegend", false}};
}

Json axis(std::string_view title) {
  Json axis = {{"gridcolor", kFaint}, {"zerolinecolor", kFaint}, {"linecolor", kFaint}, {"automargin", true}};
  if (!title.empty()) axis["title"] = {{"text", plain(title)}, {"standoff", 8}};
  return axis;
}

Json annotation(std::string_view text, double x, double y) {
  return {{"text", text}, {"x", x}, {"y", y}, {"xref", "paper"}, {"yref", "paper"}, {"showarrow", false}};
}

Json number(double value, int digits) {
  if (!std::isfinite(value)) return nullptr;
  std::array<char, 40> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, digits - 1);
  double rounded = value;
  if (error == std::errc{}) std::from_chars(text.data(), end, rounded);
  return rounded == 0.0 ? 0.0 : rounded;  // -0 would print its sign
}

Json numbers(std::span<const double> values, int digits) {
  Json list = Json::array();
  for (const double value : values) list.push_back(number(value, digits));
  return list;
}

std::string short_time(std::string_view iso) {
  constexpr std::string_view midnight = "T00:00:00Z";
  if (iso.ends_with(midnight)) iso.remove_suffix(midnight.size());
  return std::string(iso);
}

Json short_times(std::span<const std::string> iso) {
  Json list = Json::array();
  for (const std::string& time : iso) list.push_back(short_time(time));
  return list;
}

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

namespace {

bool continues(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Byte offset of the `count`-th character, counted from the front.
std::size_t characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size() && count > 0) {
    ++at;
    while (at < text.size() && continues(text[at])) ++at;
    --count;
  }
  return at;
}

}  // namespace

std::string shortened(std::string_view text, std::size_t limit) {
  std::size_t length = 0;
  for (const char c : text) length += !continues(c);
  if (length <= limit || limit < 3) return plain(text);
  const std::size_t tail = (limit - 1) / 4, head = limit - 1 - tail;
  return plain(text.substr(0, characters(text, head))) + "…" + plain(text.substr(characters(text, length - tail)));
}

std::vector<std::string> shortened(const std::vector<std::string>& names, std::size_t limit) {
  constexpr std::size_t longest = 90, step = 4;
  const std::set<std::string> different(names.begin(), names.end());
  while (true) {
    std::vector<std::string> out;
    std::set<std::string> seen;
    for (const std::string& name : names) seen.insert(out.emplace_back(shortened(name, limit)));
    if (seen.size() == different.size()) return out;
    if (limit >= longest) break;
    limit += step;
  }
  std::vector<std::string> out;
  for (const std::string& name : names) out.push_back(plain(name));
  return out;
}

std::string signed_text(double value, int decimals) {
  if (!std::isfinite(value)) return "–";
  std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
  if (text.find_first_not_of("0.") == std::string::npos) return text;
  return (value < 0 ? "−" : "+") + text;
}

}  // namespace tradewind::figures
