// SPDX-License-Identifier: Apache-2.0
// An analysed ensemble as a live strategy.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tradewind/analysis/analytics_coordinator.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/stored_document.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/live/bar_trader.hpp"
#include "tradewind/live/from_run_internal.hpp"
#include "tradewind/replay/replay.hpp"

namespace tradewind::live {
namespace {

using config::MapReader;
using config::Value;

/// The ensemble of an analysed run, before it is known which markets its symbols stand for.
struct RunEnsemble {
  bool qualified = false;  ///< its verdict is to trade, on paper or with money
  std::string verdict;     ///< its headline
  std::vector<BarMember> members;
  std::vector<std::string> symbols;   ///< by member
  std::optional<RegimeRule> regimes;  ///< without its market
  std::string regime_symbol;
  std::optional<metrics::DriftBaseline> expected;  ///< returns per bar at full exposure
};

/// What the ensemble earned per bar on the held-out part, which none of its weights had seen. None where that is undefined.
std::optional<metrics::DriftBaseline> promised(const Json& analysis) {
  const Json& provenance = analysis.at("provenance");
  const double bars = provenance.at("periods_per_year").get<double>();
  for (const Json& path : analysis.at("ensemble").at("performance")) {
    if (path.at("kind") != "ensemble") continue;
    const Json& held_out = path.at("holdout");
    const auto figure = [&](const char* name) { return held_out.at(name).is_number() ? held_out[name].get<double>() : std::nan(""); };
    return returns_per_bar(figure("sharpe_ratio"), figure("volatility"), bars, provenance.value("risk_free", 0.0));
  }
  return std::nullopt;
}

/// Whether a strategy has a weight in some regime, or before one is known.
bool is_held(const replay::SignalReplayConfig& config, std::size_t member) {
  return config.strategies[member].weight > 0 ||
         std::any_of(config.regime_weights.begin(), config.regime_weights.end(), [&](const auto& weights) { return weights[member] > 0; });
}

Result<RunEnsemble> read_ensemble(const std::string& run_id, const Path& workspace) {
  TRADEWIND_ASSIGN(const auto report, analysis::read_analysis(workspace, run_id));
  if (!report.document["ensemble"].is_object() || report.ensemble_weights.at("").empty())
    return Error(Errc::invalid_config, fmt::format("the analysis of run '{}' has no ensemble", run_id), {},
                 "loosen its criteria until some strategies are selected");
  TRADEWIND_ASSIGN(const auto prepared, analysis::AnalyticsCoordinator(workspace).prepare_signal_replay(report));
  TRADEWIND_ASSIGN(const workspace::Run run, workspace::Run::open(workspace, run_id));
  RunEnsemble ensemble;
  ensemble.qualified = report.verdict.level != analysis::VerdictLevel::nothing;
  ensemble.verdict = report.verdict.headline;
  const auto expected = reading_document(analysis::kAnalysisDocument,
                                         [&]() -> Result<std::optional<metrics::DriftBaseline>> { return promised(report.document); });
  if (!expected) return expected.error();
  ensemble.expected = *expected;
  if (!prepared.classifier_id.empty()) {
    TRADEWIND_ASSIGN(RunClassifier classifier, classifier_of_run(run, prepared.classifier_id));
    ensemble.regime_symbol = classifier.symbol;
    ensemble.regimes.emplace(RegimeRule{prepared.classifier_id,
                                        std::move(classifier.classifier),
                                        {},
                                        prepared.config.regimes,
                                        std::vector<std::vector<double>>(prepared.config.regimes.size()),
                                        prepared.config.confirm_bars});
  }
  std::vector<std::string> ids;
  for (const auto& strategy : prepared.config.strategies) ids.push_back(strategy.strategy_id);
  TRADEWIND_ASSIGN(const auto rows, run.strategies(ids));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!is_held(prepared.config, i)) continue;
    TRADEWIND_ASSIGN(BarMember member, member_of(rows[i], prepared.config.strategies[i].weight));
    ensemble.members.push_back(std::move(member));
    ensemble.symbols.push_back(rows[i].symbol);
    for (std::size_t regime = 0; regime < prepared.config.regimes.size(); ++regime)
      ensemble.regimes->weights[regime].push_back(prepared.config.regime_weights[regime][i]);
  }
  return ensemble;
}

