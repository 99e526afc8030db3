// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "tradewind/analysis/analysis_internal.hpp"
#include "tradewind/analysis/analysis_report.hpp"
#include "tradewind/analysis/pattern_study.hpp"
#include "tradewind/analysis/short_record_json.hpp"
#include "tradewind/base/hash.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/metrics/bootstrap.hpp"
#include "tradewind/notifications/analytics_events.hpp"
#include "tradewind/version.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::analysis {
namespace {

using metrics::Metric;

/// Strategies whose signals are mined for patterns.
constexpr std::size_t kMinedStrategies = 10;
/// Strategies of analytics/regime_performance.json; the catalog's regime columns have all of them.
constexpr std::size_t kRegimeRows = 20'000;

/// Hash of all that the result depends on. Data that may have changed since the sweep are read for it.
Result<std::string> input_hash(RunInput& input, const std::vector<workspace::SignalMetadata>& rows, const AnalysisOptions& options) {
  Sha256 hash;
  const workspace::RunMetadata& m = input.metadata();
  hash.update(TRADEWIND_VERSION);
  hash.update(
      "one verdict, every reason, luck by the family-wise test against holding, what was scored is held, one window, weights that adapt, "
      "patterns advise");
  hash.update(m.run_id);
  hash.update(m.config);
  if (options.benchmark) {
    hash.update("benchmark " + options.benchmark->name);
    for (const double one : options.benchmark->returns) hash.update(number_text(one) + ";");
  }
  if (m.workflow_type == "live") hash.update("nothing annualised of a short record");
  if (m.execution.accounts) hash.update("there is nothing that could have been held");
  for (const auto& [file, sha] : m.data_hashes) hash.update(file + sha);
  for (const auto& one : m.execution.data)
    hash.update(fmt::format("{}:{}:{}:{}", one.symbol, one.sha256, one.fill, number_text(one.periods_per_year)));
  if (input.allows_changed_data()) {
    TRADEWIND_TRY(input.timeline());
    for (const std::string& symbol : m.symbols) hash.update(symbol + input.data_hash(symbol));
  }
  for (const auto& row : rows) hash.update(fmt::format("{}:{:x}:{};", row.strategy_id, row.parameter_hash, row.signal_changes));
  const auto& e = input.execution();
  const auto& o = options.ensemble;
  hash.update(to_json(options.criteria).dump());
  hash.update(Json{e.costs.commission_rate, e.costs.slippage_bps, static_cast<int>(e.costs.slippage_model), static_cast<int>(e.fill),
                   e.periods_per_year, e.risk_free, options.holdout, options.seed, static_cast<int>(o.objective),
                   static_cast<int>(o.covariance), o.constraints.min_weight, o.constraints.max_weight, o.constraints.max_strategies,
                   o.constraints.turnover_penalty, o.constraints.max_correlation, o.minimum_acceptable_return, o.cvar_level}
                  .dump());
  return hash.hex();
}

/// The best strategy of every symbol and type, at most kCorrelatedStrategies of them, best first.
template <class Sharpe>
std::vector<std::size_t> best_of_each_kind(const Study& study, const Sharpe& sharpe) {
  std::map<std::pair<std::string, std::string>, std::size_t> best;
  for (std::size_t i = 0; i < study.strategies.size(); ++i) {
    if (study.strategies[i].moments_undefined != metrics::Undefined::defined) continue;
    const auto& row = study.row_of(study.strategies[i]);
    const auto [at, fresh] = best.try_emplace({row.symbol, row.strategy_type}, i);
    if (!fresh && sharpe(i) > sharpe(at->second)) at->second = i;
  }
  std::vector<std::size_t> all;
  for (const auto& [kind, i] : best) all.push_back(i);
  std::stable_sort(all.begin(), all.end(), [&](std::size_t a, std::size_t b) { return sharpe(a) > sharpe(b); });
  all.resize(std::min(all.size(), kCorrelatedStrategies));
  return all;
}

/// The strategies described in full: the best by Sharpe ratio, the best of each kind, those selected, and the one that costs hurt most.
std::vector<std::size_t> shown(const Study& study, const Selection& selection) {
  const auto sharpe = [&](std::size_t i) {
    const auto& m = study.strategies[i].selection;
    return m.why(Metric::sharpe_ratio) == metrics::Undefined::defined ? m[Metric::sharpe_ratio] : -std::numeric_limits<double>::infinity();
  };
  std::vector<std::size_t> order(study.strategies.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto better = [&](std::size_t a, std::size_t b) { return sharpe(a) != sharpe(b) ? sharpe(a) > sharpe(b) : a < b; };
  const std::size_t best = std::min(order.size(), kShownStrategies);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(best), order.end(), better);
  order.resize(best);
  std::size_t dead = study.strategies.size();
  for (std::size_t i = 0; i < study.strategies.size(); ++i) {
    const auto& m = study.strategies[i].selection;
    if (!(m[Metric::gross_sharpe] > 0 && m[Metric::net_sharpe] < 0)) continue;
    if (dead == study.strategies.size() || m[Metric::gross_sharpe] > study.strategies[dead].selection[Metric::gross_sharpe]) dead = i;
  }
  std::vector<std::size_t> more = selection.selected;
  const auto kinds = best_of_each_kind(study, sharpe);
  more.insert(more.end(), kinds.begin(), kinds.end());
  if (dead < study.strategies.size()) more.push_back(dead);
  for (const std::size_t i : more)
    if (std::find(order.begin(), order.end(), i) == order.end()) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), better);
  return order;
}

