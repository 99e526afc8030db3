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
#include "tradewind/metrics/drawdown.hpp"
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
      TRADEWIND_ASSIGN(replay::ReplayStrategy strategy, parse_strategy(text, arguments.run, known));
      strategies.push_back(std::move(strategy));
    }
  } else {
    TRADEWIND_ASSIGN(const auto best, analysis::best_strategies(arguments.run, {}, "net_sharpe",
                                                                static_cast<std::size_t>(std::max(1, arguments.top)), context.workspace));
    for (const std::string& id : best) strategies.push_back({arguments.run, id, 0});
  }
  const auto unweighted = [](const auto& s) { return s.weight == 0; };
  if (std::all_of(strategies.begin(), strategies.end(), unweighted))
    for (auto& strategy : strategies) strategy.weight = 1.0 / static_cast<double>(strategies.size());
  else if (std::any_of(strategies.begin(), strategies.end(), unweighted))
    return Error(Errc::usage, "some strategies have a weight and some have none", {}, "give all of them a weight, or none");
  return strategies;
}

Json drawdowns_json(const replay::ReplayResult& result, int count) {
  Json table = Json::array();
  const auto time_at = [&](std::size_t point) { return format_time(result.timestamp[point == 0 ? 0 : point - 1], true); };
  for (const auto& drawdown : metrics::drawdown_table(result.returns, static_cast<std::size_t>(std::max(0, count))))
    table.push_back({{"depth", drawdown.depth},
                     {"peak", time_at(drawdown.peak)},
                     {"trough", time_at(drawdown.trough)},
                     {"recovery", drawdown.recovery ? Json(time_at(*drawdown.recovery)) : Json(nullptr)},
                     {"decline_bars", drawdown.decline_bars()},
                     {"recovery_bars", drawdown.recovery_bars() ? Json(*drawdown.recovery_bars()) : Json(nullptr)}});
  return table;
}

Status write_equity(const Path& path, const replay::ReplayResult& result) {
  std::string csv = "timestamp,equity,gross_equity,return\n";
  for (std::size_t i = 0; i < result.timestamp.size(); ++i)
    csv += fmt::format("{},{},{},{}\n", format_time(result.timestamp[i], true), number_text(result.equity[i]),
                       number_text(result.gross_equity[i]), number_text(result.returns[i]));
  return write_file_durable(path, csv);
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
  const Stopwatch watch;
  TRADEWIND_ASSIGN(analysis::RunInput input, analysis::RunInput::open(arguments.run, arguments.data, context.workspace));
  replay::SignalReplayConfig replayed;
  TRADEWIND_ASSIGN(replayed.strategies, chosen(arguments, input.run(), context));
  std::vector<std::string> ids;
  for (const auto& strategy : replayed.strategies) ids.push_back(strategy.strategy_id);
  TRADEWIND_ASSIGN(replayed.execution, input.execution_over(ids));
  TRADEWIND_ASSIGN(const auto loaded, input.replayable(ids));
  TRADEWIND_ASSIGN(const replay::ReplayResult result, replay::replay_signals(replayed, loaded.signals, loaded.series));
  if (!arguments.equity_out.empty()) TRADEWIND_TRY(write_equity(arguments.equity_out, result));

  std::int64_t events = 0;
  if (arguments.trace) {
    TRADEWIND_ASSIGN(events, analysis::record_lineage(context.workspace, input, ids));
  }

  CommandOutput output{schema_object("replay")};
  Json& json = output.json;
  json["run_id"] = arguments.run;
  json["first"] = format_time(result.timestamp.front(), true);
  json["last"] = format_time(result.timestamp.back(), true);
  Json undefined = Json::object();
  json["metrics"] = analysis::metrics_json(result.performance, undefined);
  json["undefined"] = undefined;
  json["members"] = Json::array();
  for (const auto& member : result.members) {
    Json why = Json::object();
    Json entry = {{"strategy_id", member.strategy.strategy_id},
                  {"symbol", member.symbol},
                  {"weight", member.strategy.weight},
                  {"profit", member.profit}};
    entry["metrics"] = analysis::metrics_json(member.performance, why);
    entry["undefined"] = why;
    json["members"].push_back(std::move(entry));
  }
  json["drawdowns"] = drawdowns_json(result, arguments.drawdowns);
  if (arguments.trace) json["events"] = events;
  if (!arguments.equity_out.empty()) json["equity_out"] = arguments.equity_out.string();
  json["milliseconds"] = watch.milliseconds();
  return output;
}

}  // namespace tradewind::commands
