// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "session.hpp"
#include "terminal.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/commands/overfit.hpp"
#include "tradewind/commands/regimes.hpp"

namespace tradewind::cli {
namespace {

void render_notes(const Json& json) {
  for (const auto& note : json["notes"]) fmt::print("note: {}\n", note.get<std::string>());
}

/// The first few names of a list.
std::string some_of(const Json& names, const std::string& none) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i) text += (i == 0 ? "" : ", ") + names[i].get<std::string>();
  if (names.size() > kShown) return fmt::format("{} of them: {}, … (--json lists all)", cell(names.size()), text);
  return text.empty() ? none : text;
}

void render_overfit(const Json& json) {
  fmt::print("{}  {} trials ({} independent ones, {} families), {} rows; best: {}\n", bold(json["file"].get<std::string>()),
             cell(json["trials"]), cell(json["effective_trials"]), cell(json["clustered_trials"]), cell(json["rows"]),
             json["best"].is_string() ? json["best"].get<std::string>() : "–");
  Table table({"statistic", "value", ""});
  const std::map<std::string, std::string> meanings = {
      {"family_wise_p", "chance that luck alone shows so good a trial, all trials counted"},
      {"expected_max_null", "Sharpe ratio that luck is expected to show as the best"},
      {"dsr_null", "chance that the best is better than that"},
      {"expected_max_sharpe", "the same as published, from the spread of the trials, which counts skill as luck"}};
  for (const char* name : {"sharpe_per_period", "family_wise_p", "expected_max_null", "dsr_null", "psr", "min_track_record",
                           "expected_max_sharpe", "dsr", "dsr_clustered", "pbo", "loss_probability", "pbo_splits", "rows_used"}) {
    const Json& reason = json["undefined"];
    const auto meaning = meanings.find(name);
    table.add({name, cell(json[name]),
               dim(reason.contains(name)       ? reason[name].get<std::string>()
                   : meaning != meanings.end() ? meaning->second
                                               : "")});
  }
  const auto add = [&](const std::string& section, const char* figure, const std::string& what) {
    const std::string key = section + "." + figure;
    const Json& reason = json["undefined"];
    table.add({key, cell(json[section][figure]), dim(reason.contains(key) ? reason[key].get<std::string>() : what)});
  };
  add("spa", "p_consistent", "the same by Hansen's test for superior predictive ability");
  add("cpcv", "in_sample", "Sharpe ratio that selection promised");
  add("cpcv", "mean", "and what it kept on the bars it had not seen");
  add("cpcv", "loss_probability", "share of out-of-sample paths that lose");
  table.print();
  const Json& interval = json["intervals"]["sharpe_per_period"];
  if (interval.is_array()) fmt::print("95 % of sharpe_per_period: {} to {}\n", cell(interval[0]), cell(interval[1]));
  fmt::print("beyond luck against {} (family-wise, 5 %): {}\n",
             json["benchmark"].is_string() ? json["benchmark"].get<std::string>() : "a return of 0", some_of(json["believed"], "none"));
  if (!json["flat"].empty()) fmt::print("never varied, counted as trials: {}\n", some_of(json["flat"], ""));
  if (!json["pbo_left_out"].empty())
    fmt::print("varied too seldom to be ranked in every half (pbo): {}\n", some_of(json["pbo_left_out"], ""));
  render_notes(json);
}

void render_choice(const Json& choice) {
  if (!choice.is_object()) return;
  Table table({"states", "log likelihood", "BIC", "log density ahead", ""});
  for (const auto& row : choice["table"]) {
    std::string remark = row["states"] == choice["by_bic"] ? "least BIC" : "";
    if (row["states"] == choice["by_prediction"]) remark += remark.empty() ? "predicts best" : ", predicts best";
    table.add({cell(row["states"]), cell(row["log_likelihood"]), cell(row["bic"]), cell(row["predictive_log_density"]), dim(remark)});
  }
  table.print();
}

void render_regimes(const Json& json) {
  fmt::print("{}  column {}, {} bars, classifier {}{}\n", bold(json["file"].get<std::string>()), json["column"].get<std::string>(),
             cell(json["bars"]), json["classifier"].get<std::string>(),
             json["hindsight"].get<bool>() ? bold(" with HINDSIGHT: nobody could have known these labels") : "");
  std::vector<std::string> header = {"state", "bars", "bars per run"};
  for (const auto& label : json["labels"]) header.push_back("to " + label.get<std::string>());
  const bool model = json["parameters"].is_object();
  if (model) header.insert(header.end(), {"mean", "variance"});
  Table table(header);
  for (std::size_t i = 0; i < json["labels"].size(); ++i) {
    const std::string label = json["labels"][i];
    std::vector<std::string> row = {label, cell(json["counts"][label]), cell(json["average_duration"][label])};
    for (const auto& to : json["labels"]) {
      const Json& moves = json["transition_matrix"][label];
      row.push_back(moves.contains(to.get<std::string>()) ? cell(moves[to.get<std::string>()]) : "–");
    }
    if (model) row.insert(row.end(), {cell(json["parameters"]["means"][i]), cell(json["parameters"]["variances"][i])});
    table.add(std::move(row));
  }
  table.print();
  const Json& last = json["states"].empty() ? Json() : json["states"].back();
  fmt::print("now: {}; {} bars unknown {}\n",
             last.is_number() ? bold(json["labels"][last.get<std::size_t>()].get<std::string>()) : "unknown", cell(json["unknown_bars"]),
             dim("(--json gives every state)"));
  if (const Json& steady = json["hysteresis"]; steady.is_object())
    fmt::print("{} changes of state instead of {}\n", cell(steady["switches"]), cell(steady["raw_switches"]));
  render_choice(json["state_choice"]);
  for (const auto& warning : json["warnings"]) fmt::print("warning: {}\n", warning["message"].get<std::string>());
  render_notes(json);
}

