// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/benchmark.hpp"

#include <algorithm>
#include <cmath>

#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/metrics/sums_internal.hpp"

namespace tradewind::metrics {
namespace {

/// A position in the benchmark itself earns what it earns but for rounding: that is not above it.
constexpr double kTie = 1e-12;

/// The bars of both, in order.
struct Pairs {
  std::vector<double> own, other;                ///< returns
  std::vector<double> own_excess, other_excess;  ///< less the risk-free return
};

Pairs pairs_of(std::span<const double> returns, std::span<const double> benchmark, const RiskFree& risk_free) {
  Pairs pairs;
  for (std::size_t t = 0; t < returns.size(); ++t) {
    if (std::isnan(benchmark[t])) continue;
    pairs.own.push_back(returns[t]);
    pairs.other.push_back(benchmark[t]);
    pairs.own_excess.push_back(returns[t] - risk_free.at(t));
    pairs.other_excess.push_back(benchmark[t] - risk_free.at(t));
  }
  return pairs;
}

double covariance(std::span<const double> a, double mean_a, std::span<const double> b, double mean_b) {
  CompensatedSum sum;
  for (std::size_t t = 0; t < a.size(); ++t) sum.add((a[t] - mean_a) * (b[t] - mean_b));
  return sum.value() / static_cast<double>(a.size() - 1);
}

void set_regression(ActiveFigures& out, const Pairs& pairs, double periods_per_year) {
  const MeanDeviation own = mean_deviation(pairs.own_excess), other = mean_deviation(pairs.other_excess);
  // What is left of two equal series is rounding: it is measured by what the series themselves do, not by their difference.
  const MeanDeviation raw = mean_deviation(pairs.other), raw_own = mean_deviation(pairs.own);
  const bool still = is_zero_variance(other.deviation, std::max(std::fabs(other.mean), raw.deviation)),
             own_still = is_zero_variance(own.deviation, std::max(std::fabs(own.mean), raw_own.deviation));
  if (still) {
    out.alpha = out.beta = out.r_squared = out.correlation = out.treynor = Undefined::zero_variance;
    return;
  }
  const double common = covariance(pairs.own_excess, own.mean, pairs.other_excess, other.mean);
  const double beta = common / (other.deviation * other.deviation);
  out.beta = beta;
  out.alpha = (own.mean - beta * other.mean) * periods_per_year;
  out.treynor = own_still || beta == 0 ? Value(Undefined::zero_variance) : Value(own.mean * periods_per_year / beta);
  if (own_still) {
    out.correlation = out.r_squared = Undefined::zero_variance;
    return;
  }
  const double correlation = std::clamp(common / (own.deviation * other.deviation), -1.0, 1.0);
  out.correlation = correlation;
  out.r_squared = correlation * correlation;
}

void set_active(ActiveFigures& out, const Pairs& pairs, double periods_per_year) {
  const std::vector<double> active = excess_returns(pairs.own, pairs.other);
  const MeanDeviation moments = mean_deviation(active);
  const double root = std::sqrt(periods_per_year);
  const bool still = is_zero_variance(moments.deviation, moments.mean);
  out.tracking_error = still ? 0 : moments.deviation * root;
  out.information_ratio = still ? Value(Undefined::zero_variance) : Value(moments.mean / moments.deviation * root);
}

/// The annual return over the bars in which the benchmark went one way, by that of the benchmark over the same bars.
template <class Way>
Value capture(const Pairs& pairs, double periods_per_year, Undefined none, Way way) {
  CompensatedSum own, other;
  double bars = 0;
  for (std::size_t t = 0; t < pairs.own.size(); ++t) {
    if (!way(pairs.other[t])) continue;
    own.add(std::log1p(pairs.own[t])), other.add(std::log1p(pairs.other[t]));
    ++bars;
  }
  if (bars == 0) return none;
  const double scale = periods_per_year / bars;
  const auto annual = [&](const CompensatedSum& sum) { return std::isfinite(sum.plain()) ? std::expm1(sum.value() * scale) : -1.0; };
  const double ratio = annual(own) / annual(other);
  return std::isfinite(ratio) ? Value(ratio) : Value(Undefined::short_sample);
}

/// Sums of consecutive bars of two series that can be merged with those of the bars after them.
struct TwoParts {
  double count = 0, mean = 0, other = 0, together = 0, squares = 0;
};

TwoParts merge_two(const TwoParts& a, const TwoParts& b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  const double count = a.count + b.count, share = b.count / count, weight = a.count * share;
  const double gap = b.mean - a.mean, other_gap = b.other - a.other;
  return {count, a.mean + gap * share, a.other + other_gap * share, a.together + b.together + gap * other_gap * weight,
          a.squares + b.squares + other_gap * other_gap * weight};
}

}  // namespace

ActiveFigures compare_with_benchmark(std::span<const double> returns, std::span<const double> benchmark, const RiskFree& risk_free,
                                     double periods_per_year) {
  ActiveFigures out;
  const Pairs pairs = pairs_of(returns, benchmark, risk_free);
  out.bars = std::ssize(pairs.own);
  out.left_out = std::ssize(returns) - out.bars;
  if (pairs.own.empty()) return out;
  std::int64_t above = 0;
  for (std::size_t t = 0; t < pairs.own.size(); ++t) above += pairs.own[t] - pairs.other[t] > kTie;
  out.batting_average = static_cast<double>(above) / static_cast<double>(out.bars);
  out.up_capture = capture(pairs, periods_per_year, Undefined::no_wins, [](double b) { return b > 0; });
  out.down_capture = capture(pairs, periods_per_year, Undefined::no_losses, [](double b) { return b < 0; });
  if (out.bars < 2) {
    for (Value* const one :
         {&out.alpha, &out.beta, &out.r_squared, &out.correlation, &out.treynor, &out.tracking_error, &out.information_ratio})
      *one = Undefined::too_few;
    return out;
  }
  set_regression(out, pairs, periods_per_year);
  set_active(out, pairs, periods_per_year);
  return out;
}

void set_risk_free(PerformanceMetrics& metrics, std::span<const double> net, std::span<const double> gross,
                   std::span<const double> risk_free, double periods_per_year) {
  const auto set = [&](Metric metric, std::span<const double> returns) {
    const Value ratio = sharpe_per_period(excess_returns(returns, risk_free));
    if (ratio.defined())
      metrics.set(metric, ratio.number * std::sqrt(periods_per_year));
    else
      metrics.set_undefined(metric, ratio.why);
  };
  if (net.empty()) return;
  set(Metric::sharpe_ratio, net);
  if (gross.empty() || metrics.total_fills == 0) return;
  set(Metric::net_sharpe, net);
  set(Metric::gross_sharpe, gross);
  for (const Metric metric : {Metric::net_sharpe, Metric::gross_sharpe})
    if (metrics.why(metric) != Undefined::defined) return metrics.set_undefined(Metric::cost_impact, metrics.why(metric));
  metrics.set(Metric::cost_impact, metrics[Metric::gross_sharpe] - metrics[Metric::net_sharpe]);
}

std::vector<double> rolling_beta(std::span<const double> returns, std::span<const double> benchmark, std::size_t window) {
  std::vector<double> beta(returns.size(), std::nan(""));
  if (window < 2) return beta;
  const auto bar = [&](std::size_t t) { return TwoParts{1, returns[t], benchmark[t], 0, 0}; };
  std::vector<TwoParts> suffix(window + 1);  // suffix[k]: the last `window − k` bars of the block before, as in rolling_metrics
  TwoParts prefix;
  for (std::size_t end = 0; end < returns.size(); ++end) {
    const std::size_t in_block = end % window;
    prefix = merge_two(in_block == 0 ? TwoParts{} : prefix, bar(end));
    if (end + 1 >= window) {
      const TwoParts whole = in_block + 1 == window ? prefix : merge_two(suffix[in_block + 1], prefix);
      const double deviation = std::sqrt(whole.squares / (whole.count - 1));
      if (!std::isnan(deviation) && !is_zero_variance(deviation, whole.other)) beta[end] = whole.together / whole.squares;
    }
    if (in_block + 1 == window) {
      suffix[window] = TwoParts{};
      for (std::size_t k = window; k-- > 0;) suffix[k] = merge_two(bar(end + 1 - window + k), suffix[k + 1]);
    }
  }
  return beta;
}

}  // namespace tradewind::metrics
