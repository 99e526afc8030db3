// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/ensemble_study.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/metrics/moments.hpp"

namespace tradewind::analysis {
namespace {

using ensemble::SolveStatus;

/// Strategies of two runs may have the same id; in a panel they are told apart by their place.
EnsembleStudy unweighed(std::vector<replay::ReplayStrategy> held, replay::ReturnTable table, std::size_t selection_rows) {
  EnsembleStudy out;
  out.held = std::move(held);
  for (const auto& one : out.held) out.strategies.push_back(one.strategy_id);
  const std::set<std::string> ids(out.strategies.begin(), out.strategies.end());
  const bool unique = ids.size() == out.strategies.size();
  for (std::size_t i = 0; i < out.held.size(); ++i)
    out.panel.add(unique ? out.strategies[i] : out.strategies[i] + "@" + out.held[i].run_id, table.returns[i]);
  out.selection_rows = selection_rows;
  out.timestamp = std::move(table.timestamp);
  return out;
}

Status add_regimes(RunInput& input, const Study& study, const Selection& selection, EnsembleStudy& out) {
  if (!selection.classifier) return {};
  const auto& metadata = study.classifiers[*selection.classifier].metadata;
  TRADEWIND_ASSIGN(auto states, input.states_on(metadata.classifier_id, out.timestamp));
  out.regimes = std::move(states.labels);
  out.state = std::move(states.state);
  return {};
}

/// Weights that need no optimiser, for what an optimiser cannot answer.
void stand_in(EnsembleStudy& out, double weight, const char* status, std::string reason) {
  out.status = status;
  out.reason = std::move(reason);
  out.global.assign(out.strategies.size(), weight);
}

void take_global(EnsembleStudy& out, const ensemble::WeightResult& result) {
  const double equal = 1 / static_cast<double>(out.strategies.size());
  if (result.has_weights()) {
    out.status = enum_name(result.status);
    out.reason = result.reason;
    out.global = result.weights;
  } else {
    stand_in(out, equal, "equal", fmt::format("{}: equal weights stand in", result.reason));
  }
}

void take_regimes(EnsembleStudy& out, const ensemble::EnsembleWeights& weights) {
  const std::vector<double> cash(out.strategies.size(), 0.0);
  for (const auto& regime : weights.regimes) {
    const bool lost = regime.result.status == SolveStatus::degenerate && regime.bars >= ensemble::kMinRegimeBars;
    if (lost) {
      out.regime_weights.push_back(cash);
      out.fallback[regime.regime] = fmt::format("cash: {}", regime.result.reason);
    } else {
      out.regime_weights.push_back(regime.fallback.empty() ? regime.weights : out.global);
      if (!regime.fallback.empty()) out.fallback[regime.regime] = regime.fallback;
    }
  }
}

/// A replay takes weights of at most 1 in sum.
void hold_global(EnsembleStudy& out) {
  std::vector<double> weights = out.global;
  cap_at_one(weights);
  for (std::size_t i = 0; i < weights.size(); ++i) out.held[i].weight = weights[i];
}

void keep_targets(EnsembleStudy& out, const std::vector<std::string>& targets) {
  if (targets.empty()) return;
  for (std::size_t r = 0; r < out.regimes.size(); ++r) {
    if (std::find(targets.begin(), targets.end(), out.regimes[r]) != targets.end()) continue;
    out.regime_weights[r].assign(out.strategies.size(), 0.0);
    out.fallback[out.regimes[r]] = "cash: not among target_regimes";
  }
}

Status weigh(EnsembleStudy& out, const ensemble::EnsembleOptions& options) {
  const double cap = options.constraints.max_weight;
  if (static_cast<double>(out.strategies.size()) * cap < 1 - 1e-12) {
    stand_in(out, cap, "capped",
             fmt::format("{} strategies of at most {} each: the rest stays in cash", out.strategies.size(), number_text(cap)));
    out.regime_weights.assign(out.regimes.size(), out.global);
    return {};
  }
  const ensemble::ReturnPanel past = ensemble::slice(out.panel, 0, out.selection_rows);
  std::vector<int> applied = metrics::applied_states(out.state);
  applied.resize(out.selection_rows, -1);
  const ensemble::RegimeRows regimes{applied, out.regimes};
  const ensemble::EnsembleOptimizer optimizer(options, !out.regimes.empty());
  TRADEWIND_ASSIGN(const auto weights, optimizer.optimize_weights(past, out.regimes.empty() ? nullptr : &regimes));
  take_global(out, weights.global);
  take_regimes(out, weights);
  return {};
}

}  // namespace

void cap_at_one(std::vector<double>& weights) {
  double sum = 0;
  for (const double w : weights) sum += w;
  if (sum > 1)
    for (double& w : weights) w /= sum;
}

Result<EnsembleStudy> weigh_held(std::vector<replay::ReplayStrategy> held, replay::ReturnTable table, std::size_t selection_rows,
                                 const ensemble::EnsembleOptions& options) {
  EnsembleStudy out = unweighed(std::move(held), std::move(table), selection_rows);
  TRADEWIND_TRY(weigh(out, options));
  hold_global(out);
  return out;
}

Result<EnsembleStudy> weigh_selection(RunInput& input, const Study& study, const Selection& selection, const SelectionCriteria& criteria,
                                      const ensemble::EnsembleOptions& options) {
  if (selection.selected.empty()) return EnsembleStudy{};
  TRADEWIND_ASSIGN(replay::ReturnTable table, input.returns_on_timeline(selection.held));
  const std::size_t rows = study.split.rows(table.timestamp);
  EnsembleStudy out = unweighed(selection.held, std::move(table), rows);
  TRADEWIND_TRY(add_regimes(input, study, selection, out));
  TRADEWIND_TRY(weigh(out, options));
  hold_global(out);
  keep_targets(out, criteria.target_regimes);
  return out;
}

}  // namespace tradewind::analysis
