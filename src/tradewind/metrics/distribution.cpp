// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/distribution.hpp"

#include <algorithm>
#include <cmath>

#include "tradewind/metrics/overfitting.hpp"
#include "tradewind/metrics/sums_internal.hpp"

namespace tradewind::metrics {
namespace {

using enum DistributionMetric;

constexpr double kTail = 0.05;
constexpr std::size_t kFewestInTail = 20;  ///< a twentieth of fewer bars is not one bar

/// A sum whose blocks are plain and whose total is compensated: as fast as a plain one, as exact as its blocks are short.
class BlockSum {
 public:
  void add(double term) noexcept {
    block_ += term;
    if (++count_ < kBlock) return;
    total_.add(block_);
    block_ = 0;
    count_ = 0;
  }
  double value() const noexcept {
    CompensatedSum all = total_;
    all.add(block_);
    return all.value();
  }

 private:
  CompensatedSum total_;
  double block_ = 0;
  std::size_t count_ = 0;
};

void set_tails(DistributionMetrics& out, std::span<const double> returns) {
  const auto [least, most] = std::minmax_element(returns.begin(), returns.end());
  out[best_bar] = *most;
  out[worst_bar] = *least;
  if (returns.size() < kFewestInTail) {
    for (const auto metric : {value_at_risk, conditional_value_at_risk, tail_ratio}) out[metric] = Undefined::too_few;
    return;
  }
  std::vector<double> sorted(returns.begin(), returns.end());
  const double low = quantile(sorted, kTail), high = quantile(sorted, 1 - kTail);
  BlockSum beyond;
  double count = 0;
  for (const double r : returns)
    if (r <= low) beyond.add(r), ++count;
  out[value_at_risk] = -low + 0.0;  // no -0
  out[conditional_value_at_risk] = -beyond.value() / count + 0.0;
  out[tail_ratio] = low < 0 ? Value(std::fabs(high) / -low) : Value(Undefined::no_losses);
}

void set_sums(DistributionMetrics& out, std::span<const double> returns, double target) {
  BlockSum above, below, sum, losses, underwater;
  double equity = 1, high = 1;
  for (const double r : returns) {
    above.add(std::max(r - target, 0.0));
    below.add(std::max(target - r, 0.0));
    sum.add(r);
    losses.add(std::max(-r, 0.0));
    equity *= 1 + r;
    high = std::max(high, equity);
    const double depth = 1 - equity / high;
    underwater.add(depth * depth);
  }
  out[omega] = below.value() > 0 ? Value(above.value() / below.value()) : Value(Undefined::no_downside);
  out[gain_to_pain] = losses.value() > 0 ? Value(sum.value() / losses.value()) : Value(Undefined::no_losses);
  out[ulcer_index] = std::sqrt(underwater.value() / static_cast<double>(returns.size()));
}

/// From what the metrics say of wins and losses, whichever their unit is.
void set_decisions(DistributionMetrics& out, const PerformanceMetrics& m) {
  if (const Undefined why = m.why(Metric::win_rate); why != Undefined::defined) {
    out[expectancy] = out[payoff_ratio] = why;
    return;
  }
  const double won = m[Metric::win_rate];
  const bool wins = m.why(Metric::avg_win) == Undefined::defined, losses = m.why(Metric::avg_loss) == Undefined::defined;
  out[expectancy] = (wins ? won * m[Metric::avg_win] : 0) + (losses ? (1 - won) * m[Metric::avg_loss] : 0);
  out[payoff_ratio] = !wins     ? Value(Undefined::no_wins)
                      : !losses ? Value(Undefined::no_losses)
                                : Value(m[Metric::avg_win] / -m[Metric::avg_loss]);
}

/// √n · mean / standard deviation of results: of trades, or of the bars in the market.
Value quality(std::span<const double> results) {
  const Value ratio = sharpe_per_period(results);
  return ratio.defined() ? Value(ratio.number * std::sqrt(static_cast<double>(results.size()))) : ratio;
}

template <class Wanted>
double longest_run(std::span<const double> results, Wanted wanted) {
  std::int64_t longest = 0, run = 0;
  for (const double result : results) {
    run = wanted(result) ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return static_cast<double>(longest);
}

void set_results(DistributionMetrics& out, const DistributionInput& input) {
  const bool trades = input.performance->unit == Unit::trade;
  std::vector<double> active;
  if (!trades && input.performance->zeros > 0)
    for (const double r : input.returns)
      if (r != 0) active.push_back(r);
  const std::span<const double> results = trades ? input.trades : input.performance->zeros > 0 ? active : input.returns;
  const Undefined none = trades ? Undefined::no_decided_trades : Undefined::no_decided_bars;
  out[sqn] = results.empty() ? Value(none) : quality(results);
  const std::span<const double> in_order = trades ? input.trades : input.returns;  // a flat one ends a streak
  out[longest_winning_streak] = longest_run(in_order, [](double r) { return r > 0; });
  out[longest_losing_streak] = longest_run(in_order, [](double r) { return r < 0; });
  const auto held =
      input.positions.empty()
          ? static_cast<std::ptrdiff_t>(std::count_if(input.returns.begin(), input.returns.end(), [](double r) { return r != 0; }))
          : std::count_if(input.positions.begin(), input.positions.end(), [](std::int8_t p) { return p != 0; });
  out[time_in_market] = static_cast<double>(held) / static_cast<double>(input.returns.size());
}

void set_luck(DistributionMetrics& out, const DistributionInput& input, const ReturnOptions& options) {
  ReturnMoments moments;
  if (const Undefined why = return_moments(input.returns, moments); why != Undefined::defined) {
    for (const auto metric : {skewness, kurtosis, psr, min_track_record}) out[metric] = why;
    return;
  }
  out[skewness] = moments.skewness;
  out[kurtosis] = moments.kurtosis;
  if (!input.excess.empty()) {
    if (const Undefined why = return_moments(input.excess, moments); why != Undefined::defined) {
      out[psr] = out[min_track_record] = why;
      return;
    }
  } else if (options.risk_free != 0) {
    const MeanDeviation plain = mean_deviation(input.returns);
    moments.sharpe = (plain.mean - rate_per_bar(options.risk_free, options.periods_per_year)) / plain.deviation;
  }
  const double against = input.sharpe_benchmark / std::sqrt(options.periods_per_year);
  out[psr] = probabilistic_sharpe(moments, against);
  out[min_track_record] = minimum_track_record(moments, against);
}

}  // namespace

double quantile(std::span<double> values, double share) noexcept {
  const double rank = share * static_cast<double>(values.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(rank), values.size() - 1);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(values.begin(), at, values.end());
  if (below + 1 == values.size()) return *at;
  const double next = *std::min_element(at + 1, values.end());
  return *at + (rank - static_cast<double>(below)) * (next - *at);
}

DistributionMetrics distribution_metrics(const DistributionInput& input, const ReturnOptions& options) {
  DistributionMetrics out;
  if (input.returns.empty()) return out;
  set_tails(out, input.returns);
  set_sums(out, input.returns, rate_per_bar(options.minimum_acceptable_return, options.periods_per_year));
  set_decisions(out, *input.performance);
  set_results(out, input);
  set_luck(out, input, options);
  return out;
}

}  // namespace tradewind::metrics
