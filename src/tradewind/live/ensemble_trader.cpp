// SPDX-License-Identifier: Apache-2.0
// An analysed ensemble as a live strategy.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tradewind/analysis/analytics_coordinator.hpp"
#include "tradewind/analysis/replay_file.hpp"
#include "tradewind/analysis/run_classifier.hpp"
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
std::optional<metrics::DriftBaseline> promised(const Json& analysis, bool adaptive) {
  const Json& provenance = analysis.at("provenance");
  const double bars = provenance.at("periods_per_year").get<double>();
  for (const Json& path : analysis.at("ensemble").at("performance")) {
    if (path.at("kind") != (adaptive ? "adaptive" : "ensemble")) continue;
    const Json& held_out = path.at("holdout");
    const auto figure = [&](const char* name) { return held_out.at(name).is_number() ? held_out[name].get<double>() : std::nan(""); };
    return returns_per_bar(figure("sharpe_ratio"), figure("volatility"), bars, provenance.value("risk_free", 0.0));
  }
  return std::nullopt;
}

/// Whether a strategy has a weight in some regime, or before one is known.
bool is_held(const replay::SignalReplayConfig& config, std::size_t member) {
  return config.strategies[member].weight > 0 || config.adaptive.has_value() ||
         std::any_of(config.regime_weights.begin(), config.regime_weights.end(), [&](const auto& weights) { return weights[member] > 0; });
}

/// The regimes a strategy of a run is held in, as a market can be told them. Errors: as classifier_of_run.
Result<MemberGate> gate_of(const std::shared_ptr<const workspace::Run>& run, const replay::RegimeGate& held) {
  TRADEWIND_ASSIGN(const analysis::RunClassifier known, analysis::classifier_of_run(*run, held.classifier_id));
  MemberGate gate{held.classifier_id,
                  [run, id = held.classifier_id]() -> Result<std::unique_ptr<regimes::Classifier>> {
                    TRADEWIND_ASSIGN(analysis::RunClassifier made, analysis::classifier_of_run(*run, id));
                    return std::move(made.classifier);
                  },
                  {}};
  for (const std::string& label : known.labels)
    gate.held_in.push_back(std::find(held.held_in.begin(), held.held_in.end(), label) != held.held_in.end());
  return gate;
}

/// A replay as an ensemble of live members. A file of the user's own has no verdict, and nobody has said that it may be traded.
Result<RunEnsemble> ensemble_of(const analysis::PreparedReplay& prepared, const Path& workspace) {
  RunEnsemble ensemble;
  ensemble.qualified = prepared.verdict && prepared.verdict->level != analysis::VerdictLevel::nothing;
  ensemble.verdict = prepared.verdict ? prepared.verdict->headline : "no analysis has judged it";
  std::map<std::string, std::shared_ptr<const workspace::Run>> runs;
  for (const std::string& id : prepared.runs()) {
    TRADEWIND_ASSIGN(workspace::Run run, workspace::Run::open(workspace, id));
    runs[id] = std::make_shared<const workspace::Run>(std::move(run));
  }
  if (!prepared.classifier_id.empty()) {
    TRADEWIND_ASSIGN(analysis::RunClassifier classifier, analysis::classifier_of_run(*runs.at(prepared.run_id), prepared.classifier_id));
    ensemble.regime_symbol = classifier.symbol;
    ensemble.regimes.emplace(RegimeRule{prepared.classifier_id,
                                        std::move(classifier.classifier),
                                        {},
                                        prepared.config.regimes,
                                        std::vector<std::vector<double>>(prepared.config.regime_weights.size()),
                                        prepared.config.adaptive,
                                        prepared.config.confirm_bars});
  }
  for (std::size_t i = 0; i < prepared.config.strategies.size(); ++i) {
    if (!is_held(prepared.config, i)) continue;
    const replay::ReplayStrategy& held = prepared.config.strategies[i];
    const auto& run = runs.at(held.run_id);
    TRADEWIND_ASSIGN(const auto rows, run->strategies(std::span(&held.strategy_id, 1)));
    TRADEWIND_ASSIGN(BarMember member, member_of(rows.front(), held.weight));
    if (held.gate) {
      TRADEWIND_ASSIGN(member.gate, gate_of(run, *held.gate));
    }
    ensemble.members.push_back(std::move(member));
    ensemble.symbols.push_back(rows.front().symbol);
    for (std::size_t regime = 0; regime < prepared.config.regime_weights.size(); ++regime)
      ensemble.regimes->weights[regime].push_back(prepared.config.regime_weights[regime][i]);
  }
  return ensemble;
}

