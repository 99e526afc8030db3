// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tradewind {

/// The texts of an enum whose values are 0, 1, 2, …, as they stand in files, JSON and arguments: one table, written behind the enum in its
/// namespace, that the compiler holds to the enum's values.
///
///     enum class Fruit { apple, pear };
///     constexpr auto names_of(Fruit) { return std::to_array<std::string_view>({"apple", "pear"}); }
///
///     enum_name(Fruit::pear) == "pear";   enum_from_name<Fruit>("apple") == Fruit::apple;
namespace enum_names_detail {

/// Whether a value has an enumerator: the compiler writes others as a cast, "(Fruit)2".
template <auto value>
constexpr bool is_named() {
  constexpr std::string_view text = __PRETTY_FUNCTION__;
  return text[text.find("value = ") + std::string_view("value = ").size()] != '(';
}

template <class Enum, std::size_t count = 0>
constexpr std::size_t enumerators() {
  if constexpr (is_named<static_cast<Enum>(count)>())
    return enumerators<Enum, count + 1>();
  else
    return count;
}

template <class Enum>
constexpr auto table() {
  constexpr auto names = names_of(Enum{});
  static_assert(names.size() == enumerators<Enum>(), "names_of must name every value of the enum");
  return names;
}

template <class Enum>
inline constexpr auto kNames = table<Enum>();

}  // namespace enum_names_detail

/// The text of a value.
template <class Enum>
constexpr std::string_view enum_name(Enum value) noexcept {
  return enum_names_detail::kNames<Enum>[static_cast<std::size_t>(value)];
}

/// The value of a text; none for another text.
template <class Enum>
constexpr std::optional<Enum> enum_from_name(std::string_view name) noexcept {
  for (std::size_t i = 0; i < enum_names_detail::kNames<Enum>.size(); ++i)
    if (enum_names_detail::kNames<Enum>[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

/// All texts, in the order of the values: what an argument may be.
template <class Enum>
const std::vector<std::string>& enum_names() {
  static const std::vector<std::string> all(enum_names_detail::kNames<Enum>.begin(), enum_names_detail::kNames<Enum>.end());
  return all;
}

}  // namespace tradewind
