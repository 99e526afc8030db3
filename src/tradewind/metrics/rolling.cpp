// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/rolling.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace tradewind::metrics {
namespace {

/// Statistics of consecutive bars that can be merged with those of the bars after them.
struct Part {
  double count = 0;
  double mean = 0;
  double squares = 0;  ///< Σ(r − mean)²
  double growth = 1;   ///< Π(1 + r)
  double high = 1;     ///< highest equity, the start included
  double low = 1;      ///< lowest equity, the start included
  double drawdown = 0;
};

Part one_bar(double r) {
  return {.count = 1,
          .mean = r,
          .squares = 0,
          .growth = 1 + r,
          .high = std::max(1.0, 1 + r),
          .low = std::min(1.0, 1 + r),
          .drawdown = std::max(0.0, -r)};
}

Part merge(const Part& a, const Part& b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  const double count = a.count + b.count;
  const double gap = b.mean - a.mean;
  Part joined;
  joined.count = count;
  joined.mean = a.mean + gap * b.count / count;
  joined.squares = a.squares + b.squares + gap * gap * a.count * b.count / count;
  joined.growth = a.growth * b.growth;
  joined.high = std::max(a.high, a.growth * b.high);
  joined.low = std::min(a.low, a.growth * b.low);
  joined.drawdown = std::max({a.drawdown, b.drawdown, 1 - a.growth * b.low / a.high});
  return joined;
}

}  // namespace

Result<RollingMetrics> rolling_metrics(std::span<const double> returns, std::size_t window, const ReturnOptions& options) {
  if (window < 2) return Error(Errc::usage, fmt::format("a rolling window needs at least 2 bars, not {}", window), "window");
  TRADEWIND_TRY(calculate_metrics(returns, options));
  const std::size_t n = returns.size();
  RollingMetrics out;
  for (auto* series : {&out.sharpe_ratio, &out.volatility, &out.max_drawdown}) series->assign(n, std::nan(""));
  if (n < window) return out;
  const double root = std::sqrt(options.periods_per_year);
  const double risk_free = rate_per_bar(options.risk_free, options.periods_per_year);
  std::vector<Part> suffix(window + 1);  // suffix[k]: the last `window − k` bars of the block before
  Part prefix;
  for (std::size_t end = 0; end < n; ++end) {
    const std::size_t in_block = end % window;
    prefix = merge(in_block == 0 ? Part{} : prefix, one_bar(returns[end]));
    if (end + 1 >= window) {
      const Part whole = in_block + 1 == window ? prefix : merge(suffix[in_block + 1], prefix);
      const double deviation = std::sqrt(whole.squares / (whole.count - 1));
      const bool constant = is_zero_variance(deviation, whole.mean);
      out.volatility[end] = constant ? 0 : deviation * root;
      if (!constant) out.sharpe_ratio[end] = (whole.mean - risk_free) / deviation * root;
      out.max_drawdown[end] = whole.drawdown;
    }
    if (in_block + 1 == window) {
      suffix[window] = Part{};
      for (std::size_t k = window; k-- > 0;) suffix[k] = merge(one_bar(returns[end + 1 - window + k]), suffix[k + 1]);
    }
  }
  return out;
}

}  // namespace tradewind::metrics
