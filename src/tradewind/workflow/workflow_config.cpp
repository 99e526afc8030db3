// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workflow/workflow_config.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/config/reader.hpp"
#include "tradewind/metrics/costs_config.hpp"
#include "tradewind/sweep/sweep_config.hpp"
#include "tradewind/workspace/ids.hpp"

namespace tradewind::workflow {
namespace {

using config::Complaints;
using config::MapReader;
using config::Value;

const std::vector<std::string> kPhaseTypes = {"sweep", "analyze", "select", "replay", "report"};

metrics::ExecutionCosts read_costs(const Value& map, const std::string& path, Complaints& complaints) {
  MapReader reader(map, path, complaints);
  const metrics::ExecutionCosts costs = metrics::read_costs(reader);
  reader.finish();
  return costs;
}

ensemble::EnsembleOptions read_ensemble(const Value& map, const std::string& path, Complaints& complaints) {
  MapReader reader(map, path, complaints);
  ensemble::EnsembleOptions options;
  options.objective = reader.choice("objective", ensemble::Objective::sharpe);
  options.covariance = reader.choice("covariance", ensemble::CovarianceMethod::ledoit_wolf);
  auto& c = options.constraints;
  c.min_weight = reader.number("min_weight", c.min_weight, 0, 1);
  c.max_weight = reader.number("max_weight", c.max_weight, 0, 1);
  c.max_strategies =
      static_cast<std::size_t>(reader.whole_number("max_strategies", static_cast<std::int64_t>(c.max_strategies), 0, 1'000'000));
  c.max_correlation = reader.number("max_correlation", c.max_correlation, -1, 1);
  reader.finish();
  return options;
}

AnalysisSettings read_settings(MapReader& reader, AnalysisSettings settings) {
  if (const Value* value = reader.value("criteria"))
    settings.criteria = analysis::read_criteria(*value, reader.path_of("criteria"), reader.complaints());
  if (const Value* value = reader.value("costs")) settings.costs = read_costs(*value, reader.path_of("costs"), reader.complaints());
  if (const Value* value = reader.value("ensemble"))
    settings.ensemble = read_ensemble(*value, reader.path_of("ensemble"), reader.complaints());
  settings.holdout = reader.number("holdout", settings.holdout, 0.01, 0.9);
  return settings;
}

/// A sweep configuration in place, or the path of one.
std::optional<sweep::SweepConfig> read_sweep(MapReader& reader, const Path& folder, const std::string& file) {
  const Value* value = reader.value("sweep");
  if (value == nullptr) return std::nullopt;
  const Path path = value->text;
  auto sweep = value->kind == Value::Kind::scalar ? sweep::load_sweep_config(path.is_absolute() ? path : folder / path)
                                                  : sweep::read_sweep_config(*value, folder, file);
  if (sweep) return std::move(*sweep);
  reader.complain("sweep", sweep.error().message() + (sweep.error().where().empty() ? "" : " (" + sweep.error().where() + ")"),
                  sweep.error().hint());
  return std::nullopt;
}

/// "all", one id or a list of ids.
void read_runs(MapReader& reader, PhaseConfig& phase) {
  const Value* value = reader.value("runs");
  if (value == nullptr) return;
  if (value->kind == Value::Kind::scalar && value->text == "all")
    phase.all_runs = true;
  else if (value->kind == Value::Kind::scalar)
    phase.runs = {value->text};
  else
    phase.runs = reader.text_list("runs");
}

Path absolute_from(const Path& folder, const std::string& text) {
  const Path path = text;
  return path.is_absolute() || text.empty() ? path : folder / path;
}

/// Reads one document.
class Reader {
 public:
  Reader(const Value& document, const Path& path, WorkflowConfig& workflow)
      : complaints_(path.string()), root_(document, "", complaints_), file_(path.string()), workflow_(workflow) {
    workflow_.folder = path.parent_path();
    workflow_.name = path.stem().string();
  }
  Status read();

 private:
  void short_form(const AnalysisSettings& settings);
  void long_form(const Value& list, const AnalysisSettings& settings);
  void phase(const Value& map, std::size_t index, const AnalysisSettings& settings);
  void check_id(MapReader& reader, const char* key, const char* what, const std::string& id);
  void check_needs(const Value& list);
  void replay();