Result<RunEnsemble> read_ensemble(const std::string& run_id, bool adaptive, const Path& workspace) {
  TRADEWIND_ASSIGN(const auto report, analysis::read_analysis(workspace, run_id));
  if (!report.document["ensemble"].is_object() || report.ensemble_weights.at("").empty())
    return Error(Errc::invalid_config, fmt::format("the analysis of run '{}' has no ensemble", run_id), {},
                 "loosen its criteria until some strategies are selected");
  TRADEWIND_ASSIGN(const auto prepared, analysis::AnalyticsCoordinator(workspace).prepare_signal_replay(report, {}, adaptive));
  TRADEWIND_ASSIGN(RunEnsemble ensemble, ensemble_of(prepared, workspace));
  const auto expected = reading_document(
      analysis::kAnalysisDocument, [&]() -> Result<std::optional<metrics::DriftBaseline>> { return promised(report.document, adaptive); });
  if (!expected) return expected.error();
  ensemble.expected = *expected;
  return ensemble;
}

Result<RunEnsemble> read_ensemble_file(const Path& file, const Path& workspace) {
  TRADEWIND_ASSIGN(const auto prepared, analysis::read_replay_file(file, {}, workspace));
  return ensemble_of(prepared, workspace);
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
  const std::string run = section.text("run"), file = section.text("file");
  const bool trade_unqualified = section.boolean("trade_unqualified", false);
  const bool adaptive = section.boolean("adaptive", false);
  const auto markets = read_symbols(section);
  const char* key = file.empty() ? "run" : "file";
  if (run.empty() == file.empty()) {
    section.complain("run", "an ensemble is that of an analysed run or of a file", "give either `run: RUN` or `file: REPLAY.json`");
    return nullptr;
  }
  if (adaptive && !file.empty()) {
    section.complain("adaptive", "is for the ensemble of a run", "a file says itself what its weights follow");
    return nullptr;
  }
  auto ensemble = file.empty() ? read_ensemble(run, adaptive, workspace) : read_ensemble_file(file, workspace);
  if (!ensemble) {
    const std::string otherwise =
        file.empty() ? "analyse it first: tradewind analyze " + run : "a workflow writes such files; docs/replay.md lists the keys";
    section.complain(key, ensemble.error().message(), ensemble.error().hint().empty() ? otherwise : ensemble.error().hint());
    return nullptr;
  }
  const std::string verdict = file.empty()
                                  ? fmt::format("the analysis of run '{}' says not to trade its ensemble: {}", run, ensemble->verdict)
                                  : fmt::format("'{}' is not judged fit to trade: {}", printable(file), ensemble->verdict);
  if (!ensemble->qualified && !trade_unqualified)
    section.complain(key, verdict,
                     "trade the ensemble of an analysis that found something; `trade_unqualified: true` trades this one all the same, and "
                     "every output says so");
  if (!place(*ensemble, markets, section) || (!ensemble->qualified && !trade_unqualified)) return nullptr;
  if (!ensemble->qualified) options.warning = origin.warning = verdict;
  for (const auto& [symbol, market] : markets) options.markets.push_back(market);
  expect_of_account(origin, ensemble->expected, options);
  return make_bar_trader(std::move(ensemble->members), std::move(options), std::move(ensemble->regimes));
}

}  // namespace tradewind::live
