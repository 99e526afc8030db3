// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <span>
#include <unordered_set>

#include <fmt/format.h>

#include "tradewind/base/csv.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/market/columns_internal.hpp"

namespace tradewind::market {
namespace {

using std::string_view_literals::operator""sv;

/// Names of each role in the order of preference, normalised: when a file has several, the earliest wins.
constexpr std::array kTimestamp = {"timestamp"sv, "timestamputc"sv,  "datetime"sv, "datetimeutc"sv, "opentime"sv,  "time"sv,
                                   "timeutc"sv,   "date"sv,          "dateutc"sv,  "ts"sv,          "tsevent"sv,   "unix"sv,
                                   "unixtime"sv,  "unixtimestamp"sv, "epoch"sv,    "begin"sv,       "starttime"sv, "timeperiodstart"sv};
/// Names of times that could name other things: they count when the column holds times.
constexpr std::array kPerhapsTimestamp = {"t"sv,         "windowstart"sv, "tradedate"sv, "tradingdate"sv,  "tradingday"sv,  "gmttime"sv,
                                          "localtime"sv, "ustime"sv,      "bartime"sv,   "barstart"sv,     "periodstart"sv, "quotedate"sv,
                                          "pricedate"sv, "datadate"sv,    "caldt"sv,     "dt"sv,           "day"sv,         "asof"sv,
                                          "asofdate"sv,  "tradetime"sv,   "eventtime"sv, "exchangetime"sv, "start"sv,       "created"sv};
constexpr std::array kAdjusted = {"adjclose"sv, "adjustedclose"sv, "closeadj"sv, "adjustedcloseprice"sv};
constexpr std::array kOpen = {"open"sv, "o"sv, "openprice"sv, "pxopen"sv};
constexpr std::array kHigh = {"high"sv, "h"sv, "highprice"sv, "pxhigh"sv, "max"sv};
constexpr std::array kLow = {"low"sv, "l"sv, "lowprice"sv, "pxlow"sv, "min"sv};
constexpr std::array kClose = {"close"sv,  "c"sv,      "closeprice"sv, "last"sv,          "price"sv,   "closelast"sv,
                               "pxlast"sv, "settle"sv, "adjclose"sv,   "adjustedclose"sv, "closeadj"sv};
constexpr std::array kSymbol = {"symbol"sv, "ticker"sv, "sym"sv, "tic"sv, "instrument"sv, "pair"sv, "asset"sv, "ric"sv, "isin"sv};
constexpr std::array kVolume = {"volume"sv, "vol"sv, "v"sv, "tickvolume"sv, "basevolume"sv, "totalvolume"sv, "volumebase"sv, "tickvol"sv};

std::span<const std::string_view> names_of(Role role) noexcept {
  switch (role) {
    case Role::timestamp: return kTimestamp;
    case Role::open: return kOpen;
    case Role::high: return kHigh;
    case Role::low: return kLow;
    case Role::close: return kClose;
    case Role::volume: return kVolume;
  }
  return {};
}

/// Whether the text is an integer, or a decimal number, of the size of a time since 1970.
bool is_epoch(std::string_view text) {
  const auto value = parse_double(text);
  return value && *value >= 1e8 && *value < 9.3e18;
}

std::string normalised(std::string_view name) {
  std::string result;
  for (const char c : lower(name))
    if (std::string_view(" _-.<>/()*[]\"'").find(c) == std::string_view::npos) result += c;
  return result;
}

/// Rank of a name among those of a role; nullopt when it is none of them.
std::optional<std::size_t> rank_of(std::string_view normal, Role role) noexcept {
  const auto names = names_of(role);
  const auto found = std::find(names.begin(), names.end(), normal);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

Rejection header_fault(std::string column, std::string reason) { return {1, std::move(column), std::move(reason)}; }

/// The best column for a role, or a fault when two are equally good.
void choose(BarColumns& columns, const std::vector<std::string>& normal, Role role) {
  std::optional<std::size_t> best_rank;
  for (std::size_t i = 0; i < normal.size(); ++i) {
    const auto rank = rank_of(normal[i], role);
    if (!rank) continue;
    auto& chosen = columns.index[static_cast<std::size_t>(role)];
    if (best_rank && *rank == *best_rank && !columns.fault)
      columns.fault =
          header_fault(columns.names[i], fmt::format("columns {} and {} both name the {}", *chosen + 1, i + 1, role_name(role)));
    if (best_rank && *rank >= *best_rank) continue;
    best_rank = rank;
    chosen = i;
  }
}

void check_required(BarColumns& columns) {
  const bool open = columns[Role::open].has_value();
  const bool high = columns[Role::high].has_value();
  const bool low = columns[Role::low].has_value();
  const std::string found = quoted_list(columns.names);
  if (columns.fault) return;
  if (!columns[Role::timestamp]) {
    columns.fault =
        header_fault("timestamp", fmt::format("no timestamp column; the header has {}: name it with --columns timestamp=NAME", found));
  } else if (!columns[Role::close]) {
    columns.fault = header_fault("close", fmt::format("no close column; the header has {}: name it with --columns close=NAME, or, in a "
                                                      "table with a column for each symbol, choose one with --symbol NAME",
                                                      found));
  } else if (open != high || high != low) {
    const Role missing = !open ? Role::open : (!high ? Role::high : Role::low);
    columns.fault = header_fault(
        std::string(role_name(missing)),
        fmt::format("no {} column: give open, high and low together, or close alone; the header has {}: name it with --columns {}=NAME",
                    role_name(missing), found, role_name(missing)));
  }
}

template <class Names>
bool is_among(const Names& names, std::string_view normal) {
  return std::find(names.begin(), names.end(), normal) != names.end();
}

std::optional<std::size_t> place_of(const std::vector<std::string>& normal, std::string_view name) {
  const auto found = std::find(normal.begin(), normal.end(), name);
  if (found == normal.end()) return std::nullopt;
  return static_cast<std::size_t>(found - normal.begin());
}

/// A date and, beside it, the time of day.
void join_split_time(BarColumns& columns, const std::vector<std::string>& normal, const ContentOf& content) {
  const auto date = place_of(normal, "date"), clock = place_of(normal, "time");
  auto& chosen = columns.index[static_cast<std::size_t>(Role::timestamp)];
  if (!date || !clock || (chosen != date && chosen != clock)) return;
  if (content(*clock).clocks && content(*date).written_times) {
    chosen = date;
    columns.time_of_day = clock;
    columns.notes.push_back(fmt::format("'{}' is the date and '{}' the time of day", columns.names[*date], columns.names[*clock]));
  } else if (!content(*clock).times && !columns.fault) {
    columns.fault = header_fault(columns.names[*clock],
                                 "date and time of day stand in two columns, and one of them cannot be read: name them with --columns "
                                 "timestamp=DATE,time=TIME and say how the date is written with --date-format");
  }
}

/// The time by what columns hold: a name that may mean it, an index, the only column of dates.
std::optional<std::size_t> time_by_content(const std::vector<std::string>& names, const std::vector<std::string>& normal,
                                           const ContentOf& content) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (is_among(kPerhapsTimestamp, normal[i]) && content(i).times) return i;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names_an_index(names[i]) && content(i).times) return i;
  std::optional<std::size_t> only;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!content(i).written_times) continue;
    if (only) return std::nullopt;
    only = i;
  }
  return only;
}

