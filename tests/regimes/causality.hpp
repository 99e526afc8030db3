// SPDX-License-Identifier: Apache-2.0
// The check every classifier must pass: cut the data anywhere, and what was said before the cut stays the same.
#pragma once

#include <cmath>
#include <functional>
#include <vector>

#include "tradewind/base/random.hpp"
#include "tradewind/regimes/classifier.hpp"

namespace tradewind::regimes {

using Labelling = std::function<std::vector<State>(const std::vector<double>& closes)>;

/// A price path that goes through calm and wild, rising and falling stretches.
inline std::vector<double> changing_prices(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> closes(n);
  double close = 100;
  double volatility = 0.01;
  double drift = 0;
  for (std::size_t t = 0; t < n; ++t) {
    if (random.below(60) == 0) {
      volatility = 0.003 + 0.02 * random.uniform();
      drift = 0.004 * (random.uniform() - 0.5);
    }
    close *= std::exp(drift + volatility * random.normal());
    closes[t] = close;
  }
  return closes;
}

/// The first cut after which an earlier label differs from the full run's; 0 when there is none.
inline std::size_t first_cut_that_changes_labels(const Labelling& labelling, const std::vector<double>& closes, std::size_t step) {
  const auto full = labelling(closes);
  for (std::size_t cut = 1; cut < closes.size(); cut += step) {
    const auto part = labelling({closes.begin(), closes.begin() + static_cast<std::ptrdiff_t>(cut)});
    if (!std::equal(part.begin(), part.end(), full.begin())) return cut;
  }
  return 0;
}

}  // namespace tradewind::regimes
