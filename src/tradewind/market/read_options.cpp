// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/read_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/market/date_format_internal.hpp"

namespace tradewind::market {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kSettings = {"columns"sv,  "date_format"sv,    "day_first"sv, "skip_rows"sv, "thousands"sv,
                                  "adjusted"sv, "allow_negative"sv, "zone"sv,      "sort"sv};
constexpr std::array kSwitches = {"day_first"sv, "adjusted"sv, "allow_negative"sv, "sort"sv};
constexpr std::array kColumnRoles = {"timestamp"sv, "time"sv, "open"sv, "high"sv, "low"sv, "close"sv, "volume"sv, "adjusted"sv, "symbol"sv};

std::string option_of(std::string_view name) {
  std::string option = "--" + std::string(name);
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

Status read_columns(const std::string& text, ReadOptions& options) {
  for (const std::string& part : split(text, ',')) {
    const auto equals = part.find('=');
    const std::string role = lower(trim(part.substr(0, equals)));
    const std::string name = equals == std::string::npos ? std::string() : std::string(trim(part.substr(equals + 1)));
    if (std::find(kColumnRoles.begin(), kColumnRoles.end(), role) == kColumnRoles.end())
      return Error(Errc::usage, fmt::format("'{}' is no role of a column", printable(role, 40)), "--columns",
                   fmt::format("write ROLE=NAME, with commas between; roles are {}", fmt::join(kColumnRoles, ", ")));
    if (name.empty())
      return Error(Errc::usage, fmt::format("the column that is the {} has no name", role), "--columns", "write " + role + "=NAME");
    if (!options.columns.emplace(role, name).second) return Error(Errc::usage, fmt::format("the {} is named twice", role), "--columns");
  }
  return {};
}

Status read_thousands(const std::string& text, ReadOptions& options) {
  if (text.size() == 1 && std::string_view(",.' ").find(text[0]) != std::string_view::npos)
    options.thousands = text[0];
  else if (text == "space")
    options.thousands = ' ';
  else
    return Error(Errc::usage, fmt::format("'{}' groups no digits", printable(text, 20)), "--thousands",
                 "one of , . ' and space; with . the decimal mark is a comma");
  return {};
}

Status read_skip_rows(const std::string& text, ReadOptions& options) {
  constexpr std::int64_t kMost = 1'000'000;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), options.skip_rows);
  if (error == std::errc{} && end == text.data() + text.size() && options.skip_rows >= 0 && options.skip_rows <= kMost) return {};
  return Error(Errc::usage, fmt::format("'{}' is no number of lines", printable(text, 20)), "--skip-rows",
               "a whole number from 0 to 1000000: the lines before the header");
}

Status read_switch(std::string_view name, const std::string& text, bool& on) {
  on = text == "true";
  if (on || text == "false") return {};
  return Error(Errc::usage, fmt::format("'{}' is neither true nor false", printable(text, 20)), option_of(name));
}

Status read_setting(const std::string& name, const std::string& text, ReadOptions& options) {
  if (name == "columns") return read_columns(text, options);
  if (name == "thousands") return read_thousands(text, options);
  if (name == "skip_rows") return read_skip_rows(text, options);
  if (name == "day_first") return read_switch(name, text, options.day_first);
  if (name == "adjusted") return read_switch(name, text, options.adjusted);
  if (name == "allow_negative") return read_switch(name, text, options.allow_negative);
  if (name == "sort") return read_switch(name, text, options.sort);
  if (name == "zone") {
    options.zone = text;
    return {};
  }
  if (name == "date_format") {
    options.date_format = text;
    return check_date_format(text);
  }
  const std::vector<std::string> names(kSettings.begin(), kSettings.end());
  return Error(Errc::usage, fmt::format("there is no setting '{}' of a price file", printable(name, 40)), option_of(name),
               suggestion(name, names));
}

}  // namespace

std::span<const std::string_view> read_setting_names() noexcept { return kSettings; }
bool is_read_switch(std::string_view name) noexcept { return std::find(kSwitches.begin(), kSwitches.end(), name) != kSwitches.end(); }

Result<ReadOptions> read_options_of(const ReadSettings& settings, const std::string& symbol) {
  ReadOptions options;
  options.symbol = symbol;
  for (const auto& [name, text] : settings) TRADEWIND_TRY(read_setting(name, text, options));
  if (options.day_first && !options.date_format.empty())
    return Error(Errc::usage, "a format says already which is the day", "--day-first", "leave out --day-first or --date-format");
  return options;
}

}  // namespace tradewind::market
