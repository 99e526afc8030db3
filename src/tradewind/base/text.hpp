// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tradewind {

/// The candidate nearest to `name` by edit distance (insert, delete, replace, swap of neighbours), if it is near enough to be a likely
/// slip of the keyboard: at most a third of the name's length, at least one.
std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates);

/// "did you mean 'x'?" for the nearest candidate, or a list of the candidates when none is near and they are few; else empty.
std::string suggestion(std::string_view name, std::span<const std::string> candidates);

/// Shortest decimal text that reads back as the same double; integers without a point. Undefined for NaN and infinities.
std::string number_text(double value);
/// Correctly rounded double of the whole text; nullopt for anything else, including nan, inf and hexadecimal.
std::optional<double> parse_number(std::string_view text) noexcept;

/// 0.001, "10bps" or "0.1%" as a fraction; nullopt when it is none of them.
std::optional<double> parse_rate(std::string_view text) noexcept;

/// Numbers as people read them, with a true minus; "–" for NaN and infinities: −1.23, −12.3 % of a fraction, 9,900.
std::string fixed(double value, int decimals = 2);
std::string percent(double fraction, int decimals = 1);
std::string count(std::int64_t value);

/// Lower-cased ASCII copy.
std::string lower(std::string_view text);
/// Text without ASCII blanks at both ends.
std::string_view trim(std::string_view text) noexcept;
std::vector<std::string> split(std::string_view text, char separator);

/// The text as valid UTF-8 of at most `limit` bytes that a terminal only shows: bad bytes and controls become \xNN, C1 controls, line
/// separators and marks of direction \uNNNN, what is cut becomes "…". For messages that quote input.
std::string printable(std::string_view text, std::size_t limit = 60);
/// The same, uncut, and with its line feeds: how text that comes from elsewhere is shown to a person.
std::string visible_lines(std::string_view text);
/// Text from outside as it is kept: valid UTF-8 of at most `limit` bytes, cut between characters; bad bytes become U+FFFD.
std::string clean_text(std::string_view text, std::size_t limit = std::string_view::npos);
/// Offset of the first byte that is not valid UTF-8, or nullopt.
std::optional<std::size_t> invalid_utf8(std::string_view text) noexcept;

}  // namespace tradewind
