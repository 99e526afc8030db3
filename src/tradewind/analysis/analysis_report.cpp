// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/analysis_report.hpp"

#include <cmath>

#include "tradewind/base/stored_document.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/replay/replay_strategy_json.hpp"
#include "tradewind/workspace/reader.hpp"

namespace tradewind::analysis {
namespace {

constexpr const char* kFamily = "tradewind.analyze/";
constexpr const char* kSchema = "tradewind.analyze/1";

std::map<std::string, double> defined_metrics(const Json& json) {
  std::map<std::string, double> values;
  for (const auto& [name, value] : json.items())
    if (value.is_number()) values[name] = value.get<double>();
  return values;
}

StrategyPerformance performance_of(const Json& json) {
  StrategyPerformance performance;
  performance.strategy_id = json.at("strategy_id");
  performance.status = json.at("status");
  performance.reason = json.at("reason");
  performance.selection = defined_metrics(json.at("selection"));
  performance.holdout = defined_metrics(json.at("holdout"));
  performance.dsr = json.at("dsr").is_number() ? json.at("dsr").get<double>() : std::nan("");
  return performance;
}

/// The object has these members, of whatever kind.
void check_members(const Json& of, std::initializer_list<const char*> names) {
  for (const char* name : names) static_cast<void>(of.at(name));
}

/// What the workflow and the table of a report read of entries in lists: a const value has no answer to a name it lacks.
void check_entries(const Json& d) {
  for (const char* name : {"selection_bars", "holdout_bars"}) static_cast<void>(d.at("split").at(name));
  static_cast<void>(d.at("split").at("boundary").get_ref<const std::string&>());
  check_members(d.at("overfitting"), {"trials", "effective_trials", "psr", "dsr", "pbo"});
  static_cast<void>(d.at("funnel").at(0));
  for (const Json& stage : d.at("funnel")) {
    for (const char* name : {"stage", "reason"}) static_cast<void>(stage.at(name).get_ref<const std::string&>());
    for (const char* name : {"strategies", "rejected"}) static_cast<void>(stage.at(name).get<std::int64_t>());
  }
  for (const Json& one : d.at("combinations")) {
    static_cast<void>(one.at("selected").get<bool>());
    for (const char* name : {"strategy_id", "reason"}) static_cast<void>(one.at(name).get_ref<const std::string&>());
    static_cast<void>(one.at("trade_in").get<std::vector<std::string>>());
    check_members(one, {"classifier_id", "score", "selection_sharpe", "holdout_sharpe", "dsr"});
  }
  for (const Json& one : d.at("findings")) static_cast<void>(one.at("text").get_ref<const std::string&>());
  for (const Json& note : d.at("notes")) static_cast<void>(note.get_ref<const std::string&>());
  if (!d.at("ensemble").is_object()) return;
  for (const Json& path : d.at("ensemble").at("performance")) {
    static_cast<void>(path.at("name").get_ref<const std::string&>());
    check_members(path, {"switching_costs"});
    check_members(path.at("holdout"), {"sharpe_ratio", "total_return", "max_drawdown"});
  }
}

/// What readers of the document take for granted, by name and kind.
void check_sections(const Json& d) {
  for (const char* name : {"provenance", "criteria", "split", "overfitting"})
    static_cast<void>(d.at(name).get_ref<const Json::object_t&>());
  for (const char* name : {"funnel", "strategies", "findings", "recommendations", "notes"})
    static_cast<void>(d.at(name).get_ref<const Json::array_t&>());
  for (const char* name : {"correlation", "combinations", "curves", "monthly_returns", "rolling_sharpe", "parameter_surface"})
    static_cast<void>(d.at(name));
  for (const char* name : {"commission_rate", "slippage_bps"}) static_cast<void>(d.at("provenance").at(name).get<double>());
  static_cast<void>(d.at("provenance").at("slippage_model").get_ref<const std::string&>());
  check_entries(d);
  const Json& ensemble = d.at("ensemble");
  if (!ensemble.is_object()) return;
  static_cast<void>(ensemble.at("strategies").get<std::vector<std::string>>());
  static_cast<void>(ensemble.at("classifier_id"));
}

/// What the ensemble holds. An analysis of an earlier version held every strategy always.
Result<std::vector<replay::ReplayStrategy>> members_of(const Json& ensemble, const std::string& run_id) {
  std::vector<replay::ReplayStrategy> members;
  if (const auto stored = ensemble.find("members"); stored != ensemble.end()) {
    for (const Json& one : *stored) {
      TRADEWIND_ASSIGN(auto member, replay::strategy_from_json(one));
      members.push_back(std::move(member));
    }
    return members;
  }
  const auto weights = ensemble.at("global_weights").get<std::map<std::string, double>>();
  for (const Json& named : member(ensemble, "strategies")) {
    const auto id = named.get<std::string>();
    const auto weight = weights.find(id);
    members.push_back({run_id, id, weight == weights.end() ? 0 : weight->second, {}});
  }
  return members;
}

Status read_view(AnalysisReport& report) {
  const Json& d = report.document;
  report.run_id = d.at("run_id");
  report.input_hash = d.at("input_hash");
  report.qualified = d.at("qualified");
  for (const Json& strategy : d.at("strategies")) report.strategy_performances.push_back(performance_of(strategy));
  report.regime_analysis = d.at("classifiers");
  report.discovered_patterns = d.at("patterns");
  if (const Json& ensemble = d.at("ensemble"); ensemble.is_object()) {
    TRADEWIND_ASSIGN(report.members, members_of(ensemble, report.run_id));
    report.ensemble_weights[""] = ensemble.at("global_weights").get<std::map<std::string, double>>();
    for (const auto& [regime, weights] : ensemble.at("weights").items())
      report.ensemble_weights[regime] = weights.get<std::map<std::string, double>>();
  }
  report.verdict = verdict_of(d);
  for (const Json& one : d.at("recommendations"))
    report.recommendations.push_back({one.at("kind"), one.at("text"), one.at("reason"), one.at("strategies")});
  return {};
}

}  // namespace

replay::ReplayStrategy AnalysisReport::member(const std::string& strategy_id) const {
  const auto found = std::ranges::find(members, strategy_id, &replay::ReplayStrategy::strategy_id);
  return found == members.end() ? replay::ReplayStrategy{run_id, strategy_id, 0, {}} : *found;
}

Result<AnalysisReport> AnalysisReport::from(Json document) {
  const std::string schema = document.is_object() && document.contains("schema") && document["schema"].is_string()
                                 ? document["schema"].get<std::string>()
                                 : std::string();
  if (!schema.starts_with(kFamily))
    return Error(Errc::corrupt, "this is no analysis", "analysis.json", "make it anew by tradewind analyze RUN");
  if (schema != kSchema)
    return Error(Errc::newer_format, "the analysis has schema '" + printable(schema) + "'", "analysis.json",
                 "this version reads " + std::string(kSchema));
  AnalysisReport report;
  report.document = std::move(document);
  try {
    TRADEWIND_TRY(read_view(report));
  } catch (const Json::exception& broken) {
    return Error(Errc::corrupt, std::string("the analysis is damaged: ") + printable(broken.what(), 200), "analysis.json",
                 "make it anew by tradewind analyze RUN");
  }
  return report;
}

Result<AnalysisReport> read_analysis(const Path& root, const std::string& run_id) {
  const auto text = workspace::read_document(root, run_id, kAnalysisDocument);
  if (!text && text.error().code() == Errc::not_found)
    return Error(Errc::not_found, "run '" + printable(run_id) + "' has not been analysed", text.error().where(),
                 "tradewind analyze " + printable(run_id) + " does so");
  const std::string again = "make it anew by tradewind analyze " + printable(run_id) + " --no-cache";
  if (!text) return text.error().with_hint(again);
  auto parsed = parse_json(*text, "the analysis");
  if (!parsed) return parsed.error().with_where((root / run_id / kAnalysisDocument).string()).with_hint(again);
  auto report = AnalysisReport::from(std::move(*parsed));
  const auto whole = reading_document(kAnalysisDocument, [&]() -> Status {
    if (report) check_sections(report->document);
    return {};
  });
  if (!whole) return whole.error().with_where((root / run_id / kAnalysisDocument).string()).with_hint(again);
  if (!report) return report.error().with_where((root / run_id / kAnalysisDocument).string()).with_hint(again);
  return report;
}

}  // namespace tradewind::analysis
