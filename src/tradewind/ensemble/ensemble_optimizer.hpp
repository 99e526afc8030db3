// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/ensemble/objectives.hpp"

namespace tradewind::ensemble {

/// The regime every row of a panel belongs to, borrowed for the duration of a call. Labels known at a bar's close must have been
/// moved to the next row by the caller.
struct RegimeRows {
  std::span<const int> state;  ///< per row: an index into names, −1 while not known
  std::span<const std::string> names;
};

/// The weights of one regime.
struct RegimeWeights {
  std::string regime;
  std::size_t bars = 0;
  WeightResult result;          ///< from the regime's own bars; empty when `fallback` says why the global weights stand in
  std::string fallback;         ///< why the global weights are used; empty when they are not
  std::vector<double> weights;  ///< those to use
};

struct EnsembleWeights {
  WeightResult global;                 ///< from all rows
  std::vector<RegimeWeights> regimes;  ///< in the order of the names; empty without regimes
};

/// A regime's own bars are used from this many on, and from twice the number of strategies.
inline constexpr std::size_t kMinRegimeBars = 60;

/// Optimises the weights of strategies, over all bars or regime by regime.
class EnsembleOptimizer {
 public:
  explicit EnsembleOptimizer(EnsembleOptions options, bool regime_aware = true)
      : options_(std::move(options)), regime_aware_(regime_aware) {}

  const EnsembleOptions& options() const noexcept { return options_; }
  /// The best weights for the panel, and with regimes also those of each. A regime with too few bars, or whose own weights are
  /// infeasible or degenerate, gets the global ones with the reason. Errors: as optimize_panel; `invalid_data` for regimes that do
  /// not fit the panel.
  Result<EnsembleWeights> optimize_weights(const ReturnPanel& strategy_returns, const RegimeRows* regimes = nullptr) const;

 private:
  EnsembleOptions options_;
  bool regime_aware_;
};

}  // namespace tradewind::ensemble
