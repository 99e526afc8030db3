// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/walk_forward.hpp"

#include <algorithm>
#include <cmath>

#include "tradewind/ensemble/kernel_internal.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::ensemble {
namespace {

using metrics::Metric;
using metrics::Undefined;

PortfolioPath figures(std::span<const double> returns, const EnsembleOptions& options) {
  PortfolioPath out;
  out.turnover = Undefined::too_few;
  const auto metrics = metrics::calculate_metrics(returns, {.periods_per_year = options.periods_per_year, .risk_free = options.risk_free});
  if (!metrics) return out;
  const auto value = [&](Metric metric) {
    return metrics->why(metric) == Undefined::defined ? metrics::Value((*metrics)[metric]) : metrics::Value(metrics->why(metric));
  };
  out.sharpe_ratio = value(Metric::sharpe_ratio);
  out.annualized_return = value(Metric::annualized_return);
  out.volatility = value(Metric::volatility);
  return out;
}

/// One way of choosing weights, and what became of it.
struct Account {
  std::vector<double> weights;
  std::vector<double> returns;
  double turnover = 0;
  std::size_t changes = 0;

  void hold(std::vector<double> next, const ReturnPanel& panel, std::size_t first, std::size_t last) {
    if (!weights.empty()) {
      ++changes;
      for (std::size_t j = 0; j < next.size(); ++j) turnover += std::fabs(next[j] - weights[j]);
    }
    weights = std::move(next);
    const std::size_t start = returns.size();
    returns.resize(start + last - first, 0.0);
    for (std::size_t j = 0; j < weights.size(); ++j) {
      if (weights[j] != 0) axpy(weights[j], panel.column(j).data() + first, returns.data() + start, last - first);
    }
  }
  PortfolioPath report(const EnsembleOptions& options) const {
    PortfolioPath out = figures(returns, options);
    if (changes > 0) out.turnover = turnover / static_cast<double>(changes);
    return out;
  }
};

}  // namespace

std::vector<double> equal_weights(const ReturnPanel& panel) {
  std::vector<bool> left_out = zero_variance_columns(panel);
  auto held = static_cast<std::size_t>(std::count(left_out.begin(), left_out.end(), false));
  if (held == 0) {
    left_out.assign(panel.columns(), false);
    held = panel.columns();
  }
  std::vector<double> weights(panel.columns(), 0.0);
  for (std::size_t j = 0; j < weights.size(); ++j) weights[j] = left_out[j] ? 0 : 1 / static_cast<double>(held);
  return weights;
}

std::vector<double> inverse_volatility_weights(const ReturnPanel& panel) {
  const std::vector<bool> constant = zero_variance_columns(panel);
  std::vector<double> weights(panel.columns(), 0.0);
  double total = 0;
  for (std::size_t j = 0; j < weights.size(); ++j) {
    if (constant[j]) continue;
    double mean = 0;
    for (const double value : panel.column(j)) mean += value;
    mean /= static_cast<double>(panel.rows);
    double squares = 0;
    for (const double value : panel.column(j)) squares += (value - mean) * (value - mean);
    weights[j] = 1 / std::sqrt(squares);
    total += weights[j];
  }
  if (!(total > 0)) return equal_weights(panel);
  for (double& weight : weights) weight /= total;
  return weights;
}

PortfolioPath path_of_weights(const ReturnPanel& panel, std::span<const double> weights, const EnsembleOptions& options) {
  Account account;
  account.hold({weights.begin(), weights.end()}, panel, 0, panel.rows);
  return account.report(options);
}

Result<WalkForwardReport> walk_forward(const ReturnPanel& panel, const EnsembleOptions& options, const WalkForwardOptions& walk) {
  WalkForwardReport report;
  for (PortfolioPath* path : {&report.ensemble, &report.equal_weight, &report.inverse_volatility}) {
    *path = {Undefined::too_few, Undefined::too_few, Undefined::too_few, Undefined::too_few};
  }
  const std::size_t first = walk.first_fit > 0 ? walk.first_fit : std::max({std::size_t{60}, 2 * panel.columns(), panel.rows / 3});
  if (first < 2 || first >= panel.rows || panel.columns() == 0) return report;
  const std::size_t step = walk.step > 0 ? walk.step : std::max<std::size_t>(1, (panel.rows - first + 9) / 10);
  report.first_bar = first;
  report.bars = panel.rows - first;
  Account ensemble;
  Account equal;
  Account inverse;
  EnsembleOptions present(options);
  for (std::size_t at = first; at < panel.rows; at += step) {
    const std::size_t end = std::min(panel.rows, at + step);
    const ReturnPanel past = slice(panel, walk.rolling ? at - first : 0, at);
    if (!ensemble.weights.empty()) present.constraints.current_weights = ensemble.weights;
    TRADEWIND_ASSIGN(WeightResult result, optimize_panel(past, present));
    ++report.refits;
    if (!result.has_weights()) {
      ++report.fallback_refits;
      result.weights = ensemble.weights.empty() ? equal_weights(past) : ensemble.weights;
    }
    ensemble.hold(std::move(result.weights), panel, at, end);
    equal.hold(equal_weights(past), panel, at, end);
    inverse.hold(inverse_volatility_weights(past), panel, at, end);
  }
  report.ensemble = ensemble.report(options);
  report.equal_weight = equal.report(options);
  report.inverse_volatility = inverse.report(options);
  report.returns = std::move(ensemble.returns);
  return report;
}

}  // namespace tradewind::ensemble
