// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace tradewind {
namespace {

/// Optimal string alignment distance.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

/// Length of the valid UTF-8 sequence at `position`, 0 when there is none (overlong forms and surrogates are invalid).
std::size_t sequence_length(std::string_view text, std::size_t position) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(position);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  } else {
    return 0;
  }
  if (position + length > text.size()) return 0;
  if (byte(position + 1) < low || byte(position + 1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (byte(position + i) < 0x80 || byte(position + i) > 0xBF) return 0;
  return length;
}

/// The code point of a valid sequence.
char32_t code_point(std::string_view sequence) noexcept {
  if (sequence.size() == 1) return static_cast<unsigned char>(sequence[0]);
  char32_t code = static_cast<unsigned char>(sequence[0]) & (0x7FU >> sequence.size());
  for (const char c : sequence.substr(1)) code = code << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  return code;
}

/// What commands a terminal (C0, DEL, C1), breaks lines or turns the direction in which text is read [Unicode 15, ch. 23.2].
bool is_hidden(char32_t code) noexcept {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x061C || code == 0x200E || code == 0x200F ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

/// Appends the character at `position` in a form that a terminal only shows; gives its length in `text`.
std::size_t append_visible(std::string_view text, std::size_t position, std::string& result) {
  const std::size_t length = sequence_length(text, position);
  const std::string_view sequence = text.substr(position, std::max<std::size_t>(length, 1));
  const char32_t code = length == 0 ? 0 : code_point(sequence);
  if (length == 0 || code < 0x20)
    result += fmt::format("\\x{:02X}", static_cast<unsigned char>(text[position]));
  else if (is_hidden(code))
    result += fmt::format("\\u{:04X}", static_cast<std::uint32_t>(code));
  else
    result += sequence;
  return sequence.size();
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates) {
  const std::string wanted = lower(name);
  const std::size_t limit = std::max<std::size_t>(1, wanted.size() / 3);
  std::optional<std::string> best;
  std::size_t best_distance = limit + 1;
  for (const auto& candidate : candidates) {
    if (const std::size_t distance = edit_distance(wanted, lower(candidate)); distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
  if (const auto nearest = nearest_name(name, candidates)) return fmt::format("did you mean '{}'?", *nearest);
  if (candidates.empty() || candidates.size() > 24) return {};
  return fmt::format("known: {}", fmt::join(candidates, ", "));
}

std::string number_text(double value) {
  char buffer[32];
  // Shortest round trip; integral values in plain digits rather than 1e+06.
  const auto format = std::abs(value) < 1e15 && std::abs(value) >= 1e-5 ? std::chars_format::fixed : std::chars_format::general;
  const auto end =
      value == 0 ? std::to_chars(buffer, buffer + sizeof buffer, 0.0) : std::to_chars(buffer, buffer + sizeof buffer, value, format);
  return {buffer, end.ptr};
}

std::optional<double> parse_number(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  if (text.front() == '+' && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> parse_rate(std::string_view text) noexcept {
  text = trim(text);
  double unit = 1;
  if (text.ends_with("bps")) {
    unit = 1e4;
    text.remove_suffix(3);
  } else if (text.ends_with("%")) {
    unit = 1e2;
    text.remove_suffix(1);
  }
  const auto number = parse_number(trim(text));
  if (!number) return std::nullopt;
  return *number / unit;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (std::size_t end = text.find(separator); end != std::string_view::npos; end = text.find(separator, start)) {
    parts.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  parts.emplace_back(text.substr(start));
  return parts;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    if (result.size() >= limit) return result + "…";
    i += append_visible(text, i, result);
  }
  return result;
}

std::string visible_lines(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\n')
      result += text[i++];
    else
      i += append_visible(text, i, result);
  }
  return result;
}

std::string clean_text(std::string_view text, std::size_t limit) {
  constexpr std::string_view kReplacement = "\uFFFD";
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text, i);
    const std::string_view next = length == 0 ? kReplacement : text.substr(i, length);
    if (next.size() > limit - result.size()) break;
    result += next;
    i += std::max<std::size_t>(length, 1);
  }
  return result;
}

std::optional<std::size_t> invalid_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text, i);
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}

namespace {

std::string with_minus(std::string text) {
  if (!text.starts_with('-')) return text;
  if (text.find_first_of("123456789") == std::string::npos) return text.substr(1);  // -0.00
  return "−" + text.substr(1);
}

}  // namespace

std::string fixed(double value, int decimals) { return std::isfinite(value) ? with_minus(fmt::format("{:.{}f}", value, decimals)) : "–"; }

std::string percent(double fraction, int decimals) {
  return std::isfinite(fraction) ? with_minus(fmt::format("{:.{}f}", fraction * 100, decimals)) + " %" : "–";
}

std::string count(std::int64_t value) {
  std::string text = std::to_string(value);
  for (std::ptrdiff_t at = std::ssize(text) - 3; at > (value < 0 ? 1 : 0); at -= 3) text.insert(static_cast<std::size_t>(at), ",");
  return with_minus(text);
}

}  // namespace tradewind
