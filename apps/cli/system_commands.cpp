// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "completions.hpp"
#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/commands/demo.hpp"
#include "tradewind/commands/doctor.hpp"

namespace tradewind::cli {
namespace {

void render_doctor(const Json& json) {
  fmt::print("tradewind {}\n", json["version"].get<std::string>());
  for (const auto& check : json["checks"]) {
    fmt::print("{:<5}{:<12}{}\n", check["state"].get<std::string>(), check["check"].get<std::string>(), check["found"].get<std::string>());
    if (!check["advice"].get<std::string>().empty()) fmt::print("     {:<12}{}\n", "", dim(check["advice"].get<std::string>()));
  }
}

/// The best strategies gross and net, and their net Sharpe ratio in each regime.
void print_ranking(const Json& rows) {
  std::vector<std::pair<std::string, std::string>> regimes;  // column, heading
  for (const auto& [name, value] : rows.front().items()) {
    constexpr std::string_view kEnd = ".sharpe_ratio";
    if (!name.starts_with("regime.") || !name.ends_with(kEnd)) continue;
    const std::string stem = name.substr(0, name.size() - kEnd.size());
    const std::string classifier = stem.substr(7, stem.find('.', 7) - 7);
    regimes.emplace_back(name, (classifier == "volatility_terciles" ? "vol " : classifier + " ") + stem.substr(stem.rfind('.') + 1));
  }
  std::vector<std::string> header = {"strategy", "gross Sharpe", "net Sharpe", "net return", "max DD", "trades"};
  for (const auto& [column, heading] : regimes) header.push_back(heading);
  Table table(header);
  for (const auto& row : rows) {
    std::vector<std::string> cells = {row["strategy_id"].get<std::string>(), cell(row["gross_sharpe"]),    cell(row["net_sharpe"]),
                                      percent(row["total_return"]),          percent(row["max_drawdown"]), cell(row["total_trades"])};
    for (const auto& [column, heading] : regimes) cells.push_back(cell(row[column]));
    table.add(std::move(cells));
  }
  table.print();
}

void print_surprises(const Json& findings) {
  for (const Json& finding : findings) fmt::print("  • {}\n", finding["text"].get<std::string>());
}

void print_held_out(const Json& ensemble) {
  if (!ensemble.is_object()) return;
  Table table({"net of costs", "Sharpe, chosen on", "Sharpe, held out", "return, held out", "drawdown, held out"});
  for (const Json& path : ensemble["performance"])
    table.add({path["name"], cell(path["selection"]["sharpe_ratio"]), cell(path["holdout"]["sharpe_ratio"]),
               percent(path["holdout"]["total_return"]), percent(path["holdout"]["max_drawdown"])});
  table.print();
}

/// The paper session, a line each strategy.
void print_session(const Json& live) {
  fmt::print("\n{} on simulated prediction markets, 1,000 dollars, {} cycles: equity {}\n", bold("Traded on paper"), cell(live["cycles"]),
             live["account"]["equity"].get<std::string>());
  Table table({"strategy", "capital", "profit", "trades", "opportunities"});
  for (const auto& [name, s] : live["strategies"].items())
    table.add({name, s["capital"].get<std::string>(), s["total_profit"].get<std::string>(), cell(s["opportunities_taken"]),
               cell(s["opportunities_found"])});
  table.print();
}

void render_demo(const Json& json) {
  const std::string run = json["run_id"].get<std::string>();
  fmt::print("{} strategies and {} classifiers on a simulated market of {} symbols, {} bars: swept, analysed, replayed in {:.1f} s\n\n",
             cell(json["strategies"]), cell(json["classifiers"]), json["symbols"].size(), cell(json["bars"]),
             json["milliseconds"].get<double>() / 1000);
  fmt::print("{}\n", bold("What the ranking says"));
  print_ranking(json["ranked"]);
  fmt::print("\n{}\n", bold("What it hides"));
  print_surprises(json["findings"]);
  fmt::print("\n{}\n", bold("What is left"));
  Table funnel({"left", "passed", "rejected", "because"});
  for (const Json& stage : json["funnel"])
    funnel.add({cell(stage["strategies"]), stage["stage"], stage["rejected"] == 0 ? "" : cell(stage["rejected"]),
                stage["rejected"] == 0 ? "" : stage["reason"].get<std::string>()});
  funnel.print();
  fmt::print("\n");
  print_held_out(json["ensemble"]);
  fmt::print("\n{}\n", bold("What to do"));
  for (const Json& r : json["recommendations"]) fmt::print("  {}: {}\n", r["text"].get<std::string>(), r["reason"].get<std::string>());
  if (json["report"].is_string())
    fmt::print("\n{} {}   (opens from disk, needs no network)\n", bold("The report:"), json["report"].get<std::string>());
  print_session(json["live"]);
  fmt::print("\n{}\n", bold("Look at next"));
  fmt::print("  tradewind scan {} --where \"net_sharpe > 0.5\" --columns strategy_id,net_sharpe,dsr,holdout_sharpe\n", run);
  fmt::print("  tradewind analyze {} --min-dsr 0.9                     stricter: only what luck does not explain\n", run);
  fmt::print("  tradewind scan {} --sort 'cost_impact:desc'            what costs destroy\n", run);
  fmt::print("  tradewind workflow {}             change it and run it again\n", json["workflow"].get<std::string>());
  fmt::print("  tradewind live status --session {}       what it did on paper, and why it did not\n",
             json["live"]["session"].get<std::string>());
}

}  // namespace

void add_system_commands(CLI::App& app, Session& session) {
  CLI::App* demo = app.add_subcommand(
      "demo", "A simulated market with known surprises: sweep, analysis, selection, replay and HTML report in half a minute");
  auto arguments = std::make_shared<commands::DemoArguments>();
  demo->add_option("--out", arguments->folder, "Folder for the simulated data and the configuration")->capture_default_str();
  demo->add_option("--seed", arguments->seed, "Seed of the simulated market")->capture_default_str();
  demo->add_flag("--rerun", arguments->rerun, "Compute it again although the run exists");
  session.on(demo, [arguments](const Context& context) { return commands::demo(*arguments, context); }, render_demo);

  session.on(
      app.add_subcommand("doctor", "Check this machine and workspace"), [](const Context& context) { return commands::doctor(context); },
      render_doctor);

  CLI::App* completions =
      app.add_subcommand("completions", "Print the completion script of a shell: eval \"$(tradewind completions bash)\"");
  auto shell = std::make_shared<std::string>();
  completions->add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  session.on(
      completions,
      [shell, &app](const Context&) -> Result<CommandOutput> {
        CommandOutput output{commands::schema_object("completions")};
        output.json["shell"] = *shell;
        output.json["script"] = completion_script(app, *shell);
        return output;
      },
      [](const Json& json) { fmt::print("{}", json["script"].get<std::string>()); });
}

}  // namespace tradewind::cli