/// One analysis from the study to the document.
class Analyst {
 public:
  Analyst(const Path& root, RunInput& input, const AnalysisOptions& options) : root_(root), input_(input), options_(options) {
    study_options_ = {options.holdout,  options.seed,         options.threads,
                      options.progress, options.cancellation, options.benchmark ? &*options.benchmark : nullptr};
    annual_.periods_per_year = input.execution().periods_per_year;
    annual_.risk_free = input.execution().risk_free;
    bootstrap_.seed = options.seed;
  }
  Status compute();
  Json document(const std::string& hash);
  Status unpack_selected() const;
  Status store(const Json& document) const;

 private:
  Status find_clock();
  Status describe();
  Status describe_one(DescribedStrategy& detail) const;
  Status correlate();
  Status mine();
  Status pause() const {
    return options_.cancellation != nullptr && options_.cancellation->requested() ? Status(interrupted_error()) : Status();
  }
  void step(std::uint64_t done) const { options_.progress->update("analysis", done, 6, "parts"); }
  Json regime_performance(const Json& document) const;
  std::vector<workspace::CatalogColumn> columns() const;

  const Path& root_;
  RunInput& input_;
  const AnalysisOptions& options_;
  StudyOptions study_options_;
  metrics::ReturnOptions annual_;
  metrics::BootstrapOptions bootstrap_;
  Analysis analysis_;
  bool short_session_ = false;  ///< a trading session that is no track record yet; known once the document is made
};

Status Analyst::compute() {
  TRADEWIND_ASSIGN(analysis_.study, study_run(input_, study_options_));
  step(0);
  TRADEWIND_ASSIGN(analysis_.bias, measure_selection_bias(input_, analysis_.study, study_options_));
  if (analysis_.bias.looked_at < analysis_.study.rows.size())
    analysis_.notes.push_back(fmt::format("PBO, the participation and the number of families come from {} strategies of {}: {}",
                                          analysis_.bias.looked_at, analysis_.study.rows.size(),
                                          analysis_.bias.sampled ? "evenly chosen ones" : "the others never moved"));
  if (std::string apart = input_.apart(input_.metadata().symbols); !apart.empty()) analysis_.notes.push_back(std::move(apart));
  if (input_.has_other_costs())
    analysis_.notes.emplace_back("the costs are not the run's own: nothing is added to its catalog, whose figures are of those");
  step(1);
  TRADEWIND_TRY(pause());
  TRADEWIND_ASSIGN(analysis_.selection, select_strategies(input_, analysis_.study, options_.criteria));
  step(2);
  TRADEWIND_TRY(pause());
  ensemble::EnsembleOptions weights = options_.ensemble;
  weights.periods_per_year = annual_.periods_per_year;
  weights.risk_free = annual_.risk_free;
  weights.threads = options_.threads;
  TRADEWIND_ASSIGN(analysis_.ensemble, weigh_selection(input_, analysis_.study, analysis_.selection, options_.criteria, weights));
  if (!analysis_.ensemble.strategies.empty()) {
    const auto& classifier = analysis_.selection.classifier;
    const std::string classifier_id = classifier ? analysis_.study.classifiers[*classifier].metadata.classifier_id : std::string();
    TRADEWIND_ASSIGN(analysis_.results, replay_ensemble(input_, analysis_.study, analysis_.ensemble, classifier_id, options_));
  }
  TRADEWIND_TRY(find_clock());
  step(3);
  TRADEWIND_TRY(pause());
  TRADEWIND_TRY(describe());
  TRADEWIND_TRY(correlate());
  step(4);
  TRADEWIND_TRY(mine());
  step(6);
  options_.progress->finish();
  return {};
}