/// {SYMBOL: market} as the user wrote it.
std::map<std::string, std::string> read_symbols(MapReader& section) {
  std::map<std::string, std::string> symbols;
  const Value* given = section.value("symbols");
  if (given == nullptr) return symbols;
  if (given->kind != Value::Kind::map) {
    section.complain("symbols", "must be a map of symbol to market", "e.g. symbols: {SPY: 0xabc}");
    return symbols;
  }
  for (const auto& [symbol, market] : given->entries) {
    if (market.kind == Value::Kind::scalar && !market.text.empty())
      symbols[symbol] = market.text;
    else
      section.complain("symbols", fmt::format("the market of {} must be its id or slug", printable(symbol)));
  }
  return symbols;
}

/// Gives members and classifier their markets; complains about symbols without one and about those the ensemble does not have.
bool place(RunEnsemble& ensemble, const std::map<std::string, std::string>& markets, MapReader& section) {
  std::set<std::string> wanted(ensemble.symbols.begin(), ensemble.symbols.end());
  if (ensemble.regimes) wanted.insert(ensemble.regime_symbol);
  const std::vector<std::string> names(wanted.begin(), wanted.end());
  std::vector<std::string> missing;
  for (const std::string& symbol : names)
    if (!markets.contains(symbol)) missing.push_back(symbol);
  if (!missing.empty())
    section.complain("symbols", fmt::format("the ensemble trades {}, for which no market is named", fmt::join(missing, ", ")),
                     fmt::format("say which market stands for each symbol: symbols: {{{}: MARKET}}", fmt::join(missing, ": MARKET, ")));
  for (const auto& [symbol, market] : markets)
    if (!wanted.contains(symbol))
      section.complain("symbols", fmt::format("the ensemble does not trade '{}'", printable(symbol)), suggestion(symbol, names));
  if (!missing.empty()) return false;
  for (std::size_t i = 0; i < ensemble.members.size(); ++i) ensemble.members[i].market = markets.at(ensemble.symbols[i]);
  if (ensemble.regimes) ensemble.regimes->market = markets.at(ensemble.regime_symbol);
  return true;
}

}  // namespace

std::unique_ptr<prediction::PredictionStrategy> read_ensemble_trader(MapReader& section, const Path& workspace, StrategyOrigin& origin) {
  BarTraderOptions options = read_bar_options(section, false);
  const std::string run = section.required_text("run");
  const bool trade_unqualified = section.boolean("trade_unqualified", false);
  const auto markets = read_symbols(section);
  if (run.empty()) return nullptr;
  auto ensemble = read_ensemble(run, workspace);
  if (!ensemble) {
    section.complain("run", ensemble.error().message(),
                     ensemble.error().hint().empty() ? "analyse it first: tradewind analyze " + run : ensemble.error().hint());
    return nullptr;
  }
  const std::string verdict = fmt::format("the analysis of run '{}' says not to trade its ensemble: {}", run, ensemble->verdict);
  if (!ensemble->qualified && !trade_unqualified)
    section.complain("run", verdict,
                     "trade the ensemble of an analysis that found something; `trade_unqualified: true` trades this one all the same, and "
                     "every output says so");
  if (!place(*ensemble, markets, section) || (!ensemble->qualified && !trade_unqualified)) return nullptr;
  if (!ensemble->qualified) options.warning = origin.warning = verdict;
  for (const auto& [symbol, market] : markets) options.markets.push_back(market);
  expect_of_account(origin, ensemble->expected, options);
  return make_bar_trader(std::move(ensemble->members), std::move(options), std::move(ensemble->regimes));
}

}  // namespace tradewind::live
