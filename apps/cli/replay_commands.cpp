// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/commands/replay.hpp"

namespace tradewind::cli {
namespace {

/// What both kinds of replay have: drawdowns, events and files.
void render_rest(const Json& json, const std::string& traced) {
  if (json.contains("benchmark")) {
    const Json& b = json["benchmark"];
    fmt::print("\nbeside {}: alpha {} a year, beta {}, information ratio {}, tracking error {}\n", b["name"].get<std::string>(),
               percent(b["alpha"]), cell(b["beta"]), cell(b["information_ratio"]), percent(b["tracking_error"]));
  }
  if (!json["drawdowns"].empty()) {
    fmt::print("\n{}\n", bold("deepest drawdowns"));
    Table drawdowns({"depth", "peak", "trough", "recovery", "bars down", "bars back"});
    for (const auto& d : json["drawdowns"])
      drawdowns.add({percent(d["depth"]), d["peak"].get<std::string>(), d["trough"].get<std::string>(),
                     d["recovery"].is_null() ? "not yet" : d["recovery"].get<std::string>(), cell(d["decline_bars"]),
                     cell(d["recovery_bars"])});
    drawdowns.print();
  }
  if (json.contains("events"))
    fmt::print("\n{} events recorded; tradewind trace {} 1 shows the first signal's lineage\n", cell(json["events"]), traced);
  for (const auto& [key, what] : {std::pair{"equity_out", "equity"}, {"trades_out", "trades"}, {"weights_out", "weights"}})
    if (json.contains(key)) fmt::print("\n{} written to {}", what, json[key].get<std::string>());
  if (json.contains("equity_out") || json.contains("trades")) fmt::print("\n");
  for (const auto& note : json["notes"]) fmt::print("note: {}\n", note.get<std::string>());
}

void render_replay(const Json& json) {
  fmt::print("{} {} … {}\n\n", bold("replay of " + json["run_id"].get<std::string>()), json["first"].get<std::string>(),
             json["last"].get<std::string>());
  Table members({"strategy", "weight", "gross Sharpe", "net Sharpe", "return", "max drawdown", "trades", "profit share"});
  const auto row = [](const std::string& name, const Json& weight, const Json& m, const Json& profit) -> std::vector<std::string> {
    return {name,
            percent(weight),
            cell(m["gross_sharpe"]),
            cell(m["net_sharpe"]),
            percent(m["total_return"]),
            percent(m["max_drawdown"]),
            m.contains("total_trades") ? cell(m["total_trades"]) : "–",
            percent(profit)};
  };
  double weight = 0;
  for (const auto& member : json["members"]) {
    members.add(row(member["strategy_id"].get<std::string>(), member["weight"], member["metrics"], member["profit"]));
    weight += member["weight"].get<double>();
  }
  if (json["members"].size() > 1) members.add(row("together", weight, json["metrics"], json["metrics"]["total_return"]));
  members.print();
  render_rest(json, json["run_id"].get<std::string>());
}

void render_ensemble_replay(const Json& json) {
  fmt::print("{} {} … {}\n\n", bold("replay of the ensemble of " + json["run_id"].get<std::string>()), cell(json["first"]),
             cell(json["last"]));
  Table table({"net of costs", "Sharpe", "return", "max drawdown", "costs"});
  const auto add = [&](const std::string& name, const Json& m) {
    table.add({name, cell(m["sharpe_ratio"]), percent(m["total_return"]), percent(m["max_drawdown"]), percent(m["total_costs"])});
  };
  add("ensemble", json["metrics"]);
  for (const auto& [name, metrics] : json["baselines"].items()) add(name, metrics);
  for (const Json& member : json["members"]) add(member["strategy_id"], member["metrics"]);
  table.print();
  if (json["adaptive"] == true) fmt::print("\nthe weights follow the probabilities of the regimes, as far as moving pays");
  fmt::print("\n{} switches, turnover {}, switching costs {} of the capital\n", cell(json["switches"]), cell(json["turnover"]),
             percent(json["switching_costs"]));
  if (json["drift_alarm"].is_string())
    fmt::print("drift alarm: {}: it does not do what it did before the window\n", json["drift_alarm"].get<std::string>());
  fmt::print("stored as run {}\n", json["replay_run"].get<std::string>());
  render_rest(json, json["replay_run"].get<std::string>());
}

void render_trace(const Json& json) {
  Table table({"event", "time", "type", "source", "payload"});
  const auto add = [&](const Json& event, const char* mark) {
    table.add({mark + std::to_string(event["event_id"].get<std::int64_t>()), event["time"].get<std::string>(),
               event["type"].get<std::string>(), event["source"].get<std::string>(), dump_json(event["payload"])});
  };
  for (const auto& event : json["ancestors"]) add(event, "  ");
  add(json["event"], "> ");
  for (const auto& event : json["descendants"]) add(event, "  ");
  table.print();
}

}  // namespace

void add_replay_commands(CLI::App& app, Session& session) {
  CLI::App* replay =
      app.add_subcommand("replay", "Trade the stored signals of a run's strategies again over the same data, with its costs");
  auto arguments = std::make_shared<commands::ReplayArguments>();
  replay->add_option("run", arguments->source, "Run; or the configuration of a replay, or the run of one")->required();
  replay->add_option("strategies", arguments->strategies, "Strategies, each ID or ID=WEIGHT (default: the best one)");
  replay->add_option("--top", arguments->top, "Instead of names: the best N by net Sharpe ratio, equally weighted")
      ->check(CLI::PositiveNumber);
  replay->add_flag("--ensemble", arguments->ensemble,
                   "The ensemble of the run's analysis over the held-out part, stored as a run of its own");
  replay->add_option("--target-regimes", arguments->target_regimes,
                     "With --ensemble: hold it in these regimes only, be in cash in the others");
  replay
      ->add_option("--confirm-bars", arguments->confirm_bars,
                   "With --ensemble: bars a regime must have held before the weights follow (default: the best on the selection part)")
      ->check(CLI::PositiveNumber);
  replay->add_flag("--adaptive", arguments->adaptive,
                   "With --ensemble: weights that follow the probabilities of the regimes, moved as far as it pays");
  replay->add_option("--data", arguments->data_files, "SYMBOL=FILE where the data has moved");
  replay->add_flag("--allow-changed-data", arguments->allow_changed_data, "Replay although the data's hash differs from the run's");
  replay->add_option("--benchmark", arguments->benchmark,
                     "What to compare with: a symbol of the run, a file of returns or prices, or none (default: holding what is traded)");
  replay->add_option("--equity-out", arguments->equity_out, "Write timestamp, equity, gross_equity, return as CSV");
  replay->add_option("--trades-out", arguments->trades_out, "Write the trades as CSV");
  replay->add_option("--weights-out", arguments->weights_out, "Write the share of the equity in each strategy at every bar as CSV");
  replay->add_option("--drawdowns", arguments->drawdowns, "Drawdowns to list")->check(not_negative())->capture_default_str();
  replay->add_option("--events", arguments->events, "Configuration whose section `events` says who is told of an ensemble's replay");
  replay->add_flag("--trace", arguments->trace,
                   "Record the events of these strategies, from bar to signal to fill; of an ensemble in the run it is stored as");
  session.on(
      replay, [arguments](const Context& context) { return commands::replay(*arguments, context); },
      [](const Json& json) { json.contains("baselines") ? render_ensemble_replay(json) : render_replay(json); });

  CLI::App* trace = app.add_subcommand("trace", "What led to an event and what came of it");
  auto run = std::make_shared<std::string>();
  auto event = std::make_shared<std::int64_t>(0);
  trace->add_option("run", *run, "Run")->required();
  trace->add_option("event", *event, "Event id")->required();
  session.on(trace, [run, event](const Context& context) { return commands::trace(*run, *event, context); }, render_trace);
}

}  // namespace tradewind::cli
