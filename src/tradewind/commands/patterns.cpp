// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/patterns.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "tradewind/analysis/pattern_study.hpp"
#include "tradewind/analysis/patterns_json.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/commands/missing_values.hpp"
#include "tradewind/commands/series_input.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::commands {
namespace {

constexpr std::size_t kMaxLabels = 100;
constexpr const char* kDefaultRegimes = "regime";

/// The columns the miner reads.
struct PatternInput {
  market::SeriesTable table;
  std::vector<std::vector<std::int8_t>> signals;
  std::vector<discovery::SignalStream> streams;
  std::span<const double> returns;
  std::vector<std::int8_t> states;
  std::vector<std::string> labels;
  discovery::Surroundings around;
  std::int64_t nan_rows = 0;
};

Result<market::SeriesTable> read_table(const PatternsArguments& arguments, std::string& regimes) {
  market::SeriesOptions options;
  regimes = arguments.regimes.empty() ? kDefaultRegimes : arguments.regimes;
  options.text_columns = {regimes};
  auto table = market::read_series(arguments.file, options);
  if (table || !arguments.regimes.empty() || table.error().code() != Errc::unknown_name) return table;
  regimes.clear();
  options.text_columns.clear();
  return market::read_series(arguments.file, options);
}

Result<std::vector<std::int8_t>> read_signals(const market::SeriesTable& table, const std::string& name, const Path& file) {
  TRADEWIND_ASSIGN(const market::SeriesColumn* const column, table.numbers(name));
  std::vector<std::int8_t> signals(column->values.size());
  for (std::size_t row = 0; row < signals.size(); ++row) {
    const double value = column->values[row];
    if (value != -1 && value != 0 && value != 1) {
      return Error(Errc::invalid_data, fmt::format("signal '{}' is {}; it must be -1, 0 or 1", name, value),
                   fmt::format("{}:{}", file.string(), table.line[row]));
    }
    signals[row] = static_cast<std::int8_t>(value);
  }
  return signals;
}

Status read_pattern_regimes(PatternInput& input, const std::string& name, const Path& file) {
  TRADEWIND_ASSIGN(const market::SeriesColumn* const column, input.table.column(name));
  std::map<std::string, std::int8_t> known;
  for (const std::string& label : column->texts) {
    if (!label.empty()) known.emplace(label, std::int8_t{0});
    if (known.size() <= kMaxLabels) continue;
    return Error(Errc::invalid_data, fmt::format("column '{}' has more than {} labels", name, kMaxLabels), file.string(),
                 "name a column of regime labels with --regimes");
  }
  for (auto& [label, state] : known) {
    state = static_cast<std::int8_t>(input.labels.size());
    input.labels.push_back(label);
  }
  for (const std::string& label : column->texts) input.states.push_back(label.empty() ? std::int8_t{-1} : known.at(label));
  return {};
}

Result<PatternInput> read_pattern_input(const PatternsArguments& arguments) {
  PatternInput input;
  std::string regimes;
  TRADEWIND_ASSIGN(input.table, read_table(arguments, regimes));
  std::vector<std::string> columns = arguments.signals;
  columns.push_back(arguments.returns);
  TRADEWIND_ASSIGN(const MissingValues missing, apply_nan_policy(input.table, columns, arguments.nan_policy, arguments.file));
  input.nan_rows = missing.changed;
  for (const std::string& name : arguments.signals) {
    TRADEWIND_ASSIGN(std::vector<std::int8_t> signals, read_signals(input.table, name, arguments.file));
    input.signals.push_back(std::move(signals));
  }
  for (std::size_t i = 0; i < input.signals.size(); ++i) input.streams.push_back({arguments.signals[i], input.signals[i]});
  TRADEWIND_ASSIGN(const market::SeriesColumn* const returns, input.table.numbers(arguments.returns));
  TRADEWIND_TRY(check_returns(*returns, arguments.file, input.table.notes, "write the return of each bar: close / close before - 1"));
  input.returns = returns->values;
  if (!regimes.empty()) TRADEWIND_TRY(read_pattern_regimes(input, regimes, arguments.file));
  if (!arguments.volume.empty()) {
    TRADEWIND_ASSIGN(const market::SeriesColumn* const volume, input.table.numbers(arguments.volume));
    input.around.volume = volume->values;
  }
  input.around.timestamp = input.table.timestamp;
  return input;
}

Json settings_json(const discovery::MinerOptions& options) {
  return {{"min_support", options.min_support},
          {"min_confidence", options.min_confidence},
          {"max_length", options.max_length},
          {"max_gap", options.max_gap},
          {"permutations", options.permutations},
          {"block", options.block},
          {"holdout", options.holdout},
          {"cost", options.cost},
          {"excess", options.excess},
          {"horizon", options.horizon},
          {"seed", options.seed}};
}

Result<discovery::Shapes> shapes_of(const PatternInput& input, int window, const discovery::MinerOptions& options, const Context& context) {
  std::vector<double> level(input.returns.size());
  std::partial_sum(input.returns.begin(), input.returns.end(), level.begin());
  discovery::ShapeOptions search;
  search.profile = {static_cast<std::size_t>(window), 0, options.threads, context.cancellation};
  search.seed = options.seed;
  return discovery::find_shapes(level, search);
}

/// The parts that are made on request.
Status add_learnt(Json& json, const PatternInput& input, const discovery::Regimes& regimes, const PatternsArguments& arguments,
                  const discovery::MinerOptions& options, const Context& context) {
  if (arguments.model) {
    TRADEWIND_ASSIGN(const auto skill,
                     analysis::test_model(input.streams, input.returns, regimes, options, arguments.lightgbm, context.cancellation));
    json["model"] = analysis::skill_json(skill);
  }
  if (arguments.shapes > 0) {
    TRADEWIND_ASSIGN(const auto shapes, shapes_of(input, arguments.shapes, options, context));
    json["shapes"] = analysis::shapes_json(shapes);
  }
  return {};
}

/// Everything that is mined from one input, as JSON.
Result<CommandOutput> mine(const PatternInput& input, const std::string& name, const PatternsArguments& arguments,
                           std::span<const EventTrace> events, const Context& context) {
  discovery::MinerOptions options = arguments.options;
  options.cost = arguments.cost.value_or(0);
  options.excess = arguments.excess.value_or(false);
  options.threads = thread_count(context.threads);
  TRADEWIND_ASSIGN(const discovery::PatternMiner miner, discovery::PatternMiner::make(options));
  const discovery::Regimes regimes{input.states, input.labels};
  const Stopwatch watch;
  TRADEWIND_ASSIGN(const auto mined,
                   miner.mine_patterns(input.streams, input.returns, regimes, events, input.around, context.cancellation));
  TRADEWIND_ASSIGN(const auto transitions, miner.find_regime_patterns(regimes, input.returns, context.cancellation));

  CommandOutput output{schema_object("patterns"), 0};
  Json& json = output.json;
  json["file"] = name;
  json["rows"] = input.returns.size();
  json["bars"] = mined.bars;
  json["holdout_bars"] = mined.holdout_bars;
  json["settings"] = settings_json(options);
  json["tested"] = mined.tested;
  json["patterns"] = Json::array();
  for (const auto& pattern : mined.patterns) json["patterns"].push_back(analysis::pattern_json(pattern));
  json["tested_transitions"] = transitions.tested;
  json["transitions"] = Json::array();
  for (const auto& transition : transitions.transitions) json["transitions"].push_back(analysis::transition_json(transition));
  TRADEWIND_TRY(add_learnt(json, input, regimes, arguments, options, context));
  json["notes"] = input.table.notes;
  json["milliseconds"] = watch.milliseconds();
  return output;
}

}  // namespace

