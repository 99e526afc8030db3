// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/ensemble_replay.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tradewind/analysis/analysis_report.hpp"
#include "tradewind/analysis/analytics_coordinator.hpp"
#include "tradewind/analysis/event_lineage.hpp"
#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/commands/replay_output.hpp"
#include "tradewind/commands/telling.hpp"
#include "tradewind/config/reader.hpp"
#include "tradewind/replay/write_replay_run.hpp"

namespace tradewind::commands {
namespace {

using config::Value;

/// {strategy: weight} as one weight per strategy, in the order of `ids`.
std::vector<double> read_weights(const Value& map, const std::string& path, const std::vector<std::string>& ids,
                                 config::Complaints& complaints) {
  std::vector<double> weights(ids.size(), 0.0);
  if (map.kind != Value::Kind::map) {
    complaints.add(map.line, path, "must be a map of strategy to weight");
    return weights;
  }
  config::MapReader reader(map, path, complaints);
  for (std::size_t i = 0; i < ids.size(); ++i) weights[i] = reader.number(ids[i], 0, 0, 1);
  reader.finish();
  return weights;
}

UnixNanos read_time(config::MapReader& reader, const char* key, UnixNanos otherwise) {
  const std::string text = reader.text(key);
  if (text.empty()) return otherwise;
  if (const auto time = parse_time(text)) return time->nanos;
  reader.complain(key, fmt::format("'{}' is no time", printable(text)), "write 2021-03-31 or 2021-03-31T14:30:00Z");
  return otherwise;
}

/// A replay as a user writes it; docs/replay.md lists the keys.
Result<analysis::PreparedReplay> read_replay(const Path& path, const Context& context, const analysis::RunData& data) {
  TRADEWIND_ASSIGN(const Value document, config::load_config(path));
  config::Complaints complaints(path.string());
  config::MapReader root(document, "", complaints);
  analysis::PreparedReplay prepared;
  prepared.run_id = root.required_text("run");
  const Value* strategies = root.require("strategies");
  std::vector<std::string> ids;
  if (strategies != nullptr && strategies->kind == Value::Kind::map)
    for (const auto& [id, weight] : strategies->entries) ids.push_back(id);
  else if (strategies != nullptr)
    root.complain("strategies", "must be a map of strategy to weight");
  if (strategies != nullptr && strategies->kind == Value::Kind::map) {
    const std::vector<double> own = read_weights(*strategies, "strategies", ids, complaints);
    for (std::size_t i = 0; i < ids.size(); ++i) prepared.config.strategies.push_back({prepared.run_id, ids[i], own[i]});
  }
  prepared.classifier_id = root.text("classifier");
  const Value* weights = root.value("weights");
  if (weights != nullptr && weights->kind != Value::Kind::map) root.complain("weights", "must be a map of regime to {strategy: weight}");
  if ((weights != nullptr) != !prepared.classifier_id.empty())
    root.complain("weights", "go with a classifier", "give both `classifier` and `weights`, or neither");
  prepared.config.from = read_time(root, "from", prepared.config.from);
  prepared.config.to = read_time(root, "to", prepared.config.to);
  prepared.config.confirm_bars = static_cast<int>(root.number("confirm_bars", 1, 1, 1e6));
  root.finish();
  TRADEWIND_TRY(complaints.status());

  TRADEWIND_ASSIGN(analysis::RunInput input, analysis::RunInput::open(prepared.run_id, data, context.workspace));
  prepared.config.execution = input.execution();
  if (prepared.classifier_id.empty()) return prepared;
  TRADEWIND_ASSIGN(const auto states, input.states_on(prepared.classifier_id, {}));
  prepared.config.regimes = states.labels;
  config::MapReader by_regime(*weights, "weights", complaints);
  for (const std::string& regime : prepared.config.regimes) {
    const Value* own = by_regime.value(regime);
    prepared.config.regime_weights.push_back(own == nullptr ? std::vector<double>(ids.size(), 0.0)
                                                            : read_weights(*own, "weights." + regime, ids, complaints));
  }
  by_regime.finish();
  TRADEWIND_TRY(complaints.status());
  return prepared;
}

Result<analysis::PreparedReplay> of_analysis(const ReplayArguments& arguments, const analysis::AnalyticsCoordinator& coordinator) {
  TRADEWIND_ASSIGN(const auto report, analysis::read_analysis(coordinator.workspace(), arguments.source));
  TRADEWIND_ASSIGN(auto prepared, coordinator.prepare_signal_replay(report, arguments.target_regimes));
  if (arguments.confirm_bars > 0) prepared.config.confirm_bars = arguments.confirm_bars;
  return prepared;
}

/// The replay that a run of type backtest holds, over the signals and regimes stored in it.
Result<analysis::PreparedReplay> of_replay(const std::string& run_id, const Context& context, const analysis::RunData& data) {
  TRADEWIND_ASSIGN(const auto metadata, workspace::read_run_metadata(context.workspace, run_id));
  TRADEWIND_TRY(check_json_depth(metadata.config, "the configuration of run '" + printable(run_id) + "'"));
  const Json config = read_json(metadata.config);
  if (!config.is_object() || !config.contains("replay")) return Error(Errc::corrupt, "the run does not say what was replayed", run_id);
  TRADEWIND_ASSIGN(auto stored, replay::replay_config_from_json(dump_json(config["replay"])));
  TRADEWIND_ASSIGN(const auto input, analysis::RunInput::open(run_id, data, context.workspace));
  analysis::PreparedReplay prepared{run_id, stored.classifier_id, std::move(stored.config), {}};
  prepared.config.execution = input.execution();
  return prepared;
}

Json performance_of(const replay::RegimeReplayResult& result) {
  Json undefined = Json::object();
  Json json = analysis::metrics_json(result.performance, undefined);
  json["undefined"] = std::move(undefined);
  return json;
}

Json outcome_json(const analysis::ReplayOutcome& outcome, const analysis::PreparedReplay& prepared) {
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
  json["classifier_id"] = prepared.classifier_id.empty() ? Json(nullptr) : Json(prepared.classifier_id);
  return json;
}

/// Records the events of the strategies of a stored replay in its run.
Result<std::int64_t> trace_members(const std::string& run_id, const analysis::RunData& data, const Context& context) {
  TRADEWIND_ASSIGN(auto input, analysis::RunInput::open(run_id, data, context.workspace));
  TRADEWIND_ASSIGN(const auto ids, analysis::best_strategies(run_id, {}, "", 0, context.workspace));
  return analysis::record_lineage(context.workspace, input, ids);
}

}  // namespace

bool is_replay_config(const std::string& source) {
  const std::string extension = Path(source).extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

bool is_ensemble_replay(const std::string& source, const Context& context) {
  if (is_replay_config(source)) return true;
  const auto metadata = workspace::read_run_metadata(context.workspace, source);
  return metadata && metadata->workflow_type == "backtest";
}

Result<CommandOutput> replay_ensemble(const ReplayArguments& arguments, const analysis::RunData& data, const Context& context) {
  const Stopwatch watch;
  analysis::AnalysisOptions options;
  options.data = data;
  options.threads = thread_count(context.threads);
  options.cancellation = context.cancellation;
  TRADEWIND_ASSIGN(Telling telling, Telling::open(arguments.events));
  options.events = telling.bus();
  const analysis::AnalyticsCoordinator coordinator(context.workspace, options);
  const bool from_config = is_replay_config(arguments.source);
  const bool again = !from_config && is_ensemble_replay(arguments.source, context);
  TRADEWIND_ASSIGN(const auto prepared, from_config ? read_replay(arguments.source, context, data)
                                        : again     ? of_replay(arguments.source, context, data)
                                                    : of_analysis(arguments, coordinator));
  replay::ReplayRunOptions run;
  run.cancellation = context.cancellation;
  run.record = wants_recording(arguments);
  analysis::ReplayOutcome outcome;
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
  json["drawdowns"] = drawdowns_json(outcome.ensemble, arguments.drawdowns);
  TRADEWIND_TRY(write_files(arguments, outcome.ensemble, run.record ? &outcome.ensemble : nullptr, prepared.config.regimes, json));
  if (arguments.trace) {
    TRADEWIND_ASSIGN(json["events"], trace_members(stored, data, context));
  }
  json["milliseconds"] = watch.milliseconds();
  return output;
}

}  // namespace tradewind::commands