/// Months are those of the exchange where everything that is held has one clock.
Status Analyst::find_clock() {
  if (analysis_.ensemble.strategies.empty()) return {};
  TRADEWIND_ASSIGN(const auto rows, input_.run().strategies(analysis_.ensemble.strategies));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    TRADEWIND_TRY(input_.series(rows[i].symbol));
    auto clock = input_.clock_of(rows[i].symbol);
    if (i == 0) analysis_.clock = clock;
    if (same_months(clock, analysis_.clock, analysis_.ensemble.timestamp)) continue;
    analysis_.clock.clear();
    analysis_.notes.emplace_back("monthly returns are by UTC: the symbols held have different clocks");
    break;
  }
  return {};
}

Status Analyst::describe() {
  std::vector<std::string> ids;
  for (const std::size_t i : shown(analysis_.study, analysis_.selection)) {
    analysis_.details.push_back({i, {}, {}, {}});
    ids.push_back(analysis_.study.row_of(analysis_.study.strategies[i]).strategy_id);
  }
  TRADEWIND_ASSIGN(replay::ReturnTable table, input_.returns_on_timeline(ids));
  for (std::size_t i = 0; i < ids.size(); ++i) analysis_.details[i].returns = std::move(table.returns[i]);
  for (const DescribedStrategy& detail : analysis_.details) {
    TRADEWIND_TRY(input_.series(analysis_.row(detail).symbol));
  }
  return parallel_for(
      ids.size(), options_.threads, [&](std::size_t i) { return describe_one(analysis_.details[i]); }, options_.cancellation);
}

/// Regimes are those of the strategy's own symbol, so its returns are taken back from the timeline to the symbol's bars.
Status Analyst::describe_one(DescribedStrategy& detail) const {
  const HoldoutSplit& split = analysis_.study.split;
  const std::size_t rows = std::min(split.selection_bars, detail.returns.size());
  const std::span<const double> past(detail.returns.data(), rows);
  TRADEWIND_ASSIGN(detail.sharpe_interval, metrics::sharpe_interval(past, bootstrap_));
  const double annualise = std::sqrt(annual_.periods_per_year);
  detail.sharpe_interval.low *= annualise;
  detail.sharpe_interval.high *= annualise;
  const std::string& symbol = analysis_.row(detail).symbol;
  const auto own = analysis_.study.classifiers_of(symbol);
  if (own.empty()) return {};
  TRADEWIND_ASSIGN(const std::span<const UnixNanos> timeline, input_.timeline());
  TRADEWIND_ASSIGN(const market::Bars* const held, input_.series(symbol));
  const market::Bars& bars = *held;
  const std::size_t count = split.rows(bars.timestamp);
  std::vector<double> returns(count);
  for (std::size_t bar = 0; bar < count; ++bar)
    returns[bar] =
        detail
            .returns[static_cast<std::size_t>(std::lower_bound(timeline.begin(), timeline.end(), bars.timestamp[bar]) - timeline.begin())];
  for (const std::size_t c : own) {
    const StudiedClassifier& classifier = analysis_.study.classifiers[c];
    std::vector<std::int8_t> state(classifier.state.begin(), classifier.state.begin() + static_cast<std::ptrdiff_t>(count));
    TRADEWIND_ASSIGN(auto report, metrics::regime_slices(returns, {state, classifier.metadata.labels, true}, annual_, bootstrap_));
    detail.regimes.push_back(std::move(report));
  }
  return {};
}

