// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "tradewind/analysis/analysis_internal.hpp"
#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/analysis/patterns_json.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/version.hpp"

namespace tradewind::analysis {
namespace {

/// Patterns listed in the document, most significant first.
constexpr std::size_t kShownPatterns = 20;

Json value_json(const metrics::Value& value, Json& undefined, const char* name) {
  if (!value.defined()) undefined[name] = enum_name(value.why);
  return number_or_null(value.number);
}

}  // namespace

Json provenance_json(RunInput& input, const AnalysisOptions& options, std::size_t bars) {
  const workspace::RunMetadata& m = input.metadata();
  const metrics::TradeTables::Options& e = input.execution();
  Json data = Json::array();
  for (const auto& source : m.execution.data)
    data.push_back({{"symbol", source.symbol}, {"file", Path(source.path).filename()}, {"sha256", input.data_hash(source.symbol)}});
  Json config = read_json(m.config);
  if (config.is_discarded()) config = nullptr;
  return {{"tradewind_version", TRADEWIND_VERSION},
          {"seed", options.seed},
          {"symbols", m.symbols},
          {"data", std::move(data)},
          {"start", format_time(m.start_date)},
          {"end", format_time(m.end_date)},
          {"bars", bars},
          {"periods_per_year", m.periods_per_year},
          {"fill", enum_name(e.fill)},
          {"commission_rate", e.costs.commission_rate},
          {"slippage_model", enum_name(e.costs.slippage_model)},
          {"slippage_bps", e.costs.slippage_bps},
          {"risk_free", e.risk_free},
          {"config", std::move(config)}};
}

Json funnel_json(const Selection& selection) {
  Json all = Json::array();
  for (const FunnelStage& stage : selection.funnel)
    all.push_back({{"stage", stage.stage}, {"strategies", stage.strategies}, {"rejected", stage.rejected}, {"reason", stage.reason}});
  return all;
}

Json overfitting_json(const Analysis& analysis) {
  const metrics::OverfitReport& r = analysis.bias.report;
  const metrics::FamilyWise& luck = analysis.study.luck;
  Json undefined = Json::object();
  Json json = {{"trials", r.trials},
               {"effective_trials", luck.effective_trials.defined() ? luck.effective_trials.number : r.effective_trials},
               {"participation_trials", r.effective_trials},
               {"clustered_trials", r.clustered_trials},
               {"looked_at", analysis.bias.looked_at}};
  json["best"] = r.best < analysis.study.strategies.size() ? Json(analysis.study.row_of(analysis.study.strategies[r.best]).strategy_id)
                                                           : Json(nullptr);
  json["sharpe_per_period"] = value_json(r.sharpe_per_period, undefined, "sharpe_per_period");
  json["psr"] = value_json(r.psr, undefined, "psr");
  json["expected_max_sharpe"] = value_json(r.expected_max_sharpe, undefined, "expected_max_sharpe");
  json["dsr"] = value_json(r.dsr, undefined, "dsr");
  json["dsr_clustered"] = value_json(r.dsr_clustered, undefined, "dsr_clustered");
  json["min_track_record"] = value_json(r.min_track_record, undefined, "min_track_record");
  json["pbo"] = value_json(r.pbo.pbo, undefined, "pbo");
  json["pbo_splits"] = r.pbo.splits;
  json["loss_probability"] = value_json(r.pbo.loss_probability, undefined, "loss_probability");
  const auto id = [&](std::size_t i) { return analysis.study.row_of(analysis.study.strategies[i]).strategy_id; };
  json["benchmark"] = analysis.study.benchmark == "0" ? Json(0) : Json(analysis.study.benchmark);
  json["family_wise_p"] = value_json(luck.p_best, undefined, "family_wise_p");
  json["family_wise_method"] = enum_name(luck.method);
  json["family_wise_best"] = luck.p_best.defined() ? Json(id(luck.best)) : Json(nullptr);
  json["believed"] = Json::array();
  for (const std::size_t i : luck.believed) json["believed"].push_back(id(i));
  json["expected_max_null"] = value_json(luck.expected_max, undefined, "expected_max_null");
  json["dsr_null"] = value_json(luck.dsr_null, undefined, "dsr_null");
  json["flat"] = std::count_if(analysis.study.strategies.begin(), analysis.study.strategies.end(),
                               [](const auto& s) { return s.moments_undefined == metrics::Undefined::zero_variance; });
  json["undefined"] = std::move(undefined);
  return json;
}

Json pattern_section_json(const Analysis& analysis) {
  const discovery::MinedPatterns& mined = analysis.patterns;
  Json significant = Json::array();
  std::size_t structural = 0;
  for (const auto& pattern : mined.patterns) {
    structural += pattern.structural ? 1 : 0;
    if (pattern.profitable && significant.size() < kShownPatterns) significant.push_back(pattern_json(pattern));
  }
  Json transitions = Json::array();
  for (const auto& transition : analysis.transitions.transitions)
    if (transitions.size() < kShownPatterns) transitions.push_back(transition_json(transition));
  return {{"symbol", analysis.mined_symbol.empty() ? Json(nullptr) : Json(analysis.mined_symbol)},
          {"tested", mined.tested},
          {"bars", mined.bars},
          {"holdout_bars", mined.holdout_bars},
          {"significant", std::move(significant)},
          {"structural", structural},
          {"tested_transitions", analysis.transitions.tested},
          {"transitions", std::move(transitions)},
          {"model", analysis.mined_symbol.empty() ? Json(nullptr) : skill_json(analysis.model)}};
}

Json selection_document_json(const Analysis& analysis, const std::string& run_id, std::size_t most) {
  const Selection& selection = analysis.selection;
  const auto& all = analysis.study.strategies;
  std::map<std::size_t, const Combination*> best;
  for (const Combination& combination : selection.combinations) best.try_emplace(combination.strategy, &combination);
  Json::object_t strategies;
  for (std::size_t i = 0; i < all.size() && i < most; ++i) {
    const auto found = best.find(i);
    const bool selected =
        selection.qualified && std::find(selection.selected.begin(), selection.selected.end(), i) != selection.selected.end();
    const std::string& rejected = selection.reasons[i];
    strategies.emplace_back(analysis.study.row_of(all[i]).strategy_id, Json{{"status", selected           ? "selected"
                                                                                       : rejected.empty() ? "candidate"
                                                                                                          : "rejected"},
                                                                            {"reason", selected              ? std::string()
                                                                                       : !rejected.empty()   ? rejected
                                                                                       : found != best.end() ? found->second->reason
                                                                                                             : std::string()}});
  }
  return {{"schema", "tradewind.selection/1"},
          {"run_id", run_id},
          {"strategies", Json(std::move(strategies))},
          {"left_out", all.size() - std::min(all.size(), most)}};
}

}  // namespace tradewind::analysis
