// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/commands/follow.hpp"
#include "tradewind/commands/workflow.hpp"

namespace tradewind::cli {
namespace {

void render_workflow(const Json& json) {
  std::string phases;
  for (const Json& phase : json["phases"])
    phases += fmt::format("{}{} {}", phases.empty() ? "" : ", ", phase["name"].get<std::string>(), phase["status"].get<std::string>());
  fmt::print("{}  {}\n", bold(json["workflow"].get<std::string>()), dim(phases));
  fmt::print("{} runs scanned, {} qualified\n\n", cell(json["scanned_runs"]), cell(json["qualified_runs"]));
  for (const Json& r : json["recommendations"]) fmt::print("{}: {}\n", bold(r["text"].get<std::string>()), r["reason"].get<std::string>());
  Table table({"selected", "run", "score", "Sharpe", "DSR", "held out"});
  for (const Json& c : json["selected_combinations"])
    table.add({c["strategy_id"], c["run_id"], cell(c["score"]), cell(c["selection_sharpe"]), cell(c["dsr"]), cell(c["holdout_sharpe"])});
  if (!table.empty()) {
    fmt::print("\n");
    table.print();
  }
  for (const Json& run : json["runs"])
    if (!run["qualified"].get<bool>())
      fmt::print("not qualified: {}: {}\n", run["run_id"].get<std::string>(), run["reason"].get<std::string>());
  for (const Json& run : json["replay_runs"]) fmt::print("replayed as run {}\n", run.get<std::string>());
  if (json["report"].is_string()) fmt::print("report: {}\n", bold(json["report"].get<std::string>()));
}

void render_follow(const Json& json) {
  for (const Json& one : json["analyses"])
    fmt::print("analysed {}{}\n", one["run_id"].get<std::string>(), one["qualified"].get<bool>() ? "" : "  (nothing qualifies)");
  for (const Json& one : json["failures"])
    fmt::print("failed   {}: {}\n", one["run_id"].get<std::string>(), one["message"].get<std::string>());
}

}  // namespace

void add_workflow_commands(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("workflow", "Sweep, analyse, select, replay and report by one configuration; goes on where it stopped");
  auto arguments = std::make_shared<commands::WorkflowArguments>();
  command->add_option("config", arguments->config, "Workflow configuration, YAML or JSON")->required();
  session.on(command, [arguments](const Context& context) { return commands::workflow(*arguments, context); }, render_workflow);

  CLI::App* follow = app.add_subcommand("follow", "Listen on NATS and analyse every sweep of this workspace as soon as it is complete");
  auto followed = std::make_shared<commands::FollowArguments>();
  follow->add_option("config", followed->config, "Configuration with `events` and, if wanted, `criteria`, `costs`, `ensemble`")->required();
  follow->add_option("--count", followed->count, "End after so many analyses; 0: when interrupted")
      ->check(not_negative())
      ->capture_default_str();
  session.on(follow, [followed](const Context& context) { return commands::follow(*followed, context); }, render_follow);
}

}  // namespace tradewind::cli
