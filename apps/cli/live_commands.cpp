// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/commands/live.hpp"

namespace tradewind::cli {
namespace {

using commands::LiveArguments;

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : cell(value); }

void render_strategies(const Json& strategies) {
  Table table({"strategy", "", "capital", "equity", "profit", "ROI %", "found", "taken", "closed", "won %", "fees"});
  for (const auto& [name, s] : strategies.items())
    table.add({name, s.value("enabled", false) ? "on" : "off", text_of(s["capital"]), text_of(s["equity"]), text_of(s["total_profit"]),
               cell(s["roi_percent"]), cell(s["opportunities_found"]), cell(s["opportunities_taken"]), cell(s["trades_closed"]),
               cell(s["win_rate_percent"]), text_of(s["fees"])});
  table.print();
  for (const auto& [name, s] : strategies.items()) {
    if (s.contains("note")) fmt::print("{}: {}\n", name, text_of(s["note"]));
    if (s.contains("warning")) fmt::print("{} is traded all the same: {}\n", name, text_of(s["warning"]));
    if (s.contains("details") && s["details"].contains("regime")) fmt::print("{}: regime {}\n", name, text_of(s["details"]["regime"]));
    if (s.contains("drift") && s["drift"]["alarm"].is_string())
      fmt::print("{} earns less than was expected of it, since {}\n", name, text_of(s["drift"]["since"]));
    if (s.contains("stopped_by") && s["stopped_by"].is_string()) fmt::print("{} was stopped by {}\n", name, text_of(s["stopped_by"]));
  }
}

void render_streaming(const Json& s) {
  fmt::print("drawdown {} now, {} at most   Sharpe ratio {}   volatility {}{}\n\n", cell(s["current_drawdown"]), cell(s["max_drawdown"]),
             cell(s["sharpe_ratio"]), cell(s["volatility"]),
             s["sharpe_ratio"].is_null() ? "   (a year is not judged by " + cell(s["marks"]) + " marks so far)" : "");
}

void render_reasons(const Json& reasons) {
  if (reasons.empty()) return;
  fmt::print("\n{}\n", bold("Why no trade"));
  Table table({"reason", "opportunities"});
  for (const auto& [reason, count] : reasons.items()) table.add({reason, cell(count)});
  table.print();
}

/// Expected beside earned, where something was closed.
void render_calibration(const Json& calibration, const Json& recommendations) {
  if (calibration.empty()) return;
  fmt::print("\n{}\n", bold("Expected and earned"));
  Table table({"strategy", "kind", "trades", "expected", "earned", "won %", "legs short", "after 10 s, cents"});
  for (const auto& [strategy, kinds] : calibration.items())
    for (const auto& [kind, g] : kinds.items())
      table.add({strategy, kind, cell(g["trades"]), cell(g["expected_profit"]), cell(g["realized_profit"]), cell(g["hit_rate_percent"]),
                 fmt::format("{} of {}", cell(g["legs_short"]), cell(g["legs"])), cell(g["markout_cents"].value("10", Json(nullptr)))});
  table.print();
  for (const Json& one : recommendations) fmt::print("{}\n", text_of(one["text"]));
}

/// Options that are kinder than a venue stand beside what they made.
void render_optimistic(const Json& json) {
  if (!json.contains("optimistic") || json["optimistic"].empty()) return;
  std::string options;
  for (const Json& one : json["optimistic"]) options += (options.empty() ? "" : ", ") + text_of(one);
  fmt::print("  kinder than a venue: {}\n", options);
}

void render_live(const Json& json) {
  const Json& account = json["account"];
  const std::string state = json["statistics"].value("trading_state", "");
  const std::string running = json.contains("running") ? (json["running"].get<bool>() ? ", running" : ", not running") : "";
  const bool simulated = json.value("simulated", false);
  fmt::print("session {}: {} cycles, {}{}; {}\n", bold(json["session"]), cell(json["cycles"]), state, running,
             simulated ? fmt::format("paper money on simulated markets ({})", text_of(json["world"]))
                       : "paper money at " + json.value("market_data", "") + "'s prices");
  render_optimistic(json);
  if (state != "ACTIVE")
    fmt::print("  {}: {}\n  tradewind live resume --session {}   takes trading up again\n", state,
               json["statistics"].value("trading_state_reason", ""), json["session"].get<std::string>());
  fmt::print("equity {}   cash {}   realized {}   unrealized {}   fees {}\n", text_of(account["equity"]), text_of(account["cash"]),
             text_of(account["realized_profit"]), text_of(account["unrealized_profit"]), text_of(account["fees"]));
  if (json.contains("streaming")) render_streaming(json["streaming"]);
  if (json.contains("strategies")) render_strategies(json["strategies"]);
  if (json.contains("calibration")) render_calibration(json["calibration"], json["recommendations"]);
  if (json.contains("reasons")) render_reasons(json["reasons"]);
  if (!json.contains("performance") || !json["performance"].contains("overall_grade")) return;
  const Json& grade = json["performance"]["overall_grade"];
  fmt::print("\nspeed: grade {}, median cycle {} ms{}\n", text_of(grade["grade"]), cell(grade["median_cycle_time_ms"]),
             simulated ? " of computing alone: a simulated market has no network" : "");
  fmt::print("\n{}\n  tradewind scan {}\n  tradewind analyze {} --min-sharpe 0 --min-trades 0 --min-win-rate 0\n", dim("its run:"),
             json["session"].get<std::string>(), json["session"].get<std::string>());
}

void render_trades(const Json& json) {
  constexpr std::size_t kShown = 40;
  const Json& trades = json["trades"];
  fmt::print("session {}: {} trades{}\n", bold(json["session"]), trades.size(),
             json.value("simulated", false) ? fmt::format(", simulated markets ({})", text_of(json["world"])) : "");
  render_optimistic(json);
  if (trades.size() > kShown) fmt::print("the last {} of them; --json and --out have all\n", kShown);
  Table table({"trade", "strategy", "kind", "opened", "closed", "orders", "fills", "expected", "profit", "fees"});
  for (std::size_t i = trades.size() - std::min(trades.size(), kShown); i < trades.size(); ++i) {
    const Json& t = trades[i];
    table.add({cell(t["trade_id"]), text_of(t["strategy"]), text_of(t["kind"]), text_of(t["opened"]), text_of(t["closed"]),
               fmt::to_string(t["orders"].size()), fmt::to_string(t["fills"].size()), text_of(t["expected_profit"]),
               t["closed"].is_null() ? "–" : text_of(t["profit"]), text_of(t["fees"])});
  }
  table.print();
  if (json.contains("file")) fmt::print("written: {}\n", json["file"].get<std::string>());
}

void render_command(const Json& json) { fmt::print("session {}: {}\n", json["session"].get<std::string>(), text_of(json["answer"])); }

/// A subcommand that leaves a command with the session.
CLI::App* add_command(CLI::App& live, Session& session, const char* name, const char* what, const std::shared_ptr<std::string>& of,
                      std::function<Result<Json>()> make) {
  CLI::App* command = live.add_subcommand(name, what);
  command->add_option("--session", *of, "Session (default: the workspace's newest)");
  session.on(
      command,
      [of, make = std::move(make)](const Context& context) -> Result<CommandOutput> {
        auto json = make();
        if (!json) return json.error();
        return commands::live_command(*of, *json, context);
      },
      render_command);
  return command;
}

/// "arbitrage=0.6 momentum=0.4" as an object.
Result<Json> allocation_of(const std::vector<std::string>& words) {
  Json allocation = Json::object();
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    char* end = nullptr;
    const std::string number = equals == std::string::npos ? "" : word.substr(equals + 1);
    const double share = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != '\0')
      return Error(Errc::usage, "a share must be STRATEGY=NUMBER", word, "e.g. arbitrage=0.6 momentum=0.4");
    const std::string name = word.substr(0, equals);
    if (allocation.contains(name)) return Error(Errc::usage, fmt::format("the share of {} is given twice", name), word);
    allocation[name] = share;
  }
  return Json{{"do", "rebalance"}, {"allocation", allocation}};
}

}  // namespace

