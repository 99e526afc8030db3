// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "tradewind/analysis/analysis_options.hpp"
#include "tradewind/analysis/ensemble_study.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"

namespace tradewind::analysis {

/// Weights that follow the probabilities of the regimes.
struct AdaptiveStudy {
  ensemble::AdaptiveModel model;  ///< fitted on the selection part
  Json json;                      ///< whether refitting and following paid on the held-out part, by walk-forward; `rule`: the model
};

/// Fits them on the selection part and asks by walk-forward over the held-out part whether they paid after the run's mean cost of a trade.
/// None without regimes, with one strategy or with too few bars. Errors: as adaptive_walk_forward.
Result<std::optional<AdaptiveStudy>> study_adaptive(const EnsembleStudy& ensemble, RunInput& input, const replay::ReplayRegimes& regimes,
                                                    const AnalysisOptions& options);

}  // namespace tradewind::analysis
