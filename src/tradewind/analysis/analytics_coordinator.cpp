// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/analytics_coordinator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "tradewind/analysis/ensemble_study.hpp"
#include "tradewind/analysis/run_classifier.hpp"
#include "tradewind/base/hash.hpp"
#include "tradewind/base/stored_document.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/notifications/analytics_events.hpp"
#include "tradewind/replay/adaptive_json.hpp"
#include "tradewind/replay/write_replay_run.hpp"

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

Status check_targets(const std::vector<std::string>& targets, const std::vector<std::string>& regimes) {
  for (const std::string& target : targets)
    if (std::find(regimes.begin(), regimes.end(), target) == regimes.end())
      return Error(Errc::unknown_name, fmt::format("the ensemble has no regime '{}'", printable(target)), "target_regimes",
                   regimes.empty() ? "it has no regimes at all" : suggestion(target, regimes));
  return {};
}

/// Tells the bus how a replay goes.
replay::ReplayObserver performance_to(notifications::EventBus& bus, const std::string& name, const std::vector<std::string>& regimes) {
  return [&bus, name, regimes](const replay::ReplayObservation& seen) {
    notifications::PerformanceUpdated update;
    update.name = name;
    update.time = seen.time;
    update.equity = seen.equity;
    if (seen.metrics != nullptr) {
      if (const auto now = seen.metrics->metrics()) update.sharpe = (*now)[metrics::Metric::sharpe_ratio];
      update.drawdown = seen.metrics->current_drawdown();
    }
    if (seen.drift != nullptr && seen.drift->report().alarm != metrics::Drift::none) update.alarm = enum_name(seen.drift->report().alarm);
    if (seen.regime >= 0) update.regime = regimes[static_cast<std::size_t>(seen.regime)];
    bus.publish(update);
  };
}

void announce(const ReplaySummary& stored, const PreparedReplay& prepared, notifications::EventBus* bus) {
  if (bus == nullptr) return;
  const Json& metrics = stored.summary["ensemble"]["metrics"];
  const auto number = [&](const char* name) {
    return metrics.contains(name) && metrics[name].is_number() ? metrics[name].get<double>() : std::nan("");
  };
  notifications::ReplayCompleted completed;
  completed.run_id = stored.source;
  completed.result_run_id = stored.run_id;
  completed.strategies = static_cast<std::int64_t>(prepared.config.strategies.size());
  completed.bars = stored.summary.value("bars", std::int64_t{0});
  completed.net_return = number("total_return");
  completed.net_sharpe = number("sharpe_ratio");
  completed.max_drawdown = number("max_drawdown");
  bus->publish(completed);
}

/// What a replay reads; the series point into `inputs`.
struct Loaded {
  std::map<std::string, RunInput> inputs;  ///< by run
  RunInput::Replayable input;
  std::vector<workspace::SignalMetadata> rows;  ///< of the strategies
  replay::ReplayRegimes regimes;
};

Result<Loaded> load(const PreparedReplay& prepared, const RunData& data, const Path& root) {
  Loaded loaded;
  const auto& strategies = prepared.config.strategies;
  loaded.input.signals.resize(strategies.size());
  loaded.input.series.resize(strategies.size());
  loaded.rows.resize(strategies.size());
  for (const std::string& run : prepared.runs()) {  // what is of one run is read in one go
    TRADEWIND_ASSIGN(RunInput opened, RunInput::open(run, data, root));
    RunInput& input = loaded.inputs.emplace(run, std::move(opened)).first->second;
    std::vector<replay::ReplayStrategy> held;
    std::vector<std::string> ids;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < strategies.size(); ++i) {
      if (strategies[i].run_id != run) continue;
      held.push_back(strategies[i]);
      ids.push_back(strategies[i].strategy_id);
      places.push_back(i);
    }
    TRADEWIND_ASSIGN(auto own, input.replayable(held));
    TRADEWIND_ASSIGN(auto rows, input.run().strategies(ids));
    for (std::size_t i = 0; i < places.size(); ++i) {
      loaded.input.signals[places[i]] = std::move(own.signals[i]);
      loaded.input.series[places[i]] = own.series[i];
      loaded.rows[places[i]] = std::move(rows[i]);
    }
  }
  if (!prepared.classifier_id.empty()) {
    TRADEWIND_ASSIGN(loaded.regimes,
                     regimes_of_run(loaded.inputs.at(prepared.run_id), prepared.classifier_id, prepared.config.adaptive.has_value()));
  }
  return loaded;
}