struct RegimesOptions {
  commands::RegimesArguments arguments;
  std::vector<std::string> parameters;  ///< name=value
  std::string states;                   ///< a number or "auto"
  int window = 0;
  int iterations = -1;
};

Result<commands::RegimesArguments> parse(const RegimesOptions& options) {
  commands::RegimesArguments a = options.arguments;
  if (options.states == "auto") {
    a.choose_states = true;
  } else if (!options.states.empty()) {
    const auto states = parse_number(options.states);
    if (!states)
      return Error(Errc::usage, fmt::format("'{}' is no number of states", printable(options.states)), "--states", "2 to 6, or auto");
    a.parameters.push_back({"states", *states});
  }
  if (options.window > 0) a.parameters.push_back({"window", static_cast<double>(options.window)});
  if (options.iterations >= 0) a.iterations = options.iterations;
  for (const std::string& text : options.parameters) {
    const auto equals = text.find('=');
    const auto value = equals == std::string::npos ? std::nullopt : parse_number(std::string_view(text).substr(equals + 1));
    if (!value)
      return Error(Errc::usage, fmt::format("'{}' is not name=number", printable(text)), "--param", "for example --param window=60");
    a.parameters.push_back({text.substr(0, equals), *value});
  }
  return a;
}

void add_regimes(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("regimes", "The market regime of every row of a series, told without looking ahead");
  auto options = std::make_shared<RegimesOptions>();
  auto& a = options->arguments;
  command->add_option("file", a.file, "Returns per bar (or prices, with --prices)")->required();
  command
      ->add_option("--classifier", a.classifier, "hmm, hmm_features, jump, volatility_terciles, trend, change_point (see tradewind types)")
      ->capture_default_str();
  command->add_option("--column", a.column, "Column to classify (default: the first numeric one)");
  command->add_flag("--prices", a.prices, "The column holds prices");
  add_nan_option(command, a.nan_policy);
  command->add_option("--states", options->states,
                      "Number of states, 2 to 6 (hmm, jump); auto: by BIC, from what lies before the first label");
  command->add_option("--dwell", a.hysteresis.minimum_dwell, "Bars a state is held at least")->check(CLI::Range(0, 1000000));
  command->add_option("--switch-above", a.hysteresis.switch_above, "Probability a new state must exceed")->check(CLI::Range(0.0, 0.999999));
  command->add_option("--window", options->window, "Window in bars (volatility_terciles, trend)")->check(CLI::Range(2, 100000));
  command->add_option("--param", options->parameters, "Any parameter of the classifier: name=value");
  command->add_option("--init", a.init, "hmm: parameters as JSON {start_probability, transition, means, variances}");
  command->add_option("--iterations", options->iterations, "hmm with --init: exactly this many steps of the fit")
      ->check(CLI::Range(0, 100000));
  command->add_flag("--hindsight", a.hindsight, "hmm: fit on and label with the whole series (Viterbi, smoothed)");
  session.on(
      command,
      [options](const Context& context) -> Result<CommandOutput> {
        TRADEWIND_ASSIGN(const auto arguments, parse(*options));
        return commands::regimes_of_file(arguments, context);
      },
      render_regimes);
}

}  // namespace

void add_analysis_commands(CLI::App& app, Session& session) {
  add_regimes(app, session);
  CLI::App* overfit = app.add_subcommand(
      "overfit", "How much of the best trial's Sharpe ratio is selection: PSR, DSR, PBO, SPA, StepM, purged cross-validation");
  auto arguments = std::make_shared<commands::OverfitArguments>();
  overfit->add_option("source", arguments->file, "A run, or a file of returns per bar, one column per trial")->required();
  overfit->add_option("--column", arguments->columns, "Trials to look at (default: every numeric column)");
  overfit->add_flag("--prices", arguments->prices, "The columns hold prices: returns are made of them");
  add_nan_option(overfit, arguments->nan_policy);
  overfit->add_option("--splits", arguments->splits, "Blocks of the cross-validation, even")
      ->capture_default_str()
      ->check(CLI::Range(2, 20));
  overfit->add_option("--benchmark", arguments->benchmark,
                      "What trials must beat: a column, a symbol of the run, a file, none (default: 0; of a run: holding the symbol)");
  overfit->add_option("--where", arguments->where, "Run: condition on the strategies that are trials");
  overfit->add_option("--replicates", arguments->replicates, "Bootstrap replicates")
      ->capture_default_str()
      ->check(CLI::Range(100, 1000000));
  overfit->add_option("--seed", arguments->seed, "Seed of the bootstrap")->capture_default_str();
  overfit->add_option("--groups", arguments->groups, "Groups of the purged cross-validation, two of them tested at a time")
      ->capture_default_str()
      ->check(CLI::Range(3, 20));
  overfit->add_option("--purge", arguments->purge, "Bars a position or label reaches ahead: left out around each test")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000000));
  overfit->add_option("--embargo", arguments->embargo, "Further bars left out after each test")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000000));
  session.on(
      overfit,
      [arguments, overfit](const Context& context) -> Result<CommandOutput> {
        TRADEWIND_TRY(check_source_options(*overfit, names_run(arguments->file, context), {"--where"}, {"--nan", "--prices"}));
        if (!names_run(arguments->file, context)) return commands::overfit_of_file(*arguments, context);
        return commands::overfit_of_run(*arguments, context);
      },
      render_overfit);
}

}  // namespace tradewind::cli
