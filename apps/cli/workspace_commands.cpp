// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/commands/workspace.hpp"

namespace tradewind::cli {
namespace {

/// Columns people look at first, when the scan did not say which.
const std::vector<std::string> kFirstColumns = {"strategy_id", "gross_sharpe",  "net_sharpe",   "total_return", "max_drawdown",
                                                "win_rate",    "profit_factor", "total_trades", "cost_impact",  "dsr"};

void render_runs(const Json& json) {
  Table table({"run", "status", "kind", "strategies", "classifiers", "best Sharpe", "best strategy", "created"});
  for (const auto& row : json["rows"]) {
    if (row.contains("fault"))
      table.add({row["run_id"].get<std::string>(), "damaged: " + row["fault"].get<std::string>(), "", "", "", "", "", ""});
    else
      table.add({row["run_id"].get<std::string>(), row["status"].get<std::string>(), row["workflow_type"].get<std::string>(),
                 cell(row["total_strategies"]), cell(row["total_classifiers"]), cell(row["best_sharpe"]),
                 row["best_strategy"].get<std::string>(), row["created_at"].get<std::string>()});
  }
  if (table.empty())
    fmt::print("no runs yet; tradewind demo makes one\n");
  else
    table.print();
}

void render_scan(const Json& json, const commands::ScanArguments& arguments) {
  for (const auto& fault : json["faults"])
    fmt::print(stderr, "warning: run {} could not be scanned: {}\n", fault["run_id"].get<std::string>(),
               fault["message"].get<std::string>());
  const Json& rows = json["rows"];
  if (!rows.empty()) {
    std::vector<std::string> columns;
    const std::string sort = arguments.sort.empty() ? "sharpe_ratio" : arguments.sort;
    for (const auto& [name, value] : rows.front().items()) {
      const bool shown = !arguments.columns.empty() || std::find(kFirstColumns.begin(), kFirstColumns.end(), name) != kFirstColumns.end() ||
                         sort.starts_with(name + ":") || sort == name;
      if (shown) columns.push_back(name);
    }
    if (arguments.columns.empty()) {
      const auto rank = [](const std::string& name) {
        return std::find(kFirstColumns.begin(), kFirstColumns.end(), name) - kFirstColumns.begin();
      };
      std::stable_sort(columns.begin(), columns.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
      if (arguments.runs.size() != 1) columns.insert(columns.begin(), "run_id");
    }
    Table table(columns);
    for (const auto& row : rows) {
      std::vector<std::string> cells;
      for (const auto& column : columns) cells.push_back(cell(row[column]));
      table.add(std::move(cells));
    }
    table.print();
  }
  fmt::print("{}\n", dim(fmt::format("{} of {} match, {} scanned in {:.2f} ms", cell(rows.size()), cell(json["matched"]),
                                     cell(json["scanned"]), json["milliseconds"].get<double>())));
}

void add_scan_options(CLI::App* command, const std::shared_ptr<commands::ScanArguments>& arguments, bool page) {
  command->add_option("--where", arguments->where, "Condition, e.g. \"net_sharpe > 1 and win_rate >= 0.55 and symbol == 'SPY'\"");
  command->add_option("--sort", arguments->sort, "COLUMN[:asc|:desc]; undefined values come last (default sharpe_ratio:desc)");
  command->add_option("--limit", arguments->limit, "Rows to give, 0 for all")->check(not_negative())->capture_default_str();
  if (!page) return;
  command->add_option("--offset", arguments->offset, "Rows to skip")->check(not_negative())->capture_default_str();
  command->add_option("--columns", arguments->columns, "Columns to give, separated by commas")->delimiter(',');
}

void render_verify(const Json& json) {
  for (const auto& fault : json["faults"]) fmt::print("{}: {}\n", fault["path"].get<std::string>(), fault["fault"].get<std::string>());
  for (const auto& path : json["unprotected"]) fmt::print("{}: no checksum covers it\n", path.get<std::string>());
  fmt::print("{} files checked, {} faults\n", cell(json["checked"]), cell(json["faults"].size()));
}

Renderer moved(std::string what) {
  return [what = std::move(what)](const Json& json) {
    fmt::print("{}: {} strategies {}\n", json["run_id"].get<std::string>(), cell(json["strategies"]), what);
  };
}

void add_upkeep(CLI::App& app, Session& session) {
  const auto add = [&](const char* name, const char* help, auto action, const char* what) {
    CLI::App* command = app.add_subcommand(name, help);
    auto run = std::make_shared<std::string>();
    command->add_option("run", *run, "Run")->required();
    session.on(command, [run, action](const Context& context) { return action(*run, context); }, moved(what));
  };
  add("pack", "Move all signals of a run into packed segments", commands::pack, "packed");

  CLI::App* reindex =
      app.add_subcommand("reindex", "Rebuild a run's catalog from its Parquet files, also those of other tools; give it prices");
  auto indexed = std::make_shared<std::string>();
  auto pricing = std::make_shared<commands::PricingArguments>();
  reindex->add_option("run", *indexed, "Run")->required();
  add_pricing_options(reindex, *pricing);
  session.on(
      reindex, [indexed, pricing](const Context& context) { return commands::reindex(*indexed, *pricing, context); },
      [](const Json& json) {
        moved("indexed")(json);
        for (const auto& note : json["notes"]) fmt::print("{}\n", dim(note.get<std::string>()));
      });

  CLI::App* unpack = app.add_subcommand("unpack", "Give strategies their own folder with signals.parquet");
  struct Unpack {
    std::string run;
    std::vector<std::string> ids;
    std::optional<std::size_t> top;
  };
  auto arguments = std::make_shared<Unpack>();
  unpack->add_option("run", arguments->run, "Run")->required();
  unpack->add_option("ids", arguments->ids, "Strategies (default: all)");
  unpack->add_option("--top", arguments->top, "The best N by Sharpe ratio")->check(not_negative());
  session.on(
      unpack, [arguments](const Context& context) { return commands::unpack(arguments->run, arguments->ids, arguments->top, context); },
      moved("unpacked"));

  CLI::App* verify = app.add_subcommand("verify", "Check every file of a run against its checksums");
  auto run = std::make_shared<std::string>();
  verify->add_option("run", *run, "Run")->required();
  session.on(verify, [run](const Context& context) { return commands::verify(*run, context); }, render_verify);
}

}  // namespace

void add_workspace_commands(CLI::App& app, Session& session) {
  CLI::App* runs = app.add_subcommand("runs", "List the runs of the workspace, or delete one");
  session.on(runs, [](const Context& context) { return commands::runs(context); }, render_runs);
  CLI::App* remove = runs->add_subcommand("delete", "Remove a run for good");
  auto doomed = std::make_shared<std::string>();
  auto yes = std::make_shared<bool>(false);
  remove->add_option("run", *doomed, "Run")->required();
  remove->add_flag("--yes", *yes, "Do it; without, it is said what would be removed");
  session.on(
      remove, [doomed, yes](const Context& context) { return commands::delete_run(*doomed, *yes, context); },
      [](const Json& json) {
        fmt::print("run {} is removed: {} files, {:.1f} MB\n", json["run_id"].get<std::string>(), cell(json["files"]),
                   1e-6 * json["bytes"].get<double>());
        for (const auto& note : json["notes"]) fmt::print("{}\n", dim(note.get<std::string>()));
      });

  CLI::App* scan = app.add_subcommand("scan", "Filter and sort the strategies of runs");
  auto query = std::make_shared<commands::ScanArguments>();
  scan->add_option("runs", query->runs, "Runs (default: all)");
  add_scan_options(scan, query, true);
  session.on(
      scan, [query](const Context& context) { return commands::scan(*query, context); },
      [query](const Json& json) { render_scan(json, *query); });

  CLI::App* export_command = app.add_subcommand("export", "Write the strategies of a run as .csv, .json or .parquet");
  auto exported = std::make_shared<commands::ScanArguments>();
  auto out = std::make_shared<std::string>();
  exported->limit = 0;
  export_command->add_option("runs", exported->runs, "Runs")->required();
  export_command->add_option("--out", *out, "File to write")->required();
  add_scan_options(export_command, exported, false);
  session.on(
      export_command, [exported, out](const Context& context) { return commands::export_run(*exported, *out, context); },
      [](const Json& json) { fmt::print("{} rows written to {}\n", cell(json["rows"]), json["output"].get<std::string>()); });

  add_upkeep(app, session);
}

}  // namespace tradewind::cli
