// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tradewind {

/// Cuts a line into fields. Quoted fields ("a,b", "" for a quote) are understood within one line.
class FieldSplitter {
 public:
  explicit FieldSplitter(char separator) : separator_(separator) {}
  /// The fields of `line`, valid until the next call; trimmed of blanks. At most `keep` of them are stored in fields();
  /// returns how many there are, or nullopt when a quote is not closed.
  std::optional<std::size_t> split(std::string_view line, std::size_t keep);
  const std::vector<std::string_view>& fields() const noexcept { return fields_; }

 private:
  std::optional<std::size_t> split_quoted(std::string_view line, std::size_t keep);
  char separator_;
  std::vector<std::string_view> fields_;
  std::vector<std::string> unquoted_;
};

/// Comma, semicolon or tab, whichever the header line has most of (outside quotes); comma when there is none.
char detect_separator(std::string_view header) noexcept;
/// "',' (comma)" and the like, for notes.
std::string_view separator_name(char separator) noexcept;

/// Why a line's bytes cannot be text: NUL bytes or bad UTF-8, with the byte offset; nullopt when they are fine.
/// `offset` is that of the line in the file.
std::optional<std::string> text_fault(std::string_view line, std::uint64_t offset);

/// Correctly rounded double of the whole text, including nan and inf; huge numbers become ±inf, tiny ones 0. nullopt when it is no number.
std::optional<double> parse_double(std::string_view text) noexcept;
/// Whether the text stands for "no value": blank, nan, na, n/a, null (any case).
bool is_missing(std::string_view text) noexcept;

/// Removes a UTF-8 byte order mark.
std::string_view without_bom(std::string_view text) noexcept;

}  // namespace tradewind
