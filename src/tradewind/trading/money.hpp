// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tradewind {

/// A decimal number with exactly six digits after the point, held as a whole number of millionths: what venues settle in. Adding and
/// comparing is exact; range ±9.2e12. Money, Price and Shares are different types, so that none is taken for another.
template <class Tag>
struct Fixed {
  std::int64_t micros = 0;

  static constexpr std::int64_t kOne = 1'000'000;
  static constexpr Fixed whole(std::int64_t units) noexcept { return {units * kOne}; }

  constexpr auto operator<=>(const Fixed&) const noexcept = default;
  constexpr Fixed operator-() const noexcept { return {-micros}; }
  constexpr Fixed operator+(Fixed other) const noexcept { return {micros + other.micros}; }
  constexpr Fixed operator-(Fixed other) const noexcept { return {micros - other.micros}; }
  constexpr Fixed& operator+=(Fixed other) noexcept { return micros += other.micros, *this; }
  constexpr Fixed& operator-=(Fixed other) noexcept { return micros -= other.micros, *this; }
  constexpr bool is_zero() const noexcept { return micros == 0; }
  /// For statistics only; never back into an account.
  constexpr double to_double() const noexcept { return static_cast<double>(micros) / 1e6; }
};

/// Dollars of collateral.
using Money = Fixed<struct MoneyTag>;
/// Dollars per share, (0, 1) while an outcome is open, 0 and 1 when it is decided.
using Price = Fixed<struct PriceTag>;
/// Shares of an outcome token; each pays 1 dollar if the outcome comes true.
using Shares = Fixed<struct SharesTag>;

inline constexpr Price kPriceOfCertainty{1'000'000};

/// 128 bits hold every product of two fixed-point numbers.
__extension__ using Int128 = __int128;

enum class Rounding : std::uint8_t { down, up };

/// price · shares in whole millionths, rounded towards −∞ or +∞. Exact product in 128 bits.
constexpr Money notional(Price price, Shares shares, Rounding rounding = Rounding::down) noexcept {
  const Int128 product = static_cast<Int128>(price.micros) * shares.micros;
  Int128 quotient = product / Price::kOne;
  const Int128 rest = product % Price::kOne;
  if (rest != 0 && rounding == Rounding::up && product > 0) ++quotient;
  if (rest != 0 && rounding == Rounding::down && product < 0) --quotient;
  return {static_cast<std::int64_t>(quotient)};
}

/// Shares that `money` buys at `price` > 0, rounded down.
constexpr Shares shares_for(Money money, Price price) noexcept {
  return {static_cast<std::int64_t>(static_cast<Int128>(money.micros) * Price::kOne / price.micros)};
}

/// Adds up the sizes of amounts that come from elsewhere: as long as it takes them, no sum of them can overflow.
class AmountBound {
 public:
  static constexpr std::int64_t kMost = 1'000'000'000'000'000'000;  ///< 1e12 dollars or shares: what any account ever moves is less

  /// False, and nothing is added, when all together would be more than kMost.
  template <class... Tags>
  bool take(Fixed<Tags>... amounts) noexcept {
    const Int128 sum = sum_ + (Int128{0} + ... + size_of(amounts.micros));
    if (sum > kMost) return false;
    sum_ = sum;
    return true;
  }

 private:
  static constexpr Int128 size_of(std::int64_t micros) noexcept { return micros < 0 ? -Int128{micros} : Int128{micros}; }
  Int128 sum_ = 0;
};

/// Nearest fixed-point value of a double, ties away from zero; nullopt for NaN, infinities and what is out of range.
std::optional<std::int64_t> micros_from_double(double value) noexcept;
template <class F>
std::optional<F> fixed_from_double(double value) noexcept {
  const auto micros = micros_from_double(value);
  return micros ? std::optional<F>(F{*micros}) : std::nullopt;
}

/// "12.5", "-0.000001", "3": the shortest exact decimal text.
std::string decimal_text(std::int64_t micros);
template <class Tag>
std::string decimal_text(Fixed<Tag> value) {
  return decimal_text(value.micros);
}
/// Reads "12.5", ".48", "-3"; at most six significant digits after the point (further zeros are fine), no exponent, no blanks.
/// nullopt for anything else and for what is out of range.
std::optional<std::int64_t> parse_decimal(std::string_view text) noexcept;
template <class F>
std::optional<F> parse_fixed(std::string_view text) noexcept {
  const auto micros = parse_decimal(text);
  return micros ? std::optional<F>(F{*micros}) : std::nullopt;
}

}  // namespace tradewind

template <class Tag>
struct std::hash<tradewind::Fixed<Tag>> {
  std::size_t operator()(tradewind::Fixed<Tag> value) const noexcept { return std::hash<std::int64_t>{}(value.micros); }
};
