// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "tradewind/trading/money.hpp"
#include "tradewind/venues/polymarket_parse.hpp"

namespace tradewind::venues {

namespace dom = simdjson::dom;

/// Two parsers, as documents hold further documents in strings.
struct PolymarketParser::Parsers {
  Parsers();
  dom::parser outer;
  dom::parser inner;
};

/// The parsed text, or an error of `where`.
Result<dom::element> parse_json(dom::parser& parser, std::string_view text, const std::string& where);
Error unexpected_answer(std::string what, const std::string& where);

std::optional<std::string_view> json_text(dom::element value);
std::optional<bool> json_boolean(dom::element value);         ///< true, "true"
std::optional<double> json_number(dom::element value);        ///< 1.5, "1.5"; finite
std::optional<std::int64_t> json_micros(dom::element value);  ///< 0.48, ".48"
/// ["a", "b"], or a string that holds such a list; numbers as their text. nullopt for anything else.
std::optional<std::vector<std::string>> json_list(dom::element value, dom::parser& inner);

/// Names of fields, found by their size first: most fields of an answer are of no interest.
template <std::size_t N>
struct FieldNames {
  static_assert(N <= 32);
  static constexpr std::size_t kMostSize = 32;
  std::array<std::string_view, N> names{};
  std::array<std::uint32_t, kMostSize> by_size{};  // bit i: names[i] has this size

  explicit constexpr FieldNames(const std::string_view (&all)[N]) {
    for (std::size_t i = 0; i < N; ++i) {
      names[i] = all[i];
      by_size.at(all[i].size()) |= std::uint32_t{1} << i;
    }
  }
  /// N: none.
  std::size_t find(std::string_view key) const noexcept {
    if (key.size() >= kMostSize) return N;
    for (std::uint32_t left = by_size[key.size()]; left != 0; left &= left - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(left));
      if (names[i] == key) return i;
    }
    return N;
  }
};

/// The fields of an object that have a name of interest and a value other than null.
template <std::size_t N>
class Fields {
 public:
  Fields(const FieldNames<N>& names, dom::object object) {
    for (const auto [key, value] : object) {
      const std::size_t field = names.find(key);
      if (field < N && !value.is_null()) values_[field] = value;
    }
  }
  const std::optional<dom::element>& operator[](std::size_t field) const { return values_[field]; }
  template <class T>
  auto get(std::size_t field, T read) const -> decltype(read(dom::element{})) {
    return values_[field] ? read(*values_[field]) : std::nullopt;
  }
  std::string text(std::size_t field) const { return std::string(get(field, json_text).value_or(std::string_view())); }
  bool boolean(std::size_t field) const { return get(field, json_boolean).value_or(false); }

 private:
  std::array<std::optional<dom::element>, N> values_;
};

}  // namespace tradewind::venues