/// The columns that the user named.
void take_named(BarColumns& columns, const ReadOptions& options) {
  for (const auto& [role, name] : options.columns) {
    const auto found = std::find(columns.names.begin(), columns.names.end(), name);
    if (found == columns.names.end()) {
      const std::string near = suggestion(name, columns.names);
      columns.fault =
          header_fault(name, fmt::format("there is no column '{}', which --columns names as the {}{}; the header has {}",
                                         printable(name, 40), role, near.empty() ? "" : " (" + near + ")", quoted_list(columns.names)));
      return;
    }
    const auto place = static_cast<std::size_t>(found - columns.names.begin());
    if (role == "time") columns.time_of_day = place;
    if (role == "adjusted") columns.adjusted = place;
    if (role == "symbol") columns.symbol = place;
    for (std::size_t i = 0; i < kRoles; ++i)
      if (role == role_name(static_cast<Role>(i))) columns.index[i] = place;
  }
}

void find_time(BarColumns& columns, const std::vector<std::string>& normal, const ContentOf& content) {
  auto& chosen = columns.index[static_cast<std::size_t>(Role::timestamp)];
  if (!chosen) choose(columns, normal, Role::timestamp);
  if (!chosen) {
    chosen = time_by_content(columns.names, normal, content);
    if (chosen)
      columns.notes.push_back(columns.names[*chosen].empty()
                                  ? "the first column, which has no name, holds the times"
                                  : fmt::format("the times are those of column '{}'", printable(columns.names[*chosen], 40)));
  }
  if (!columns.time_of_day) join_split_time(columns, normal, content);
}

