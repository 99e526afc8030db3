// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/performance_dashboard.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "tradewind/metrics/moments.hpp"

namespace tradewind::figures {
namespace {

using metrics::Metric;
using metrics::PerformanceMetrics;

/// A chain in which each strategy follows the one most correlated with an end of the chain so far; it starts at the closest pair.
std::vector<std::size_t> chain(const std::vector<std::vector<double>>& matrix) {
  const std::size_t n = matrix.size();
  const auto alike = [&](std::size_t i, std::size_t j) { return std::isnan(matrix[i][j]) ? -2.0 : matrix[i][j]; };
  if (n < 3) return {};
  std::size_t first = 0, second = 1;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      if (alike(i, j) > alike(first, second)) first = i, second = j;
    }
  }
  std::vector<std::size_t> order = {first, second};
  std::set<std::size_t> left;
  for (std::size_t i = 0; i < n; ++i) {
    if (i != first && i != second) left.insert(i);
  }
  while (!left.empty()) {
    const auto nearest = [&](std::size_t end) { return *std::ranges::max_element(left, {}, [&](std::size_t i) { return alike(end, i); }); };
    const std::size_t front = nearest(order.front()), back = nearest(order.back());
    const bool at_back = alike(order.back(), back) >= alike(order.front(), front);
    order.insert(at_back ? order.end() : order.begin(), at_back ? back : front);
    left.erase(at_back ? back : front);
  }
  return order;
}

}  // namespace

Figure PerformanceDashboard::create_strategy_comparison(const std::map<std::string, PerformanceMetrics>& performances) const {
  std::vector<ComparedStrategy> strategies;
  for (const auto& [id, m] : performances) {
    ComparedStrategy& one = strategies.emplace_back();
    one.strategy_id = id;
    one.selection_sharpe = m[Metric::sharpe_ratio];
    one.avg_win = m[Metric::avg_win];
    one.avg_loss = m[Metric::avg_loss];
    one.selection_drawdown = m[Metric::max_drawdown];
    one.win_rate = m[Metric::win_rate];
    one.profit_factor = m[Metric::profit_factor];
  }
  const auto rank = [](const ComparedStrategy& s) { return std::isnan(s.selection_sharpe) ? -1e300 : s.selection_sharpe; };
  std::ranges::stable_sort(strategies, std::ranges::greater(), rank);  // by name already, as the map is
  return strategy_comparison(strategies);
}

Figure PerformanceDashboard::create_regime_heatmap(
    const std::map<std::string, std::map<std::string, PerformanceMetrics>>& regime_performances) const {
  std::set<std::string> regimes;
  for (const auto& [id, by_regime] : regime_performances) {
    for (const auto& [regime, m] : by_regime) regimes.insert(regime);
  }
  RegimeTable table;
  for (const std::string& regime : regimes) table.regimes.push_back(regime);
  for (const auto& [id, by_regime] : regime_performances) {
    table.strategies.push_back(id);
    std::vector<RegimeCell>& row = table.cells.emplace_back();
    for (const std::string& regime : table.regimes) {
      const auto found = by_regime.find(regime);
      row.push_back(found == by_regime.end() ? RegimeCell{} : RegimeCell{found->second[Metric::sharpe_ratio], found->second.bars});
    }
  }
  return regime_heatmap(table);
}

Result<Figure> PerformanceDashboard::create_correlation_matrix(const StrategyReturns& strategy_returns) const {
  const auto& [names, columns] = strategy_returns;
  if (names.size() != columns.size()) return Error(Errc::usage, "one name per column of returns is needed");
  for (const std::vector<double>& column : columns) {
    if (column.size() != columns.front().size()) return Error(Errc::usage, "the strategies' returns must cover the same bars");
  }
  CorrelationTable table;
  table.strategies = names;
  table.matrix.assign(names.size(), std::vector<double>(names.size(), kMissing));
  for (std::size_t i = 0; i < names.size(); ++i) {
    for (std::size_t j = i; j < names.size(); ++j) table.matrix[i][j] = table.matrix[j][i] = metrics::correlation(columns[i], columns[j]);
  }
  table.order = chain(table.matrix);
  return correlation_matrix(table);
}

}  // namespace tradewind::figures
