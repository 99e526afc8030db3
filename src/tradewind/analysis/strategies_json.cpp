// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/analysis/analysis_internal.hpp"
#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/metrics/benchmark.hpp"
#include "tradewind/replay/replay_strategy_json.hpp"

namespace tradewind::analysis {
namespace {

Json performance_json(const metrics::PerformanceMetrics& performance) {
  Json undefined = Json::object();
  Json json = metrics_json(performance, undefined);
  if (!undefined.empty()) json["undefined"] = std::move(undefined);
  return json;
}

/// The whole span as the sweep stored it.
Json stored_json(const workspace::SignalMetadata& row, const std::vector<std::string>& columns) {
  Json json = Json::object();
  for (std::size_t i = 0; i < metrics::kMetricCount; ++i) {
    const std::string name(enum_name(static_cast<metrics::Metric>(i)));
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found != columns.end()) json[name] = number_or_null(row.values[static_cast<std::size_t>(found - columns.begin())]);
  }
  json["total_trades"] = row.total_trades;
  json["total_fills"] = row.total_fills;
  json["bars"] = row.total_signals;
  json["unit"] = "trade";
  return json;
}

Json parameters_json(const workspace::SignalMetadata& row) {
  Json json = Json::object();
  for (const auto& parameter : row.parameters) std::visit([&](const auto& value) { json[parameter.name] = value; }, parameter.value);
  return json;
}

/// Seven quantiles of the returns of the bars in the market, linear between order statistics.
Json quantiles_json(std::vector<double> returns) {
  std::erase(returns, 0.0);
  if (returns.size() < 2) return nullptr;
  std::sort(returns.begin(), returns.end());
  Json json = Json::array();
  for (const double p : {0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0}) {
    const double at = p * static_cast<double>(returns.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    const double share = at - static_cast<double>(low);
    json.push_back(returns[low] + (low + 1 < returns.size() ? share * (returns[low + 1] - returns[low]) : 0));
  }
  return json;
}

void put_interval(Json& json, const char* key, const metrics::Interval& interval) {
  json[key] = interval.defined() ? Json::array({interval.low, interval.high}) : Json(nullptr);
}

}  // namespace

Json strategies_json(const Analysis& analysis, const std::vector<std::string>& metric_columns) {
  Json all = Json::array();
  const auto& selected = analysis.selection.selected;
  for (const DescribedStrategy& detail : analysis.details) {
    const StudiedStrategy& s = analysis.of(detail);
    const workspace::SignalMetadata& row = analysis.row(detail);
    const bool is_selected = analysis.selection.qualified && std::find(selected.begin(), selected.end(), detail.strategy) != selected.end();
    const std::string& reason = analysis.selection.reasons[detail.strategy];
    Json json = {{"strategy_id", row.strategy_id},
                 {"strategy_type", row.strategy_type},
                 {"symbol", row.symbol},
                 {"parameters", parameters_json(row)}};
    json["status"] = is_selected ? "selected" : reason.empty() ? "candidate" : "rejected";
    json["reason"] = reason;
    for (const Combination& combination : analysis.selection.combinations)
      if (!is_selected && reason.empty() && combination.strategy == detail.strategy) {
        json["reason"] = combination.reason;
        break;
      }
    json["selection"] = performance_json(s.selection);
    json["holdout"] = performance_json(s.holdout);
    json["full"] = s.full ? performance_json(*s.full) : stored_json(row, metric_columns);
    put_interval(json, "sharpe_interval", detail.sharpe_interval);
    json["psr"] = number_or_null(s.psr.number);
    json["dsr"] = number_or_null(s.dsr.number);
    json["family_wise_p"] = number_or_null(s.family_wise_p.number);
    const std::size_t rows = std::min(analysis.study.split.selection_bars, detail.returns.size());
    json["returns"]["quantiles"] = quantiles_json({detail.returns.begin(), detail.returns.begin() + static_cast<std::ptrdiff_t>(rows)});
    json["regimes"] = Json::object();
    const auto own = analysis.study.classifiers_of(row.symbol);
    Json undefined = Json::object();
    for (std::size_t i = 0; i < own.size() && i < detail.regimes.size(); ++i)
      json["regimes"][analysis.study.classifiers[own[i]].metadata.classifier_id] = regimes_json(detail.regimes[i], undefined, "");
    all.push_back(std::move(json));
  }
  return all;
}

Json classifiers_json(const Analysis& analysis) {
  Json all = Json::array();
  for (std::size_t c = 0; c < analysis.study.classifiers.size(); ++c) {
    const auto& m = analysis.study.classifiers[c].metadata;
    double score = 0;
    std::size_t counted = 0;
    for (const Combination& combination : analysis.selection.combinations) {
      const auto& selected = analysis.selection.selected;
      if (combination.classifier != c || !combination.score.defined() ||
          std::find(selected.begin(), selected.end(), combination.strategy) == selected.end())
        continue;
      score += combination.score.number;
      ++counted;
    }
    all.push_back({{"classifier_id", m.classifier_id},
                   {"classifier_type", m.classifier_type},
                   {"symbol", m.symbol},
                   {"labels", m.labels},
                   {"hindsight", m.hindsight},
                   {"regime_counts", m.regime_counts},
                   {"avg_regime_duration", m.avg_regime_duration},
                   {"transition_matrix", m.transition_matrix},
                   {"best", analysis.selection.classifier == c},
                   {"score", counted > 0 ? Json(score / static_cast<double>(counted)) : Json(nullptr)}});
  }
  return all;
}

/// Of a selected combination as it is held; null for the others, which nothing holds.
static Json held_sharpe(const Analysis& analysis, const Combination& combination, const std::vector<metrics::PerformanceMetrics>& members) {
  const auto& selected = analysis.selection.selected;
  const auto at = static_cast<std::size_t>(std::ranges::find(selected, combination.strategy) - selected.begin());
  return combination.selected && at < members.size() ? number_or_null(members[at][metrics::Metric::sharpe_ratio]) : Json(nullptr);
}

Json combinations_json(const Analysis& analysis) {
  Json all = Json::array();
  for (std::size_t i = 0; i < analysis.selection.combinations.size(); ++i) {
    const Combination& c = analysis.selection.combinations[i];
    if (i >= kShownStrategies && !c.selected) continue;
    const StudiedStrategy& s = analysis.study.strategies[c.strategy];
    Json trade_in = Json::array(), avoid = Json::array();
    if (c.classifier) {
      const auto& labels = analysis.study.classifiers[*c.classifier].metadata.labels;
      for (std::size_t r = 0; r < labels.size(); ++r) (s.fits[c.fit].trade_in[r] ? trade_in : avoid).push_back(labels[r]);
    }
    all.push_back({{"rank", i + 1},
                   {"strategy_id", analysis.study.row_of(s).strategy_id},
                   {"classifier_id", c.classifier ? Json(analysis.study.classifiers[*c.classifier].metadata.classifier_id) : Json(nullptr)},
                   {"score", number_or_null(c.score.number)},
                   {"selection_sharpe", number_or_null(s.selection[metrics::Metric::sharpe_ratio])},
                   {"holdout_sharpe", number_or_null(s.holdout[metrics::Metric::sharpe_ratio])},
                   {"dsr", number_or_null(s.dsr.number)},
                   {"trade_in", std::move(trade_in)},
                   {"avoid", std::move(avoid)},
                   {"held_selection_sharpe", held_sharpe(analysis, c, analysis.results.selection)},
                   {"held_holdout_sharpe", held_sharpe(analysis, c, analysis.results.holdout)},
                   {"selected", analysis.selection.qualified && c.selected},
                   {"reason", c.reason}});
  }
  return all;
}

Json ensemble_section_json(const Analysis& analysis, const AnalysisOptions& options) {
  const EnsembleStudy& e = analysis.ensemble;
  if (e.strategies.empty()) return nullptr;
  Json json = {{"objective", enum_name(options.ensemble.objective)}, {"status", e.status}, {"reason", e.reason}};
  const auto weights = [&](const std::vector<double>& w) {
    Json by_id = Json::object();
    for (std::size_t i = 0; i < w.size(); ++i)
      if (w[i] > 0) by_id[e.strategies[i]] = w[i];
    return by_id;
  };
  json["classifier_id"] = analysis.selection.classifier
                              ? Json(analysis.study.classifiers[*analysis.selection.classifier].metadata.classifier_id)
                              : Json(nullptr);
  json["strategies"] = e.strategies;
  json["members"] = Json::array();
  for (const auto& held : e.held) json["members"].push_back(replay::strategy_json(held));
  json["weights"] = Json::object();
  for (std::size_t r = 0; r < e.regimes.size(); ++r) json["weights"][e.regimes[r]] = weights(e.regime_weights[r]);
  json["global_weights"] = weights(e.global);
  json["fallback"] = e.fallback;
  json["excluded"] = Json::object();
  json["performance"] = Json::array();
  for (const HoldingPath& path : analysis.results.paths) {
    Json one = {{"name", path.name}, {"kind", path.kind}};
    if (!path.strategy_id.empty()) one["strategy_id"] = path.strategy_id;
    one["selection"] = performance_json(path.selection);
    one["holdout"] = performance_json(path.holdout);
    put_interval(one["holdout"]["intervals"], "sharpe_ratio", path.holdout_sharpe);
    one["switching_costs"] = number_or_null(path.switching_costs.number);
    one["turnover"] = number_or_null(path.turnover.number);
    json["performance"].push_back(std::move(one));
  }
  json["confirm_bars"] = analysis.results.confirm_bars;
  json["confirm_tried"] = Json::object();
  for (const auto& [bars, sharpe] : analysis.results.confirm_tried) json["confirm_tried"][std::to_string(bars)] = number_or_null(sharpe);
  json["adaptive"] = analysis.results.adaptive;
  return json;
}

Json ensemble_benchmark_json(const Analysis& analysis, const metrics::ReturnOptions& options,
                             const std::optional<AnalysisBenchmark>& benchmark) {
  const auto& paths = analysis.results.paths;
  const auto of_kind = [&](std::string_view kind) {
    return std::find_if(paths.begin(), paths.end(), [&](const HoldingPath& path) { return path.kind == kind; });
  };
  const auto ours = of_kind("ensemble"), held = of_kind("baseline");
  if (ours == paths.end() || held == paths.end() || (benchmark && benchmark->returns.size() != ours->returns.size())) return nullptr;
  const auto& times = analysis.ensemble.timestamp;
  const auto first = std::lower_bound(times.begin(), times.end(), analysis.study.split.boundary) - times.begin();
  const auto part = [&](const std::vector<double>& returns) { return std::span(returns).subspan(static_cast<std::size_t>(first)); };
  Json json = {{"name", benchmark ? benchmark->name : held->name}, {"of", "holdout"}};
  json.update(benchmark_json(metrics::compare_with_benchmark(part(ours->returns), part(benchmark ? benchmark->returns : held->returns),
                                                             metrics::RiskFree(options.risk_free, options.periods_per_year),
                                                             options.periods_per_year)));
  return json;
}

}  // namespace tradewind::analysis
