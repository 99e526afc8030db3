// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/analytics_coordinator.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::analysis {
namespace {

/// One weight per strategy, in the order of `ids`.
std::vector<double> in_order(const std::vector<std::string>& ids, const std::map<std::string, double>& weights) {
  std::vector<double> ordered;
  for (const std::string& id : ids) {
    const auto found = weights.find(id);
    ordered.push_back(found == weights.end() ? 0 : found->second);
  }
  return ordered;
}

/// An optimiser's weights sum to 1 but for the last bits; the engine refuses more than 1.
void cap_at_one(std::vector<double>& weights) {
  double sum = 0;
  for (const double w : weights) sum += w;
  if (sum > 1)
    for (double& w : weights) w /= sum;
}

Status check_targets(const std::vector<std::string>& targets, const std::vector<std::string>& regimes) {
  for (const std::string& target : targets)
    if (std::find(regimes.begin(), regimes.end(), target) == regimes.end())
      return Error(Errc::unknown_name, fmt::format("the ensemble has no regime '{}'", printable(target)), "target_regimes", regimes.empty() ? "it has no regimes at all" : suggestion(target, regimes));
  return {};
}

}  // namespace

Task<AnalysisReport> AnalyticsCoordinator::analyze_optimization_run(const std::string& run_id, std::optional<metrics::ExecutionCosts> execution_costs) const {
  AnalysisOptions options = options_;
  if (execution_costs) options.costs = execution_costs;
  return Task<AnalysisReport>([root = workspace_, run_id, options = std::move(options)](const Cancellation& cancellation) mutable -> Result<AnalysisReport> {
    if (options.cancellation == nullptr) options.cancellation = &cancellation;
    return analyze_run(root, run_id, options);
  });
}

Result<PreparedReplay> AnalyticsCoordinator::prepare_signal_replay(const AnalysisReport& report, const std::vector<std::string>& target_regimes) const {
  const Json& ensemble = report.document["ensemble"];
  if (!ensemble.is_object()) return Error(Errc::nothing_matched, fmt::format("the analysis of run '{}' has no ensemble to replay", report.run_id));
  PreparedReplay prepared;
  prepared.run_id = report.run_id;
  prepared.input_hash = report.input_hash;
  TRADEWIND_ASSIGN(RunInput input, RunInput::open(report.run_id, options_.data, workspace_));
  const Json& provenance = report.document["provenance"];
  prepared.config.execution = input.execution();
  prepared.config.execution.costs.commission_rate = provenance["commission_rate"];
  prepared.config.execution.costs.slippage_bps = provenance["slippage_bps"];
  if (const auto model = metrics::slippage_model_from_name(provenance["slippage_model"].get<std::string>())) prepared.config.execution.costs.slippage_model = *model;
  const auto ids = ensemble["strategies"].get<std::vector<std::string>>();
  std::vector<double> global = in_order(ids, report.ensemble_weights.at(""));
  cap_at_one(global);
  for (std::size_t i = 0; i < ids.size(); ++i) prepared.config.strategies.push_back({report.run_id, ids[i], global[i]});
  if (ensemble["classifier_id"].is_string()) {
    prepared.classifier_id = ensemble["classifier_id"];
    TRADEWIND_ASSIGN(const auto states, input.states_on(prepared.classifier_id, {}));
    prepared.config.regimes = states.labels;
  }
  TRADEWIND_TRY(check_targets(target_regimes, prepared.config.regimes));
  for (const std::string& regime : prepared.config.regimes) {
    const bool wanted = target_regimes.empty() || std::find(target_regimes.begin(), target_regimes.end(), regime) != target_regimes.end();
    std::vector<double> weights = wanted ? in_order(ids, report.ensemble_weights.at(regime)) : std::vector<double>(ids.size(), 0.0);
    cap_at_one(weights);
    prepared.config.regime_weights.push_back(std::move(weights));
  }
  const auto boundary = parse_time(report.document["split"]["boundary"].get<std::string>());
  if (!boundary) return Error(Errc::corrupt, "the analysis names no time at which the held-out part begins", "split.boundary");
  prepared.config.from = boundary->nanos;
  return prepared;
}

Result<ReplayOutcome> AnalyticsCoordinator::execute(const PreparedReplay& prepared, const replay::ReplayRunOptions& options) const {
  TRADEWIND_ASSIGN(RunInput input, RunInput::open(prepared.run_id, options_.data, workspace_));
  std::vector<std::string> ids;
  for (const auto& strategy : prepared.config.strategies) ids.push_back(strategy.strategy_id);
  TRADEWIND_ASSIGN(const auto loaded, input.replayable(ids));
  workspace::States regimes;
  if (!prepared.classifier_id.empty()) {
    TRADEWIND_ASSIGN(regimes, input.run().load_states(prepared.classifier_id));
  }
  TRADEWIND_ASSIGN(const auto engine, replay::SignalReplayEngine::make(prepared.config));
  ReplayOutcome outcome;
  TRADEWIND_ASSIGN(outcome.ensemble, engine.run(loaded.signals, loaded.series, regimes, options));
  TRADEWIND_ASSIGN(outcome.baselines, engine.baselines(loaded.signals, loaded.series, options.cancellation));
  return outcome;
}

}  // namespace tradewind::analysis
