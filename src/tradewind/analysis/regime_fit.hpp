// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/metrics/returns.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::analysis {

/// How one strategy fits one classifier: what it earned in each regime, and what trading it only in its good regimes would have earned.
struct RegimeFit {
  std::vector<std::int64_t> bars;            ///< per regime
  std::vector<metrics::Value> sharpe_ratio;  ///< per regime, conditional, annualised
  std::vector<bool> trade_in;                ///< per regime: a mean above 0, or fewer than kMinRegimeBars bars to judge by
  metrics::Value score;                      ///< annualised Sharpe ratio of the gated strategy, cross-validated
};

/// Parts of the data in turn left out when a gate is judged.
inline constexpr std::size_t kGateFolds = 4;

/// `state` is the regime that applies to each bar's return (−1: unknown, always traded). The score does not flatter the gate: in each of
/// kGateFolds consecutive parts the regimes to trade in come from the other parts only, and a change of the gate while invested costs
/// `switch_cost` (fraction). Figures are those of `returns`, net. O(bars).
RegimeFit fit_regimes(std::span<const double> returns, std::span<const int> state, std::size_t regimes, double switch_cost,
                      const metrics::ReturnOptions& options);

}  // namespace tradewind::analysis
