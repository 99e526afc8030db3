// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <span>

#include <fmt/format.h>

#include "series_options.hpp"
#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/commands/analyze.hpp"
#include "tradewind/commands/benchmark_input.hpp"
#include "tradewind/commands/report.hpp"
#include "tradewind/commands/tear_sheet.hpp"

namespace tradewind::cli {
namespace {

void print_funnel(const Json& funnel) {
  Table table({"left", "passed", "rejected", "because"});
  for (const Json& stage : funnel)
    table.add({cell(stage["strategies"]), stage["stage"], stage["rejected"] == 0 ? "" : cell(stage["rejected"]),
               stage["rejected"] == 0 ? "" : stage["reason"].get<std::string>()});
  table.print();
}

void print_combinations(const Json& json) {
  Table table({"", "strategy", "score", "Sharpe", "DSR", "held out", "trade in", "note"});
  std::size_t shown = 0;
  for (const Json& c : json["combinations"]) {
    if (!c["selected"].get<bool>() && ++shown > 5) continue;
    std::string regimes;
    for (const Json& label : c["trade_in"]) regimes += (regimes.empty() ? "" : ", ") + label.get<std::string>();
    table.add({c["selected"].get<bool>() ? "*" : "", c["strategy_id"], cell(c["score"]), cell(c["selection_sharpe"]), cell(c["dsr"]),
               cell(c["holdout_sharpe"]), regimes, c["reason"]});
  }
  if (!table.empty()) table.print();
}

void print_ensemble(const Json& ensemble) {
  if (!ensemble.is_object()) return;
  Table weights({"regime", "strategy", "weight"});
  for (const auto& [id, weight] : ensemble["global_weights"].items()) weights.add({"(any)", id, percent(weight)});
  for (const auto& [regime, by_id] : ensemble["weights"].items()) {
    if (by_id.empty()) weights.add({regime, "cash", percent(1.0)});
    for (const auto& [id, weight] : by_id.items()) weights.add({regime, id, percent(weight)});
  }
  weights.print();
  fmt::print("\n");
  Table table({"held-out part", "Sharpe", "return", "drawdown", "switching costs"});
  for (const Json& path : ensemble["performance"])
    table.add({path["name"], cell(path["holdout"]["sharpe_ratio"]), percent(path["holdout"]["total_return"]),
               percent(path["holdout"]["max_drawdown"]), percent(path["switching_costs"])});
  table.print();
  if (ensemble.contains("benchmark") && ensemble["benchmark"].is_object()) {
    const Json& b = ensemble["benchmark"];
    fmt::print("beside {}: alpha {} a year, beta {}, information ratio {}\n", b["name"].get<std::string>(), percent(b["alpha"]),
               cell(b["beta"]), cell(b["information_ratio"]));
  }
}

void render_analysis(const Json& json) {
  const Json& split = json["split"];
  fmt::print("{}  {} strategies; chosen on {} bars, judged on the last {} (from {})\n\n", bold(json["run_id"].get<std::string>()),
             cell(json["funnel"][0]["strategies"]), cell(split["selection_bars"]), cell(split["holdout_bars"]),
             split["boundary"].get<std::string>().substr(0, 10));
  for (const Json& r : json["recommendations"]) fmt::print("{}: {}\n", bold(r["text"].get<std::string>()), r["reason"].get<std::string>());
  fmt::print("\n");
  print_funnel(json["funnel"]);
  fmt::print("\n");
  if (!json["qualified"].get<bool>()) fmt::print("{}\n", dim("what follows is for study only: nothing met the criteria"));
  print_combinations(json);
  fmt::print("\n");
  print_ensemble(json["ensemble"]);
  const Json& luck = json["overfitting"];
  fmt::print(
      "\nluck: {} trials worth {} independent ones; {} beyond luck against {} (family-wise p of the best {}); best of the "
      "selection part: PSR {}, DSR {}, PBO {}\n",
      cell(luck["trials"]), cell(luck["effective_trials"]), luck["believed"].size(),
      luck["benchmark"].is_string() ? luck["benchmark"].get<std::string>() : "a return of 0", cell(luck["family_wise_p"]),
      cell(luck["psr"]), cell(luck["dsr"]), cell(luck["pbo"]));
  for (const Json& finding : json["findings"]) fmt::print("• {}\n", finding["text"].get<std::string>());
  for (const Json& note : json["notes"]) fmt::print("note: {}\n", note.get<std::string>());
}

void add_criteria_options(CLI::App* command, analysis::SelectionCriteria& c) {
  command->add_option("--min-sharpe", c.min_sharpe, "Smallest net Sharpe ratio")->capture_default_str();
  command->add_option("--min-win-rate", c.min_win_rate, "Smallest share of closed trades that won")->capture_default_str();
  command->add_option("--max-drawdown", c.max_drawdown, "Deepest drawdown, a positive fraction")->capture_default_str();
  command->add_option("--min-trades", c.min_trades, "Fewest closed trades")->capture_default_str();
  command->add_option("--required-regimes", c.required_regimes, "Regimes with enough bars to judge");
  command->add_option("--max-correlation", c.max_correlation, "With any better one that is selected")->capture_default_str();
  command->add_option("--max-selections", c.max_selections, "Strategies selected at most")->capture_default_str();
  command->add_option("--min-dsr", c.min_dsr, "Smallest deflated Sharpe ratio; 0 shows it without deciding by it")->capture_default_str();
}

/// What the options hold as text until they are parsed.
struct AnalyzeInput {
  commands::AnalyzeArguments arguments;
  std::string objective = "sharpe";
  std::string covariance = "ledoit_wolf";

