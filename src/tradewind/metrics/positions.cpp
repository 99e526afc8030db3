// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/positions.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/core.h>

#include "tradewind/metrics/execution_costs.hpp"
#include "tradewind/metrics/sums_internal.hpp"

namespace tradewind::metrics {
namespace {

Status check_costs(const ExecutionCosts& costs) {
  const auto outside = [](double rate) { return !(rate >= 0 && rate < 1); };
  if (outside(costs.commission_rate))
    return Error(Errc::usage, fmt::format("the commission must be in [0, 1), not {}", costs.commission_rate), "commission",
                 "10bps is 0.001");
  if (outside(costs.slippage_bps))
    return Error(Errc::usage, fmt::format("the slippage must be in [0, 1), not {}", costs.slippage_bps), "slippage", "5bps is 0.0005");
  return {};
}

Status check_columns(std::span<const double> returns, std::span<const std::int8_t> positions) {
  if (returns.size() != positions.size()) {
    return Error(Errc::invalid_data, fmt::format("{} returns stand beside {} positions", returns.size(), positions.size()));
  }
  for (std::size_t t = 0; t < returns.size(); ++t) {
    if (positions[t] < -1 || positions[t] > 1) {
      return Error(Errc::invalid_data, fmt::format("position of row {} is {}; it must be -1, 0 or 1 (rows count from 0)", t, positions[t]),
                   fmt::format("row {}", t));
    }
    if (!std::isfinite(returns[t]) || returns[t] < -1) {
      return Error(Errc::invalid_data,
                   fmt::format("return of row {} is {}; it must be finite and at least -1 (rows count from 0)", t, returns[t]),
                   fmt::format("row {}", t));
    }
  }
  return {};
}

/// Annualised volatility of the bars before t: what is known at t's start.
double volatility_before(std::span<const double> returns, std::size_t t, double periods_per_year) {
  const std::size_t count = std::min(t, kVolatilityWindow);
  if (count < 2) return 0;
  return mean_deviation(returns.subspan(t - count, count)).deviation * std::sqrt(periods_per_year);
}

/// Net results of the closed trades.
class TradeBook {
 public:
  /// `equity`: what is put into the trade, before the cost of its entry.
  void open(double equity, double cost) {
    equity_ = equity;
    result_ = 1 - cost;
  }
  void hold(double gross) { result_ *= 1 + gross; }
  void close(double cost) {
    const double profit = result_ * (1 - cost) - 1;
    results_.push_back(profit);
    if (profit > 0) {
      ++decided_.won;
      gains_.add(profit);
      won_money_.add(equity_ * profit);
      decided_.largest_win = std::max(decided_.largest_win, profit);
    } else if (profit < 0) {
      ++decided_.lost;
      losses_.add(profit);
      lost_money_.add(equity_ * profit);
      decided_.largest_loss = std::min(decided_.largest_loss, profit);
    } else {
      ++flat_;
    }
  }
  std::vector<double> results() { return std::move(results_); }
  void report(PerformanceMetrics& metrics) {
    decided_.gains = gains_.value();
    decided_.losses = losses_.value();
    metrics.won_trades = decided_.won;
    metrics.lost_trades = decided_.lost;
    metrics.flat_trades = flat_;
    metrics.total_trades = decided_.won + decided_.lost + flat_;
    metrics.unit = Unit::trade;
    set_decided(metrics, decided_, Undefined::no_decided_trades);
    set_trades_profit_factor(metrics, won_money_.value(), lost_money_.value());
  }

