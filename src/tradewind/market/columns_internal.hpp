// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/market/date_format_internal.hpp"
#include "tradewind/market/read_bars.hpp"

namespace tradewind::market {

enum class Role { timestamp, open, high, low, close, volume };
inline constexpr std::size_t kRoles = 6;
std::string_view role_name(Role role) noexcept;

/// The columns of a file as it spells them, without quotes and blanks.
struct ColumnNames {
  std::vector<std::string> names;
  std::vector<std::string> symbols;  ///< the symbol of each column, where the header has a line of them; empty: it has none

  /// Reads pandas' names of two levels, "('Close', 'MSFT')", in place; false when they are none.
  bool split_levels();
  /// The different symbols, in order.
  std::vector<std::string> all_symbols() const;
  /// Names one by one for tables of series: those of several symbols get it in front.
  std::vector<std::string> flat() const;
};

/// What a column holds, as far as its first rows show.
struct ColumnContent {
  bool written_times = false;  ///< every value is a date or time that one sees to be one
  bool times = false;          ///< the same, or an integer since 1970
  bool clocks = false;         ///< every value is a time of day
  bool numbers = false;        ///< every value is a number
};
using ContentOf = std::function<ColumnContent(std::size_t column)>;

/// Which column of a file plays which role.
struct BarColumns {
  std::array<std::optional<std::size_t>, kRoles> index;
  std::optional<std::size_t> time_of_day;  ///< beside a timestamp that is a date
  std::optional<std::size_t> adjusted;     ///< the adjusted close, when it is wanted
  std::optional<std::size_t> symbol;       ///< a column that names the symbol of each row
  bool wide = false;                       ///< the close is one column of a table of symbols: a blank is no bar
  std::string named_symbol;                ///< by the header; empty: it says nothing
  std::vector<std::string> symbols;        ///< several that have columns of their own, when none of them was chosen
  std::vector<std::string> names;          ///< all columns as the file spells them, without quotes and blanks
  std::optional<Rejection> fault;          ///< why the header cannot be used
  std::vector<std::string> notes;

  std::optional<std::size_t> operator[](Role role) const noexcept { return index[static_cast<std::size_t>(role)]; }
  const std::string& name(Role role) const { return names[*(*this)[role]]; }
  bool has_ohlc() const noexcept { return (*this)[Role::open].has_value(); }
  std::vector<ColumnRole> recognised() const;
  std::vector<std::string> ignored() const;
  /// DateOrder that the maker of the file is known for.
  DateOrder makers_order() const;
  /// Whether the time's column is called UTC or GMT.
  bool says_utc() const;
};

/// Recognises bar columns: those that `options` names, then by name without regard to case, blanks, underscores and <> around the name,
/// then the time by what columns hold.
BarColumns recognise_columns(const ColumnNames& names, const ReadOptions& options, const ContentOf& content);
/// Whether a header names a time and a close.
bool names_bars(const std::vector<std::string>& names);
/// Of a table that holds bars, the places of open, high, low and volume; nothing of other tables.
std::vector<std::size_t> parts_of_bars(const std::vector<std::string>& names);
/// Whether a column of that name says which symbol a row is of.
bool names_symbols(std::string_view name);
/// Whether a program gives that name to the index of its table: "", Unnamed: 0, index, ….
bool names_an_index(std::string_view name);
/// A list of names for people: 'a', 'b', …
std::string quoted_list(const std::vector<std::string>& names);
/// The column that holds the time, by name; else the first one, when it is an index and holds times. nullopt: there is none.
std::optional<std::size_t> find_timestamp(const std::vector<std::string>& names, const ContentOf& content);
/// What some cells of a column hold; nothing when there are none.
ColumnContent content_of(const std::vector<std::string_view>& cells);

}  // namespace tradewind::market
