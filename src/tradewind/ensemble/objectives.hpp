// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/enum_names.hpp"
#include "tradewind/ensemble/covariance.hpp"
#include "tradewind/metrics/value.hpp"

namespace tradewind::ensemble {

/// What the weights are best at. Formulas, units and sources: docs/ensemble.md.
enum class Objective : std::uint8_t {
  sharpe,               ///< largest Sharpe ratio
  min_variance,         ///< smallest volatility
  sortino,              ///< largest Sortino ratio
  cvar,                 ///< smallest expected loss in the worst 5 % of bars [Rockafellar & Uryasev 2000]
  risk_parity,          ///< equal contributions to variance [Maillard, Roncalli & Teïletche 2010]
  hrp,                  ///< hierarchical risk parity [López de Prado 2016]
  max_diversification,  ///< largest ratio of average to portfolio volatility [Choueifaty & Coignard 2008]
};
constexpr auto names_of(Objective) {
  return std::to_array<std::string_view>({"sharpe", "min_variance", "sortino", "cvar", "risk_parity", "hrp", "max_diversification"});
}

/// Limits on the weights, which are long only and sum to 1. The defaults are the document's.
struct WeightConstraints {
  double min_weight = 0;           ///< of every strategy; with a binding max_strategies, of those held
  double max_weight = 0.5;         ///< of every strategy
  std::size_t max_strategies = 5;  ///< strategies with a weight; 0: no limit
  double turnover_penalty =
      0;  ///< taken from the annual objective (return for sharpe and sortino, variance for min_variance) per unit of Σ|w − current|
  std::vector<double> current_weights;  ///< one per column; empty: none
  double max_correlation = 1;  ///< of two strategies that may both be held; of a pair above it the one with the better Sharpe ratio stays
};

struct EnsembleOptions {
  Objective objective = Objective::sharpe;
  WeightConstraints constraints;
  CovarianceMethod covariance = CovarianceMethod::ledoit_wolf;
  double periods_per_year = 0;           ///< > 0, no default
  double risk_free = 0;                  ///< annual
  double minimum_acceptable_return = 0;  ///< annual, the target of sortino
  double cvar_level = 0.95;              ///< the tail is what lies beyond this share of bars
  int threads = 1;
};

enum class SolveStatus : std::uint8_t {
  optimal,     ///< proven, with a KKT residual of at most kKktLimit (cvar: a relative duality gap)
  heuristic,   ///< admissible weights with a certified bound on what they may be short of the optimum, in `gap`
  infeasible,  ///< no weights satisfy the constraints
  degenerate,  ///< the data have no meaningful optimum
};
constexpr auto names_of(SolveStatus) { return std::to_array<std::string_view>({"optimal", "heuristic", "infeasible", "degenerate"}); }
inline constexpr double kKktLimit = 1e-9;

struct Exclusion {
  std::size_t column;
  std::string reason;
};

/// Weights and how far they can be trusted.
struct WeightResult {
  SolveStatus status = SolveStatus::optimal;
  std::string reason;               ///< of every status but optimal
  std::vector<double> weights;      ///< one per column; empty when infeasible or degenerate
  metrics::Value objective;         ///< in sample, annualised: ratio, volatility, or (cvar) loss per bar; undefined without weights
  metrics::Value gap;               ///< relative distance to a bound no weights can pass; 0 when optimal, undefined when there is no bound
  metrics::Value kkt_residual;      ///< of the relaxed problem or of the support held; independent of the solver
  std::vector<Exclusion> excluded;  ///< columns left out before solving
  std::uint64_t supports = 0;       ///< choices of strategies looked at under max_strategies

  bool has_weights() const noexcept { return !weights.empty(); }
};

/// Success, or `usage` naming the option that is out of range.
Status check(const EnsembleOptions& options, std::size_t columns);

/// The best weights for a panel. Never an unflagged optimum: constraints that cannot be met give `infeasible`, data that cannot
/// answer give `degenerate`, both with the reason. Errors: `usage` for options out of range, `invalid_data` as check(panel).
Result<WeightResult> optimize_panel(const ReturnPanel& panel, const EnsembleOptions& options);

/// The same from given moments, for sharpe, min_variance, risk_parity and max_diversification (usage for the others).
/// Sharpe with a cap of one half: a few milliseconds for 200 strategies, a few tenths of a second for 1,000.
Result<WeightResult> optimize_moments(const Moments& moments, const EnsembleOptions& options);

}  // namespace tradewind::ensemble
