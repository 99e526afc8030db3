// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/drawdown.hpp"

#include <algorithm>

namespace tradewind::metrics {
namespace {

/// Calls visit(drawdown) for every decline below a peak, in order of time.
template <class Visit>
void each_drawdown(std::span<const double> returns, Visit visit) {
  double equity = 1;
  double high = 1;
  Drawdown current;
  bool under_water = false;
  std::size_t peak = 0;
  for (std::size_t t = 0; t < returns.size(); ++t) {
    equity *= 1 + returns[t];
    if (equity >= high) {
      if (under_water) {
        current.recovery = t + 1;
        visit(current);
        under_water = false;
      }
      high = equity;
      peak = t + 1;
      continue;
    }
    const double depth = 1 - equity / high;
    if (depth == 0) continue;
    if (!under_water) current = {.peak = peak, .trough = t + 1, .recovery = {}, .depth = depth};
    under_water = true;
    if (depth > current.depth) {
      current.depth = depth;
      current.trough = t + 1;
    }
  }
  if (under_water) visit(current);
}

}  // namespace

std::vector<double> drawdown_series(std::span<const double> returns) {
  std::vector<double> series(returns.size());
  double equity = 1;
  double high = 1;
  for (std::size_t t = 0; t < returns.size(); ++t) {
    equity *= 1 + returns[t];
    high = std::max(high, equity);
    series[t] = 1 - equity / high;
  }
  return series;
}

std::vector<Drawdown> drawdown_table(std::span<const double> returns, std::size_t count) {
  std::vector<Drawdown> table;
  each_drawdown(returns, [&](const Drawdown& drawdown) { table.push_back(drawdown); });
  const auto deeper = [](const Drawdown& a, const Drawdown& b) { return a.depth != b.depth ? a.depth > b.depth : a.peak < b.peak; };
  count = std::min(count, table.size());
  std::partial_sort(table.begin(), table.begin() + static_cast<std::ptrdiff_t>(count), table.end(), deeper);
  table.resize(count);
  return table;
}

std::optional<Drawdown> deepest_drawdown(std::span<const double> returns) {
  std::optional<Drawdown> deepest;
  each_drawdown(returns, [&](const Drawdown& drawdown) {
    if (!deepest || drawdown.depth > deepest->depth) deepest = drawdown;
  });
  return deepest;
}

}  // namespace tradewind::metrics
