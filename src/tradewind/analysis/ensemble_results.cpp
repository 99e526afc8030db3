// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/ensemble_results.hpp"

#include <cmath>

#include "tradewind/metrics/bootstrap.hpp"

namespace tradewind::analysis {

Result<EnsembleResults> replay_ensemble(RunInput& input, const Study& study, const EnsembleStudy& ensemble, const AnalysisOptions& options) {
  EnsembleResults out;
  (void)study;
  metrics::ReturnOptions annual;
  annual.periods_per_year = input.execution().periods_per_year;
  const auto hold = [&](const char* name, const char* kind, auto&& weight) -> Status {
    HoldingPath path;
    path.name = name;
    path.kind = kind;
    for (std::size_t row = 0; row < ensemble.panel.rows; ++row) {
      double r = 0;
      for (std::size_t j = 0; j < ensemble.strategies.size(); ++j) r += weight(row, j) * ensemble.panel.column(j)[row];
      path.returns.push_back(r);
    }
    const std::span<const double> all(path.returns);
    TRADEWIND_ASSIGN(path.selection, metrics::calculate_metrics(all.first(ensemble.selection_rows), annual));
    TRADEWIND_ASSIGN(path.holdout, metrics::calculate_metrics(all.subspan(ensemble.selection_rows), annual));
    out.paths.push_back(std::move(path));
    return {};
  };
  TRADEWIND_TRY(hold("ensemble", "ensemble", [&](std::size_t row, std::size_t j) {
    const int state = row == 0 || ensemble.state.empty() ? -1 : ensemble.state[row - 1];
    return state < 0 ? ensemble.global[j] : ensemble.regime_weights[static_cast<std::size_t>(state)][j];
  }));
  TRADEWIND_TRY(hold("equal weight", "equal", [&](std::size_t, std::size_t) { return 1.0 / static_cast<double>(ensemble.strategies.size()); }));
  metrics::BootstrapOptions bootstrap;
  bootstrap.seed = options.seed;
  TRADEWIND_ASSIGN(out.holdout_sharpe, metrics::sharpe_interval(std::span<const double>(out.paths.front().returns).subspan(ensemble.selection_rows), bootstrap));
  const double annualise = std::sqrt(annual.periods_per_year);
  out.holdout_sharpe.low *= annualise;
  out.holdout_sharpe.high *= annualise;
  return out;
}

}  // namespace tradewind::analysis