  commands::AnalyzeArguments finished() const {
    commands::AnalyzeArguments result = arguments;
    result.options.ensemble.objective = *enum_from_name<ensemble::Objective>(objective);
    result.options.ensemble.covariance = *enum_from_name<ensemble::CovarianceMethod>(covariance);
    return result;
  }
};

void add_analysis_options(CLI::App* command, AnalyzeInput& input, const char* source = "The run") {
  auto& arguments = input.arguments;
  auto& o = arguments.options;
  command->add_option("run", arguments.run, source)->required();
  add_criteria_options(command, o.criteria);
  command->add_option("--holdout", o.holdout, "Newest share of the bars that only judges")->capture_default_str();
  command->add_option("--objective", input.objective, "What the weights are best at")
      ->check(CLI::IsMember(enum_names<ensemble::Objective>()))
      ->capture_default_str();
  command->add_option("--covariance", input.covariance, "Estimator of the covariance")
      ->check(CLI::IsMember(enum_names<ensemble::CovarianceMethod>()))
      ->capture_default_str();
  command->add_option("--max-weight", o.ensemble.constraints.max_weight, "Largest weight of a strategy")->capture_default_str();
  command->add_option("--commission", arguments.commission, "Instead of the run's: 10bps, 0.1%");
  command->add_option("--slippage", arguments.slippage, "Instead of the run's: 5bps");
  command->add_option("--slippage-model", arguments.slippage_model, "Instead of the run's")
      ->check(CLI::IsMember(enum_names<metrics::SlippageModel>()));
  command->add_option("--events", arguments.events, "Configuration whose section `events` says who is told of a new analysis");
  command->add_option("--seed", o.seed, "Of the resampling")->capture_default_str();
  command->add_flag("!--no-cache", o.use_cache, "Compute anew even if the same analysis is stored");
}

void render_report(const Json& json) {
  if (json.contains("metrics")) {
    const Json& m = json["metrics"];
    fmt::print("{}  {} bars: {} a year, Sharpe {}, max drawdown {}\n", bold(json["name"].get<std::string>()), cell(json["bars"]),
               percent(m["annualized_return"]), cell(m["sharpe_ratio"]), percent(m["max_drawdown"]));
    if (json.contains("benchmark"))
      fmt::print("beside {}: alpha {}, beta {}\n", json["benchmark"]["name"].get<std::string>(), percent(json["benchmark"]["alpha"]),
                 cell(json["benchmark"]["beta"]));
    for (const Json& note : json["notes"]) fmt::print("note: {}\n", note.get<std::string>());
  } else {
    for (const Json& r : json["recommendations"])
      fmt::print("{}: {}\n", bold(r["text"].get<std::string>()), r["reason"].get<std::string>());
  }
  if (json.contains("figures")) fmt::print("{} figures written beside it\n", json["figures"].size());
  fmt::print("report: {}\n", bold(json["report"].get<std::string>()));
}

/// What `report` was asked for, whichever its source is.
struct ReportInput {
  AnalyzeInput analysis;
  ReturnsInput series;
  std::string strategy;
  Path out;
  Path figures;
};

constexpr auto kOfAnalysis = std::to_array<const char*>(
    {"--min-sharpe", "--min-win-rate", "--max-drawdown", "--min-trades", "--required-regimes", "--max-correlation", "--max-selections",
     "--min-dsr", "--holdout", "--objective", "--covariance", "--max-weight", "--events", "--no-cache", "--seed"});
constexpr auto kOfCosts = std::to_array<const char*>({"--commission", "--slippage", "--slippage-model"});
constexpr auto kOfStrategy = std::to_array<const char*>({"--strategy"});
constexpr auto kOfReturns = std::to_array<const char*>({"--risk-free", "--sharpe-benchmark"});
constexpr auto kOfFile =
    std::to_array<const char*>({"--column", "--prices", "--periods-per-year", "--signals", "--returns-of", "--nan", "--target"});

/// Errc::usage for an option that says nothing to the kind of page.
Status refuse_given(const CLI::App& command, std::span<const char* const> options, const char* why) {
  for (const char* name : options)
    if (command.get_option(name)->count() > 0) return Error(Errc::usage, why, name);
  return {};
}

Result<CommandOutput> make_report(const CLI::App& command, const ReportInput& o, const Context& context) {
  const std::string& source = o.analysis.arguments.run;
  const bool of_file = commands::names_file(source);
  if (of_file) {
    TRADEWIND_TRY(refuse_given(command, kOfAnalysis, "this option is for runs, and the source is a file"));
    TRADEWIND_TRY(refuse_given(command, kOfStrategy, "this option is for runs, and the source is a file"));
    ReturnsInput series = o.series;
    series.arguments.file = source;
    series.commission = o.analysis.arguments.commission;
    series.slippage = o.analysis.arguments.slippage;
    series.slippage_model = o.analysis.arguments.slippage_model;
    TRADEWIND_ASSIGN(const commands::MetricsArguments arguments, series.finished());
    return commands::tear_sheet_of_file(arguments, {o.out, o.figures}, context);
  }
  TRADEWIND_TRY(refuse_given(command, kOfFile, "this option is for files, and the source is a run"));
  if (o.strategy.empty()) {
    TRADEWIND_TRY(refuse_given(command, kOfReturns, "this option is for the tear sheet of a file or of one strategy (--strategy)"));
    commands::AnalyzeArguments analysis = o.analysis.finished();
    analysis.benchmark = o.series.arguments.benchmark;
    const auto given = [&](const char* option) { return command.get_option(option)->count() > 0; };
    const bool nothing_said = std::none_of(kOfAnalysis.begin(), kOfAnalysis.end(), given) &&
                              std::none_of(kOfCosts.begin(), kOfCosts.end(), given) && !given("--benchmark");
    return commands::report({analysis, o.out, o.figures, nothing_said}, context);
  }
  TRADEWIND_TRY(refuse_given(command, kOfAnalysis, "this option is for the page of a whole run, not of one strategy"));
  TRADEWIND_TRY(refuse_given(command, kOfCosts, "a strategy's tear sheet has the run's own costs"));
  const auto& a = o.series.arguments;
  return commands::tear_sheet_of_strategy({source, o.strategy, a.benchmark, a.risk_free, a.sharpe_benchmark}, {o.out, o.figures}, context);
}

void add_report_command(CLI::App& app, Session& session) {
  CLI::App* report =
      app.add_subcommand("report", "One self-contained HTML page: a run's analysis, or a tear sheet of returns, prices or a strategy");
  auto options = std::make_shared<ReportInput>();
  add_analysis_options(report, options->analysis, "A run, or a file of returns or prices");
  report->add_option("--strategy", options->strategy, "Run: a tear sheet of this strategy alone");
  add_series_options(report, options->series);
  report->add_option("--out", options->out, "The page to write, .html")->required();
  report->add_option("--figures", options->figures, "A folder for every figure of the page as Plotly JSON");
  session.on(report, [options, report](const Context& context) { return make_report(*report, *options, context); }, render_report);
}

}  // namespace

void add_analyze_commands(CLI::App& app, Session& session) {
  CLI::App* analyze = app.add_subcommand("analyze", "What a run's strategies are worth: selection, ensemble, held-out result, luck");
  auto input = std::make_shared<AnalyzeInput>();
  add_analysis_options(analyze, *input);
  analyze->add_option(
      "--benchmark", input->arguments.benchmark,
      "What luck is measured against and the ensemble stands beside: a symbol of the run, a file of returns or prices, none "
      "(default: holding what is traded)");
  session.on(analyze, [input](const Context& context) { return commands::analyze(input->finished(), context); }, render_analysis);

  add_report_command(app, session);
}

}  // namespace tradewind::cli