Result<CommandOutput> patterns_of_file(const PatternsArguments& arguments, const Context& context) {
  TRADEWIND_ASSIGN(const PatternInput input, read_pattern_input(arguments));
  auto output = mine(input, arguments.file.string(), arguments, {}, context);
  if (!output) return locate(output.error(), input.table, arguments.file);
  output->json["nan_rows"] = input.nan_rows;
  return output;
}

Result<CommandOutput> patterns_of_run(const PatternsArguments& given, const analysis::RunSelection& selection, const Context& context) {
  PatternsArguments arguments = given;
  TRADEWIND_ASSIGN(analysis::RunInput run, analysis::RunInput::open(selection.run, {}, context.workspace));
  TRADEWIND_ASSIGN(const auto best, analysis::best_strategies(selection.run, selection.condition(run), "net_sharpe", 0, context.workspace));
  TRADEWIND_ASSIGN(const auto rows, run.run().strategies(best));
  const std::string symbol = rows.front().symbol;
  std::vector<std::string> ids;
  for (const auto& row : rows)
    if (row.symbol == symbol && (selection.top == 0 || ids.size() < selection.top)) ids.push_back(row.strategy_id);
  analysis::PatternInput read;
  arguments.excess = given.excess.value_or(true);
  if (!given.cost) {
    TRADEWIND_ASSIGN(arguments.cost, analysis::occurrence_cost(run, symbol));
  }
  TRADEWIND_TRY(analysis::read_pattern_input(run, ids, symbol, arguments.regimes, context.workspace, read));
  PatternInput input;
  input.streams = read.streams;
  input.returns = read.returns;
  input.states = read.states;
  input.labels = read.labels;
  input.around = read.around;
  TRADEWIND_ASSIGN(CommandOutput output, mine(input, selection.run, arguments, read.events, context));
  output.json["run_id"] = selection.run;
  output.json["symbol"] = symbol;
  output.json["classifier"] = read.classifier;
  output.json["strategies"] = ids;
  Json document = output.json;
  document.erase("milliseconds");
  TRADEWIND_TRY(workspace::write_document(context.workspace, selection.run, "analytics/patterns.json", dump_json(document, 1) + "\n"));
  return output;
}

}  // namespace tradewind::commands
