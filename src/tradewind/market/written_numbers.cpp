// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/written_numbers_internal.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/csv.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::market {
namespace {

using std::string_view_literals::operator""sv;

/// The text behind a sign and a currency, and whether there was one.
std::string_view without_currency(std::string_view text, bool& negative, bool& currency) noexcept {
  constexpr std::array kCurrencies = {"US$"sv, "$"sv, "€"sv, "£"sv, "¥"sv, "₹"sv};
  const auto take_sign = [&] {
    if (text.starts_with('-') && !negative) {
      negative = true;
      text.remove_prefix(1);
    }
  };
  take_sign();
  for (const std::string_view mark : kCurrencies) {
    const bool before = text.starts_with(mark), behind = !before && text.ends_with(mark);
    if (!before && !behind) continue;
    currency = true;
    before ? text.remove_prefix(mark.size()) : text.remove_suffix(mark.size());
    break;
  }
  text = trim(text);
  if (currency) take_sign();
  return text;
}

/// Digits, marks between them, a sign, a currency, K, M, B or T: no words.
bool could_be_number(std::string_view text) noexcept {
  bool digit = false;
  for (const char c : text) {
    digit |= c >= '0' && c <= '9';
    if ((c < '0' || c > '9') && std::string_view(".,+-$' KMBTkmbt\xe2\x82\xac\xc2\xa3\xa5").find(c) == std::string_view::npos) return false;
  }
  return digit;
}

/// Digits in groups of three, as 1,234,567: the digits alone. Empty when they are not.
std::string ungrouped(std::string_view whole, char mark) {
  std::string digits;
  std::size_t group = 0;
  bool first = true;
  for (std::size_t i = 0; i <= whole.size(); ++i) {
    if (i < whole.size() && whole[i] != mark) {
      if (whole[i] < '0' || whole[i] > '9') return {};
      digits += whole[i];
      ++group;
      continue;
    }
    if (group == 0 || group > 3 || (!first && group != 3)) return {};
    first = false;
    group = 0;
  }
  return digits;
}

}  // namespace

bool is_no_value(std::string_view text) noexcept { return is_missing(text) || text == "-" || text == "--"; }

WrittenNumbers::WrittenNumbers(char thousands) : thousands_(thousands), given_(thousands != 0) {
  if (thousands == '.') decimal_ = ',';
}

void WrittenNumbers::learn(std::string_view cell) {
  if (given_ || cell.find(',') == std::string_view::npos || !could_be_number(cell)) return;
  const std::size_t comma = cell.find(','), last_comma = cell.rfind(','), point = cell.rfind('.');
  const auto behind = [&](std::size_t at) {
    const auto end =
        std::find_if_not(cell.begin() + static_cast<std::ptrdiff_t>(at) + 1, cell.end(), [](char c) { return c >= '0' && c <= '9'; });
    return static_cast<std::size_t>(end - cell.begin()) - at - 1;
  };
  if (point != std::string_view::npos) {
    (point > last_comma ? comma_groups_ : comma_decimal_) = true;
  } else if (comma != last_comma) {
    comma_groups_ = true;
  } else if (behind(comma) != 3 || (comma == 1 && cell[0] == '0')) {
    comma_decimal_ = true;
  } else if (either_.empty()) {
    either_ = cell;
  }
  thousands_ = comma_decimal_ ? '.' : (comma_groups_ ? ',' : '\0');
  decimal_ = comma_decimal_ ? ',' : '.';
}

std::optional<std::string> WrittenNumbers::fault(std::string_view remedy) const {
  if (given_) return std::nullopt;
  if (comma_groups_ && comma_decimal_)
    return fmt::format("commas group digits in some numbers and are the decimal mark in others: {}", remedy);
  if (either_.empty() || comma_groups_ || comma_decimal_) return std::nullopt;
  return fmt::format("the comma of '{}' could group digits or be the decimal mark: {}", printable(either_, 40), remedy);
}

std::optional<double> WrittenNumbers::read(std::string_view text) {
  bool negative = false, currency = false;
  text = without_currency(trim(text), negative, currency);
  const auto mark = text.find(decimal_);
  std::string digits(text.substr(0, mark));
  if (thousands_ != 0 && digits.find(thousands_) != std::string::npos) {
    digits = ungrouped(digits, thousands_);
    if (digits.empty()) return std::nullopt;
    saw_groups_ = true;
  }
  if (mark != std::string_view::npos) digits += "." + std::string(text.substr(mark + 1));
  if (digits.empty() || digits.find_first_not_of("0123456789.eE+-") != std::string::npos || digits[0] == '-') return std::nullopt;
  const auto value = parse_double(digits);
  if (!value) return std::nullopt;
  saw_currency_ |= currency;
  return negative ? -*value : *value;
}

std::optional<double> WrittenNumbers::price(std::string_view text) { return read(text); }

std::optional<double> WrittenNumbers::volume(std::string_view text) {
  constexpr std::string_view kLetters = "KMBT";
  const auto which = text.empty() ? std::string_view::npos : kLetters.find(static_cast<char>(text.back() & ~0x20));
  if (which == std::string_view::npos) return read(text);
  const auto value = read(trim(text.substr(0, text.size() - 1)));
  if (!value) return std::nullopt;
  saw_suffix_ = true;
  return std::round(*value * std::pow(1000.0, static_cast<double>(which + 1)));
}

std::vector<std::string> WrittenNumbers::notes() const {
  std::vector<std::string> notes;
  if (decimal_ == ',') notes.emplace_back("the decimal mark is a comma");
  if (saw_groups_) notes.push_back(fmt::format("'{}' groups the digits of numbers", std::string_view(&thousands_, 1)));
  if (saw_currency_) notes.emplace_back("the sign of a currency was read over");
  if (saw_suffix_) notes.emplace_back("volumes are rounded: K, M, B and T behind them are thousands, millions and so on");
  return notes;
}

}  // namespace tradewind::market
