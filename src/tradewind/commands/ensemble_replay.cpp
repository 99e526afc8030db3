// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/ensemble_replay.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/analysis/analysis_report.hpp"
#include "tradewind/analysis/event_lineage.hpp"
#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/commands/benchmark_input.hpp"
#include "tradewind/commands/replay_output.hpp"
#include "tradewind/commands/telling.hpp"
#include "tradewind/replay/write_replay_run.hpp"
#include "tradewind/workflow/analytics_coordinator.hpp"
#include "tradewind/workflow/replay_file.hpp"

namespace tradewind::commands {
namespace {

Result<workflow::PreparedReplay> of_analysis(const ReplayArguments& arguments, const workflow::AnalyticsCoordinator& coordinator) {
  TRADEWIND_ASSIGN(const auto report, analysis::read_analysis(coordinator.workspace(), arguments.source));
  TRADEWIND_ASSIGN(auto prepared, coordinator.prepare_signal_replay(report, arguments.target_regimes, arguments.adaptive));
  if (arguments.confirm_bars > 0) prepared.config.confirm_bars = arguments.confirm_bars;
  return prepared;
}

/// The replay that a run of type backtest holds, over the signals and regimes stored in it.
Result<workflow::PreparedReplay> of_replay(const std::string& run_id, const Context& context, const analysis::RunData& data) {
  TRADEWIND_ASSIGN(const auto metadata, workspace::read_run_metadata(context.workspace, run_id));
  TRADEWIND_TRY(check_json_depth(metadata.config, "the configuration of run '" + printable(run_id) + "'"));
  const Json config = read_json(metadata.config);
  if (!config.is_object() || !config.contains("replay")) return Error(Errc::corrupt, "the run does not say what was replayed", run_id);
  TRADEWIND_ASSIGN(auto stored, replay::replay_config_from_json(dump_json(config["replay"])));
  TRADEWIND_ASSIGN(const auto input, analysis::RunInput::open(run_id, data, context.workspace));
  const auto rows = replay::row_ids(stored.config);
  for (std::size_t i = 0; i < rows.size(); ++i)  // the run holds the signals after the gates
    stored.config.strategies[i] = {run_id, rows[i], stored.config.strategies[i].weight, {}};
  workflow::PreparedReplay prepared{run_id, stored.classifier_id, std::move(stored.config), {}, {}};
  prepared.config.execution = input.execution();
  return prepared;
}

Json performance_of(const replay::RegimeReplayResult& result) {
  Json undefined = Json::object();
  Json json = analysis::metrics_json(result.performance, undefined);
  json["undefined"] = std::move(undefined);
  return json;
}

Json outcome_json(const workflow::ReplayOutcome& outcome, const workflow::PreparedReplay& prepared) {
  const auto& e = outcome.ensemble;
  Json json = {{"metrics", performance_of(e)},
               {"strategy_costs", e.strategy_costs},
               {"switching_costs", e.switching_costs},
               {"turnover", e.turnover},
               {"switches", e.switches.size()}};
  json["first"] = e.timestamp.empty() ? Json(nullptr) : Json(format_time(e.timestamp.front(), true));
  json["last"] = e.timestamp.empty() ? Json(nullptr) : Json(format_time(e.timestamp.back(), true));
  json["baselines"] = {{"static_weights", performance_of(outcome.baselines.static_weights)},
                       {"equal_weight", performance_of(outcome.baselines.equal_weight)},
                       {"buy_and_hold", performance_of(outcome.baselines.buy_and_hold)}};
  json["members"] = Json::array();
  for (const auto& member : e.members) json["members"].push_back(member_json(member));
  json["regimes"] = Json::object();
  for (const auto& regime : e.regimes)
    json["regimes"][regime.label] = {
        {"bars", regime.bars}, {"runs", regime.runs}, {"sharpe_ratio", number_or_null(regime.sharpe_ratio.number)}};
  json["drift_alarm"] = e.drift && e.drift->alarm != metrics::Drift::none ? Json(enum_name(e.drift->alarm)) : Json(nullptr);
  json["adaptive"] = prepared.config.adaptive.has_value();
  json["classifier_id"] = prepared.classifier_id.empty() ? Json(nullptr) : Json(prepared.classifier_id);
  return json;
}

/// By default the baseline that holds what the ensemble trades; else a file, or a symbol of the run.
Result<SeriesBeside> benchmark_of_ensemble(const ReplayArguments& arguments, const workflow::PreparedReplay& prepared,
                                           const workflow::ReplayOutcome& outcome, const analysis::RunData& data, const Context& context) {
  const auto& times = outcome.ensemble.timestamp;
  const auto& held = outcome.baselines.buy_and_hold;
  if (times.empty() || arguments.benchmark == "none" || arguments.benchmark == "0") return SeriesBeside{};
  if (arguments.benchmark.empty()) return held.timestamp == times ? SeriesBeside{"buy_and_hold", held.returns, {}} : SeriesBeside{};
  if (names_file(arguments.benchmark)) return series_beside(Path(arguments.benchmark), times, "benchmark");
  TRADEWIND_ASSIGN(auto input, analysis::RunInput::open(prepared.run_id, data, context.workspace));
  return benchmark_of_strategy(input, arguments.benchmark, {}, times);
}

/// Records the events of the strategies of a stored replay in its run.
Result<std::int64_t> trace_members(const std::string& run_id, const analysis::RunData& data, const Context& context) {
  TRADEWIND_ASSIGN(auto input, analysis::RunInput::open(run_id, data, context.workspace));
  TRADEWIND_ASSIGN(const auto ids, analysis::best_strategies(run_id, {}, "", 0, context.workspace));
  return analysis::record_lineage(context.workspace, input, ids);
}

}  // namespace

bool is_ensemble_replay(const std::string& source, const Context& context) {
  if (workflow::is_replay_file(source)) return true;
  const auto metadata = workspace::read_run_metadata(context.workspace, source);
  return metadata && metadata->is_replay();
}

Result<CommandOutput> replay_ensemble(const ReplayArguments& arguments, const analysis::RunData& data, const Context& context) {
  const Stopwatch watch;
  analysis::AnalysisOptions options;
  options.data = data;
  options.threads = thread_count(context.threads);
  options.cancellation = context.cancellation;
  TRADEWIND_ASSIGN(Telling telling, Telling::open(arguments.events));
  options.events = telling.bus();
  const workflow::AnalyticsCoordinator coordinator(context.workspace, options);
  const bool from_config = workflow::is_replay_file(arguments.source);
  const bool again = !from_config && is_ensemble_replay(arguments.source, context);
  TRADEWIND_ASSIGN(const auto prepared, from_config ? workflow::read_replay_file(arguments.source, data, context.workspace)
                                        : again     ? of_replay(arguments.source, context, data)
                                                    : of_analysis(arguments, coordinator));
  replay::ReplayRunOptions run;
  run.cancellation = context.cancellation;
  run.record = wants_recording(arguments);
  workflow::ReplayOutcome outcome;
  std::string stored = arguments.source;
  if (again) {
    TRADEWIND_ASSIGN(outcome, coordinator.execute(prepared, run));
  } else {
    TRADEWIND_ASSIGN(const auto kept, coordinator.store_replay(prepared, run, &outcome));
    stored = kept.run_id;
  }
  telling.close(context);
  CommandOutput output{schema_object("replay")};
  Json& json = output.json;
  json["run_id"] = again ? arguments.source : prepared.run_id;
  json["replay_run"] = stored;
  json.update(outcome_json(outcome, prepared));
  TRADEWIND_ASSIGN(const SeriesBeside beside, benchmark_of_ensemble(arguments, prepared, outcome, data, context));
  put_replay_benchmark(json, beside, outcome.ensemble, prepared.config.execution, {});
  json["drawdowns"] = drawdowns_json(outcome.ensemble, arguments.drawdowns);
  TRADEWIND_TRY(write_files(arguments, outcome.ensemble, run.record ? &outcome.ensemble : nullptr, prepared.config.regimes, json));
  if (arguments.trace) {
    TRADEWIND_ASSIGN(json["events"], trace_members(stored, data, context));
  }
  json["milliseconds"] = watch.milliseconds();
  return output;
}

}  // namespace tradewind::commands
