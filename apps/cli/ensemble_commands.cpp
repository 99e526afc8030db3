// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/commands/ensemble.hpp"

namespace tradewind::cli {
namespace {

void print_weights(const std::string& title, const Json& weights) {
  Table table({title, "weight"});
  for (const auto& [name, weight] : weights.items()) table.add({name, percent(weight)});
  if (!table.empty()) table.print();
}

void add_path(Table& table, const std::string& name, const Json& path) {
  table.add({name, cell(path["sharpe_ratio"]), percent(path["annualized_return"]), percent(path["volatility"]),
             path.contains("turnover") ? cell(path["turnover"]) : ""});
}

void render_ensemble(const Json& json) {
  fmt::print("{}  {} over {} strategies, {} bars, covariance {}\n", bold(json["file"].get<std::string>()),
             json["method"].get<std::string>(), cell(json["strategies"]), cell(json["bars"]), json["covariance"].get<std::string>());
  const std::string reason = json["reason"].is_string() ? ": " + json["reason"].get<std::string>() : "";
  fmt::print("{}{}\n", bold(json["status"].get<std::string>()), reason);
  if (json["status"] != "infeasible" && json["status"] != "degenerate") {
    fmt::print("objective {}, gap {}, KKT residual {}, {} ms\n\n", cell(json["objective"]), cell(json["gap"]), cell(json["kkt_residual"]),
               cell(json["milliseconds"]));
  }
  if (json.contains("global_weights")) {
    for (const auto& [regime, weights] : json["weights"].items()) print_weights("regime " + regime, weights);
    for (const auto& [regime, why] : json["fallback"].items())
      fmt::print("regime {} uses the weights of all bars: {}\n", regime, why.get<std::string>());
    print_weights("all bars", json["global_weights"]);
  } else {
    print_weights("strategy", json["weights"]);
  }
  for (const auto& [name, why] : json["excluded"].items()) fmt::print("left out: {} ({})\n", name, why.get<std::string>());
  if (json.contains("walk_forward")) {
    Table table({"", "Sharpe", "return", "volatility", "turnover"});
    if (json.contains("in_sample")) add_path(table, "in sample", json["in_sample"]);
    add_path(table, "walk-forward", json["walk_forward"]);
    add_path(table, "equal weight, same bars", json["baselines"]["equal_weight"]["walk_forward"]);
    add_path(table, "inverse volatility, same bars", json["baselines"]["inverse_volatility"]["walk_forward"]);
    fmt::print("\n");
    table.print();
    fmt::print("{}\n", dim(fmt::format("walk-forward: {} refits, {} bars after bar {}", cell(json["walk_forward"]["refits"]),
                                       cell(json["walk_forward"]["bars"]), cell(json["walk_forward"]["first_bar"]))));
  }
  if (json.contains("benchmark")) {
    const Json& b = json["benchmark"];
    fmt::print("walk-forward beside {}: alpha {} a year, beta {}, information ratio {}\n", b["name"].get<std::string>(),
               percent(b["alpha"]), cell(b["beta"]), cell(b["information_ratio"]));
  }
  for (const auto& note : json["notes"]) fmt::print("note: {}\n", note.get<std::string>());
}

/// What the options hold as text until they are parsed.
struct EnsembleInput {
  commands::EnsembleArguments arguments;
  std::string objective = "sharpe";
  std::string covariance = "ledoit_wolf";
  analysis::RunSelection selection;
};

}  // namespace

void add_ensemble_commands(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("ensemble", "Weights for several return series, with their walk-forward result");
  auto input = std::make_shared<EnsembleInput>();
  auto& a = input->arguments;
  auto& constraints = a.options.constraints;
  command->add_option("source", a.file, "A run, or a file of simple net returns per bar, one column per strategy: CSV, CSV.gz or Parquet")
      ->required();
  command->add_option("--where", input->selection.where, "Run: condition on the strategies to weigh (default total_trades >= 10)");
  command->add_option("--top", input->selection.top, "Run: the best N of them by net Sharpe ratio, 0 for all")->capture_default_str();
  command->add_option("--objective", input->objective, "What the weights are best at")
      ->check(CLI::IsMember(enum_names<ensemble::Objective>()))
      ->capture_default_str();
  command->add_option("--periods-per-year", a.options.periods_per_year,
                      "Bars in a year: 252 daily stocks, 365 daily crypto (a run knows its own)");
  command->add_option("--column", a.columns, "Columns to use (default: every numeric one)");
  command->add_flag("--prices", a.prices, "The columns hold prices: returns are made of them");
  add_nan_option(command, a.nan_policy);
  command->add_option("--min-weight", constraints.min_weight, "Smallest weight; of those held when --max-strategies binds")
      ->capture_default_str();
  command->add_option("--max-weight", constraints.max_weight, "Largest weight")->capture_default_str();
  command->add_option("--max-strategies", constraints.max_strategies, "Strategies held at most; 0: no limit")->capture_default_str();
  command->add_option("--covariance", input->covariance, "Estimator of the covariance")
      ->check(CLI::IsMember(enum_names<ensemble::CovarianceMethod>()))
      ->capture_default_str();
  command->add_option("--max-correlation", constraints.max_correlation, "Of two strategies correlated above this the better one stays")
      ->capture_default_str();
  command->add_option("--current-weights", constraints.current_weights, "Present weights, one per column, for --turnover-penalty");
  command
      ->add_option("--turnover-penalty", constraints.turnover_penalty,
                   "Annual return (min_variance: variance) given up per unit of turnover")
      ->capture_default_str();
  command->add_option("--cvar-level", a.options.cvar_level, "Share of bars that are not in the tail")->capture_default_str();
  command->add_option("--risk-free", a.risk_free, "Annual risk-free rate: 0.02 or 2% (default: 0)");
  command->add_option("--target", a.target, "Annual minimum acceptable return of sortino (default: 0)");
  command->add_option("--benchmark", a.benchmark,
                      "What the walk-forward is compared with: a column of the file, or a file of returns or prices");
  command->add_option("--regimes", a.regimes, "Column of regime labels, or a run's classifier: weights for each regime");
  command->add_flag("--labels-aligned", a.labels_aligned, "A label belongs to the return of its own row, not to the next one");
  command->add_option("--fit-bars", a.walk_forward.first_fit, "Walk-forward: bars before the first weights (default: a third)");
  command->add_option("--step-bars", a.walk_forward.step, "Walk-forward: bars between refits (default: a tenth of the rest)");
  command->add_flag("--rolling", a.walk_forward.rolling, "Walk-forward: fit on the last --fit-bars only");
  command->add_flag("!--no-walk-forward", a.walk, "Leave the walk-forward out");
  session.on(
      command,
      [input, command](const Context& context) -> Result<CommandOutput> {
        commands::EnsembleArguments arguments = input->arguments;
        TRADEWIND_TRY(check_source_options(*command, names_run(arguments.file, context), {"--where", "--top"},
                                           {"--column", "--labels-aligned", "--nan", "--prices", "--periods-per-year", "--benchmark"}));
        arguments.options.objective = *enum_from_name<ensemble::Objective>(input->objective);
        arguments.options.covariance = *enum_from_name<ensemble::CovarianceMethod>(input->covariance);
        if (!names_run(arguments.file, context)) {
          return commands::ensemble_of_file(arguments, context);
        }
        analysis::RunSelection selection = input->selection;
        selection.run = arguments.file.string();
        return commands::ensemble_of_run(arguments, selection, context);
      },
      render_ensemble);
}

}  // namespace tradewind::cli
