// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workflow/automated_workflow.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/metrics/moments.hpp"

namespace tradewind::workflow {
namespace {

/// Why a run is not analysed; empty when it is.
std::string unfit(const workspace::RunEntry& entry) {
  if (entry.fault) return entry.fault->message();
  const workspace::RunMetadata& m = entry.metadata;
  if (m.is_replay()) return "it is a replay: its strategies are chosen from already, in the runs that it replays";
  if (m.workflow_type == "live") return "it is a session: what it trades is chosen already";
  if (m.status != "complete") return fmt::format("it is {}; finish it by sweep --resume", m.status);
  if (m.total_strategies == 0) return "it has no strategies";
  if (m.execution.data.empty()) return "it does not say on which prices its signals are; say it by reindex --data";
  return {};
}

/// Returns of one selected combination on its run's selection part.
struct Line {
  std::vector<UnixNanos> timestamp;
  std::vector<double> returns;
};

/// Correlation over the bars that both have; NaN where there is none.
double correlation(const Line& a, const Line& b) {
  std::vector<double> of_a, of_b;
  for (std::size_t i = 0, j = 0; i < a.timestamp.size() && j < b.timestamp.size();) {
    if (a.timestamp[i] < b.timestamp[j]) {
      ++i;
    } else if (b.timestamp[j] < a.timestamp[i]) {
      ++j;
    } else {
      of_a.push_back(a.returns[i++]);
      of_b.push_back(b.returns[j++]);
    }
  }
  return metrics::correlation(of_a, of_b);
}

std::vector<SelectedCombination> chosen_by_reports(const std::vector<analysis::AnalysisReport>& reports) {
  std::vector<SelectedCombination> all;
  for (const analysis::AnalysisReport& report : reports)
    for (const Json& c : report.document["combinations"])
      if (c["selected"].get<bool>())
        all.push_back({report.run_id, c["strategy_id"], c["classifier_id"].is_string() ? c["classifier_id"].get<std::string>() : "",
                       c["score"].is_number() ? c["score"].get<double>() : 0, c});
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  return all;
}

/// The analysis that chose a combination.
const analysis::AnalysisReport& report_of(const std::vector<analysis::AnalysisReport>& reports, const SelectedCombination& combination) {
  return *std::ranges::find(reports, combination.run_id, &analysis::AnalysisReport::run_id);
}

UnixNanos boundary_of(const analysis::AnalysisReport& report) {
  const auto time = parse_time(report.document["split"]["boundary"].get<std::string>());
  return time ? time->nanos : std::numeric_limits<UnixNanos>::max();
}

/// Analyses whose strategies can be held in one account.
struct TradedAlike {
  std::vector<const analysis::AnalysisReport*> reports;
  std::vector<replay::ReplayStrategy> members;
};

/// What two runs must have in common for that: costs and bars a year.
std::string execution_of(const analysis::AnalysisReport& report) {
  const Json& p = member(report.document, "provenance");
  return dump_json(
      Json{member(p, "periods_per_year"), member(p, "commission_rate"), member(p, "slippage_model"), member(p, "slippage_bps")});
}

}  // namespace

Result<std::vector<RunVerdict>> AutomatedAnalyticsWorkflow::scan_runs(const std::vector<std::string>& run_ids) const {
  TRADEWIND_ASSIGN(const auto entries, workspace::list_runs(coordinator_.workspace()));
  std::vector<std::string> known;
  for (const auto& entry : entries) known.push_back(entry.run_id);
  for (const std::string& wanted : run_ids)
    if (std::find(known.begin(), known.end(), wanted) == known.end())
      return Error(Errc::not_found, fmt::format("there is no run '{}'", printable(wanted)), coordinator_.workspace().string(),
                   suggestion(wanted, known));
  std::vector<RunVerdict> runs;
  for (const auto& entry : entries) {
    if (!run_ids.empty() && std::find(run_ids.begin(), run_ids.end(), entry.run_id) == run_ids.end()) continue;
    runs.push_back({entry.run_id, false, unfit(entry)});
  }
  return runs;
}

Result<std::vector<analysis::AnalysisReport>> AutomatedAnalyticsWorkflow::analyze_runs(std::vector<RunVerdict>& runs) const {
  std::vector<analysis::AnalysisReport> reports;
  for (RunVerdict& run : runs) {
    if (!run.reason.empty()) continue;
    analysis::AnalysisOptions options = coordinator_.options();
    options.criteria = criteria_;
    auto report = analysis::analyze_run(coordinator_.workspace(), run.run_id, options);
    if (!report && report.error().code() == Errc::interrupted) return report.error();
    if (!report) {
      run.reason = report.error().message();
      continue;
    }
    run.qualified = report->qualified;
    if (!run.qualified)
      run.reason = report->recommendations.empty() ? "no strategy meets the criteria" : report->recommendations.front().reason;
    reports.push_back(std::move(*report));
  }
  return reports;
}

Result<std::vector<SelectedCombination>> AutomatedAnalyticsWorkflow::rank_combinations(
    const std::vector<analysis::AnalysisReport>& reports) const {
  std::vector<SelectedCombination> selected;
  std::vector<Line> lines;
  std::map<std::string, analysis::RunInput> inputs;
  for (SelectedCombination& combination : chosen_by_reports(reports)) {
    if (selected.size() >= criteria_.max_selections) break;
    auto input = inputs.find(combination.run_id);
    if (input == inputs.end()) {
      TRADEWIND_ASSIGN(analysis::RunInput opened,
                       analysis::RunInput::open(combination.run_id, coordinator_.options().data, coordinator_.workspace()));
      if (coordinator_.options().costs) opened.set_costs(*coordinator_.options().costs);
      input = inputs.emplace(combination.run_id, std::move(opened)).first;
    }
    const analysis::AnalysisReport& report = report_of(reports, combination);
    const replay::ReplayStrategy held = report.member(combination.strategy_id);
    TRADEWIND_ASSIGN(replay::ReturnTable table, input->second.returns_on_timeline(std::span(&held, 1)));
    Line line{std::move(table.timestamp), std::move(table.returns.front())};
    const auto rows = std::lower_bound(line.timestamp.begin(), line.timestamp.end(), boundary_of(report)) - line.timestamp.begin();
    line.timestamp.resize(static_cast<std::size_t>(rows));
    line.returns.resize(static_cast<std::size_t>(rows));
    if (std::any_of(lines.begin(), lines.end(), [&](const Line& other) { return correlation(line, other) > criteria_.max_correlation; }))
      continue;
    selected.push_back(std::move(combination));
    lines.push_back(std::move(line));
  }
  return selected;
}

Result<std::vector<PreparedReplay>> AutomatedAnalyticsWorkflow::prepare_replays(const std::vector<analysis::AnalysisReport>& reports,
                                                                                const std::vector<SelectedCombination>& selected) const {
  std::map<std::string, TradedAlike> groups;
  for (const analysis::AnalysisReport& report : reports) {
    const auto is_of = [&](const SelectedCombination& one) { return one.run_id == report.run_id; };
    if (std::none_of(selected.begin(), selected.end(), is_of)) continue;
    TradedAlike& group = groups[execution_of(report)];
    group.reports.push_back(&report);
    for (const SelectedCombination& one : selected)
      if (is_of(one)) group.members.push_back(report.member(one.strategy_id));
  }
  std::vector<PreparedReplay> prepared;
  for (auto& [execution, group] : groups) {
    const bool is_the_reports = group.reports.size() == 1 && group.members.size() == group.reports.front()->members.size();
    auto one = is_the_reports ? coordinator_.prepare_signal_replay(*group.reports.front(), criteria_.target_regimes)
                              : coordinator_.prepare_across(group.reports, std::move(group.members));
    if (!one) return one.error();
    prepared.push_back(std::move(*one));
  }
  return prepared;
}

Result<std::vector<ReplaySummary>> AutomatedAnalyticsWorkflow::execute_replays(const std::vector<PreparedReplay>& prepared) const {
  std::vector<ReplaySummary> stored(prepared.size());
  TRADEWIND_TRY(parallel_for(
      prepared.size(), coordinator_.options().threads,
      [&](std::size_t i) -> Status {
        TRADEWIND_ASSIGN(stored[i], coordinator_.store_replay(prepared[i]));
        return {};
      },
      coordinator_.options().cancellation));
  return stored;
}

std::vector<analysis::Recommendation> AutomatedAnalyticsWorkflow::recommend(const std::vector<analysis::AnalysisReport>& reports,
                                                                            const std::vector<SelectedCombination>& selected) const {
  std::vector<analysis::Recommendation> all;
  if (reports.empty()) all.push_back({"trade_nothing", "Trade nothing yet", "no run of the workspace could be analysed", {}});
  for (const analysis::AnalysisReport& report : reports) {
    const bool chosen = std::any_of(selected.begin(), selected.end(), [&](const auto& one) { return one.run_id == report.run_id; });
    if (report.qualified && !chosen) continue;  // better ones of other runs were taken
    for (analysis::Recommendation one : report.recommendations) {
      if (reports.size() > 1) one.text = fmt::format("{}: {}", report.run_id, one.text);
      all.push_back(std::move(one));
    }
  }
  return all;
}

Result<WorkflowReport> AutomatedAnalyticsWorkflow::run_automated_analysis(const std::vector<std::string>& run_ids) const {
  TRADEWIND_TRY(check(criteria_));
  WorkflowReport report;
  TRADEWIND_ASSIGN(report.runs, scan_runs(run_ids));
  report.scanned_runs = report.runs.size();
  TRADEWIND_ASSIGN(report.analyses, analyze_runs(report.runs));
  report.qualified_runs =
      static_cast<std::size_t>(std::count_if(report.runs.begin(), report.runs.end(), [](const auto& run) { return run.qualified; }));
  TRADEWIND_ASSIGN(report.selected_combinations, rank_combinations(report.analyses));
  TRADEWIND_ASSIGN(report.replay_configurations, prepare_replays(report.analyses, report.selected_combinations));
  if (criteria_.auto_execute_replay) {
    TRADEWIND_ASSIGN(report.replay_results, execute_replays(report.replay_configurations));
  }
  report.recommendations = recommend(report.analyses, report.selected_combinations);
  return report;
}

}  // namespace tradewind::workflow