/// Whether a column beside the time is called exactly what is asked for, in a table without open, high and low: a table with a column for
/// each symbol, whose other columns may be called C or V and mean Citigroup and Visa.
bool is_wide_by_name(const BarColumns& columns, const std::vector<std::string>& normal, const ReadOptions& options) {
  if (options.symbol.empty()) return false;
  for (const Role role : {Role::open, Role::high, Role::low})
    if (std::ranges::any_of(normal, [&](const auto& name) { return name.size() > 1 && rank_of(name, role); })) return false;
  return std::ranges::find(columns.names, options.symbol) != columns.names.end();
}

/// Columns that no role has, beside a close or a volume by a name of one letter: a table of symbols, perhaps.
void doubt_letters(BarColumns& columns, const std::vector<std::string>& normal, const ContentOf& content) {
  if (columns.fault || columns.has_ohlc() || !columns[Role::close]) return;
  const auto letter = [&](Role role) { return columns[role] && normal[*columns[role]].size() == 1; };
  if (!letter(Role::close) && !letter(Role::volume)) return;
  for (std::size_t i = 0; i < columns.names.size(); ++i) {
    const bool taken = std::ranges::find(columns.index, std::optional(i)) != columns.index.end();
    if (taken || columns.names[i].empty() || columns.time_of_day == i || columns.symbol == i || !content(i).numbers) continue;
    const std::string& name = columns.names[letter(Role::close) ? *columns[Role::close] : *columns[Role::volume]];
    columns.fault = header_fault(
        name,
        fmt::format("column '{}' may be the {} or a symbol, since '{}' is no part of bars: name what is what with --columns close=NAME, "
                    "or, in a table with a column for each symbol, choose one with --symbol NAME",
                    printable(name, 30), letter(Role::close) ? "close" : "volume", printable(columns.names[i], 30)));
    return;
  }
}

/// One column of a table that has a column for each symbol.
void take_wide(BarColumns& columns, const ReadOptions& options, const ContentOf& content) {
  auto& close = columns.index[static_cast<std::size_t>(Role::close)];
  if (close || !columns[Role::timestamp] || columns.has_ohlc()) return;
  const auto found = std::find(columns.names.begin(), columns.names.end(), options.symbol);
  if (found == columns.names.end() || found - columns.names.begin() == static_cast<std::ptrdiff_t>(*columns[Role::timestamp])) {
    for (std::size_t i = 0; i < columns.names.size(); ++i)
      if (columns[Role::timestamp] != i && !columns.names[i].empty() && content(i).numbers) columns.symbols.push_back(columns.names[i]);
    return;
  }
  close = static_cast<std::size_t>(found - columns.names.begin());
  columns.wide = true;
  columns.notes.push_back(fmt::format("closes are those of column '{}': the table has a column for each symbol", printable(*found, 40)));
}

void take_adjusted(BarColumns& columns, const std::vector<std::string>& normal, const ReadOptions& options) {
  for (std::size_t i = 0; i < normal.size() && !columns.adjusted; ++i)
    if (is_among(kAdjusted, normal[i])) columns.adjusted = i;
  if (!options.adjusted) {
    const bool other = columns.adjusted && columns[Role::close] && columns.adjusted != columns[Role::close];
    if (other && !columns.fault)
      columns.notes.push_back(
          fmt::format("prices are as traded; --adjusted scales all of them by '{}'", printable(columns.names[*columns.adjusted], 40)));
    columns.adjusted.reset();
  } else if (!columns.adjusted && !columns.fault) {
    columns.fault =
        header_fault("adjusted", fmt::format("no adjusted close, which --adjusted asks for: name it with --columns adjusted=NAME; "
                                             "the header has {}",
                                             quoted_list(columns.names)));
  } else if (columns.adjusted) {
    columns.notes.push_back(fmt::format("all prices are scaled by '{}' over the close; volumes are as they are",
                                        printable(columns.names[*columns.adjusted], 40)));
  }
}

