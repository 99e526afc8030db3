// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "tradewind/base/enum_names.hpp"

namespace tradewind::metrics {

/// Every performance metric by its one name (metric_name), the same in C++, JSON, catalog columns, Python and the command line.
/// Definitions and sources: docs/metrics.md.
enum class Metric : std::uint8_t {
  total_return,
  annualized_return,
  volatility,
  sharpe_ratio,
  sortino_ratio,
  max_drawdown,
  calmar_ratio,
  win_rate,
  bar_win_rate,
  profit_factor,
  avg_win,
  avg_loss,
  largest_win,
  largest_loss,
  gross_return,
  net_return,
  total_costs,
  cost_per_trade,
  gross_sharpe,
  net_sharpe,
  cost_impact,
};
constexpr auto names_of(Metric) {
  return std::to_array<std::string_view>(
      {"total_return", "annualized_return", "volatility",    "sharpe_ratio",   "sortino_ratio", "max_drawdown", "calmar_ratio",
       "win_rate",     "bar_win_rate",      "profit_factor", "avg_win",        "avg_loss",      "largest_win",  "largest_loss",
       "gross_return", "net_return",        "total_costs",   "cost_per_trade", "gross_sharpe",  "net_sharpe",   "cost_impact"});
}
inline constexpr std::size_t kMetricCount = names_of(Metric{}).size();

/// Why a metric has no value; the closed list of the command-line contract. `defined` means that it has one.
enum class Undefined : std::uint8_t {
  defined,
  empty,
  too_few,
  zero_variance,
  no_downside,
  no_drawdown,
  no_decided_bars,
  no_decided_trades,
  no_wins,
  no_losses,
  no_fills,
  short_sample,
  insufficient_bars,
  insufficient_trials,
  not_above_benchmark,
};

constexpr auto names_of(Undefined) {
  return std::to_array<std::string_view>({"", "empty", "too_few", "zero_variance", "no_downside", "no_drawdown", "no_decided_bars",
                                          "no_decided_trades", "no_wins", "no_losses", "no_fills", "short_sample", "insufficient_bars",
                                          "insufficient_trials", "not_above_benchmark"});
}

/// What win_rate, profit_factor and the average and largest wins and losses count: closed trades, or bars when only returns are known.
enum class Unit : std::uint8_t { trade, bar };

/// The metrics of one equity path. An undefined metric is NaN here and null in JSON, with its reason; never 0, never infinite.
struct PerformanceMetrics {
  PerformanceMetrics() {
    value.fill(std::numeric_limits<double>::quiet_NaN());
    reason.fill(Undefined::empty);
  }

  std::array<double, kMetricCount> value;
  std::array<Undefined, kMetricCount> reason;
  std::int64_t bars = 0;
  std::int64_t zeros = 0;         ///< bars with a return of exactly 0
  std::int64_t total_trades = 0;  ///< closed trades
  std::int64_t won_trades = 0;
  std::int64_t lost_trades = 0;
  std::int64_t flat_trades = 0;  ///< closed with exactly no profit: excluded from win_rate
  std::int64_t total_fills = 0;
  Unit unit = Unit::bar;
  bool ruin = false;  ///< equity reached 0 and stays there

  double operator[](Metric metric) const noexcept { return value[static_cast<std::size_t>(metric)]; }
  Undefined why(Metric metric) const noexcept { return reason[static_cast<std::size_t>(metric)]; }
  void set(Metric metric, double number) noexcept {
    value[static_cast<std::size_t>(metric)] = number;
    reason[static_cast<std::size_t>(metric)] = Undefined::defined;
  }
  void set_undefined(Metric metric, Undefined why_not) noexcept {
    value[static_cast<std::size_t>(metric)] = std::numeric_limits<double>::quiet_NaN();
    reason[static_cast<std::size_t>(metric)] = why_not;
  }
};

/// Wins and losses of one kind of unit, trades or bars, in one unit of money or as fractions; losses are ≤ 0.
struct Decided {
  std::int64_t won = 0;
  std::int64_t lost = 0;
  double gains = 0;
  double losses = 0;
  double largest_win = 0;
  double largest_loss = 0;
};

/// Sets win_rate, profit_factor, avg_win, avg_loss, largest_win, largest_loss.
void set_decided(PerformanceMetrics& metrics, const Decided& decided, Undefined none_decided);

/// The profit_factor of trades, from what all that won and all that lost made in money: a trade counts by the equity it was opened with.
void set_trades_profit_factor(PerformanceMetrics& metrics, double won, double lost);

/// "name:reason;name:reason" for the metrics that are undefined, as runs store it; empty when all are defined.
std::string undefined_text(const PerformanceMetrics& performance);

}  // namespace tradewind::metrics
