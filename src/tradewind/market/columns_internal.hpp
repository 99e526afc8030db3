// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/market/read_bars.hpp"

namespace tradewind::market {

enum class Role { timestamp, open, high, low, close, volume };
inline constexpr std::size_t kRoles = 6;
std::string_view role_name(Role role) noexcept;

/// Which column of a file plays which role.
struct BarColumns {
  std::array<std::optional<std::size_t>, kRoles> index;
  std::optional<std::size_t> symbol;  ///< a column that names the symbol of each row
  std::vector<std::string> names;     ///< all columns as the file spells them, without quotes and blanks
  std::optional<Rejection> fault;     ///< why the header cannot be used
  std::vector<std::string> notes;

  std::optional<std::size_t> operator[](Role role) const noexcept { return index[static_cast<std::size_t>(role)]; }
  const std::string& name(Role role) const { return names[*(*this)[role]]; }
  bool has_ohlc() const noexcept { return (*this)[Role::open].has_value(); }
  std::vector<ColumnRole> recognised() const;
  std::vector<std::string> ignored() const;
};

/// Recognises bar columns by name without regard to case, blanks, underscores and <> around the name.
BarColumns recognise_columns(std::vector<std::string> names);
/// Whether a column of that name says which symbol a row is of.
bool names_symbols(std::string_view name);
/// A list of names for people: 'a', 'b', …
std::string quoted_list(const std::vector<std::string>& names);
/// The column that holds the time, by name; nullopt when there is none.
std::optional<std::size_t> find_timestamp(const std::vector<std::string>& names);

}  // namespace tradewind::market
