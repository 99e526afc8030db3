// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/commands/sweep.hpp"

namespace tradewind::cli {
namespace {

void render_sweep(const Json& json) {
  for (const auto& note : json["notes"]) fmt::print("note: {}\n", note.get<std::string>());
  const auto number = [&](const char* key) { return cell(json[key]); };
  const Json& seconds = json["seconds"];
  fmt::print("{} run {}\n", json["status"] == "complete" ? bold("complete:") : bold("interrupted:"), json["run_id"].get<std::string>());
  fmt::print("  {} strategies, {} classifiers over {} bars; {} signal changes\n", number("strategies"), number("classifiers"),
             number("bars"), number("signal_changes"));
  if (json["resumed"].get<std::int64_t>() > 0) fmt::print("  {} of them were finished before\n", number("resumed"));
  if (json["rejected_orders"].get<std::int64_t>() > 0)
    fmt::print("  {} orders of ruined accounts were rejected\n", number("rejected_orders"));
  fmt::print("  {:.2f} s in all: load {:.2f}, compute {:.2f}, write {:.2f}; {} strategies/s; peak memory {:.0f} MB\n",
             seconds["total"].get<double>(), seconds["load"].get<double>(), seconds["compute"].get<double>(),
             seconds["write"].get<double>(), cell(std::round(json["combos_per_second"].get<double>())), json["peak_rss_mb"].get<double>());
  const std::string run = json["run_id"].get<std::string>();
  if (json["status"] == "complete")
    fmt::print("next: {}\n", dim("tradewind scan " + run + " --where 'net_sharpe > 0.5 and total_trades >= 30'"));
  else
    fmt::print("next: {}\n", dim("the same command with --run-id " + run + " --resume"));
}

void render_types(const Json& json) {
  for (const char* kind : {"strategies", "classifiers"}) {
    fmt::print("{}\n", bold(kind));
    for (const auto& type : json[kind]) {
      fmt::print("  {}: {}\n    {}\n    {}\n", bold(type["name"].get<std::string>()), type["summary"].get<std::string>(),
                 type["formula"].get<std::string>(), dim(type["source"].get<std::string>()));
      for (const auto& p : type["parameters"])
        fmt::print("    {} = {}: {} ({} … {})\n", p["name"].get<std::string>(), cell(p["default"]), p["description"].get<std::string>(),
                   cell(p["minimum"]), cell(p["maximum"]));
    }
  }
}

}  // namespace

void add_sweep_commands(CLI::App& app, Session& session) {
  CLI::App* sweep = app.add_subcommand("sweep", "Run strategies over parameter grids and store the results as a run");
  auto arguments = std::make_shared<commands::SweepArguments>();
  sweep->add_option("config", arguments->config, "Sweep configuration, YAML or JSON")->required();
  sweep->add_option("--run-id", arguments->run_id, "Name of the run (default: made from the configuration and data)");
  sweep->add_option("--layout", arguments->layout, "auto, files (a folder per strategy) or packed")->capture_default_str();
  sweep->add_option("--keep-signals", arguments->keep_signals, "Whose signals to store: all, top:N or none")->capture_default_str();
  sweep->add_option("--writer", arguments->writer, "Name of this writer when several write one run at once")->capture_default_str();
  sweep->add_option("--trace", arguments->trace, "Record the events (bar, signal, fill) of the best N strategies")
      ->check(not_negative())
      ->capture_default_str();
  sweep->add_flag("--analyze", arguments->analyze, "Start an analysis by itself when the run is complete");
  sweep->add_option("--events", arguments->events, "Configuration whose section `events` says who is told that the run is complete");
  sweep->add_flag("--resume", arguments->resume, "Go on with an interrupted run");
  session.on(sweep, [arguments](const Context& context) { return commands::sweep(*arguments, context); }, render_sweep);

  CLI::App* types = app.add_subcommand("types", "List the strategy and classifier types with formula, parameters and source");
  session.on(types, [](const Context& context) { return commands::list_types(context); }, render_types);
}

}  // namespace tradewind::cli
