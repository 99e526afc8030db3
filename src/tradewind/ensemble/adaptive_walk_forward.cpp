// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/adaptive_walk_forward.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/metrics/returns.hpp"

namespace tradewind::ensemble {
namespace {

using metrics::Metric;
using metrics::Undefined;

/// Weights in force and what they have come to.
struct Walker {
  std::vector<double> weights;  ///< drifted to the latest close
  std::vector<double> held;     ///< over the latest bar
  AdaptivePath path;

  /// Moves to new weights and earns a bar with them.
  void earn(std::span<const double> returns, std::vector<double> next, double turnover, double cost) {
    if (turnover > 0) {
      path.turnover += turnover;
      path.costs += cost;
      ++path.moves;
    }
    weights = std::move(next);
    double gross = 0;
    for (std::size_t j = 0; j < weights.size(); ++j) gross += weights[j] * returns[j];
    path.returns.push_back(std::max(-1.0, (1 - std::min(1.0, cost)) * (1 + gross) - 1));
    held = weights;
    drift(returns, weights);
  }
  /// Does what decide() says for these probabilities. The first weights are bought free of cost, and so without asking whether they pay.
  void decide_and_earn(const AdaptiveModel& model, std::span<const double> probabilities, std::span<const double> returns) {
    AdaptiveDecision decision = decide(model, probabilities, weights.empty() ? model.global.weights : weights);
    if (weights.empty()) decision = {decision.target, decision.target, 1, 0, 0};
    earn(returns, std::move(decision.weights), decision.turnover, decision.cost);
  }
  /// Moves all the way.
  void earn_at(std::span<const double> returns, std::span<const double> aim, double cost_rate) {
    double turnover = 0;
    for (std::size_t j = 0; j < aim.size(); ++j) turnover += weights.empty() ? 0 : std::fabs(aim[j] - weights[j]);
    earn(returns, {aim.begin(), aim.end()}, turnover, cost_rate * turnover);
  }
  void earn_on(std::span<const double> returns) { earn(returns, weights, 0, 0); }
};

void set_figures(AdaptivePath& path, const EnsembleOptions& options) {
  const auto metrics =
      metrics::calculate_metrics(path.returns, {.periods_per_year = options.periods_per_year, .risk_free = options.risk_free});
  if (!metrics) return;
  const auto value = [&](Metric metric) {
    return metrics->why(metric) == Undefined::defined ? metrics::Value((*metrics)[metric]) : metrics::Value(metrics->why(metric));
  };
  path.sharpe_ratio = value(Metric::sharpe_ratio);
  path.annualized_return = value(Metric::annualized_return);
  path.volatility = value(Metric::volatility);
  path.max_drawdown = value(Metric::max_drawdown);
}

/// Annual mean difference in log growth and its interval. After the ruin of either the difference is not defined.
Status compare(const AdaptivePath& one, const AdaptivePath& other, double periods_per_year, const metrics::BootstrapOptions& bootstrap,
               metrics::Value& difference, metrics::Interval& interval) {
  // Differences of logarithms may lie below −1, returns may not: the bootstrap sees them scaled by a power of two, which loses nothing.
  constexpr double kScale = 0x1p-12;
  std::vector<double> scaled;
  double sum = 0;
  for (std::size_t t = 0; t < one.returns.size(); ++t) {
    const double gap = std::log1p(one.returns[t]) - std::log1p(other.returns[t]);
    if (!std::isfinite(gap)) return {};
    scaled.push_back(gap * kScale);
    sum += gap;
  }
  if (scaled.empty()) return {};
  difference = sum / static_cast<double>(scaled.size()) * periods_per_year;
  TRADEWIND_ASSIGN(const auto intervals, metrics::bootstrap_intervals(scaled, {.periods_per_year = periods_per_year}, bootstrap));
  interval = intervals.mean;
  interval.low *= periods_per_year / kScale;
  interval.high *= periods_per_year / kScale;
  return {};
}

std::string verdict_of(const AdaptiveReport& report, double confidence) {
  if (report.bars == 0) return "not tested: too few bars to fit weights and to hold them afterwards";
  if (!report.growth_interval.defined()) return "not tested: the log growth of the two ways cannot be compared";
  const std::string figures = fmt::format(
      "{:+.2f} % of log growth a year against static weights after costs ({:.0f} % interval {:+.2f} to {:+.2f})",
      100 * report.growth_difference.number, 100 * confidence, 100 * report.growth_interval.low, 100 * report.growth_interval.high);
  if (report.paid) return "adapting paid: " + figures;
  if (report.adaptive.moves == 0) return "adapting did not pay: no move was worth its cost; " + figures;
  if (report.growth_interval.high < 0) return "adapting did not pay: it lost " + figures;
  return "it is not shown that adapting pays, the difference may be chance: " + figures;
}

void copy_row(const ReturnPanel& panel, std::size_t row, std::vector<double>& out) {
  for (std::size_t j = 0; j < panel.columns(); ++j) out[j] = panel.column(j)[row];
}

}  // namespace

Result<AdaptiveReport> adaptive_walk_forward(const ReturnPanel& panel, const RegimeProbabilities& probabilities,
                                             const AdaptiveOptions& options, const WalkForwardOptions& walk,
                                             const metrics::BootstrapOptions& bootstrap, const Cancellation* cancellation) {
  TRADEWIND_TRY(check(panel));
  TRADEWIND_TRY(check(probabilities, panel.rows));
  AdaptiveReport report;
  report.verdict = verdict_of(report, bootstrap.confidence);
  const std::size_t first = walk.first_fit > 0 ? walk.first_fit : std::max({std::size_t{60}, 2 * panel.columns(), panel.rows / 3});
  if (first < 2 || first >= panel.rows || panel.columns() == 0) return report;
  const std::size_t step = walk.step > 0 ? walk.step : std::max<std::size_t>(1, (panel.rows - first + 9) / 10);
  report.first_bar = first;
  report.bars = panel.rows - first;
  Walker adaptive, fixed, equal;
  const std::vector<double> even = equal_weights(panel);
  std::vector<double> returns(panel.columns());
  for (std::size_t t = first; t < panel.rows; ++t) {
    if (cancellation != nullptr && cancellation->requested()) return interrupted_error();
    const bool refit = (t - first) % step == 0;
    if (refit) {
      const std::size_t from = walk.rolling ? t - first : 0;
      const RegimeProbabilities known{
          probabilities.values.subspan(from * probabilities.names.size(), (t - from) * probabilities.names.size()), probabilities.names};
      const std::span<const double> previous =
          report.refits.empty() ? std::span<const double>() : report.refits.back().model.global.weights;
      TRADEWIND_ASSIGN(AdaptiveModel model, fit_adaptive(slice(panel, from, t), known, options, previous));
      report.fallback_refits += model.fallback ? 1 : 0;
      report.refits.push_back({t, std::move(model)});
    }
    const AdaptiveModel& model = report.refits.back().model;
    copy_row(panel, t, returns);
    adaptive.decide_and_earn(model, probabilities.row(t - 1), returns);
    report.weights.insert(report.weights.end(), adaptive.held.begin(), adaptive.held.end());
    fixed.decide_and_earn(model, {}, returns);
    if (refit)
      equal.earn_at(returns, even, options.cost_rate);
    else
      equal.earn_on(returns);
  }
  report.adaptive = std::move(adaptive.path);
  report.static_weights = std::move(fixed.path);
  report.equal_weight = std::move(equal.path);
  for (AdaptivePath* path : {&report.adaptive, &report.static_weights, &report.equal_weight}) set_figures(*path, options.ensemble);
  const double ppy = options.ensemble.periods_per_year;
  TRADEWIND_TRY(compare(report.adaptive, report.static_weights, ppy, bootstrap, report.growth_difference, report.growth_interval));
  TRADEWIND_TRY(compare(report.adaptive, report.equal_weight, ppy, bootstrap, report.growth_over_equal, report.growth_over_equal_interval));
  report.paid = report.growth_interval.defined() && report.growth_interval.low > 0;
  report.verdict = verdict_of(report, bootstrap.confidence);
  return report;
}

}  // namespace tradewind::ensemble
