// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tradewind/analysis/selection_criteria.hpp"
#include "tradewind/analysis/strategy_study.hpp"

namespace tradewind::analysis {

/// One step of the selection funnel.
struct FunnelStage {
  std::string stage;           ///< what those that are left have passed, e.g. "min_sharpe"
  std::size_t strategies = 0;  ///< left
  std::size_t rejected = 0;    ///< in this step
  std::string reason;          ///< why those were
};

/// A strategy traded in the regimes of one classifier in which it earns, or always.
struct Combination {
  std::size_t strategy = 0;               ///< in Study::strategies
  std::optional<std::size_t> classifier;  ///< in Study::classifiers; none: traded always
  std::size_t fit = 0;                    ///< in StudiedStrategy::fits, when there is a classifier
  metrics::Value score;                   ///< cross-validated Sharpe ratio of the gated strategy; without a classifier its Sharpe ratio
  bool selected = false;
  std::string reason;  ///< why not
};

/// What was chosen, and why everything else was not.
struct Selection {
  bool qualified = false;                 ///< at least one strategy met the criteria; otherwise the best few stand in, for study only
  std::vector<FunnelStage> funnel;        ///< from "scanned" to "selected"
  std::vector<std::string> reasons;       ///< per Study::strategies: why it was rejected; empty for candidates
  std::vector<Combination> combinations;  ///< of the candidates, best score first
  std::vector<std::size_t> selected;      ///< in Study::strategies, best first
  /// The selected as they were scored and are held, in the same order: each in the regimes of its own symbol's classifier, or always.
  /// Correlation, weights, replays, optimal_weights.json, the report and live all take these. Without weights.
  std::vector<replay::ReplayStrategy> held;
  /// Whose regimes move the weights: of the classifiers of the one symbol that all selected trade, the one with the highest sum of scores
  /// over them. None when they trade several symbols, whose regimes are not one another's.
  std::optional<std::size_t> classifier;
};

/// Applies the criteria to the selection part, ranks the combinations and takes the best that are not too correlated with better ones.
/// Without candidates the best strategies by score stand in and `qualified` is false. Deterministic: ties go by id.
/// Errors: `unknown_name` for a regime label no classifier has; as RunInput::returns.
Result<Selection> select_strategies(RunInput& input, const Study& study, const SelectionCriteria& criteria);

}  // namespace tradewind::analysis
