// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/workflow.hpp"

#include <mutex>

#include <fmt/format.h>

#include "tradewind/analysis/automated_workflow.hpp"
#include "tradewind/analysis/phase_graph.hpp"
#include "tradewind/analysis/replay_file.hpp"
#include "tradewind/base/hash.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/commands/report.hpp"
#include "tradewind/commands/sweep_events.hpp"
#include "tradewind/commands/workflow_config.hpp"
#include "tradewind/commands/workflow_phases_internal.hpp"
#include "tradewind/notifications/analytics_events.hpp"
#include "tradewind/notifications/sinks.hpp"
#include "tradewind/sweep/run_sweep.hpp"
#include "tradewind/workspace/ids.hpp"

namespace tradewind::commands {
namespace {

using analysis::Phase;
using analysis::PhaseResults;

/// Phases at the same time share one progress.
class SharedProgress final : public Progress {
 public:
  explicit SharedProgress(Progress& progress) : progress_(progress) {}
  void update(std::string_view stage, std::uint64_t done, std::uint64_t total, std::string_view unit) override {
    const std::lock_guard lock(mutex_);
    progress_.update(stage, done, total, unit);
  }
  void finish() override {
    const std::lock_guard lock(mutex_);
    progress_.finish();
  }
  void warn(std::string_view message) override {
    const std::lock_guard lock(mutex_);
    progress_.warn(message);
  }

 private:
  Progress& progress_;
  std::mutex mutex_;
};

/// Turns a configuration into phases and their results into one answer.
class Workflow {
 public:
  Workflow(WorkflowConfig config, const Context& context) : config_(std::move(config)), context_(context), progress_(*context.progress) {}

  Result<CommandOutput> run();

 private:
  Result<Phase> make(const PhaseConfig& phase);
  Phase make_sweep(const PhaseConfig& phase);
  Phase make_analyze(const PhaseConfig& phase);
  Phase make_select(const PhaseConfig& phase);
  Phase make_replay(const PhaseConfig& phase);
  Phase make_report(const PhaseConfig& phase);

  Result<Json> run_sweep(const PhaseConfig& phase, const Cancellation& cancellation);
  Result<Json> analyze(const PhaseConfig& phase, const PhaseResults& needed, const Cancellation& cancellation);
  Result<Json> select(const PhaseResults& needed, const Cancellation& cancellation);
  Result<Json> replay(const PhaseResults& needed, const Cancellation& cancellation);
  Result<Json> write_configuration(const analysis::PreparedReplay& prepared) const;

  analysis::AnalysisOptions options_of(const AnalysisSettings& settings, const Cancellation& cancellation);
  /// The analyses that phases have made, read back from the workspace, with the coordinator they were made by.
  Result<std::vector<analysis::AnalysisReport>> reports_of(const Json& runs, const AnalysisSettings& settings,
                                                           const Cancellation& cancellation);
  CommandOutput answer(const analysis::PhaseReport& report) const;
  void tell(const std::string& phase, const std::string& status, const std::string& message);