/// What the ensemble showed per bar before the window it is replayed in: what its performance is watched against.
Result<std::optional<metrics::DriftBaseline>> expected_before(const PreparedReplay& prepared, const Loaded& loaded) {
  if (prepared.config.from == std::numeric_limits<UnixNanos>::min()) return std::optional<metrics::DriftBaseline>();
  replay::SignalReplayConfig before = prepared.config;
  before.to = before.from;
  before.from = std::numeric_limits<UnixNanos>::min();
  TRADEWIND_ASSIGN(const auto engine, replay::SignalReplayEngine::make(std::move(before)));
  TRADEWIND_ASSIGN(const auto result, engine.run(loaded.input.signals, loaded.input.series, loaded.regimes));
  return metrics::drift_baseline(result.returns);
}

Result<ReplayOutcome> replayed(const PreparedReplay& prepared, const Loaded& loaded, const replay::ReplayRunOptions& given) {
  replay::ReplayRunOptions options = given;
  if (!options.expected) {
    TRADEWIND_ASSIGN(options.expected, expected_before(prepared, loaded));
  }
  TRADEWIND_ASSIGN(const auto engine, replay::SignalReplayEngine::make(prepared.config));
  ReplayOutcome outcome;
  TRADEWIND_ASSIGN(outcome.ensemble, engine.run(loaded.input.signals, loaded.input.series, loaded.regimes, options));
  TRADEWIND_ASSIGN(outcome.baselines, engine.baselines(loaded.input.signals, loaded.input.series, options.cancellation));
  return outcome;
}

Status write(const Path& root, const std::string& run_id, const PreparedReplay& prepared, const Loaded& loaded,
             const ReplayOutcome& outcome) {
  replay::ReplayProvenance provenance;
  for (const std::string& run : prepared.runs()) provenance.sources.push_back(loaded.inputs.at(run).metadata());
  provenance.strategies = loaded.rows;
  provenance.regimes = loaded.regimes.states;
  if (!prepared.classifier_id.empty()) {
    TRADEWIND_ASSIGN(const auto classifiers, loaded.inputs.at(prepared.run_id).classifiers());
    for (const auto& classifier : classifiers)
      if (classifier.classifier_id == prepared.classifier_id) provenance.classifier = classifier;
  }
  TRADEWIND_TRY(replay::write_replay_run(root, run_id, prepared.config, loaded.input.signals, loaded.input.series, outcome.ensemble,
                                         outcome.baselines, provenance));
  return {};
}

/// Outside the targets every member of an ensemble without regimes of its own is flat by its own gate.
Status keep_gates(std::vector<replay::ReplayStrategy>& members, const std::vector<std::string>& targets) {
  for (auto& member : members) {
    if (!member.gate)
      return Error(Errc::usage, fmt::format("{} is held in every regime, so there is none to keep it out of", member.strategy_id),
                   "target_regimes", "analyse with these target_regimes: then only what can be held in them is selected");
    std::erase_if(member.gate->held_in,
                  [&](const auto& label) { return std::find(targets.begin(), targets.end(), label) == targets.end(); });
  }
  return {};
}

/// The weights that adapt instead of those by regime.
Status take_adaptive(PreparedReplay& prepared, const Json& ensemble, const std::vector<std::string>& targets) {
  if (!targets.empty())
    return Error(Errc::usage, "weights that adapt are held in every regime", "target_regimes", "give either target regimes or `adaptive`");
  const Json& rule = member(member(ensemble, "adaptive"), "rule");
  if (!rule.is_object())
    return Error(Errc::nothing_matched, fmt::format("the analysis of run '{}' has no weights that adapt", prepared.run_id),
                 "ensemble.adaptive",
                 "they need two strategies or more of one symbol, a classifier of it, and bars to fit them on and to hold them afterwards");
  TRADEWIND_ASSIGN(prepared.config.adaptive, replay::adaptive_from_json(rule, prepared.config.regimes, prepared.config.strategies.size()));
  prepared.config.regime_weights.clear();
  prepared.config.confirm_bars = 1;
  return {};
}

}  // namespace

std::vector<std::string> PreparedReplay::runs() const {
  std::vector<std::string> runs;
  for (const auto& held : config.strategies)
    if (std::find(runs.begin(), runs.end(), held.run_id) == runs.end()) runs.push_back(held.run_id);
  return runs;
}

std::string PreparedReplay::replay_run_id() const {
  const std::string identity = input_hash + replay::replay_config_json(config, classifier_id);
  const std::size_t others = runs().size() - 1;
  return fmt::format("replay-{}{}-{}", run_id.substr(0, 150), others > 0 ? fmt::format("-and-{}", others) : "",
                     sha256_hex(identity).substr(0, 8));
}