Status Analyst::correlate() {
  const std::size_t rows = analysis_.study.split.selection_bars;
  std::vector<bool> wanted(analysis_.details.size(), false);
  const auto& selected = analysis_.selection.selected;
  std::set<std::pair<std::string, std::string>> kinds;
  std::size_t count = 0;
  for (std::size_t d = 0; d < wanted.size(); ++d) {
    const auto& row = analysis_.row(analysis_.details[d]);
    const bool is_selected = std::find(selected.begin(), selected.end(), analysis_.details[d].strategy) != selected.end();
    wanted[d] = is_selected || (count < kCorrelatedStrategies && kinds.emplace(row.symbol, row.strategy_type).second);
    count += wanted[d] ? 1 : 0;
  }
  for (std::size_t d = 0; d < wanted.size() && count < kCorrelatedStrategies; ++d)
    if (!wanted[d]) wanted[d] = true, ++count;
  for (std::size_t d = 0; d < wanted.size(); ++d) {
    const DescribedStrategy& detail = analysis_.details[d];
    if (!wanted[d] || analysis_.of(detail).moments_undefined != metrics::Undefined::defined) continue;
    analysis_.correlated.push_back(d);
    analysis_.correlated_panel.add(analysis_.row(detail).strategy_id, std::span(detail.returns).first(rows));
  }
  if (analysis_.correlated.empty()) return {};
  TRADEWIND_ASSIGN(analysis_.correlation, ensemble::correlation_matrix(analysis_.correlated_panel, ensemble::CorrelationKind::sample,
                                                                       options_.threads, options_.cancellation));
  return {};
}

Status Analyst::mine() {
  if (analysis_.details.empty()) return {};
  const std::string symbol = analysis_.row(analysis_.details.front()).symbol;
  std::vector<std::string> ids;
  for (const DescribedStrategy& detail : analysis_.details)
    if (analysis_.row(detail).symbol == symbol && ids.size() < kMinedStrategies) ids.push_back(analysis_.row(detail).strategy_id);
  std::string classifier;
  if (analysis_.selection.classifier) {
    const auto& metadata = analysis_.study.classifiers[*analysis_.selection.classifier].metadata;
    if (metadata.symbol == symbol) classifier = metadata.classifier_id;
  }
  PatternInput mined;
  TRADEWIND_TRY(read_pattern_input(input_, ids, symbol, classifier, root_, mined));
  discovery::MinerOptions options;
  options.holdout = options_.holdout;
  options.seed = options_.seed;
  options.threads = options_.threads;
  options.excess = true;
  TRADEWIND_ASSIGN(options.cost, occurrence_cost(input_, symbol));
  TRADEWIND_ASSIGN(const auto miner, discovery::PatternMiner::make(options));
  TRADEWIND_ASSIGN(analysis_.patterns, miner.mine_patterns(mined.streams, mined.returns, {mined.states, mined.labels}, mined.events,
                                                           mined.around, options_.cancellation));
  TRADEWIND_ASSIGN(analysis_.transitions, miner.find_regime_patterns({mined.states, mined.labels}, mined.returns, options_.cancellation));
  TRADEWIND_ASSIGN(analysis_.model,
                   test_model(mined.streams, mined.returns, {mined.states, mined.labels}, options, {}, options_.cancellation));
  analysis_.mined_symbol = symbol;
  return {};
}

