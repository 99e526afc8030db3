// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/correlation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tradewind/base/parallel.hpp"
#include "tradewind/ensemble/correlation_internal.hpp"
#include "tradewind/ensemble/kernel_internal.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::ensemble {
namespace {

/// Ranks from 1, ties at their average.
void to_ranks(std::span<double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
    for (std::size_t k = first; k < last; ++k) ranks[order[k]] = 0.5 * static_cast<double>(first + last + 1);
    first = last;
  }
  std::copy(ranks.begin(), ranks.end(), values.begin());
}

/// Makes the sum 0 and the sum of squares 1; false when there is no variance.
bool standardise(std::span<double> values) {
  const double count = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) mean += value;
  mean /= count;
  double rest = 0;
  for (const double value : values) rest += value - mean;
  mean += rest / count;
  double squares = 0;
  for (double& value : values) {
    value -= mean;
    squares += value * value;
  }
  const bool constant = values.size() < 2 || metrics::is_zero_variance(std::sqrt(squares / (count - 1)), mean);
  const double scale = constant ? 0 : 1 / std::sqrt(squares);
  for (double& value : values) value *= scale;
  return !constant;
}

}  // namespace

bool prepare(std::span<double> column, CorrelationKind kind) {
  if (kind == CorrelationKind::rank) to_ranks(column);
  if (kind == CorrelationKind::downside) {
    for (double& value : column) value = std::min(value, 0.0);
  }
  return standardise(column);
}

Result<CorrelationMatrix> correlation_matrix(const ReturnPanel& panel, CorrelationKind kind, int threads,
                                             const Cancellation* cancellation) {
  TRADEWIND_TRY(check(panel));
  const std::size_t n = panel.columns();
  CorrelationMatrix out{.count = n, .values = {}, .undefined = std::vector<bool>(n)};
  std::vector<double> standard(panel.values);
  std::vector<char> constant(n);
  TRADEWIND_TRY(parallel_for(
      n, threads,
      [&](std::size_t j) -> Status {
        const std::span<double> column(standard.data() + j * panel.rows, panel.rows);
        constant[j] = prepare(column, kind) ? 0 : 1;
        return {};
      },
      cancellation));
  TRADEWIND_ASSIGN(out.values, gram(standard, panel.rows, n, 1, threads, cancellation));
  for (double& value : out.values) value = std::clamp(value, -1.0, 1.0);
  for (std::size_t j = 0; j < n; ++j) {
    out.values[j * n + j] = 1;
    if (constant[j] == 0) continue;
    out.undefined[j] = true;
    for (std::size_t i = 0; i < n; ++i) out.values[i * n + j] = out.values[j * n + i] = std::numeric_limits<double>::quiet_NaN();
  }
  return out;
}

Families strategy_families(const CorrelationMatrix& correlation, double min_correlation) {
  const std::size_t n = correlation.count;
  std::vector<double> distances(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const double rho = correlation(i, j);
      distances[i * n + j] = i == j ? 0 : std::isfinite(rho) ? std::sqrt(2 * (1 - rho)) : 1e6;
    }
  }
  Families out;
  out.tree = agglomerate(distances, n, Linkage::ward);
  out.family = cut(out.tree, n, std::sqrt(2 * (1 - min_correlation)));
  for (const std::size_t family : out.family) out.count = std::max(out.count, family + 1);
  return out;
}

std::vector<std::size_t> by_sharpe(const ReturnPanel& panel) {
  const std::size_t n = panel.columns();
  std::vector<double> sharpe(n);
  for (std::size_t j = 0; j < n; ++j) {
    const metrics::Value value = metrics::sharpe_per_period(panel.column(j));
    sharpe[j] = value.defined() ? value.number : -std::numeric_limits<double>::infinity();
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) { return sharpe[x] > sharpe[y]; });
  return order;
}

RedundancyReport redundancy_of(std::vector<RedundantPair> pairs, std::span<const std::size_t> order) {
  const std::size_t n = order.size();
  std::vector<std::vector<std::size_t>> alike(n);
  for (const RedundantPair& pair : pairs) {
    alike[pair.first].push_back(pair.second);
    alike[pair.second].push_back(pair.first);
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const RedundantPair& x, const RedundantPair& y) { return x.correlation > y.correlation; });
  RedundancyReport out;
  out.pairs = std::move(pairs);
  out.replaced_by.resize(n);
  std::vector<std::size_t> place(n, n);  // of those that stay, by their Sharpe ratio
  for (std::size_t rank = 0; rank < n; ++rank) {
    const std::size_t j = order[rank];
    std::size_t best = n;
    for (const std::size_t k : alike[j]) best = std::min(best, place[k]);
    out.replaced_by[j] = best == n ? j : order[best];
    if (best == n) place[j] = rank;
  }
  return out;
}

RedundancyReport redundancy_report(const ReturnPanel& panel, const CorrelationMatrix& correlation, double threshold) {
  const std::size_t n = panel.columns();
  std::vector<RedundantPair> pairs;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      if (correlation(i, j) > threshold) pairs.push_back({i, j, correlation(i, j)});
    }
  }
  return redundancy_of(std::move(pairs), by_sharpe(panel));
}

Result<RedundancyReport> redundancy_report(const ReturnPanel& panel, double threshold, int threads, const Cancellation* cancellation) {
  TRADEWIND_ASSIGN(const CorrelationMatrix correlation, correlation_matrix(panel, CorrelationKind::sample, threads, cancellation));
  return redundancy_report(panel, correlation, threshold);
}

}  // namespace tradewind::ensemble
