// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/csv.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind {
namespace {

std::string_view trim_blanks(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Plain decimals of at most 15 digits: digits and power of ten are both exact in double, so one division rounds correctly
/// [Clinger 1990]. nullopt sends everything else to the general parser.
std::optional<double> parse_short_decimal(std::string_view text) noexcept {
  constexpr std::array<double, 16> kPower = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 16) return std::nullopt;
  std::uint64_t digits = 0;
  std::size_t count = 0;
  std::size_t point = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = static_cast<unsigned>(text[i] - '0');
    if (digit <= 9) {
      digits = digits * 10 + digit;
      ++count;
    } else if (text[i] == '.' && point == text.size()) {
      point = i;
    } else {
      return std::nullopt;
    }
  }
  if (count == 0 || count > 15) return std::nullopt;
  const std::size_t decimals = point == text.size() ? 0 : text.size() - point - 1;
  const double value = static_cast<double>(digits) / kPower[decimals];
  return negative ? -value : value;
}

}  // namespace

std::optional<std::size_t> FieldSplitter::split(std::string_view line, std::size_t keep) {
  if (line.find('"') != std::string_view::npos) [[unlikely]]
    return split_quoted(line, keep);
  fields_.clear();
  std::size_t count = 0;
  const char* start = line.data();
  const char* const end = line.data() + line.size();
  for (const char* at = start;; ++at) {
    if (at != end && *at != separator_) continue;
    if (count < keep) fields_.push_back(trim_blanks({start, static_cast<std::size_t>(at - start)}));
    ++count;
    if (at == end) return count;
    start = at + 1;
  }
}

std::optional<std::size_t> FieldSplitter::split_quoted(std::string_view line, std::size_t keep) {
  unquoted_.clear();
  std::size_t at = 0;
  for (;;) {
    std::string field;
    while (at < line.size() && line[at] == ' ') ++at;
    if (at < line.size() && line[at] == '"') {
      bool closed = false;
      for (++at; at < line.size(); ++at) {
        if (line[at] != '"') {
          field += line[at];
        } else if (at + 1 < line.size() && line[at + 1] == '"') {
          field += line[at++];
        } else {
          closed = true;
          ++at;
          break;
        }
      }
      if (!closed) return std::nullopt;
    }
    for (; at < line.size() && line[at] != separator_; ++at) field += line[at];
    unquoted_.push_back(std::move(field));
    if (at >= line.size()) break;
    ++at;
  }
  fields_.clear();
  for (std::size_t i = 0; i < std::min(keep, unquoted_.size()); ++i) fields_.push_back(trim_blanks(unquoted_[i]));
  return unquoted_.size();
}

char detect_separator(std::string_view header) noexcept {
  constexpr std::string_view kSeparators = ",;\t";
  std::array<std::size_t, 3> counts{};
  bool quoted = false;
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    if (const auto which = kSeparators.find(c); !quoted && which != std::string_view::npos) ++counts[which];
  }
  std::size_t best = 0;
  for (std::size_t i = 1; i < counts.size(); ++i)
    if (counts[i] > counts[best]) best = i;
  return kSeparators[best];
}

std::string_view separator_name(char separator) noexcept {
  if (separator == ';') return "';' (semicolon)";
  return separator == '\t' ? "a tab" : "',' (comma)";
}

std::optional<std::string> text_fault(std::string_view line, std::uint64_t offset) {
  // One pass that the compiler turns into vector code; the details are looked at only when something is wrong.
  unsigned char high = 0;
  bool nul = false;
  for (const char c : line) {
    high = static_cast<unsigned char>(high | static_cast<unsigned char>(c));
    nul |= c == '\0';
  }
  if (nul) [[unlikely]] {
    const auto at = line.find('\0');
    return fmt::format("NUL byte at byte {} of the file (byte {} of the line)", offset + at, at + 1);
  }
  if ((high & 0x80U) == 0) return std::nullopt;
  const auto bad = invalid_utf8(line);
  if (!bad) return std::nullopt;
  return fmt::format("not UTF-8: byte {:02X} at byte {} of the file (byte {} of the line)", static_cast<unsigned char>(line[*bad]),
                     offset + *bad, *bad + 1);
}

std::optional<double> parse_double(std::string_view text) noexcept {
  if (const auto quick = parse_short_decimal(text)) return quick;
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  if (text.empty() || text.front() == '+') return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc{}) return value;
  if (error != std::errc::result_out_of_range) return std::nullopt;
  // Beyond the range of double: the exponent tells to which side.
  const auto exponent = text.find_first_of("eE");
  const bool tiny = exponent != std::string_view::npos ? text.find('-', exponent) != std::string_view::npos
                                                       : text.find_first_of("123456789") > text.find('.');
  const double magnitude = tiny ? 0.0 : std::numeric_limits<double>::infinity();
  return text.front() == '-' ? -magnitude : magnitude;
}

bool is_missing(std::string_view text) noexcept {
  if (text.empty()) return true;
  if (text.size() > 4) return false;
  const std::string small = lower(text);
  return small == "nan" || small == "na" || small == "n/a" || small == "null";
}

std::string_view without_bom(std::string_view text) noexcept {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return text;
}

}  // namespace tradewind
