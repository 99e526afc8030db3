// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/returns.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "tradewind/metrics/sums_internal.hpp"

namespace tradewind::metrics {
namespace {

Error first_bad_row(std::span<const double> returns) {
  const auto bad = std::find_if(returns.begin(), returns.end(), [](double r) { return !std::isfinite(r); });
  if (bad == returns.end()) return {Errc::numeric, "the sum of the returns exceeds the range of a double"};
  const auto count = std::count_if(bad, returns.end(), [](double r) { return !std::isfinite(r); });
  return {Errc::invalid_data,
          fmt::format("return of row {} is {}; {} of {} rows are not finite (rows count from 0)", bad - returns.begin(),
                      std::isnan(*bad) ? "NaN" : "infinite", count, returns.size()),
          fmt::format("row {}", bad - returns.begin()), "repair the data, or choose the NaN policy drop or zero"};
}

Error below_minus_one(std::span<const double> returns) {
  const auto bad = std::find_if(returns.begin(), returns.end(), [](double r) { return r < -1; });
  return {Errc::invalid_data,
          fmt::format("return of row {} is {}: more than everything cannot be lost (rows count from 0)", bad - returns.begin(), *bad),
          fmt::format("row {}", bad - returns.begin()),
          "returns are simple fractions per bar (0.01 is one per cent), neither per cent nor prices"};
}

void set_risk_metrics(PerformanceMetrics& m, std::span<const double> returns, const ReturnOptions& options, const FirstPass& pass,
                      double target) {
  const double n = static_cast<double>(returns.size());
  const double mean = pass.sum / n;
  const double root = std::sqrt(options.periods_per_year);
  if (returns.size() < 2) {
    m.set_undefined(Metric::volatility, Undefined::too_few);
    m.set_undefined(Metric::sharpe_ratio, Undefined::too_few);
  } else {
    const double deviation = std::sqrt(squared_deviations(returns, mean) / (n - 1));
    if (is_zero_variance(deviation, mean)) {
      m.set(Metric::volatility, 0);
      m.set_undefined(Metric::sharpe_ratio, Undefined::zero_variance);
    } else {
      m.set(Metric::volatility, deviation * root);
      m.set(Metric::sharpe_ratio, (mean - rate_per_bar(options.risk_free, options.periods_per_year)) / deviation * root);
    }
  }
  if (pass.below > 0 && pass.downside > 0) {
    m.set(Metric::sortino_ratio, (mean - target) / std::sqrt(pass.downside / n) * root);
  } else {
    m.set_undefined(Metric::sortino_ratio, Undefined::no_downside);
  }
}

void set_path_metrics(PerformanceMetrics& m, const ReturnOptions& options, const FirstPass& pass) {
  m.set(Metric::total_return, pass.equity - 1);
  const double years = static_cast<double>(m.bars) / options.periods_per_year;
  if (m.ruin) {
    m.set(Metric::annualized_return, -1);
  } else if (years < options.minimum_years) {
    m.set_undefined(Metric::annualized_return, Undefined::short_sample);
  } else {
    m.set(Metric::annualized_return, std::pow(pass.equity, 1 / years) - 1);
  }
  const double drawdown = 1 - pass.worst_ratio;
  m.set(Metric::max_drawdown, drawdown);
  if (drawdown == 0) {
    m.set_undefined(Metric::calmar_ratio, Undefined::no_drawdown);
  } else if (const Undefined why = m.why(Metric::annualized_return); why != Undefined::defined) {
    m.set_undefined(Metric::calmar_ratio, why);
  } else {
    m.set(Metric::calmar_ratio, m[Metric::annualized_return] / drawdown);
  }
}

void set_bar_decisions(PerformanceMetrics& m, const FirstPass& pass) {
  Decided bars;
  bars.won = pass.wins;
  bars.lost = pass.losers;
  bars.gains = pass.gains;
  bars.losses = pass.losses;
  bars.largest_win = pass.largest;
  bars.largest_loss = pass.smallest;
  set_decided(m, bars, Undefined::no_decided_bars);
  if (m.why(Metric::win_rate) == Undefined::defined) {
    m.set(Metric::bar_win_rate, m[Metric::win_rate]);
  } else {
    m.set_undefined(Metric::bar_win_rate, Undefined::no_decided_bars);
  }
}

}  // namespace

void set_decided(PerformanceMetrics& m, const Decided& d, Undefined none_decided) {
  if (d.won + d.lost > 0) {
    m.set(Metric::win_rate, static_cast<double>(d.won) / static_cast<double>(d.won + d.lost));
  } else {
    m.set_undefined(Metric::win_rate, none_decided);
  }
  if (d.lost > 0) {
    m.set(Metric::profit_factor, d.gains / -d.losses);
    m.set(Metric::avg_loss, d.losses / static_cast<double>(d.lost));
    m.set(Metric::largest_loss, d.largest_loss);
  } else {
    for (const Metric metric : {Metric::profit_factor, Metric::avg_loss, Metric::largest_loss})
      m.set_undefined(metric, Undefined::no_losses);
  }
  if (d.won > 0) {
    m.set(Metric::avg_win, d.gains / static_cast<double>(d.won));
    m.set(Metric::largest_win, d.largest_win);
  } else {
    for (const Metric metric : {Metric::avg_win, Metric::largest_win}) m.set_undefined(metric, Undefined::no_wins);
  }
}

void set_trades_profit_factor(PerformanceMetrics& m, double won, double lost) {
  if (lost < 0)
    m.set(Metric::profit_factor, won / -lost);
  else
    m.set_undefined(Metric::profit_factor, Undefined::no_losses);
}

bool is_zero_variance(double standard_deviation, double mean) noexcept {
  return standard_deviation <= 1e-12 * std::max(std::fabs(mean), 1e-12);
}

double rate_per_bar(double annual, double periods_per_year) noexcept {
  return annual == 0 ? 0 : std::expm1(std::log1p(annual) / periods_per_year);
}

Status check(const ReturnOptions& options) {
  if (!(options.periods_per_year > 0) || !std::isfinite(options.periods_per_year)) {
    return Error(Errc::usage, fmt::format("periods per year must be above 0, not {}", options.periods_per_year), "periods_per_year",
                 "bars in a year: 252 for daily stocks, 365 for daily crypto, 98280 for minutes of 390-minute sessions");
  }
  const auto bad_rate = [](double rate) { return !(rate > -1) || !std::isfinite(rate); };
  if (bad_rate(options.risk_free)) return Error(Errc::usage, "the risk-free rate must be a finite annual fraction above -1", "risk_free");
  if (bad_rate(options.minimum_acceptable_return)) {
    return Error(Errc::usage, "the minimum acceptable return must be a finite annual fraction above -1", "minimum_acceptable_return");
  }
  return {};
}

Result<PerformanceMetrics> calculate_metrics(std::span<const double> returns, const ReturnOptions& options) {
  TRADEWIND_TRY(check(options));
  PerformanceMetrics metrics;
  metrics.bars = static_cast<std::int64_t>(returns.size());
  if (returns.empty()) return metrics;
  const double target = rate_per_bar(options.minimum_acceptable_return, options.periods_per_year);
  const FirstPass pass = first_pass(returns, target);
  if (!std::isfinite(pass.sum)) return first_bad_row(returns);
  if (pass.smallest < -1) return below_minus_one(returns);
  if (!std::isfinite(pass.equity))
    return Error(Errc::numeric, "the equity grows beyond the range of a double", {}, "check that the returns are fractions per bar");
  metrics.ruin = pass.smallest == -1;
  metrics.zeros = metrics.bars - pass.wins - pass.losers;
  set_path_metrics(metrics, options, pass);
  set_risk_metrics(metrics, returns, options, pass, target);
  set_bar_decisions(metrics, pass);
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    if (metrics.reason[i] == Undefined::empty) metrics.reason[i] = Undefined::no_fills;
    if (std::isinf(metrics.value[i]))
      return Error(Errc::numeric, fmt::format("{} exceeds the range of a double", enum_name(static_cast<Metric>(i))));
  }
  return metrics;
}

