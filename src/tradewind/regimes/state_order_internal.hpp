// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

namespace tradewind::regimes {

/// States in ascending order of a figure, ties by number.
template <class Figure>
std::vector<std::size_t> order_by(std::size_t states, const Figure& figure) {
  std::vector<std::size_t> order(states);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return figure(a) < figure(b); });
  return order;
}

/// True when two variances, each estimated from about so many points, differ by more than two standard errors of their log ratio.
inline bool clearly_below(double variance, double points, double other, double other_points) {
  const double error = std::sqrt(2 / std::max(points, 1.0) + 2 / std::max(other_points, 1.0));
  return std::log(other / variance) > 2 * error;
}

/// The order of least cost among those that contradict no clear difference of variances. Names of states say how volatile they are, so no
/// likeness to an earlier model may put a clearly calmer state behind a wilder one. Over all permutations of at most six states.
template <class Variance, class Cost>
std::vector<std::size_t> least_cost_order(std::size_t states, std::span<const double> points, const Variance& variance, const Cost& cost) {
  const auto weight = [&](std::size_t i) { return points.empty() ? 1.0 : points[i]; };
  const auto contradicts = [&](const std::vector<std::size_t>& order) {
    for (std::size_t i = 0; i < states; ++i) {
      for (std::size_t j = i + 1; j < states; ++j) {
        const std::size_t front = order[i], behind = order[j];
        if (clearly_below(variance(behind), weight(behind), variance(front), weight(front))) return true;
      }
    }
    return false;
  };
  auto best = order_by(states, variance);
  double least = INFINITY;
  std::vector<std::size_t> order(states);
  std::iota(order.begin(), order.end(), std::size_t{0});
  do {
    const double price = cost(order);
    if (price < least && !contradicts(order)) least = price, best = order;
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

}  // namespace tradewind::regimes
