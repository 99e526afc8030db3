// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/ensemble_optimizer.hpp"

#include <numeric>

#include <fmt/format.h>

namespace tradewind::ensemble {
namespace {

Result<std::vector<std::vector<std::size_t>>> rows_by_regime(const ReturnPanel& panel, const RegimeRows& regimes) {
  if (regimes.state.size() != panel.rows) {
    return Error(Errc::invalid_data, fmt::format("{} regime labels for {} bars", regimes.state.size(), panel.rows));
  }
  std::vector<std::vector<std::size_t>> rows(regimes.names.size());
  for (std::size_t t = 0; t < panel.rows; ++t) {
    const int state = regimes.state[t];
    if (state < -1 || state >= static_cast<int>(rows.size()))
      return Error(Errc::invalid_data, fmt::format("regime {} has no name", state), fmt::format("row {}", t));
    if (state >= 0) rows[static_cast<std::size_t>(state)].push_back(t);
  }
  return rows;
}

}  // namespace

Result<EnsembleWeights> EnsembleOptimizer::optimize_weights(const ReturnPanel& strategy_returns, const RegimeRows* regimes) const {
  EnsembleWeights out;
  TRADEWIND_ASSIGN(out.global, optimize_panel(strategy_returns, options_));
  if (regimes == nullptr || !regime_aware_) return out;
  TRADEWIND_ASSIGN(const auto rows, rows_by_regime(strategy_returns, *regimes));
  std::vector<std::size_t> all(strategy_returns.columns());
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (std::size_t r = 0; r < rows.size(); ++r) {
    RegimeWeights one;
    one.regime = regimes->names[r];
    one.bars = rows[r].size();
    if (one.bars < std::max(kMinRegimeBars, 2 * strategy_returns.columns())) {
      one.fallback = fmt::format("{} bars, fewer than {} (at least {} and twice the number of strategies)", one.bars,
                                 std::max(kMinRegimeBars, 2 * strategy_returns.columns()), kMinRegimeBars);
    } else {
      TRADEWIND_ASSIGN(one.result, optimize_panel(select(strategy_returns, all, rows[r]), options_));
      if (!one.result.has_weights()) one.fallback = fmt::format("{}: {}", enum_name(one.result.status), one.result.reason);
    }
    one.weights = one.fallback.empty() ? one.result.weights : out.global.weights;
    out.regimes.push_back(std::move(one));
  }
  return out;
}

}  // namespace tradewind::ensemble
