// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/metrics/execution_costs.hpp"

namespace tradewind::metrics {

/// Where a signal that is known at the close of bar t is filled.
enum class FillModel : std::uint8_t {
  next_open,   ///< open of bar t+1: the default
  next_close,  ///< close of bar t+1
  close,       ///< close of bar t itself: optimistic, because the price that made the signal is also the price that fills it
};
constexpr auto names_of(FillModel) { return std::to_array<std::string_view>({"next_open", "next_close", "close"}); }

/// Everything about one price series that trades on it need, computed once and shared by any number of TradeAccounts, so that a
/// trade costs O(1) however long it lasts: prefix sums of the bar returns and their squares, and range minima and maxima of the close.
/// Memory: about 230 bytes per bar.
class TradeTables {
 public:
  struct Options {
    FillModel fill = FillModel::next_open;
    ExecutionCosts costs;
    double periods_per_year = 252;
    double risk_free = 0;  ///< annual, simple
  };

  TradeTables(TradeTables&&) noexcept = default;
  TradeTables& operator=(TradeTables&&) noexcept = default;

  /// `open` may be empty unless the fill model needs it. Prices are finite and > 0; both series have the same length.
  /// Errors: Errc::invalid_config when next_open is asked of a series without opens.
  static Result<TradeTables> make(std::span<const double> open, std::span<const double> close, const Options& options);

  /// Bars of the series.
  std::int64_t size() const noexcept { return static_cast<std::int64_t>(close_.size()); }
  const Options& options() const noexcept { return options_; }
  /// The bar at which a signal of bar t is filled: t or t+1. It may lie beyond the last bar.
  std::int64_t fill_bar(std::int64_t signal_bar) const noexcept { return signal_bar + delay_; }
  /// The price a fill at `bar` is made at before slippage, the fraction by which slippage makes it worse, and the close.
  double fill_price(std::int64_t bar) const noexcept { return fill_price_[static_cast<std::size_t>(bar)]; }
  double slippage(std::int64_t fill) const noexcept {
    return slippage_.empty() ? constant_slippage_ : slippage_[static_cast<std::size_t>(fill)];
  }
  /// Nothing is lost by filling at these bars.
  bool free_of_costs(std::int64_t entry, std::int64_t exit) const noexcept {
    return options_.costs.commission_rate == 0 && slippage(entry) == 0 && slippage(exit) == 0;
  }
  double close(std::int64_t bar) const noexcept { return close_[static_cast<std::size_t>(bar)]; }
  /// The tables of bars [first, last) alone, with the slippage they have here: a `sqrt` model still knows the bars before `first`.
  TradeTables cut(std::int64_t first, std::int64_t last) const;

 private:
  TradeTables() = default;
  friend class TradeAccount;
  friend class TradePath;

  /// Running sums over bars 0 … i of the series' own close-to-close returns r.
  struct Running {
    double sum = 0;        ///< Σ r
    double squares = 0;    ///< Σ r²
    double downside = 0;   ///< Σ min(r, 0)²
    std::uint32_t up = 0;  ///< bars with r > 0
    std::uint32_t down = 0;
  };
  /// Growth factors of a long position's equity over the bar of its fill.
  struct FillFactors {
    double entry_net = 1;  ///< equity at the close ÷ cash before the purchase
    double exit_net = 1;   ///< cash after the sale ÷ equity at the close before
    double entry_gross = 1;
    double exit_gross = 1;
  };
  struct Range {
    double low;
    double high;
  };

  /// Lowest and highest close of bars first … last: the two halves, which may overlap, come from the table of the fitting power of two.
  Range range(std::int64_t first, std::int64_t last) const noexcept {
    const auto length = static_cast<std::uint64_t>(last - first + 1);
    if (length >= (std::uint64_t{1} << kLevels)) return long_range(first, last);
    const int level = std::bit_width(length) - 1;
    const Range* table = levels_[static_cast<std::size_t>(level)];
    const Range& left = table[first];
    const Range& right = table[last + 1 - (std::int64_t{1} << level)];
    return {left.low < right.low ? left.low : right.low, left.high > right.high ? left.high : right.high};
  }
  Range long_range(std::int64_t first, std::int64_t last) const noexcept;

  void build_running();
  void build_factors();
  void build_ranges();
  void build_slippage();

  static constexpr int kLevels = 8;  ///< range tables cover up to 2^7 bars; longer ranges take several look-ups

  Options options_;
  std::int64_t delay_ = 1;
  double constant_slippage_ = 0;
  std::vector<double> close_;
  std::vector<double> fill_price_;
  std::vector<double> slippage_;  ///< per fill bar, for the sqrt model only
  std::vector<Running> running_;
  std::vector<FillFactors> factors_;
  std::vector<std::vector<Range>> ranges_;
  std::array<const Range*, kLevels> levels_{};  ///< ranges_[i].data()
};

}  // namespace tradewind::metrics