  WorkflowConfig config_;
  const Context& context_;
  SharedProgress progress_;
  notifications::EventBus bus_;
};

Json settings_json(const AnalysisSettings& s) {
  Json json = {{"criteria", analysis::to_json(s.criteria)}, {"holdout", s.holdout}};
  json["costs"] = s.costs ? Json{s.costs->commission_rate, enum_name(s.costs->slippage_model), s.costs->slippage_bps} : Json(nullptr);
  const auto& c = s.ensemble.constraints;
  json["ensemble"] = {
      enum_name(s.ensemble.objective), enum_name(s.ensemble.covariance), c.min_weight, c.max_weight, c.max_strategies, c.max_correlation};
  return json;
}

bool complete_run(const Path& root, const std::string& run_id) {
  const auto metadata = workspace::read_run_metadata(root, run_id);
  return metadata && metadata->status == "complete";
}

analysis::AnalysisOptions Workflow::options_of(const AnalysisSettings& settings, const Cancellation& cancellation) {
  analysis::AnalysisOptions options;
  options.criteria = settings.criteria;
  options.costs = settings.costs;
  options.ensemble = settings.ensemble;
  options.holdout = settings.holdout;
  options.seed = config_.seed;
  options.threads = thread_count(context_.threads);
  options.events = &bus_;
  options.progress = &progress_;
  options.cancellation = &cancellation;
  return options;
}

Result<Json> Workflow::run_sweep(const PhaseConfig& phase, const Cancellation& cancellation) {
  TRADEWIND_TRY(check_same_sweep(context_.workspace, phase));
  sweep::SweepOptions options;
  options.workspace = context_.workspace;
  options.run_id = phase.run_id;
  options.resume = true;
  options.threads = context_.threads;
  options.progress = &progress_;
  options.cancellation = &cancellation;
  TRADEWIND_ASSIGN(const sweep::SweepSummary summary, sweep::run_sweep(*phase.sweep, options));
  bus_.publish(sweep_completed(summary));
  if (summary.interrupted) return interrupted_error();
  return Json{{"run_id", summary.run_id},
              {"strategies", summary.strategies},
              {"classifiers", summary.classifiers},
              {"bars", summary.bars},
              {"notes", summary.notes}};
}

Result<Json> Workflow::analyze(const PhaseConfig& phase, const PhaseResults& needed, const Cancellation& cancellation) {
  const analysis::AnalyticsCoordinator coordinator(context_.workspace, options_of(phase.analysis, cancellation));
  const analysis::AutomatedAnalyticsWorkflow automatic(phase.analysis.criteria, coordinator);
  const std::vector<std::string> named = phase.all_runs ? std::vector<std::string>() : runs_of(phase, needed);
  TRADEWIND_ASSIGN(auto runs, automatic.scan_runs(named));
  TRADEWIND_ASSIGN(const auto reports, automatic.analyze_runs(runs));
  Json json = {{"phase", phase.name}, {"runs", Json::array()}};
  for (const auto& run : runs) {
    Json one = {{"run_id", run.run_id}, {"qualified", run.qualified}, {"reason", run.reason}, {"input_hash", nullptr}};
    for (const auto& report : reports)
      if (report.run_id == run.run_id) one["input_hash"] = report.input_hash;
    json["runs"].push_back(std::move(one));
  }
  return json;
}

Result<std::vector<analysis::AnalysisReport>> Workflow::reports_of(const Json& runs, const AnalysisSettings& settings,
                                                                   const Cancellation& cancellation) {
  std::vector<analysis::AnalysisReport> reports;
  for (const Json& run : runs) {
    if (run["input_hash"].is_null()) continue;
    TRADEWIND_ASSIGN(auto report, analysis::analyze_run(context_.workspace, run["run_id"], options_of(settings, cancellation)));
    reports.push_back(std::move(report));
  }
  return reports;
}

/// A prepared replay as a file that `replay` and a live ensemble take, and as the answer shows it.
Result<Json> Workflow::write_configuration(const analysis::PreparedReplay& prepared) const {
  const Path file = Path("_workflows") / config_.name / "replays" / (prepared.replay_run_id() + ".json");
  TRADEWIND_TRY(make_directories((context_.workspace / file).parent_path()));
  Json json = analysis::replay_file_json(prepared);
  TRADEWIND_TRY(write_file_durable(context_.workspace / file, dump_json(json, 1) + "\n"));
  json["file"] = file.string();  // the workspace may move
  json["replay_run"] = prepared.replay_run_id();
  return json;
}

Result<Json> Workflow::select(const PhaseResults& needed, const Cancellation& cancellation) {
  Json json = {{"scanned_runs", 0},
               {"qualified_runs", 0},
               {"runs", Json::array()},
               {"selected_combinations", Json::array()},
               {"recommendations", Json::array()},
               {"replay_configurations", Json::array()},
               {"analyses", Json::array()}};
  std::vector<analysis::AnalysisReport> reports;
  const auto analyses = analyses_in(config_, needed);
  if (analyses.empty()) return Error(Errc::invalid_config, "a select phase needs an analyze phase", "phases", "add its name to `needs`");
  for (const auto& [phase, result] : analyses) {
    for (const Json& run : (*result)["runs"]) {
      json["scanned_runs"] = json["scanned_runs"].get<int>() + 1;
      json["qualified_runs"] = json["qualified_runs"].get<int>() + (run["qualified"].get<bool>() ? 1 : 0);
      json["runs"].push_back(run);
      if (!run["input_hash"].is_null()) json["analyses"].push_back({{"run_id", run["run_id"]}, {"phase", phase->name}});
    }
    TRADEWIND_ASSIGN(auto own, reports_of((*result)["runs"], phase->analysis, cancellation));
    std::move(own.begin(), own.end(), std::back_inserter(reports));
  }
  const AnalysisSettings& settings = analyses.front().first->analysis;
  const analysis::AnalyticsCoordinator coordinator(context_.workspace, options_of(settings, cancellation));
  const analysis::AutomatedAnalyticsWorkflow automatic(settings.criteria, coordinator);
  TRADEWIND_ASSIGN(const auto selected, automatic.rank_combinations(reports));
  for (const auto& one : selected) {
    Json figures = one.figures;
    figures["run_id"] = one.run_id;
    json["selected_combinations"].push_back(std::move(figures));
  }
  TRADEWIND_ASSIGN(auto prepared, automatic.prepare_replays(reports, selected));
  for (analysis::PreparedReplay& one : prepared) {
    if (config_.confirm_bars > 0) one.config.confirm_bars = config_.confirm_bars;
    TRADEWIND_ASSIGN(Json configuration, write_configuration(one));
    json["replay_configurations"].push_back(std::move(configuration));
  }
  const analysis::AnalysisReport* best = nullptr;
  for (const auto& report : reports)
    if (best == nullptr || report.verdict.level > best->verdict.level) best = &report;
  json["verdict"] = analysis::to_json(best == nullptr ? analysis::judge(Json()) : best->verdict);
  json["verdict"]["run_id"] = best == nullptr ? Json(nullptr) : Json(best->run_id);
  for (const auto& one : automatic.recommend(reports, selected))
    json["recommendations"].push_back({{"kind", one.kind}, {"text", one.text}, {"reason", one.reason}, {"strategies", one.strategies}});
  return json;
}

Result<Json> Workflow::replay(const PhaseResults& needed, const Cancellation& cancellation) {
  TRADEWIND_ASSIGN(const Json* selection, selection_in(needed, "replay"));
  Json json = {{"selected_combinations", (*selection)["selected_combinations"]},
               {"analyses", (*selection)["analyses"]},
               {"recommendations", (*selection)["recommendations"]},
               {"replays", Json::array()}};
  const Json& configurations = (*selection)["replay_configurations"];
  if (configurations.empty()) return json;
  const PhaseConfig* analyses = phase_named(config_, (*selection)["analyses"].at(0)["phase"]);
  const analysis::AnalyticsCoordinator coordinator(context_.workspace, options_of(analyses->analysis, cancellation));
  for (const Json& one : configurations) {  // what was written down is what is replayed
    const Path file = context_.workspace / Path(one["file"].get<std::string>());
    TRADEWIND_ASSIGN(const auto prepared, analysis::read_replay_file(file, coordinator.options().data, context_.workspace));
    TRADEWIND_ASSIGN(const auto stored, coordinator.store_replay(prepared));
    json["replays"].push_back(
        {{"run_id", stored.run_id}, {"source", stored.source}, {"sources", prepared.runs()}, {"summary", stored.summary}});
    progress_.update("replay", json["replays"].size(), configurations.size(), "replays");
  }
  progress_.finish();
  return json;
}

Phase Workflow::make_sweep(const PhaseConfig& phase) {
  Json settings = {{"type", "sweep"}, {"config", phase.sweep->json}, {"run_id", phase.run_id}};
  for (const auto& source : phase.sweep->data) settings["data"].push_back(sha256_file(source.path).value_or(""));
  return {phase.name, phase.needs, std::move(settings),
          [this, &phase](const PhaseResults&, const Cancellation& cancellation) { return run_sweep(phase, cancellation); },
          [this](const Json& result) { return complete_run(context_.workspace, result["run_id"]); }};
}

Phase Workflow::make_analyze(const PhaseConfig& phase) {
  Json settings = {{"type", "analyze"},
                   {"runs", phase.runs},
                   {"all", phase.all_runs},
                   {"seed", config_.seed},
                   {"analysis", settings_json(phase.analysis)}};
  // What is stored of an analysis is kept with its run and read back there, so doing the phase again costs nothing and sees new runs.
  return {phase.name, phase.needs, std::move(settings),
          [this, &phase](const PhaseResults& needed, const Cancellation& cancellation) { return analyze(phase, needed, cancellation); },
          [](const Json&) { return false; }};
}

Phase Workflow::make_select(const PhaseConfig& phase) {
  return {phase.name, phase.needs, Json{{"type", "select"}, {"confirm_bars", config_.confirm_bars}},
          [this](const PhaseResults& needed, const Cancellation& cancellation) { return select(needed, cancellation); },
          [this](const Json& result) {
            const auto is_there = [this](const Json& one) {
              return std::filesystem::exists(context_.workspace / Path(one["file"].get<std::string>()));
            };
            return result.contains("replay_configurations") &&
                   std::all_of(result["replay_configurations"].begin(), result["replay_configurations"].end(), is_there);
          }};
}

Phase Workflow::make_replay(const PhaseConfig& phase) {
  return {phase.name, phase.needs, Json{{"type", "replay"}, {"confirm_bars", config_.confirm_bars}},
          [this](const PhaseResults& needed, const Cancellation& cancellation) { return replay(needed, cancellation); },
          [this](const Json& result) {
            return std::all_of(result["replays"].begin(), result["replays"].end(),
                               [this](const Json& one) { return complete_run(context_.workspace, one["run_id"]); });
          }};
}

Phase Workflow::make_report(const PhaseConfig& phase) {
  return {phase.name, phase.needs, Json{{"type", "report"}, {"out", phase.out.filename().string()}},
          [this, &phase](const PhaseResults& needed, const Cancellation&) -> Result<Json> {
            TRADEWIND_ASSIGN(const Json* selection, selection_in(needed, "report"));
            std::vector<std::string> runs;
            for (const Json& one : (*selection)["analyses"]) runs.push_back(one["run_id"]);
            TRADEWIND_ASSIGN(const std::string html, report_of_runs(runs, *selection, context_));
            TRADEWIND_TRY(make_directories(std::filesystem::absolute(phase.out).parent_path()));
            TRADEWIND_TRY(write_file_durable(phase.out, html));
            return Json{{"report", phase.out.string()}, {"sha256", sha256_hex(html)}};
          },
          [&phase](const Json& result) {
            const auto there = sha256_file(phase.out);
            return there && *there == result["sha256"].get<std::string>();
          }};
}

Result<Phase> Workflow::make(const PhaseConfig& phase) {
  switch (phase.type) {
    case PhaseType::sweep: return make_sweep(phase);
    case PhaseType::analyze: return make_analyze(phase);
    case PhaseType::select: return make_select(phase);
    case PhaseType::replay: return make_replay(phase);
    case PhaseType::report: return make_report(phase);
  }
  return Error(Errc::internal, "unknown type of phase");
}

CommandOutput Workflow::answer(const analysis::PhaseReport& report) const {
  CommandOutput output{schema_object("workflow")};
  Json& json = output.json;
  json["workflow"] = config_.name;
  json["run_id"] = nullptr;
  for (const char* key : {"scanned_runs", "qualified_runs"}) json[key] = 0;
  for (const char* key : {"runs", "selected_combinations", "replay_runs", "replays", "replay_configurations", "recommendations"})
    json[key] = Json::array();
  json["report"] = nullptr;
  json["phases"] = Json::array();
  for (const auto& outcome : report.outcomes) {
    const Json& result = report.results.at(outcome.name);
    json["phases"].push_back({{"name", outcome.name}, {"status", outcome.status}});
    if (result.contains("run_id") && json["run_id"].is_null()) json["run_id"] = result["run_id"];
    for (const char* key :
         {"scanned_runs", "qualified_runs", "runs", "selected_combinations", "verdict", "replay_configurations", "recommendations"})
      if (result.contains(key) && result.contains("scanned_runs")) json[key] = result[key];
    if (result.contains("replay_configurations"))
      for (Json& one : json["replay_configurations"]) one["file"] = (context_.workspace / Path(one["file"].get<std::string>())).string();
    if (result.contains("replays"))
      for (const Json& one : result["replays"]) {
        json["replays"].push_back(one);
        json["replay_runs"].push_back(one["run_id"]);
      }
    if (result.contains("report")) json["report"] = result["report"];
  }
  return output;
}

/// In the words of docs/notifications.md.
void Workflow::tell(const std::string& phase, const std::string& status, const std::string& message) {
  notifications::WorkflowPhaseChanged changed;
  changed.workflow = config_.name;
  changed.phase = phase;
  changed.status = status == "done" ? "complete" : status == "resumed" ? "skipped" : status;
  changed.message = status == "resumed" ? "its stored result was taken" : message;
  bus_.publish(changed);
}

Result<CommandOutput> Workflow::run() {
  TRADEWIND_TRY(workspace::check_id("workflow", config_.name));
  const Stopwatch watch;
  std::vector<Phase> phases;
  for (const PhaseConfig& phase : config_.phases) {
    TRADEWIND_ASSIGN(Phase made, make(phase));
    phases.push_back(std::move(made));
  }
  TRADEWIND_ASSIGN(const auto sinks, notifications::EventSinks::open(bus_, config_.events));
  analysis::PhaseOptions options;
  options.on_change = [this](const std::string& phase, const std::string& status, const std::string& message) {
    tell(phase, status, message);
  };
  options.journal = context_.workspace / "_workflows" / config_.name;
  options.cancellation = context_.cancellation;
  const auto report = analysis::run_phases(phases, options);
  for (const std::string& warning : sinks->close(notifications::kDeliverySeconds).warnings()) progress_.warn(warning);
  if (!report) return report.error();
  CommandOutput output = answer(*report);
  output.json["milliseconds"] = watch.milliseconds();
  return output;
}

}  // namespace

Result<CommandOutput> workflow(const WorkflowArguments& arguments, const Context& context) {
  TRADEWIND_ASSIGN(WorkflowConfig config, load_workflow_config(arguments.config));
  return Workflow(std::move(config), context).run();
}

}  // namespace tradewind::commands