/// The names of one symbol's columns, where the header has a line of symbols. The others get theirs in front, so that they play no role.
void choose_symbol(const ColumnNames& names, const ReadOptions& options, BarColumns& columns) {
  const std::vector<std::string> all = names.all_symbols();
  columns.names = names.names;
  if (all.empty()) return;
  const bool known = std::find(all.begin(), all.end(), options.symbol) != all.end();
  if (all.size() > 1 && !known) {
    columns.symbols = all;
    columns.fault = header_fault(
        "symbol",
        fmt::format("columns of {} symbols, and bars are those of one: {}; choose with `symbol` (--symbol)", all.size(), quoted_list(all)));
    return;
  }
  columns.named_symbol = all.size() > 1 ? options.symbol : all.front();
  columns.notes.push_back(fmt::format("the header names the symbol {}",
                                      all.size() > 1 ? fmt::format("'{}', one of {}", printable(columns.named_symbol), all.size())
                                                     : fmt::format("'{}'", printable(columns.named_symbol))));
  for (std::size_t i = 0; i < columns.names.size(); ++i)
    if (!names.symbols[i].empty() && names.symbols[i] != columns.named_symbol) columns.names[i] = names.symbols[i] + " " + names.names[i];
}

}  // namespace

bool names_symbols(std::string_view name) { return std::find(kSymbol.begin(), kSymbol.end(), normalised(name)) != kSymbol.end(); }

std::string quoted_list(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 12;
  std::vector<std::string> shown;
  for (const auto& name : names)
    if (shown.size() < kShown) shown.push_back(fmt::format("'{}'", printable(name, 30)));
  return fmt::format("{}{}", fmt::join(shown, ", "), names.size() > kShown ? ", …" : "");
}

std::string_view role_name(Role role) noexcept {
  constexpr std::array kNames = {"timestamp"sv, "open"sv, "high"sv, "low"sv, "close"sv, "volume"sv};
  return kNames[static_cast<std::size_t>(role)];
}

std::vector<ColumnRole> BarColumns::recognised() const {
  std::vector<ColumnRole> result;
  for (std::size_t i = 0; i < kRoles; ++i)
    if (index[i]) result.push_back({std::string(role_name(static_cast<Role>(i))), names[*index[i]]});
  return result;
}

std::vector<std::string> BarColumns::ignored() const {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (std::find(index.begin(), index.end(), std::optional(i)) == index.end() && time_of_day != i && adjusted != i && !names[i].empty())
      result.push_back(printable(names[i]));
  return result;
}

BarColumns recognise_columns(const ColumnNames& names, const ReadOptions& options, const ContentOf& content) {
  BarColumns columns;
  choose_symbol(names, options, columns);
  if (columns.fault) return columns;
  std::vector<std::string> normal;
  for (const auto& name : columns.names) normal.push_back(normalised(name));
  take_named(columns, options);
  find_time(columns, normal, content);
  const bool wide = is_wide_by_name(columns, normal, options);
  for (std::size_t i = 0; i < kRoles && !wide; ++i)
    if (!columns.index[i]) choose(columns, normal, static_cast<Role>(i));
  const auto symbol = std::find_if(columns.names.begin(), columns.names.end(), names_symbols);
  if (!columns.symbol && symbol != columns.names.end()) columns.symbol = static_cast<std::size_t>(symbol - columns.names.begin());
  take_wide(columns, options, content);
  if (!wide) doubt_letters(columns, normal, content);
  check_required(columns);
  take_adjusted(columns, normal, options);
  if (const auto ignored = columns.ignored(); !ignored.empty())
    columns.notes.push_back(
        fmt::format("ignored {}: {}", ignored.size() == 1 ? "a column" : fmt::format("{} columns", ignored.size()), quoted_list(ignored)));
  if (!columns.fault) {
    const std::string& close = normal[*columns[Role::close]];
    if (close.find("adj") != std::string::npos) columns.notes.push_back(fmt::format("closes are those of '{}'", columns.name(Role::close)));
  }
  return columns;
}

bool names_bars(const std::vector<std::string>& names) {
  bool time = !names.empty() && names_an_index(names[0]), close = false;
  for (const std::string& name : names) {
    const std::string normal = normalised(name);
    time |= rank_of(normal, Role::timestamp).has_value() || is_among(kPerhapsTimestamp, normal);
    close |= rank_of(normal, Role::close).has_value();
  }
  return time && close;
}