Json Analyst::document(const std::string& hash) {
  const Analysis& a = analysis_;
  const auto& metric_columns = input_.run().metric_columns();
  Json json = {
      {"schema", "tradewind.analyze/1"}, {"run_id", input_.metadata().run_id}, {"input_hash", hash}, {"qualified", a.selection.qualified}};
  json["provenance"] = provenance_json(input_, options_, a.study.split.selection_bars + a.study.split.holdout_bars);
  json["criteria"] = to_json(options_.criteria);
  json["split"] = {{"holdout", a.study.split.holdout},
                   {"boundary", format_time(a.study.split.boundary)},
                   {"selection_bars", a.study.split.selection_bars},
                   {"holdout_bars", a.study.split.holdout_bars}};
  json["funnel"] = funnel_json(a.selection);
  json["strategies"] = strategies_json(a, metric_columns);
  json["classifiers"] = classifiers_json(a);
  json["overfitting"] = overfitting_json(a);
  json["correlation"] =
      a.correlated.empty() ? Json(nullptr) : correlation_json(a.correlated_panel, a.correlation, options_.criteria.max_correlation);
  json["patterns"] = pattern_section_json(a);
  json["combinations"] = combinations_json(a);
  json["ensemble"] = ensemble_section_json(a, options_);
  if (json["ensemble"].is_object()) json["ensemble"]["benchmark"] = ensemble_benchmark_json(a, annual_, options_.benchmark);
  json["curves"] = curves_json(a);
  json["monthly_returns"] = monthly_json(a);
  json["rolling_sharpe"] = rolling_json(a, annual_.periods_per_year);
  json["parameter_surface"] = parameter_surface_json(a);
  json["findings"] = findings_json(a, options_, annual_.periods_per_year);
  short_session_ = input_.metadata().workflow_type == "live" && short_record_years(json);
  if (short_session_) leave_out_annualised(json);
  const Verdict verdict = judge(json);
  json["verdict"] = to_json(verdict);
  json["recommendations"] = recommendations_json(json, verdict);
  json["notes"] = a.notes;
  return json;
}

/// {strategy: {classifier: {label: figures}}} of every strategy: the whole slice of those shown, bars and Sharpe ratio of the others.
Json Analyst::regime_performance(const Json& document) const {
  Json::object_t strategies;  // filled by appending: looking keys up in an ordered object takes time in proportion to their number
  std::set<std::string> shown;
  for (const Json& one : document["strategies"]) {
    shown.insert(one["strategy_id"].get<std::string>());
    strategies.emplace_back(one["strategy_id"].get<std::string>(), one["regimes"]);
  }
  std::map<std::string, std::vector<std::size_t>> of_symbol;
  for (const StudiedStrategy& s : analysis_.study.strategies) {
    const auto& row = analysis_.study.row_of(s);
    if (strategies.size() >= kRegimeRows || shown.contains(row.strategy_id)) continue;
    const auto [own, fresh] = of_symbol.try_emplace(row.symbol);
    if (fresh) own->second = analysis_.study.classifiers_of(row.symbol);
    Json regimes = Json::object();
    for (std::size_t i = 0; i < s.fits.size(); ++i) {
      const auto& metadata = analysis_.study.classifiers[own->second[i]].metadata;
      for (std::size_t r = 0; r < metadata.labels.size(); ++r)
        regimes[metadata.classifier_id][metadata.labels[r]] = {{"bars", s.fits[i].bars[r]},
                                                               {"sharpe_ratio", number_or_null(s.fits[i].sharpe_ratio[r].number)}};
    }
    strategies.emplace_back(row.strategy_id, std::move(regimes));
  }
  return {{"schema", "tradewind.regime_performance/1"},
          {"run_id", input_.metadata().run_id},
          {"part", "selection"},
          {"strategies", Json(std::move(strategies))}};
}

std::vector<workspace::CatalogColumn> Analyst::columns() const {
  workspace::CatalogColumn psr{kAnalysisColumns[0], {}}, dsr{kAnalysisColumns[1], {}}, selection{kAnalysisColumns[2], {}},
      holdout{kAnalysisColumns[3], {}}, family{kAnalysisColumns[4], {}};
  for (const StudiedStrategy& s : analysis_.study.strategies) {
    const std::string& id = analysis_.study.row_of(s).strategy_id;
    psr.values[id] = s.psr.number;
    dsr.values[id] = s.dsr.number;
    family.values[id] = s.family_wise_p.number;
    selection.values[id] = short_session_ ? std::nan("") : s.selection[Metric::sharpe_ratio];
    holdout.values[id] = short_session_ ? std::nan("") : s.holdout[Metric::sharpe_ratio];
  }
  return {std::move(psr), std::move(dsr), std::move(selection), std::move(holdout), std::move(family)};
}