Task<AnalysisReport> AnalyticsCoordinator::analyze_optimization_run(const std::string& run_id,
                                                                    std::optional<metrics::ExecutionCosts> execution_costs) const {
  AnalysisOptions options = options_;
  if (execution_costs) options.costs = execution_costs;
  return Task<AnalysisReport>(
      [root = workspace_, run_id, options = std::move(options)](const Cancellation& cancellation) mutable -> Result<AnalysisReport> {
        if (options.cancellation == nullptr) options.cancellation = &cancellation;
        return analyze_run(root, run_id, options);
      });
}

Result<PreparedReplay> AnalyticsCoordinator::prepare_signal_replay(const AnalysisReport& report,
                                                                   const std::vector<std::string>& target_regimes, bool adaptive) const {
  return reading_document(report.run_id + "/" + kAnalysisDocument, [&] { return prepared_from(report, target_regimes, adaptive); });
}

Result<PreparedReplay> AnalyticsCoordinator::prepared_from(const AnalysisReport& report, const std::vector<std::string>& target_regimes,
                                                           bool adaptive) const {
  const Json& ensemble = report.document.at("ensemble");
  if (!ensemble.is_object())
    return Error(Errc::nothing_matched, fmt::format("the analysis of run '{}' has no ensemble to replay", report.run_id),
                 "analytics/selection.json", "its analysis chose no strategies; that file says why of each");
  PreparedReplay prepared;
  prepared.run_id = report.run_id;
  prepared.input_hash = report.input_hash;
  TRADEWIND_ASSIGN(RunInput input, RunInput::open(report.run_id, options_.data, workspace_));
  const Json& provenance = report.document.at("provenance");
  prepared.config.confirm_bars = ensemble.value("confirm_bars", 1);
  prepared.config.execution = input.execution();
  prepared.config.execution.costs.commission_rate = provenance.at("commission_rate");
  prepared.config.execution.costs.slippage_bps = provenance.at("slippage_bps");
  if (const auto model = enum_from_name<metrics::SlippageModel>(provenance.at("slippage_model").get<std::string>()))
    prepared.config.execution.costs.slippage_model = *model;
  prepared.verdict = report.verdict;
  prepared.config.strategies = report.members;
  std::vector<std::string> ids;
  for (const auto& member : report.members) ids.push_back(member.strategy_id);
  if (ensemble.at("classifier_id").is_string()) {
    prepared.classifier_id = ensemble.at("classifier_id");
    TRADEWIND_ASSIGN(prepared.config.regimes, input.labels_of(prepared.classifier_id));
  }
  if (prepared.classifier_id.empty() && !target_regimes.empty()) {
    TRADEWIND_TRY(keep_gates(prepared.config.strategies, target_regimes));
  } else {
    TRADEWIND_TRY(check_targets(target_regimes, prepared.config.regimes));
  }
  for (const std::string& regime : prepared.config.regimes) {
    const bool wanted = target_regimes.empty() || std::find(target_regimes.begin(), target_regimes.end(), regime) != target_regimes.end();
    const auto held = report.ensemble_weights.find(regime);
    if (held == report.ensemble_weights.end())
      return Error(Errc::corrupt, fmt::format("the analysis has no weights for the regime '{}'", printable(regime)), report.run_id,
                   "make it anew by tradewind analyze RUN --no-cache");
    std::vector<double> weights = wanted ? in_order(ids, held->second) : std::vector<double>(ids.size(), 0.0);
    cap_at_one(weights);
    prepared.config.regime_weights.push_back(std::move(weights));
  }
  const auto boundary = parse_time(report.document.at("split").at("boundary").get<std::string>());
  if (!boundary) return Error(Errc::corrupt, "the analysis names no time at which the held-out part begins", "split.boundary");
  prepared.config.from = boundary->nanos;
  if (adaptive) TRADEWIND_TRY(take_adaptive(prepared, ensemble, target_regimes));
  return prepared;
}