std::vector<std::size_t> parts_of_bars(const std::vector<std::string>& names) {
  std::array<std::optional<std::size_t>, kRoles> place;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string normal = normalised(names[i]);
    for (const Role role : {Role::open, Role::high, Role::low, Role::close, Role::volume}) {
      auto& known = place[static_cast<std::size_t>(role)];
      if (!known && names_of(role).front() == normal) known = i;
    }
  }
  const bool bars = std::all_of(place.begin() + 1, place.begin() + 5, [](const auto& one) { return one.has_value(); });
  if (!bars) return {};
  std::vector<std::size_t> parts;
  for (const Role role : {Role::open, Role::high, Role::low, Role::volume})
    if (const auto& known = place[static_cast<std::size_t>(role)]) parts.push_back(*known);
  return parts;
}

bool names_an_index(std::string_view name) {
  constexpr std::array kNames = {""sv, "unnamed: 0"sv, "index"sv, "level_0"sv, "__index_level_0__"sv, "column_1"sv};
  return is_among(kNames, lower(name));
}

std::optional<std::size_t> find_timestamp(const std::vector<std::string>& names, const ContentOf& content) {
  std::optional<std::size_t> best;
  std::optional<std::size_t> best_rank;
  std::vector<std::string> normal;
  for (std::size_t i = 0; i < names.size(); ++i) {
    normal.push_back(normalised(names[i]));
    const auto rank = rank_of(normal.back(), Role::timestamp);
    if (!rank || (best_rank && *rank >= *best_rank)) continue;
    best = i;
    best_rank = rank;
  }
  const bool first = !best && !names.empty() && (is_among(kPerhapsTimestamp, normal[0]) || names_an_index(names[0]));
  return first && content(0).times ? std::optional<std::size_t>(0) : best;
}

ColumnContent content_of(const std::vector<std::string_view>& cells) {
  ColumnContent content{true, true, true, true};
  bool any = false;
  for (const std::string_view cell : cells) {
    if (cell.empty()) continue;
    any = true;
    content.written_times = content.written_times && is_written_time(cell);
    content.times = content.times && (is_written_time(cell) || is_epoch(cell));
    content.numbers = content.numbers && (is_missing(cell) || parse_double(cell));
    content.clocks = content.clocks && parse_time_of_day(cell).has_value();
  }
  return any ? content : ColumnContent{};
}

DateOrder BarColumns::makers_order() const {
  const auto chosen = (*this)[Role::timestamp];
  if (!chosen) return DateOrder::unknown;
  const std::string normal = normalised(names[*chosen]);  // Dukascopy
  return normal == "gmttime" || normal == "localtime" ? DateOrder::day_first : DateOrder::unknown;
}

bool BarColumns::says_utc() const {
  const auto says = [&](std::optional<std::size_t> column) {
    if (!column) return false;
    const std::string normal = normalised(names[*column]);
    return normal.find("utc") != std::string::npos || normal.find("gmt") != std::string::npos;
  };
  return says((*this)[Role::timestamp]) || says(time_of_day);
}

bool ColumnNames::split_levels() {
  std::vector<std::string> prices = names, levels(names.size());
  bool any = false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view name = names[i];
    const auto middle = name.find("', '");
    if (!name.starts_with("('") || !name.ends_with("')") || middle == std::string_view::npos) continue;
    prices[i] = name.substr(2, middle - 2);
    levels[i] = name.substr(middle + 4, name.size() - middle - 6);
    any = true;
  }
  if (!any) return false;
  const auto bars = [](std::vector<std::string> some) {
    some.emplace_back("date");
    return names_bars(some);
  };
  if (!bars(prices) && bars(levels)) {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (!levels[i].empty()) std::swap(prices[i], levels[i]);
  }
  for (std::size_t i = 0; i < names.size(); ++i)  // ('Date', ''): an index that was made a column
    if (levels[i].empty() && names[i] != prices[i]) levels[i].clear();
  names = std::move(prices);
  symbols = std::move(levels);
  return true;
}

std::vector<std::string> ColumnNames::all_symbols() const {
  std::vector<std::string> all;
  std::unordered_set<std::string_view> known;
  for (const std::string& symbol : symbols)
    if (!symbol.empty() && known.insert(symbol).second) all.push_back(symbol);
  return all;
}

std::vector<std::string> ColumnNames::flat() const {
  std::vector<std::string> result = names;
  if (all_symbols().size() < 2) return result;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!symbols[i].empty()) result[i] = symbols[i] + " " + names[i];
  return result;
}

}  // namespace tradewind::market
