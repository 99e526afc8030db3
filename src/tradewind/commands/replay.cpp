// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/replay.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/analysis/event_lineage.hpp"
#include "tradewind/analysis/metrics_json.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/commands/benchmark_input.hpp"
#include "tradewind/commands/ensemble_replay.hpp"
#include "tradewind/commands/pricing.hpp"
#include "tradewind/commands/replay_output.hpp"
#include "tradewind/commands/workspace.hpp"
#include "tradewind/workflow/replay_file.hpp"
#include "tradewind/workspace/events.hpp"

namespace tradewind::commands {
namespace {

/// "ID" or "ID=WEIGHT"; ids hold '=' themselves, so the weight is what follows the last one if it is a number and the rest is a known id.
Result<replay::ReplayStrategy> parse_strategy(const std::string& text, const std::string& run_id, const std::vector<std::string>& known) {
  const auto is_known = [&](const std::string& id) { return std::find(known.begin(), known.end(), id) != known.end(); };
  if (is_known(text)) return replay::ReplayStrategy{run_id, text, 0};
  if (const auto equals = text.rfind('='); equals != std::string::npos && is_known(text.substr(0, equals)))
    if (const auto weight = parse_number(text.substr(equals + 1))) return replay::ReplayStrategy{run_id, text.substr(0, equals), *weight};
  return Error(Errc::not_found, fmt::format("run '{}' has no strategy '{}'", run_id, printable(text, 200)), {}, suggestion(text, known));
}

Result<std::vector<replay::ReplayStrategy>> chosen(const ReplayArguments& arguments, const workspace::Run& run, const Context& context) {
  std::vector<replay::ReplayStrategy> strategies;
  if (!arguments.strategies.empty()) {
    const std::vector<std::string> known = run.strategy_ids();
    for (const std::string& text : arguments.strategies) {
      TRADEWIND_ASSIGN(replay::ReplayStrategy strategy, parse_strategy(text, arguments.source, known));
      strategies.push_back(std::move(strategy));
    }
  } else {
    TRADEWIND_ASSIGN(const auto best, analysis::best_strategies(arguments.source, {}, "net_sharpe",
                                                                static_cast<std::size_t>(std::max(1, arguments.top)), context.workspace));
    for (const std::string& id : best) strategies.push_back({arguments.source, id, 0});
  }
  const auto unweighted = [](const auto& s) { return s.weight == 0; };
  if (std::all_of(strategies.begin(), strategies.end(), unweighted))
    for (auto& strategy : strategies) strategy.weight = 1.0 / static_cast<double>(strategies.size());
  else if (std::any_of(strategies.begin(), strategies.end(), unweighted))
    return Error(Errc::usage, "some strategies have a weight and some have none", {}, "give all of them a weight, or none");
  return strategies;
}

Json event_json(const EventTrace& event) {
  return {{"event_id", event.event_id},
          {"parent_id", event.parent_id < 0 ? Json(nullptr) : Json(event.parent_id)},
          {"time", format_time(event.time)},
          {"source", event.source},
          {"type", event.type},
          {"strategy", event.strategy},
          {"payload", read_json(event.payload)}};
}

/// What says nothing to the replay at hand is refused, never ignored.
Status check_options(const ReplayArguments& arguments, bool of_analysis, bool ensemble, bool stored) {
  const auto refuse = [](const char* what, const char* option, const char* hint) { return Error(Errc::usage, what, option, hint); };
  if (!arguments.strategies.empty() && arguments.top > 0)
    return refuse("strategies are named and --top is given", "--top", "give one or the other");
  if (ensemble && (!arguments.strategies.empty() || arguments.top > 0))
    return refuse("an ensemble has its own strategies: none can be named", arguments.top > 0 ? "--top" : "strategies",
                  "name strategies without --ensemble, or write a configuration (docs/replay.md)");
  if (!arguments.events.empty() && !stored)
    return refuse("only a replay that is stored is told of", "--events", "replay an ensemble: RUN --ensemble, or a configuration");
  if (!of_analysis && !arguments.target_regimes.empty())
    return refuse("--target-regimes is for the ensemble of an analysis", "--target-regimes",
                  "add --ensemble to the name of an analysed run");
  if (!of_analysis && arguments.confirm_bars > 0)
    return refuse("--confirm-bars is for the ensemble of an analysis", "--confirm-bars",
                  "add --ensemble to the name of an analysed run; a configuration says confirm_bars itself");
  if (arguments.adaptive && !of_analysis)
    return refuse("--adaptive is for the ensemble of an analysis", "--adaptive",
                  "add --ensemble to the name of an analysed run; a configuration says `adaptive` itself");
  if (arguments.adaptive && (arguments.confirm_bars > 0 || !arguments.target_regimes.empty()))
    return refuse("weights that adapt follow probabilities: there is no regime to wait for or to stay out of",
                  arguments.confirm_bars > 0 ? "--confirm-bars" : "--target-regimes", "give it without --adaptive");
  return {};
}

Result<analysis::RunData> data_of(const ReplayArguments& arguments) {
  analysis::RunData data;
  data.allow_changed = arguments.allow_changed_data;
  for (const std::string& entry : arguments.data_files) {
    TRADEWIND_ASSIGN(const auto pair, symbol_and_file(entry));
    data.files[pair.first] = pair.second;
  }
  return data;
}

/// The calendar of what is traded: that of its exchange where there is one only, else UTC.
std::vector<market::UtcOffset> shared_clock(const analysis::RunInput& input, std::span<const HeldShare> shares) {
  const auto clock = input.clock_of(shares.front().symbol);
  const bool same = std::all_of(shares.begin(), shares.end(), [&](const HeldShare& s) { return input.clock_of(s.symbol) == clock; });
  return same ? clock : std::vector<market::UtcOffset>();
}

/// Imported signals without prices get those that are given, as by reindex; what was taken for granted by that, empty when nothing was.
Result<std::string> give_prices(const ReplayArguments& arguments, const Context& context) {
  const auto metadata = workspace::read_run_metadata(context.workspace, arguments.source);
  if (arguments.data_files.empty() || !metadata || metadata->status != "complete" || !metadata->execution.data.empty())
    return std::string();
  PricingArguments pricing;
  pricing.data = arguments.data_files;
  std::string bars;
  if (const auto given = reindex(arguments.source, pricing, context); !given) {
    if (given.error().code() != Errc::invalid_data) return given.error();
    pricing.periods_per_year = 252;  // too few bars to tell, unless something else is wrong with them
    if (!reindex(arguments.source, pricing, context)) return given.error();
    bars = ", 252 bars a year, for its prices are too few to tell";
  }
  return fmt::format(
      "the run did not say on which prices its signals are: it does now, at the fills and costs of a sweep that names none{}; reindex RUN "
      "--data … --commission … --slippage … --fill … --periods-per-year … says others",
      bars);
}

Result<CommandOutput> replay_strategies(const ReplayArguments& arguments, analysis::RunData data, const Context& context) {
  const Stopwatch watch;
  TRADEWIND_ASSIGN(analysis::RunInput input, analysis::RunInput::open(arguments.source, std::move(data), context.workspace));
  replay::SignalReplayConfig replayed;
  TRADEWIND_ASSIGN(replayed.strategies, chosen(arguments, input.run(), context));
  std::vector<std::string> ids;
  for (const auto& strategy : replayed.strategies) ids.push_back(strategy.strategy_id);
  TRADEWIND_ASSIGN(replayed.execution, input.execution_over(ids));
  TRADEWIND_ASSIGN(const auto loaded, input.replayable(ids));
  TRADEWIND_ASSIGN(const replay::ReplayResult result, replay::replay_signals(replayed, loaded.signals, loaded.series));
  std::optional<replay::RegimeReplayResult> recorded;
  if (wants_recording(arguments)) {
    replay::ReplayRunOptions options;
    options.record = true;
    options.cancellation = context.cancellation;
    TRADEWIND_ASSIGN(const auto engine, replay::SignalReplayEngine::make(replayed));
    TRADEWIND_ASSIGN(recorded, engine.run(loaded.signals, loaded.series, {}, options));
  }

  CommandOutput output{schema_object("replay")};
  Json& json = output.json;
  json["run_id"] = arguments.source;
  json["first"] = format_time(result.timestamp.front(), true);
  json["last"] = format_time(result.timestamp.back(), true);
  Json undefined = Json::object();
  json["metrics"] = analysis::metrics_json(result.performance, undefined);
  json["undefined"] = undefined;
  json["members"] = Json::array();
  for (const auto& member : result.members) json["members"].push_back(member_json(member));
  std::vector<HeldShare> shares;
  for (const auto& member : result.members) shares.push_back({member.symbol, member.strategy.weight});
  TRADEWIND_ASSIGN(const SeriesBeside beside, benchmark_of_strategies(input, arguments.benchmark, shares, result.timestamp));
  put_replay_benchmark(json, beside, result, replayed.execution, shared_clock(input, shares));
  std::vector<std::string> symbols;
  for (const HeldShare& share : shares) symbols.push_back(share.symbol);
  if (std::string apart = input.apart(symbols); !apart.empty()) json["notes"].push_back(std::move(apart));
  json["drawdowns"] = drawdowns_json(result, arguments.drawdowns);
  TRADEWIND_TRY(write_files(arguments, result, recorded ? &*recorded : nullptr, {}, json));
  if (arguments.trace) {
    TRADEWIND_ASSIGN(json["events"], analysis::record_lineage(context.workspace, input, ids));
  }
  json["milliseconds"] = watch.milliseconds();
  return output;
}

}  // namespace

Result<CommandOutput> trace(const std::string& run_id, std::int64_t event_id, const Context& context) {
  TRADEWIND_ASSIGN(const workspace::Lineage lineage, workspace::trace_event(context.workspace, run_id, event_id));
  CommandOutput output{schema_object("trace")};
  output.json["run_id"] = run_id;
  output.json["event"] = event_json(lineage.event);
  output.json["ancestors"] = Json::array();
  for (const auto& event : lineage.ancestors) output.json["ancestors"].push_back(event_json(event));
  output.json["descendants"] = Json::array();
  for (const auto& event : lineage.descendants) output.json["descendants"].push_back(event_json(event));
  return output;
}

Result<CommandOutput> replay(const ReplayArguments& arguments, const Context& context) {
  const bool own = is_ensemble_replay(arguments.source, context);
  const bool ensemble =
      arguments.ensemble || workflow::is_replay_file(arguments.source) || (own && arguments.strategies.empty() && arguments.top == 0);
  TRADEWIND_TRY(
      check_options(arguments, arguments.ensemble && !own, ensemble, ensemble && (!own || workflow::is_replay_file(arguments.source))));
  TRADEWIND_ASSIGN(analysis::RunData data, data_of(arguments));
  TRADEWIND_ASSIGN(const std::string granted, give_prices(arguments, context));
  auto output = ensemble ? replay_ensemble(arguments, data, context) : replay_strategies(arguments, std::move(data), context);
  if (output && !granted.empty()) output->json["notes"].push_back(granted);
  return output;
}

}  // namespace tradewind::commands
