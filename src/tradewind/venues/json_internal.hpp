// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "tradewind/base/money.hpp"
#include "tradewind/venues/polymarket_parse_internal.hpp"

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
std::optional<bool> json_boolean(dom::element value);              ///< true, "true"
std::optional<double> json_number(dom::element value);             ///< 1.5, "1.5"; finite
std::optional<std::int64_t> json_micros(dom::element value);       ///< 0.48, ".48"
/// ["a", "b"], or a string that holds such a list; numbers as their text. nullopt for anything else.
std::optional<std::vector<std::string>> json_list(dom::element value, dom::parser& inner);

/// The fields of an object that have a name of interest and a value other than null.
template <std::size_t N>
class Fields {
 public:
  using Names = std::array<std::string_view, N>;
  Fields(const Names& names, dom::object object) {
    for (const auto [key, value] : object) {
      if (value.is_null()) continue;
      for (std::size_t i = 0; i < N; ++i)
        if (names[i].size() == key.size() && names[i] == key) values_[i] = value;
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
  static_assert(N <= 64);
  std::array<std::optional<dom::element>, N> values_;
};

}  // namespace tradewind::venues
