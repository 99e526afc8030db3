// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/performance_metrics.hpp"

#include <algorithm>

namespace tradewind::metrics {
namespace {

constexpr std::array<std::string_view, kMetricCount> kNames = {
    "total_return", "annualized_return", "volatility",    "sharpe_ratio",   "sortino_ratio", "max_drawdown", "calmar_ratio",
    "win_rate",     "bar_win_rate",      "profit_factor", "avg_win",        "avg_loss",      "largest_win",  "largest_loss",
    "gross_return", "net_return",        "total_costs",   "cost_per_trade", "gross_sharpe",  "net_sharpe",   "cost_impact",
};

constexpr std::array<std::string_view, 15> kReasons = {
    "",
    "empty",
    "too_few",
    "zero_variance",
    "no_downside",
    "no_drawdown",
    "no_decided_bars",
    "no_decided_trades",
    "no_wins",
    "no_losses",
    "no_fills",
    "short_sample",
    "insufficient_bars",
    "insufficient_trials",
    "not_above_benchmark",
};

}  // namespace

std::string_view metric_name(Metric metric) noexcept { return kNames[static_cast<std::size_t>(metric)]; }

std::optional<Metric> metric_from_name(std::string_view name) noexcept {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Metric>(found - kNames.begin());
}

std::string_view undefined_name(Undefined reason) noexcept { return kReasons[static_cast<std::size_t>(reason)]; }

std::string undefined_text(const PerformanceMetrics& performance) {
  std::string text;
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    if (performance.reason[i] == Undefined::defined) continue;
    if (!text.empty()) text += ';';
    text += metric_name(static_cast<Metric>(i));
    text += ':';
    text += undefined_name(performance.reason[i]);
  }
  return text;
}

}  // namespace tradewind::metrics