/// What was selected can be opened by any tool on its own, in whichever layout the run is.
Status Analyst::unpack_selected() const {
  if (analysis_.ensemble.strategies.empty()) return {};
  TRADEWIND_TRY(workspace::unpack(root_, input_.metadata().run_id, analysis_.ensemble.strategies, std::nullopt));
  return {};
}

/// The documents come last and together: while they are not there, the analysis has not been made, and doing it again writes the same
/// bytes.
Status Analyst::store(const Json& document) const {
  const std::string& run_id = input_.metadata().run_id;
  const auto text = [](const Json& json) { return json.dump(1) + "\n"; };
  if (!input_.has_other_costs()) {
    TRADEWIND_TRY(workspace::set_columns(root_, run_id, columns()));
  }
  TRADEWIND_TRY(unpack_selected());
  std::map<std::string, std::string> documents = {
      {kAnalysisDocument, text(document)},
      {"analytics/regime_performance.json", text(regime_performance(document))},
      {"analytics/selection.json", text(selection_document_json(analysis_, input_.metadata().run_id, kRegimeRows))}};
  if (!document["correlation"].is_null()) documents["analytics/correlation_matrix.json"] = text(document["correlation"]);
  if (const Json& e = document["ensemble"]; e.is_object())
    documents["analytics/optimal_weights.json"] = text({{"qualified", document["qualified"]},
                                                        {"verdict", document["verdict"]},
                                                        {"objective", e["objective"]},
                                                        {"status", e["status"]},
                                                        {"members", e["members"]},
                                                        {"classifier_id", e["classifier_id"]},
                                                        {"weights", e["weights"]},
                                                        {"global_weights", e["global_weights"]},
                                                        {"fallback", e["fallback"]}});
  return workspace::write_documents(root_, run_id, documents);
}

void announce(const AnalysisReport& report, const AnalysisOptions& options) {
  if (options.events == nullptr) return;
  notifications::AnalysisReady ready;
  ready.run_id = report.run_id;
  ready.input_hash = report.input_hash;
  ready.path = report.run_id + "/" + kAnalysisDocument;
  for (const Json& stage : report.document["funnel"]) {
    if (stage["stage"] == "scanned") ready.strategies = stage["strategies"];
    if (stage["stage"] == "max_correlation")
      ready.qualified = stage["strategies"].get<std::int64_t>() + stage["rejected"].get<std::int64_t>();  // met the criteria before it
  }
  for (const auto& strategy : report.strategy_performances)
    if (strategy.status == "selected") ready.selected.push_back(strategy.strategy_id);
  options.events->publish(ready);
}

}  // namespace

Result<AnalysisReport> analyze_run(const Path& root, const std::string& run_id, const AnalysisOptions& options) {
  TRADEWIND_TRY(check(options.criteria));
  TRADEWIND_ASSIGN(RunInput input, RunInput::open(run_id, options.data, root));
  if (options.costs) input.set_costs(*options.costs);
  TRADEWIND_ASSIGN(const auto rows, input.run().strategies());
  TRADEWIND_ASSIGN(const std::string hash, input_hash(input, rows, options));
  if (options.use_cache) {
    TRADEWIND_ASSIGN(auto report, stored_report(root, input, hash));
    if (report) return std::move(*report);  // no news
  }
  Analyst analyst(root, input, options);
  TRADEWIND_TRY(analyst.compute());
  Json document = analyst.document(hash);
  TRADEWIND_TRY(analyst.store(document));
  TRADEWIND_ASSIGN(AnalysisReport report, AnalysisReport::from(std::move(document)));
  announce(report, options);
  return report;
}

}  // namespace tradewind::analysis
