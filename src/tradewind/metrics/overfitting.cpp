// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/overfitting.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tradewind/base/parallel.hpp"
#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/sums_internal.hpp"
#include "tradewind/metrics/superior_ability.hpp"

namespace tradewind::metrics {
namespace {

constexpr double kEulerGamma = 0.57721566490153286061;
constexpr std::size_t kMaxCorrelated = 2000;

/// 1 − skew·SR + (kurt − 1)/4·SR²: the variance of the estimated Sharpe ratio, times n − 1.
double sharpe_variance(const ReturnMoments& m) { return 1 - m.skewness * m.sharpe + (m.kurtosis - 1) / 4 * m.sharpe * m.sharpe; }

/// Rational start [Acklam 2003] for the quantile of p ≤ 0.5; relative error 1e-9.
double rough_quantile(double p) {
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                          1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
                          -1.328068155288572e+01};
  constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                          -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00};
  if (p < 0.02425) {
    const double q = std::sqrt(-2 * std::log(p));
    return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) / ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
  }
  const double q = p - 0.5;
  const double r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
         (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

std::vector<std::vector<double>> standardised_sample(Trials trials) {
  const std::size_t count = std::min(trials.size(), kMaxCorrelated);
  std::vector<std::vector<double>> columns;
  for (std::size_t k = 0; k < count; ++k) columns.push_back(standardised(trials[k * trials.size() / count]));
  return columns;
}

/// Products of one column with four others: each value is loaded once for four sums.
std::array<double, 4> four_products(const double* x, const std::array<const double*, 4>& others, std::size_t n) {
  std::array<Pair, 4> sums{};
  std::size_t t = 0;
  for (; t + 2 <= n; t += 2) {
    const Pair value = load_pair(x + t);
    for (std::size_t k = 0; k < 4; ++k) sums[k] += value * load_pair(others[k] + t);
  }
  std::array<double, 4> result{};
  for (std::size_t k = 0; k < 4; ++k) result[k] = sums[k][0] + sums[k][1] + (t < n ? x[t] * others[k][t] : 0);
  return result;
}

}  // namespace

std::vector<double> standardised(std::span<const double> values) {
  const MeanDeviation m = mean_deviation(values);
  std::vector<double> column(values.size(), 0);
  if (is_zero_variance(m.deviation, m.mean)) return column;
  const double scale = 1 / (m.deviation * std::sqrt(static_cast<double>(values.size() - 1)));
  for (std::size_t t = 0; t < values.size(); ++t) column[t] = (values[t] - m.mean) * scale;
  return column;
}

Undefined return_moments(std::span<const double> returns, ReturnMoments& moments) noexcept {
  moments = {};
  moments.bars = static_cast<std::int64_t>(returns.size());
  if (returns.size() < 2) return Undefined::too_few;
  const MeanDeviation m = mean_deviation(returns);
  if (is_zero_variance(m.deviation, m.mean)) return Undefined::zero_variance;
  CompensatedSum second, third, fourth;
  for (const double r : returns) {
    const double gap = (r - m.mean) / m.deviation;
    second.add(gap * gap);
    third.add(gap * gap * gap);
    fourth.add(gap * gap * gap * gap);
  }
  const double n = static_cast<double>(returns.size());
  const double variance = second.value() / n;
  moments.sharpe = m.mean / m.deviation;
  moments.skewness = third.value() / n / (variance * std::sqrt(variance));
  moments.kurtosis = fourth.value() / n / (variance * variance);
  return Undefined::defined;
}

Value probabilistic_sharpe(const ReturnMoments& moments, double benchmark) noexcept {
  if (moments.bars < 4) return Undefined::too_few;
  const double variance = sharpe_variance(moments);
  if (!(variance > 0)) return Undefined::zero_variance;
  return normal_cdf((moments.sharpe - benchmark) * std::sqrt(static_cast<double>(moments.bars - 1)) / std::sqrt(variance));
}

Value minimum_track_record(const ReturnMoments& moments, double benchmark, double confidence) noexcept {
  if (moments.bars < 4) return Undefined::too_few;
  if (!(moments.sharpe > benchmark)) return Undefined::not_above_benchmark;
  const double ratio = normal_quantile(confidence) / (moments.sharpe - benchmark);
  return 1 + sharpe_variance(moments) * ratio * ratio;
}

Value expected_maximum_sharpe(double variance, double trials) noexcept {
  if (!(trials >= 2)) return Undefined::insufficient_trials;
  return std::sqrt(variance) *
         ((1 - kEulerGamma) * normal_quantile(1 - 1 / trials) + kEulerGamma * normal_quantile(1 - 1 / (trials * M_E)));
}

double normal_cdf(double x) noexcept { return 0.5 * std::erfc(-x * M_SQRT1_2); }

double normal_quantile(double p) noexcept {
  if (p > 0.5) return -normal_quantile(1 - p);
  double x = rough_quantile(p);
  for (int step = 0; step < 2; ++step) {  // Halley's method on Φ(x) = p
    const double error = (normal_cdf(x) - p) * std::sqrt(2 * M_PI) * std::exp(0.5 * x * x);
    x -= error / (1 + 0.5 * x * error);
  }
  return x;
}

