// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/regime_fit.hpp"

#include <cmath>

#include "tradewind/metrics/regime_slices.hpp"

namespace tradewind::analysis {
namespace {

/// Bars of one regime.
struct Sums {
  double count = 0;
  double sum = 0;
  double squares = 0;

  void add(double r) {
    count += 1;
    sum += r;
    squares += r * r;
  }
  Sums& operator+=(const Sums& other) {
    count += other.count;
    sum += other.sum;
    squares += other.squares;
    return *this;
  }
  bool tradable() const { return sum > 0 || count < static_cast<double>(metrics::kMinRegimeBars); }
};

metrics::Value sharpe_of(const Sums& sums, const metrics::ReturnOptions& options) {
  if (sums.count < 2) return metrics::Undefined::too_few;
  const double mean = sums.sum / sums.count;
  const double deviation = std::sqrt(std::max(0.0, (sums.squares - sums.count * mean * mean) / (sums.count - 1)));
  if (metrics::is_zero_variance(deviation, mean)) return metrics::Undefined::zero_variance;
  return (mean - metrics::rate_per_bar(options.risk_free, options.periods_per_year)) / deviation * std::sqrt(options.periods_per_year);
}

std::size_t fold_of(std::size_t bar, std::size_t bars) { return bar * kGateFolds / bars; }

}  // namespace

RegimeFit fit_regimes(std::span<const double> returns, std::span<const int> state, std::size_t regimes, double switch_cost,
                      const metrics::ReturnOptions& options) {
  const std::size_t bars = returns.size();
  std::vector<Sums> by_fold(kGateFolds * regimes);
  for (std::size_t bar = 0; bar < bars; ++bar)
    if (state[bar] >= 0) by_fold[fold_of(bar, bars) * regimes + static_cast<std::size_t>(state[bar])].add(returns[bar]);

  RegimeFit fit;
  std::vector<Sums> total(regimes);
  for (std::size_t fold = 0; fold < kGateFolds; ++fold)
    for (std::size_t regime = 0; regime < regimes; ++regime) total[regime] += by_fold[fold * regimes + regime];
  for (const Sums& sums : total) {
    fit.bars.push_back(static_cast<std::int64_t>(sums.count));
    fit.sharpe_ratio.push_back(sharpe_of(sums, options));
    fit.trade_in.push_back(sums.tradable());
  }

  std::vector<bool> open(kGateFolds * regimes);
  for (std::size_t i = 0; i < open.size(); ++i) {
    Sums others = total[i % regimes];
    const Sums& own = by_fold[i];
    others += {-own.count, -own.sum, -own.squares};
    open[i] = others.tradable();
  }
  Sums gated;
  bool before = true;
  for (std::size_t bar = 0; bar < bars; ++bar) {
    const bool now = state[bar] < 0 || open[fold_of(bar, bars) * regimes + static_cast<std::size_t>(state[bar])];
    double r = now ? returns[bar] : 0;
    if (now != before && returns[bar] != 0) r -= switch_cost;
    gated.add(r);
    before = now;
  }
  fit.score = sharpe_of(gated, options);
  return fit;
}

}  // namespace tradewind::analysis