Result<PreparedReplay> AnalyticsCoordinator::prepare_across(std::span<const AnalysisReport* const> reports,
                                                            std::vector<replay::ReplayStrategy> members) const {
  PreparedReplay prepared;
  UnixNanos known = std::numeric_limits<UnixNanos>::max(), unseen = std::numeric_limits<UnixNanos>::min();
  for (const AnalysisReport* report : reports) {
    TRADEWIND_ASSIGN(const PreparedReplay own, prepare_signal_replay(*report));
    if (prepared.run_id.empty()) prepared.config.execution = own.config.execution;
    if (prepared.run_id.empty()) prepared.run_id = report->run_id;
    if (!prepared.verdict || report->verdict.level < prepared.verdict->level) prepared.verdict = report->verdict;
    prepared.input_hash += report->input_hash;
    known = std::min(known, own.config.from);
    unseen = std::max(unseen, own.config.from);
  }
  prepared.config.strategies = std::move(members);
  TRADEWIND_ASSIGN(const Loaded loaded, load(prepared, options_.data, workspace_));
  TRADEWIND_ASSIGN(auto table, replay::strategy_returns(prepared.config, loaded.input.signals, loaded.input.series));
  const auto rows = std::lower_bound(table.timestamp.begin(), table.timestamp.end(), known) - table.timestamp.begin();
  ensemble::EnsembleOptions weights = options_.ensemble;
  weights.periods_per_year = prepared.config.execution.periods_per_year;
  weights.risk_free = prepared.config.execution.risk_free;
  weights.threads = options_.threads;
  TRADEWIND_ASSIGN(EnsembleStudy weighed,
                   weigh_held(std::move(prepared.config.strategies), std::move(table), static_cast<std::size_t>(rows), weights));
  prepared.config.strategies = std::move(weighed.held);
  prepared.config.from = unseen;
  return prepared;
}

Result<ReplayOutcome> AnalyticsCoordinator::execute(const PreparedReplay& prepared, const replay::ReplayRunOptions& options) const {
  TRADEWIND_ASSIGN(const Loaded loaded, load(prepared, options_.data, workspace_));
  return replayed(prepared, loaded, options);
}

AnalysisFollower::AnalysisFollower(const AnalyticsCoordinator& coordinator, notifications::EventBus& bus) : coordinator_(coordinator) {
  subscription_ = bus.subscribe<notifications::SweepCompleted>([this](const notifications::SweepCompleted& sweep) {
    if (sweep.status != "complete") return;
    const std::lock_guard lock(mutex_);
    started_.push_back({sweep.run_id, std::make_unique<Task<AnalysisReport>>(coordinator_.analyze_optimization_run(sweep.run_id))});
  });
}

std::vector<Result<AnalysisReport>> AnalysisFollower::wait() {
  std::vector<Started> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks = std::move(started_);
    started_.clear();
  }
  std::vector<Result<AnalysisReport>> results;
  for (auto& one : tasks) results.push_back(one.task->get());
  return results;
}

std::vector<AnalysisFollower::Finished> AnalysisFollower::take_finished() {
  std::vector<Started> ended;
  {
    const std::lock_guard lock(mutex_);
    const auto running = std::stable_partition(started_.begin(), started_.end(), [](const Started& one) { return one.task->done(); });
    std::move(started_.begin(), running, std::back_inserter(ended));
    started_.erase(started_.begin(), running);
  }
  std::vector<Finished> finished;
  for (auto& one : ended) finished.push_back({one.run_id, one.task->get()});
  return finished;
}

Result<ReplaySummary> AnalyticsCoordinator::store_replay(const PreparedReplay& prepared, const replay::ReplayRunOptions& given,
                                                         ReplayOutcome* wanted) const {
  ReplaySummary stored{prepared.replay_run_id(), prepared.run_id, {}};
  replay::ReplayRunOptions options = given;
  if (!options.observer && options_.events != nullptr)
    options.observer = performance_to(*options_.events, stored.run_id, prepared.config.regimes);
  const auto existing = workspace::read_run_metadata(workspace_, stored.run_id);
  const bool is_stored = existing && existing->status == "complete";
  if (!is_stored || wanted != nullptr) {
    TRADEWIND_ASSIGN(const Loaded loaded, load(prepared, options_.data, workspace_));
    TRADEWIND_ASSIGN(ReplayOutcome outcome, replayed(prepared, loaded, options));
    if (!is_stored) TRADEWIND_TRY(write(workspace_, stored.run_id, prepared, loaded, outcome));
    if (wanted != nullptr) *wanted = std::move(outcome);
  }
  TRADEWIND_ASSIGN(const std::string text, read_file(workspace_ / stored.run_id / "analytics" / "replay.json"));
  auto summary = parse_json(text, "the replay's result");
  if (!summary) return summary.error().with_where(stored.run_id).with_hint("remove the run and replay again");
  stored.summary = std::move(*summary);
  announce(stored, prepared, options_.events);
  return stored;
}

}  // namespace tradewind::analysis
