// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/market/columns_internal.hpp"

namespace tradewind::market {
namespace {

using std::string_view_literals::operator""sv;

/// Names of each role in the order of preference, normalised: when a file has several, the earliest wins.
constexpr std::array kTimestamp = {"timestamp"sv, "timestamputc"sv,  "datetime"sv, "datetimeutc"sv, "opentime"sv,  "time"sv,
                                   "timeutc"sv,   "date"sv,          "dateutc"sv,  "ts"sv,          "tsevent"sv,   "unix"sv,
                                   "unixtime"sv,  "unixtimestamp"sv, "epoch"sv,    "begin"sv,       "starttime"sv, "timeperiodstart"sv};
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
    columns.fault = header_fault("timestamp", fmt::format("no timestamp column; the header has {}", found));
  } else if (!columns[Role::close]) {
    columns.fault = header_fault("close", fmt::format("no close column; the header has {}", found));
  } else if (open != high || high != low) {
    const Role missing = !open ? Role::open : (!high ? Role::high : Role::low);
    columns.fault = header_fault(
        std::string(role_name(missing)),
        fmt::format("no {} column: give open, high and low together, or close alone; the header has {}", role_name(missing), found));
  }
}

/// A date and a time of day in two columns would lose the time silently.
void check_split_time(BarColumns& columns, const std::vector<std::string>& normal) {
  const auto has = [&](std::string_view name) { return std::find(normal.begin(), normal.end(), name) != normal.end(); };
  const auto chosen = columns[Role::timestamp];
  if (!chosen || columns.fault || !has("date") || !has("time") || (normal[*chosen] != "date" && normal[*chosen] != "time")) return;
  columns.fault = header_fault("time", "date and time of day stand in two columns: join them into one, YYYY-MM-DDTHH:MM:SS");
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
    if (std::find(index.begin(), index.end(), std::optional(i)) == index.end() && !names[i].empty()) result.push_back(printable(names[i]));
  return result;
}

BarColumns recognise_columns(std::vector<std::string> names) {
  BarColumns columns;
  columns.names = std::move(names);
  std::vector<std::string> normal;
  for (const auto& name : columns.names) normal.push_back(normalised(name));
  for (std::size_t i = 0; i < kRoles; ++i) choose(columns, normal, static_cast<Role>(i));
  const auto symbol = std::find_if(columns.names.begin(), columns.names.end(), names_symbols);
  if (symbol != columns.names.end()) columns.symbol = static_cast<std::size_t>(symbol - columns.names.begin());
  check_required(columns);
  check_split_time(columns, normal);
  if (const auto ignored = columns.ignored(); !ignored.empty())
    columns.notes.push_back(
        fmt::format("ignored {}: {}", ignored.size() == 1 ? "a column" : fmt::format("{} columns", ignored.size()), quoted_list(ignored)));
  if (!columns.fault) {
    const std::string& close = normal[*columns[Role::close]];
    if (close.find("adj") != std::string::npos) columns.notes.push_back(fmt::format("closes are those of '{}'", columns.name(Role::close)));
  }
  return columns;
}

std::optional<std::size_t> find_timestamp(const std::vector<std::string>& names) {
  std::optional<std::size_t> best;
  std::optional<std::size_t> best_rank;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto rank = rank_of(normalised(names[i]), Role::timestamp);
    if (!rank || (best_rank && *rank >= *best_rank)) continue;
    best = i;
    best_rank = rank;
  }
  return best;
}

}  // namespace tradewind::market