Value sharpe_per_period(std::span<const double> returns) noexcept {
  if (returns.size() < 2) return Undefined::too_few;
  const MeanDeviation moments = mean_deviation(returns);
  if (is_zero_variance(moments.deviation, moments.mean)) return Undefined::zero_variance;
  return moments.mean / moments.deviation;
}

std::vector<double> returns_of_equity(std::span<const double> equity) {
  std::vector<double> returns;
  returns.reserve(equity.size());
  double before = 1;
  for (const double value : equity) {
    returns.push_back(before > 0 ? value / before - 1 : 0);
    before = value;
  }
  return returns;
}

Result<CleanReturns> apply_nan_policy(std::span<const double> returns, NanPolicy policy) {
  CleanReturns clean;
  clean.values.reserve(returns.size());
  clean.rows.reserve(returns.size());
  for (std::size_t row = 0; row < returns.size(); ++row) {
    const bool finite = std::isfinite(returns[row]);
    if (!finite) {
      if (policy == NanPolicy::reject) return first_bad_row(returns);
      ++clean.replaced;
      if (policy == NanPolicy::drop) continue;
    }
    clean.values.push_back(finite ? returns[row] : 0.0);
    clean.rows.push_back(row);
  }
  return clean;
}

}  // namespace tradewind::metrics
