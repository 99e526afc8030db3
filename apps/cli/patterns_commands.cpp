// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/commands/metrics.hpp"
#include "tradewind/commands/patterns.hpp"

namespace tradewind::cli {
namespace {

std::string text_or_dash(const Json& value) { return value.is_string() ? value.get<std::string>() : "–"; }

std::string verdict(const Json& pattern) {
  if (pattern["profitable"].get<bool>()) return bold("profitable");
  if (pattern["p_adjusted"].is_null()) return dim("not tested");
  if (pattern["p_adjusted"].get<double>() > discovery::kSignificance) return dim("chance");
  return "not confirmed";
}

void render_transitions(const Json& json) {
  if (json["transitions"].empty()) return;
  Table table({"transition", "times", "avg return", "95 % interval", "effect (sd)", "p adjusted", "verdict"});
  for (const auto& t : json["transitions"]) {
    const Json& interval = t["interval"];
    table.add({t["from"].get<std::string>() + " → " + t["to"].get<std::string>(), cell(t["occurrences"]), cell(t["avg_return"]),
               interval.is_null() ? "–" : fmt::format("{} … {}", cell(interval[0]), cell(interval[1])), cell(t["effect"]),
               cell(t["p_adjusted"]), t["significant"].get<bool>() ? bold("significant") : dim("chance")});
  }
  fmt::print("\nafter a change of regime, over the next {} bars\n", cell(json["settings"]["horizon"]));
  table.print();
}

void render_model(const Json& model) {
  fmt::print("\nboosted trees on signals, regimes and recent returns, out of fold: correlation {}, p {}, net return per bar {}: {}\n",
             cell(model["information_coefficient"]), cell(model["p_value"]), cell(model["net_return"]),
             model["skilled"].get<bool>() ? bold("skilled") : dim("chance"));
  Table table({"condition", "importance"});
  for (std::size_t i = 0; i < std::min<std::size_t>(5, model["importance"].size()); ++i)
    table.add({model["importance"][i][0].get<std::string>(), percent(model["importance"][i][1])});
  table.print();
}

void render_shapes(const Json& shapes) {
  Table table({"shape", "start", "nearest", "distance", "p"});
  for (const char* kind : {"motifs", "discords"}) {
    for (const auto& s : shapes[kind])
      table.add({std::string(kind, std::strlen(kind) - 1), cell(s["start"]), cell(s["match"]), cell(s["distance"]), cell(s["p_value"])});
  }
  fmt::print("\n{} windows of the cumulated returns compared\n", cell(shapes["windows"]));
  if (table.empty()) {
    fmt::print("no shape stands out from shuffled returns\n");
  } else {
    table.print();
  }
}

void render_patterns(const Json& json) {
  fmt::print("{}  {} bars, {} held back; {} associations tested\n", bold(json["file"].get<std::string>()), cell(json["bars"]),
             cell(json["holdout_bars"]), cell(json["tested"]));
  Table table({"pattern", "type", "regime", "times", "support", "confidence", "effect (sd)", "p adjusted", "holdout", "verdict"});
  for (const auto& p : json["patterns"]) {
    std::string sequence;
    for (const auto& signal : p["sequence"])
      sequence += (sequence.empty() ? "" : " ") + (signal == 0 ? "0" : fmt::format("{:+}", signal.get<int>()));
    table.add({p["form"].get<std::string>() + " " + sequence, text_or_dash(p["pattern_type"]), text_or_dash(p["regime"]),
               cell(p["occurrences"]), percent(p["support"]), percent(p["confidence"]), cell(p["effect"]), cell(p["p_adjusted"]),
               cell(p["holdout_effect"]), verdict(p)});
  }
  if (table.empty()) {
    fmt::print("no sequence reaches the thresholds, and none beats chance\n");
  } else {
    table.print();
  }
  fmt::print("{}\n", dim(fmt::format(
                         "effect: mean next return{} net of {} for in and out, in standard deviations; p adjusted for everything tested",
                         json["settings"]["excess"].get<bool>() ? ", less what holding earned in the same regime," : "",
                         percent(json["settings"]["cost"]))));
  render_transitions(json);
  if (json.contains("model")) render_model(json["model"]);
  if (json.contains("shapes")) render_shapes(json["shapes"]);
  for (const auto& note : json["notes"]) fmt::print("note: {}\n", note.get<std::string>());
}

struct PatternsOptions {
  commands::PatternsArguments arguments;
  std::string form = "both";
  std::string cost;
  int excess = 0;  ///< 1 when asked for, -1 when not wanted
};

Result<commands::PatternsArguments> parse(const PatternsOptions& options) {
  commands::PatternsArguments a = options.arguments;
  a.options.bars = options.form != "runs";
  a.options.runs = options.form != "bars";
  if (!options.cost.empty()) {
    TRADEWIND_ASSIGN(a.cost, commands::parse_cost(options.cost, "--cost"));
  }
  if (options.excess != 0) a.excess = options.excess > 0;
  return a;
}

void add_miner_options(CLI::App* command, discovery::MinerOptions& o) {
  command->add_option("--min-support", o.min_support, "Smallest support of the sequences listed for their structure")
      ->capture_default_str();
  command->add_option("--min-confidence", o.min_confidence, "Smallest confidence of these")->capture_default_str();
  command->add_option("--max-gap", o.max_gap, "runs: how many runs may be passed over between two signals")->capture_default_str();
  command->add_option("--max-length", o.max_length, "Signals in a sequence, at most")->capture_default_str();
  command->add_option("--window", o.window, "runs: bars of the windows that support is counted in")->capture_default_str();
  command->add_option("--permutations", o.permutations, "Random sign flips of the null")->capture_default_str();
  command->add_option("--block", o.block, "Bars that are flipped together")->capture_default_str();
  command->add_option("--holdout", o.holdout, "Newest share of the bars kept back to confirm; 0: none")->capture_default_str();
  command->add_option("--embargo", o.embargo, "Bars left out before the holdout (default: --block + --max-length)");
  command->add_option("--horizon", o.horizon, "Bars after a change of regime")->capture_default_str();
  command->add_option("--seed", o.seed, "Seed of the permutations")->capture_default_str();
}

}  // namespace

void add_patterns_commands(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("patterns", "What followed sequences of signals and changes of regime, and how much of it is chance");
  auto options = std::make_shared<PatternsOptions>();
  auto& a = options->arguments;
  command->add_option("source", a.file, "A run, or a file of signals, regimes and returns, one row per bar")->required();
  auto selection = std::make_shared<analysis::RunSelection>();
  selection->top = 3;
  command->add_option("--where", selection->where, "Run: condition on the strategies (default total_trades >= 10)");
  command->add_option("--top", selection->top, "Run: the best N of them on the best one's symbol, 0 for all")->capture_default_str();
  command->add_option("--signals", a.signals, "Columns of signals -1, 0, 1, one per strategy")->capture_default_str()->delimiter(',');
  command->add_option("--regimes", a.regimes, "Column of regime labels (default: regime, where the file has it)");
  command->add_option("--returns", a.returns, "Column with the return of each bar")->capture_default_str();
  add_nan_option(command, a.nan_policy);
  command->add_option("--volume", a.volume, "Column of traded volume");
  command->add_option("--form", options->form, "Sequences of runs of equal signals, of consecutive bars, or both")
      ->check(CLI::IsMember({"runs", "bars", "both"}))
      ->capture_default_str();
  command->add_option("--cost", options->cost,
                      "Cost of acting on one occurrence, in and out: 0.001 or 10bps (default: the run's; of a file 0)");
  command->add_flag("--excess,!--no-excess", options->excess,
                    "Test returns less what holding earned in the same regime, so that drift makes no pattern (default: of a run)");
  command->add_flag("--model", a.model, "Also: what boosted trees tell from signals, regimes and recent returns, out of fold");
  command->add_option("--lightgbm", a.lightgbm, "Fit the model with this lib_lightgbm.so (it is loaded and run)");
  command->add_option("--shapes", a.shapes, "Also: recurring and unusual shapes of this many bars in the cumulated returns")
      ->check(CLI::Range(4, 100000));
  add_miner_options(command, a.options);
  session.on(
      command,
      [options, selection, command](const Context& context) -> Result<CommandOutput> {
        TRADEWIND_ASSIGN(const auto arguments, parse(*options));
        TRADEWIND_TRY(check_source_options(*command, names_run(arguments.file, context), {"--where", "--top"},
                                           {"--signals", "--returns", "--volume", "--nan"}));
        if (names_run(arguments.file, context)) {
          analysis::RunSelection of_run = *selection;
          of_run.run = arguments.file.string();
          return commands::patterns_of_run(arguments, of_run, context);
        }
        return commands::patterns_of_file(arguments, context);
      },
      render_patterns);
}

}  // namespace tradewind::cli
