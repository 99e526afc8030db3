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
    std::vector<std::string> cells = {row["strategy_id"].get<std::string>(), cell(row["gross_sharpe"]), cell(row["net_sharpe"]), percent(row["total_return"]), percent(row["max_drawdown"]), cell(row["total_trades"])};
    for (const auto& [column, heading] : regimes) cells.push_back(cell(row[column]));
    table.add(std::move(cells));
  }
  table.print();
}

void render_demo(const Json& json) {
  if (!json.contains("ranked")) {
    fmt::print("interrupted; tradewind demo goes on\n");
    return;
  }
  const std::string run = json["run_id"].get<std::string>();
  fmt::print("{} strategies and {} classifiers on a simulated market of {} symbols, {} bars: {:.2f} s\n\n", cell(json["strategies"]), cell(json["classifiers"]), cell(json["symbols"]), cell(json["bars"]),
             json["seconds"]["total"].get<double>());
  fmt::print("{}\n", bold("The best by net Sharpe ratio, overall and in each regime (volatility terciles, trend)"));
  print_ranking(json["ranked"]);
  fmt::print("\nCosts decide: {} strategies earn before costs and lose after them", cell(json["killed_by_costs_count"]));
  if (!json["killed_by_costs"].empty()) {
    const Json& worst = json["killed_by_costs"].front();
    fmt::print(", e.g. {}: Sharpe {} gross, {} net", worst["strategy_id"].get<std::string>(), cell(worst["gross_sharpe"]), cell(worst["net_sharpe"]));
  }
  fmt::print(".\nThese are the best of {} tries on one history: part of what you see is luck.\n", cell(json["strategies"]));
  const Json& replay = json["replay"]["metrics"];
  fmt::print("\n{}\n  net Sharpe {}, return {}, max drawdown {}\n", bold("The first three together, equally weighted, their stored signals replayed with costs"), cell(replay["net_sharpe"]),
             percent(replay["total_return"]), percent(replay["max_drawdown"]));
  fmt::print("\n{}\n", bold("Look at next"));
  fmt::print("  tradewind scan {} --where \"net_sharpe > 0.5 and max_drawdown < 0.2\"\n", run);
  fmt::print("  tradewind overfit {}                                   how much of it is luck; scan shows dsr from then on\n", run);
  fmt::print("  tradewind ensemble {} --top 20                         weights beside their walk-forward result\n", run);
  fmt::print("  tradewind scan {} --sort 'cost_impact:desc'            what costs destroy\n", run);
  fmt::print("  tradewind replay {} --top 3 --equity-out equity.csv    the equity curve\n", run);
  fmt::print("  tradewind sweep {} --run-id mine       change the configuration and run it\n", json["config"].get<std::string>());
}

}  // namespace

void add_system_commands(CLI::App& app, Session& session) {
  CLI::App* demo = app.add_subcommand("demo", "Simulated market, sweep, ranking gross and net and by regime, replay: the whole path in a minute");
  auto arguments = std::make_shared<commands::DemoArguments>();
  demo->add_option("--out", arguments->folder, "Folder for the simulated data and the configuration")->capture_default_str();
  demo->add_option("--seed", arguments->seed, "Seed of the simulated market")->capture_default_str();
  demo->add_flag("--rerun", arguments->rerun, "Compute it again although the run exists");
  session.on(demo, [arguments](const Context& context) { return commands::demo(*arguments, context); }, render_demo);

  session.on(app.add_subcommand("doctor", "Check this machine and workspace"), [](const Context& context) { return commands::doctor(context); }, render_doctor);

  CLI::App* completions = app.add_subcommand("completions", "Print the completion script of a shell: eval \"$(tradewind completions bash)\"");
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