double effective_trials(Trials trials, int threads) {
  if (trials.empty()) return 0;
  const auto columns = standardised_sample(trials);
  const std::size_t count = columns.size();
  const std::size_t bars = trials[0].size();
  std::vector<double> sums(count);
  const Status done = parallel_for(count, threads, [&](std::size_t i) -> Status {
    for (std::size_t j = i + 1; j < count; j += 4) {
      std::array<const double*, 4> others;
      for (std::size_t k = 0; k < 4; ++k) others[k] = columns[std::min(j + k, count - 1)].data();
      const auto products = four_products(columns[i].data(), others, bars);
      for (std::size_t k = 0; k < 4 && j + k < count; ++k) sums[i] += products[k] * products[k];
    }
    return {};
  });
  TRADEWIND_ASSERT(done, "products of columns cannot fail");
  CompensatedSum pairs;
  for (const double sum : sums) pairs.add(sum);
  const double n = static_cast<double>(trials.size());
  const double m = static_cast<double>(count);
  const double chance = bars > 1 ? 1 / static_cast<double>(bars - 1) : 1;  // E ρ² of independent series
  const double observed = count < 2 ? 0 : 2 * pairs.value() / (m * (m - 1));
  const double mean_square = chance < 1 ? std::max(0.0, (observed - chance) / (1 - chance)) : 0;
  return std::clamp(n * n / (n + n * (n - 1) * mean_square), 1.0, n);
}

std::vector<double> excess_returns(std::span<const double> returns, std::span<const double> benchmark, Against how) {
  std::vector<double> excess(returns.begin(), returns.end());
  if (benchmark.empty()) return excess;
  double beta = 1;
  if (how == Against::matched) {
    const double own = mean_deviation(returns).mean;
    const double center = mean_deviation(benchmark).mean;
    double covariance = 0, variance = 0;
    for (std::size_t t = 0; t < returns.size(); ++t) {
      const double gap = benchmark[t] - center;
      covariance += (returns[t] - own) * gap;
      variance += gap * gap;
    }
    beta = variance > 0 ? std::clamp(covariance / variance, 0.0, 1.0) : 0.0;
  }
  for (std::size_t t = 0; t < excess.size(); ++t) excess[t] -= beta * benchmark[t];
  return excess;
}

FlatTrials flat_trials(Trials trials, std::size_t bars) {
  FlatTrials found;
  std::vector<double> means;
  double riskless = 0;  // the best of what is earned without varying
  for (std::size_t k = 0; k < trials.size(); ++k) {
    const auto values = trials[k].first(bars);
    const MeanDeviation m = mean_deviation(values);
    if (!is_zero_variance(m.deviation, m.mean)) {
      found.live.push_back(k);
      means.push_back(m.mean);
      continue;
    }
    found.flat.push_back(k);
    if (!values.empty()) riskless = std::max(riskless, values.front());
  }
  if (riskless > 0 && !means.empty()) {
    const auto below = std::count_if(means.begin(), means.end(), [&](double mean) { return mean < riskless; });
    found.dominate = 4 * static_cast<std::size_t>(below) > 3 * means.size();
  }
  return found;
}

Result<OverfitReport> overfit_report(Trials trials, int blocks, int threads, const Cancellation* cancellation) {
  TRADEWIND_TRY(check_trials(trials));
  OverfitReport report;
  report.trials = static_cast<std::int64_t>(trials.size());
  TRADEWIND_ASSIGN(report.pbo, probability_of_overfitting(trials, blocks, threads, cancellation));
  if (trials.empty()) return report;
  report.effective_trials = effective_trials(trials, threads);
  report.clustered_trials = clustered_trials(trials, threads);
  const FlatTrials constant = flat_trials(trials, trials[0].size());
  report.flat = constant.flat;
  std::vector<double> sharpes;
  ReturnMoments best;
  Undefined why = trials[0].size() < 2 ? Undefined::too_few : Undefined::zero_variance;
  for (const std::size_t k : constant.live) {
    ReturnMoments moments;
    why = return_moments(trials[k], moments);
    if (why != Undefined::defined) continue;
    if (sharpes.empty() || moments.sharpe > best.sharpe) best = moments, report.best = k;
    sharpes.push_back(moments.sharpe);
  }
  if (sharpes.empty()) {
    report.sharpe_per_period = report.psr = report.min_track_record = report.expected_max_sharpe = report.dsr = why;
    report.dsr_clustered = why;
    return report;
  }
  report.sharpe_per_period = best.sharpe;
  report.psr = probabilistic_sharpe(best);
  report.min_track_record = minimum_track_record(best);
  if (constant.dominate || (sharpes.size() < 2 && trials.size() > 1)) {
    report.expected_max_sharpe = report.dsr = report.dsr_clustered = Undefined::zero_variance;
    return report;
  }
  sharpes.resize(trials.size(), 0.0);  // what never varied has earned nothing
  const double spread = mean_deviation(sharpes).deviation;
  report.expected_max_sharpe = expected_maximum_sharpe(spread * spread, static_cast<double>(trials.size()));
  const auto deflated = [&](const Value& hurdle) {
    return hurdle.defined() ? probabilistic_sharpe(best, hurdle.number) : Value(hurdle.why);
  };
  report.dsr = deflated(report.expected_max_sharpe);
  report.dsr_clustered = deflated(expected_maximum_sharpe(spread * spread, static_cast<double>(report.clustered_trials)));
  return report;
}

}  // namespace tradewind::metrics