  Complaints complaints_;
  MapReader root_;
  std::string file_;
  WorkflowConfig& workflow_;
  bool replays_ = false;
};

void Reader::replay() {
  const Value* value = root_.value("replay");
  if (value == nullptr) return;
  if (value->kind == Value::Kind::scalar) {
    replays_ = root_.boolean("replay", false);
    return;
  }
  MapReader reader(*value, "replay", complaints_);
  replays_ = reader.boolean("execute", true);
  workflow_.confirm_bars = static_cast<int>(reader.whole_number("confirm_bars", 0, 1, 1'000'000));
  reader.finish();
}

void Reader::check_id(MapReader& reader, const char* key, const char* what, const std::string& id) {
  if (const Status good = workspace::check_id(what, id); !good) reader.complain(key, good.error().message(), good.error().hint());
}

/// sweep → analyze → select → replay → report, as far as the document asks for them.
void Reader::short_form(const AnalysisSettings& settings) {
  PhaseConfig analyze;
  analyze.name = "analyze";
  analyze.type = PhaseType::analyze;
  analyze.analysis = settings;
  read_runs(root_, analyze);
  if (auto sweep = read_sweep(root_, workflow_.folder, file_)) {
    PhaseConfig phase;
    phase.name = "sweep";
    phase.sweep = std::move(sweep);
    phase.run_id = root_.text("run_id");
    if (!phase.run_id.empty()) check_id(root_, "run_id", "run", phase.run_id);
    workflow_.phases.push_back(std::move(phase));
    analyze.needs = {"sweep"};
  } else if (!analyze.all_runs && analyze.runs.empty() && !root_.has("sweep")) {
    root_.complain("", "names nothing to work on", "add `sweep:` with a sweep configuration, or `runs: all`");
  }
  workflow_.phases.push_back(std::move(analyze));
  const auto add = [&](const char* name, PhaseType type) -> PhaseConfig& {
    PhaseConfig phase;
    phase.name = name;
    phase.type = type;
    phase.needs = {workflow_.phases.back().name};
    return workflow_.phases.emplace_back(std::move(phase));
  };
  add("select", PhaseType::select);
  if (replays_ || settings.criteria.auto_execute_replay) add("replay", PhaseType::replay);
  const std::string report = root_.text("report");
  if (report.empty()) return;
  PhaseConfig& last = add("report", PhaseType::report);
  last.out = absolute_from(workflow_.folder, report);
}

void Reader::phase(const Value& map, std::size_t index, const AnalysisSettings& settings) {
  MapReader reader(map, fmt::format("phases[{}]", index), complaints_);
  PhaseConfig phase;
  const std::string type = reader.choice("type", "", kPhaseTypes);
  phase.type = static_cast<PhaseType>(std::find(kPhaseTypes.begin(), kPhaseTypes.end(), type) - kPhaseTypes.begin());
  phase.name = reader.text("name", type);
  phase.needs = reader.text_list("needs");
  if (phase.type == PhaseType::sweep) {
    phase.sweep = read_sweep(reader, workflow_.folder, file_);
    phase.run_id = reader.text("run_id");
    if (!phase.run_id.empty()) check_id(reader, "run_id", "run", phase.run_id);
    if (!phase.sweep && !reader.has("sweep")) reader.complain("sweep", "is missing", "give the sweep's configuration or its path");
  }
  if (phase.type == PhaseType::analyze) {
    read_runs(reader, phase);
    phase.analysis = read_settings(reader, settings);
  }
  if (phase.type == PhaseType::report) phase.out = absolute_from(workflow_.folder, reader.required_text("out"));
  reader.finish();
  workflow_.phases.push_back(std::move(phase));
}

void Reader::long_form(const Value& list, const AnalysisSettings& settings) {
  if (list.kind != Value::Kind::list || list.items.empty()) return root_.complain("phases", "must be a list of phases");
  for (std::size_t i = 0; i < list.items.size(); ++i) phase(list.items[i], i, settings);
  if (complaints_.empty()) check_needs(list);
}

/// What each type of phase works on must be among its needs, or it would fail after all the work before it.
void Reader::check_needs(const Value& list) {
  const auto needs = [&](const PhaseConfig& phase, PhaseType type) {
    return std::any_of(workflow_.phases.begin(), workflow_.phases.end(), [&](const PhaseConfig& other) {
      const bool has_selection = other.type == type || (type == PhaseType::select && other.type == PhaseType::replay);
      return has_selection && std::find(phase.needs.begin(), phase.needs.end(), other.name) != phase.needs.end();
    });
  };
  std::vector<std::string> names;
  for (const PhaseConfig& phase : workflow_.phases) names.push_back(phase.name);
  for (std::size_t i = 0; i < workflow_.phases.size(); ++i) {
    const PhaseConfig& phase = workflow_.phases[i];
    std::string unknown;
    for (const std::string& need : phase.needs)
      if (std::find(names.begin(), names.end(), need) == names.end()) unknown = need;
    if (!unknown.empty()) {
      complaints_.add(list.items[i].line, fmt::format("phases[{}].needs", i), fmt::format("there is no phase '{}'", printable(unknown)),
                      suggestion(unknown, names));
      continue;
    }
    const auto complain = [&](const char* message, const char* hint) {
      complaints_.add(list.items[i].line, fmt::format("phases[{}]", i), message, hint);
    };
    if (phase.type == PhaseType::analyze && !phase.all_runs && phase.runs.empty() && !needs(phase, PhaseType::sweep))
      complain("names nothing to work on", "add a sweep phase to `needs`, or `runs: all`");
    if (phase.type == PhaseType::select && !needs(phase, PhaseType::analyze))
      complain("a select phase needs an analyze phase", "add its name to `needs`");
    if (phase.type == PhaseType::replay && !needs(phase, PhaseType::select))
      complain("a replay phase needs a select phase", "add its name to `needs`");
    if (phase.type == PhaseType::report && !needs(phase, PhaseType::select))
      complain("a report phase needs a select or replay phase", "add its name to `needs`");
  }
}

Status Reader::read() {
  workflow_.name = root_.text("name", workflow_.name);
  check_id(root_, "name", "workflow", workflow_.name);
  workflow_.seed = static_cast<std::uint64_t>(root_.whole_number("seed", 1, 0, 9'000'000'000'000'000));
  if (const Value* events = root_.value("events")) workflow_.events = notifications::read_event_settings(*events, "events", complaints_);
  const AnalysisSettings settings = read_settings(root_, {});
  replay();
  if (const Value* phases = root_.value("phases"))
    long_form(*phases, settings);
  else
    short_form(settings);
  root_.finish();
  return complaints_.status();
}

}  // namespace

Result<notifications::EventSettings> load_event_settings(const Path& path) {
  TRADEWIND_ASSIGN(const Value document, config::load_config(path));
  config::Complaints complaints(path.string());
  const Value* section = document.find("events");
  if (section == nullptr)
    return Error(Errc::invalid_config, "has no section `events`", path.string(), "add one as docs/notifications.md shows");
  notifications::EventSettings settings = notifications::read_event_settings(*section, "events", complaints);
  TRADEWIND_TRY(complaints.status());
  return settings;
}

Result<FollowConfig> load_follow_config(const Path& path) {
  FollowConfig follow;
  TRADEWIND_ASSIGN(follow.events, load_event_settings(path));
  TRADEWIND_ASSIGN(const Value document, config::load_config(path));
  config::Complaints complaints(path.string());
  config::MapReader root(document, "", complaints);
  follow.analysis = read_settings(root, {});
  follow.seed = static_cast<std::uint64_t>(root.number("seed", 1, 0, 9e15));
  TRADEWIND_TRY(complaints.status());
  return follow;
}

Result<WorkflowConfig> load_workflow_config(const Path& path) {
  TRADEWIND_ASSIGN(const Value document, config::load_config(path));
  WorkflowConfig workflow;
  Reader reader(document, path, workflow);
  TRADEWIND_TRY(reader.read());
  return workflow;
}

}  // namespace tradewind::workflow