void add_live_commands(CLI::App& app, Session& session) {
  CLI::App* live = app.add_subcommand("live", "Trade on paper: several strategies on one account, at simulated or real prices");
  auto arguments = std::make_shared<LiveArguments>();
  auto config = std::make_shared<std::string>();
  live->add_option("config", *config, "Configuration (docs/live.md)");
  live->add_option("--session", arguments->session,
                   "Name of the session and its run; the same name goes on with it (default: the configuration's)");
  live->add_option("--cycles", arguments->cycles, "Cycles to run (0: until stopped)")->capture_default_str();
  live->add_option("--venue", arguments->venue, "Where orders go")->capture_default_str();
  session.on(
      live,
      [arguments, config](const Context& context) -> Result<CommandOutput> {
        if (config->empty())
          return Error(Errc::usage, "which configuration?", "tradewind live CONFIG.yaml",
                       "or one of: status, trades, enable, disable, rebalance, halt, reduce, resume");
        LiveArguments full = *arguments;
        full.config = *config;
        return commands::live(full, context);
      },
      render_live);

  auto of = std::make_shared<std::string>();
  CLI::App* status = live->add_subcommand("status", "What the session's journal says, whether it runs or not");
  status->add_option("--session", *of, "Session (default: the workspace's newest)");
  session.on(status, [of](const Context& context) { return commands::live_status(*of, context); }, render_live);

  auto wanted = std::make_shared<commands::TradesArguments>();
  CLI::App* trades = live->add_subcommand("trades", "Every trade with its orders, fills and payouts: enough to recompute each figure");
  trades->add_option("--session", wanted->session, "Session (default: the workspace's newest)");
  trades->add_option("--out", wanted->out, "A line for each fill and payout into this .csv, .parquet or .json");
  session.on(trades, [wanted](const Context& context) { return commands::live_trades(*wanted, context); }, render_trades);

  auto strategy = std::make_shared<std::string>();
  auto exit = std::make_shared<bool>(false);
  auto reason = std::make_shared<std::string>("by command");
  auto shares = std::make_shared<std::vector<std::string>>();
  add_command(*live, session, "enable", "Let a strategy enter again", of,
              [strategy] { return Json{{"do", "enable"}, {"strategy", *strategy}}; })
      ->add_option("strategy", *strategy, "Strategy")
      ->required();
  CLI::App* disable = add_command(*live, session, "disable", "No new trades of a strategy", of,
                                  [strategy, exit] { return Json{{"do", "disable"}, {"strategy", *strategy}, {"exit", *exit}}; });
  disable->add_option("strategy", *strategy, "Strategy")->required();
  disable->add_flag("--exit", *exit, "Leave its positions now instead of holding them to their own exit");
  add_command(*live, session, "rebalance", "Give strategies new shares of the capital", of, [shares] { return allocation_of(*shares); })
      ->add_option("shares", *shares, "STRATEGY=SHARE …, which sum to 1")
      ->required();
  const auto state = [&](const char* name, const char* what) {
    add_command(*live, session, name, what, of, [name, reason] { return Json{{"do", name}, {"reason", *reason}}; })
        ->add_option("--reason", *reason, "Kept in the journal")
        ->capture_default_str();
  };
  state("halt", "Kill switch: cancel everything, send nothing until resumed");
  state("reduce", "Exits only");
  state("resume", "Trade again");
}

}  // namespace tradewind::cli