 private:
  std::vector<double> results_;
  Decided decided_;
  CompensatedSum gains_, losses_;
  CompensatedSum won_money_, lost_money_;  ///< in units of the starting equity
  std::int64_t flat_ = 0;
  double equity_ = 1;
  double result_ = 1;
};

TradeBook book_of(const CostedReturns& costed, std::span<const std::int8_t> positions) {
  TradeBook book;
  std::int8_t before = 0;
  double equity = 1;
  for (std::size_t t = 0; t < positions.size(); ++t) {
    if (positions[t] != before) {
      if (before != 0) book.close(costed.fill_cost[t]);
      if (positions[t] != 0) book.open(before == 0 ? equity : equity * (1 - costed.fill_cost[t]), costed.fill_cost[t]);
      before = positions[t];
    }
    if (before != 0) book.hold(costed.gross[t]);
    equity *= 1 + costed.net[t];
  }
  return book;
}

void copy(PerformanceMetrics& to, Metric target, const PerformanceMetrics& from, Metric source) {
  if (from.why(source) == Undefined::defined) {
    to.set(target, from[source]);
  } else {
    to.set_undefined(target, from.why(source));
  }
}

void set_costs(PerformanceMetrics& metrics, const PerformanceMetrics& gross, const CostedReturns& costed) {
  metrics.total_fills = costed.total_fills;
  if (costed.total_fills == 0) {
    for (const Metric metric : {Metric::gross_return, Metric::net_return, Metric::total_costs, Metric::cost_per_trade, Metric::gross_sharpe,
                                Metric::net_sharpe, Metric::cost_impact}) {
      metrics.set_undefined(metric, Undefined::no_fills);
    }
    return;
  }
  copy(metrics, Metric::gross_return, gross, Metric::total_return);
  copy(metrics, Metric::net_return, metrics, Metric::total_return);
  copy(metrics, Metric::gross_sharpe, gross, Metric::sharpe_ratio);
  copy(metrics, Metric::net_sharpe, metrics, Metric::sharpe_ratio);
  metrics.set(Metric::total_costs, costed.total_costs);
  metrics.set(Metric::cost_per_trade, costed.total_costs / static_cast<double>(costed.total_fills));
  const Undefined why =
      metrics.why(Metric::gross_sharpe) != Undefined::defined ? metrics.why(Metric::gross_sharpe) : metrics.why(Metric::net_sharpe);
  if (why == Undefined::defined) {
    metrics.set(Metric::cost_impact, metrics[Metric::gross_sharpe] - metrics[Metric::net_sharpe]);
  } else {
    metrics.set_undefined(Metric::cost_impact, why);
  }
}

}  // namespace

Result<CostedReturns> apply_costs(std::span<const double> returns, std::span<const std::int8_t> positions, const ExecutionCosts& costs,
                                  double periods_per_year, ReturnsOf returns_of) {
  TRADEWIND_TRY(check_costs(costs));
  TRADEWIND_TRY(check_columns(returns, positions));
  CostedReturns out;
  out.gross.resize(returns.size());
  out.net.resize(returns.size());
  out.fill_cost.assign(returns.size(), 0);
  CompensatedSum paid;
  double equity = 1;
  int before = 0;
  for (std::size_t t = 0; t < returns.size(); ++t) {
    const int position = positions[t];
    const double gross = returns_of == ReturnsOf::asset ? position * returns[t] : returns[t];
    if (gross < -1) {
      return Error(Errc::invalid_data,
                   fmt::format("the short position of row {} loses {} of its equity in one bar: more than everything", t, -gross),
                   fmt::format("row {}", t));
    }
    if (position == 0 && returns[t] != 0) ++out.flat_bars_with_return;
    double cost = 0;
    if (const int turnover = std::abs(position - before); turnover > 0) {
      const double volatility = costs.slippage_model == SlippageModel::sqrt ? volatility_before(returns, t, periods_per_year) : 0;
      out.fill_cost[t] = std::min(1.0, costs.commission_rate + costs.slippage(volatility));
      cost = std::min(1.0, turnover * out.fill_cost[t]);
      out.total_fills += turnover;
    }
    out.gross[t] = gross;
    out.net[t] = cost == 0 ? gross : (1 + gross) * (1 - cost) - 1;
    paid.add(equity * (1 + gross) * cost);
    equity *= 1 + out.net[t];
    before = position;
  }
  out.total_costs = paid.value();
  return out;
}

std::vector<double> closed_trades(const CostedReturns& costed, std::span<const std::int8_t> positions) {
  return book_of(costed, positions).results();
}

Result<PerformanceMetrics> calculate_metrics(const CostedReturns& costed, std::span<const std::int8_t> positions,
                                             const ReturnOptions& options) {
  if (positions.size() != costed.net.size()) {
    return Error(Errc::invalid_data, fmt::format("{} returns stand beside {} positions", costed.net.size(), positions.size()));
  }
  TRADEWIND_ASSIGN(PerformanceMetrics metrics, calculate_metrics(costed.net, options));
  if (costed.net.empty()) {
    metrics.unit = Unit::trade;
    return metrics;
  }
  TRADEWIND_ASSIGN(const PerformanceMetrics gross, calculate_metrics(costed.gross, options));
  book_of(costed, positions).report(metrics);
  set_costs(metrics, gross, costed);
  return metrics;
}

Result<PerformanceMetrics> calculate_metrics(std::span<const double> returns, std::span<const std::int8_t> positions,
                                             const ExecutionCosts& costs, const ReturnOptions& options, ReturnsOf returns_of) {
  TRADEWIND_TRY(check(options));
  TRADEWIND_ASSIGN(const CostedReturns costed, apply_costs(returns, positions, costs, options.periods_per_year, returns_of));
  return calculate_metrics(costed, positions, options);
}

}  // namespace tradewind::metrics
