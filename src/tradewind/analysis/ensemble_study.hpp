// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tradewind/analysis/selection.hpp"
#include "tradewind/ensemble/ensemble_optimizer.hpp"
#include "tradewind/ensemble/return_panel.hpp"

namespace tradewind::analysis {

/// The weights of the selected strategies, from the selection part alone.
struct EnsembleStudy {
  std::vector<std::string> strategies;       ///< ids, in the order of Selection::selected
  std::vector<replay::ReplayStrategy> held;  ///< the same as they are held; the weight is that of `global`, as a replay takes it
  ensemble::ReturnPanel panel;               ///< their net returns as they are held, over all bars, selection part and held-out part
  std::size_t selection_rows = 0;            ///< rows of the panel in the selection part
  std::vector<UnixNanos> timestamp;          ///< of the panel's rows

  std::string status;                ///< of the global weights: a SolveStatus, or "equal" when they stand in for a degenerate optimum
  std::string reason;                ///< of every status but optimal
  std::vector<double> global;        ///< one per strategy; at most 1 in sum, the rest is cash
  std::vector<std::string> regimes;  ///< labels of the ensemble's classifier; empty without one
  std::vector<std::vector<double>> regime_weights;  ///< by regime, one per strategy
  std::map<std::string, std::string> fallback;      ///< regime -> why its weights are not its own optimum
  std::vector<std::int8_t> state;                   ///< per row: the regime known at its close, −1 unknown; empty without a classifier
};

/// An optimiser's weights sum to 1 but for the last bits; a replay refuses more than 1.
void cap_at_one(std::vector<double>& weights);

/// Weighs the selected strategies, regime by regime of the selection's classifier. A regime in which every one of them lost money is
/// spent in cash; one with too few bars uses the global weights. With fewer strategies than the cap allows to fill, each gets the cap.
/// Errors: as optimize_weights; options out of range.
Result<EnsembleStudy> weigh_selection(RunInput& input, const Study& study, const Selection& selection, const SelectionCriteria& criteria,
                                      const ensemble::EnsembleOptions& options);

/// The same for strategies of any runs, as they are held, without weights by regime; `table` holds their net returns in the same order, its
/// first `selection_rows` rows are what the weights may know.
Result<EnsembleStudy> weigh_held(std::vector<replay::ReplayStrategy> held, replay::ReturnTable table, std::size_t selection_rows,
                                 const ensemble::EnsembleOptions& options);

}  // namespace tradewind::analysis
