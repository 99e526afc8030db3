// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/regimes.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/parallel.hpp"
#include "tradewind/commands/missing_values.hpp"
#include "tradewind/commands/series_input.hpp"
#include "tradewind/regimes/hmm.hpp"
#include "tradewind/regimes/hmm_classifier.hpp"
#include "tradewind/regimes/state_choice.hpp"
#include "tradewind/regimes/state_identity.hpp"
#include "tradewind/regimes/statistics.hpp"

namespace tradewind::commands {
namespace {

using regimes::HmmParameters;
using regimes::State;

/// The series a classifier sees, and how many rows of the file come before its first value.
struct RegimeInput {
  market::SeriesTable table;
  std::string column;
  std::vector<double> returns;
  std::vector<double> closes;   ///< prices, or Π(1 + r) with the start in front
  std::size_t rows_before = 0;  ///< 1 when prices became returns
  MissingValues missing;        ///< which rows of the file these are
};

/// What was found, one entry per row of the file.
struct Findings {
  std::vector<State> states;
  std::vector<std::string> labels;
  std::vector<std::vector<double>> probabilities;  ///< an empty row is unknown
  std::optional<HmmParameters> parameters;
  std::vector<double> log_likelihood;
  std::vector<regimes::FitDiagnostic> diagnostics;
  std::vector<regimes::HmmOptimum> optima;
  std::optional<regimes::StateChoice> choice;
  std::optional<regimes::HysteresisFilter> hysteresis;
  Json notes = Json::array();
};

Error bad_row(const RegimeInput& input, const RegimesArguments& arguments, std::size_t row, const std::string& what) {
  return {Errc::invalid_data, fmt::format("column '{}' {}", input.column, what),
          fmt::format("{}:{}", arguments.file.string(), input.table.line[row]),
          arguments.prices ? "" : "the series is read as returns; --prices converts prices"};
}

Result<RegimeInput> read_regime_input(const RegimesArguments& arguments) {
  RegimeInput input;
  market::SeriesOptions options;
  if (!arguments.column.empty()) options.columns = {arguments.column};
  TRADEWIND_ASSIGN(input.table, market::read_series(arguments.file, options));
  TRADEWIND_ASSIGN(const market::SeriesColumn* const column, choose_column(input.table, arguments.file, arguments.column));
  input.column = column->name;
  if (arguments.prices && arguments.nan_policy == metrics::NanPolicy::zero) TRADEWIND_TRY(carry_prices(input.table, input.column));
  TRADEWIND_ASSIGN(input.missing, apply_nan_policy(input.table, {input.column}, arguments.nan_policy, arguments.file));
  const auto& values = column->values;
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (arguments.prices && values[row] <= 0)
      return bad_row(input, arguments, row, fmt::format("holds {}, which is no price", values[row]));
  }
  if (arguments.prices) {
    input.closes = values;
    input.rows_before = 1;
    for (std::size_t row = 1; row < values.size(); ++row) input.returns.push_back(values[row] / values[row - 1] - 1);
  } else {
    input.returns = values;
    if (const std::string words = looks_like_prices(*column); !words.empty())
      input.table.notes.push_back(words + "; it is taken as it is (--prices makes returns of prices)");
  }
  return input;
}

/// The rows of the file with what was found; those that were left out have nothing.
template <class T>
std::vector<T> of_file(const MissingValues& missing, const std::vector<T>& found, const T& nothing) {
  std::vector<T> all(missing.rows, nothing);
  for (std::size_t i = 0; i < found.size(); ++i) all[missing.kept[i]] = found[i];
  return all;
}

/// Closes for the classifiers that look at prices.
Status make_closes(RegimeInput& input, const RegimesArguments& arguments) {
  if (arguments.prices) return {};
  input.closes = {1};
  for (std::size_t row = 0; row < input.returns.size(); ++row) {
    const double close = input.closes.back() * (1 + input.returns[row]);
    if (input.returns[row] <= -1 || !std::isfinite(close) || close < 1e-290)
      return bad_row(input, arguments, row, fmt::format("holds {}, which no price path survives", input.returns[row]));
    input.closes.push_back(close);
  }
  return {};
}

Result<std::vector<double>> numbers(const Json& json, const char* key) {
  std::vector<double> values;
  if (!json.contains(key) || !json[key].is_array())
    return Error(Errc::invalid_config, fmt::format("'{}' must be a list of numbers", key), key);
  for (const auto& entry : json[key]) {
    if (!entry.is_number()) return Error(Errc::invalid_config, fmt::format("'{}' must be a list of numbers", key), key);
    values.push_back(entry.get<double>());
  }
  return values;
}

Result<HmmParameters> read_init(const Path& path) {
  TRADEWIND_ASSIGN(const std::string text, read_file(path, 1 << 20));
  const Json json = read_json(text);
  if (!json.is_object()) return Error(Errc::invalid_config, "the initial parameters are no JSON object", path.string());
  HmmParameters p;
  const auto read = [&]() -> Status {
    TRADEWIND_ASSIGN(p.start_probability, numbers(json, "start_probability"));
    TRADEWIND_ASSIGN(p.means, numbers(json, "means"));
    TRADEWIND_ASSIGN(p.variances, numbers(json, "variances"));
    if (!json.contains("transition") || !json["transition"].is_array())
      return Error(Errc::invalid_config, "'transition' must be a list of rows", "transition");
    for (const auto& row : json["transition"]) {
      TRADEWIND_ASSIGN(std::vector<double> one, numbers(Json{{"transition", row}}, "transition"));
      p.transition.push_back(std::move(one));
    }
    return regimes::check(p);
  };
  const Status valid = read();
  if (!valid) return valid.error().with_context("reading " + path.string());
  return p;
}

void add_rows(Findings& found, const RegimeInput& input, std::span<const State> states, const regimes::HmmProbabilities& probabilities) {
  found.states.assign(input.rows_before, regimes::kUnknown);
  found.states.insert(found.states.end(), states.begin(), states.end());
  found.probabilities.assign(input.rows_before, {});
  for (std::size_t t = 0; t < states.size(); ++t) {
    const auto row = probabilities.row(t);
    found.probabilities.emplace_back(row.begin(), row.end());
  }
}

/// Parameters that are given or fitted on everything; labels of a filter, or of hindsight.
Result<Findings> fixed_model(const RegimeInput& input, const RegimesArguments& arguments, HmmParameters parameters) {
  Findings found;
  found.parameters = std::move(parameters);
  if (arguments.hindsight) {
    TRADEWIND_ASSIGN(const auto path, regimes::viterbi(*found.parameters, input.returns));
    TRADEWIND_ASSIGN(const auto smooth, regimes::smoothed(*found.parameters, input.returns));
    add_rows(found, input, path.states, smooth);
    found.log_likelihood = {smooth.log_likelihood};
    return found;
  }
  TRADEWIND_ASSIGN(const auto filter, regimes::filtered(*found.parameters, input.returns));
  std::vector<State> states;
  for (std::size_t t = 0; t < input.returns.size(); ++t) {
    const auto row = filter.row(t);
    states.push_back(static_cast<State>(std::max_element(row.begin(), row.end()) - row.begin()));
  }
  add_rows(found, input, states, filter);
  found.log_likelihood = {filter.log_likelihood};
  return found;
}

Result<Findings> from_init(const RegimeInput& input, const RegimesArguments& arguments, std::size_t states) {
  TRADEWIND_ASSIGN(HmmParameters parameters, read_init(arguments.init));
  if (parameters.states() != states) {
    return Error(Errc::usage, fmt::format("--states is {}, but {} describes {}", states, arguments.init.string(), parameters.states()),
                 "--states");
  }
  const int steps = arguments.iterations.value_or(0);
  if (steps == 0) return fixed_model(input, arguments, std::move(parameters));
  if (!arguments.hindsight) {
    return Error(Errc::usage, "--iterations fits the given parameters to the whole series, which a causal label may not see",
                 "--iterations", "add --hindsight, or use --iterations 0");
  }
  TRADEWIND_ASSIGN(const auto training, regimes::train(parameters, input.returns, steps));
  TRADEWIND_ASSIGN(Findings found, fixed_model(input, arguments, training.parameters));
  found.log_likelihood = training.log_likelihood;
  return found;
}

Result<Findings> walk_forward_hmm(const RegimeInput& input, const regimes::HmmClassifierOptions& options) {
  regimes::HmmClassifier classifier(options);
  Findings found;
  found.states.assign(input.rows_before, regimes::kUnknown);
  found.probabilities.assign(input.rows_before, {});
  for (const double value : input.returns) {
    found.states.push_back(classifier.update_value(value));
    const auto row = classifier.probabilities();
    found.probabilities.emplace_back(row.begin(), row.end());
  }
  found.parameters = classifier.parameters();
  found.diagnostics.assign(classifier.diagnostics().begin(), classifier.diagnostics().end());
  found.notes.push_back("parameters are those of the latest fit; each label was given by a fit on the values before it");
  return found;
}

/// States that the fit on everything does not tell apart become the lower one.
void tell_merged_states(Findings& found, const RegimeInput& input) {
  const auto merged = regimes::merged_states(*found.parameters, input.returns);
  for (const auto& d : regimes::merged_diagnostics(merged, input.returns.size())) found.diagnostics.push_back(d);
  for (State& state : found.states) {
    if (state != regimes::kUnknown) state = static_cast<State>(merged[static_cast<std::size_t>(state)]);
  }
  for (auto& row : found.probabilities) {
    if (!row.empty()) regimes::merge_probabilities(merged, row);
  }
}

/// The number of states by BIC over what lies before the first label; all values with hindsight. Two at least.
Result<regimes::StateChoice> choose(const RegimeInput& input, const RegimesArguments& arguments,
                                    const regimes::HmmClassifierOptions& options, int threads) {
  if (!arguments.init.empty())
    return Error(Errc::usage, "--states auto and --init exclude each other", "--states",
                 "the initial parameters have their number of states");
  std::span<const double> seen = input.returns;
  if (!arguments.hindsight) seen = seen.first(std::min(seen.size(), options.history));
  return regimes::choose_states(seen, {.starts = options.starts, .seed = options.seed, .threads = threads});
}

Result<Findings> hmm(const RegimeInput& input, const RegimesArguments& arguments, const regimes::HmmClassifierOptions& options,
                     int threads) {
  if (!arguments.init.empty()) return from_init(input, arguments, options.states);
  if (arguments.iterations)
    return Error(Errc::usage, "--iterations needs --init", "--iterations", "without --init the fit runs until it converges");
  if (!arguments.hindsight) return walk_forward_hmm(input, options);
  TRADEWIND_ASSIGN(
      const auto fit,
      regimes::fit_hmm(input.returns, {.states = options.states, .starts = options.starts, .seed = options.seed, .threads = threads}));
  TRADEWIND_ASSIGN(Findings found, fixed_model(input, arguments, fit.parameters));
  found.diagnostics = fit.diagnostics;
  tell_merged_states(found, input);
  found.optima = fit.optima;
  found.notes.push_back(fmt::format("BIC {:.2f}", fit.bic));
  return found;
}

Result<Findings> classify_hmm(const RegimeInput& input, const RegimesArguments& arguments, regimes::HmmClassifierOptions options,
                              int threads) {
  const auto says_states = [](const regimes::NamedValue& one) { return one.name == "states"; };
  if (!arguments.init.empty() && std::none_of(arguments.parameters.begin(), arguments.parameters.end(), says_states)) {
    TRADEWIND_ASSIGN(const HmmParameters parameters, read_init(arguments.init));
    options.states = parameters.states();
  }
  std::optional<regimes::StateChoice> choice;
  if (arguments.choose_states) {
    TRADEWIND_ASSIGN(choice, choose(input, arguments, options, threads));
    options.states = std::max(choice->by_bic, regimes::kMinHmmStates);
  }
  TRADEWIND_ASSIGN(Findings found, hmm(input, arguments, options, threads));
  found.choice = std::move(choice);
  found.labels = regimes::hmm_labels(options.states);
  if (!arguments.init.empty()) {
    for (std::size_t i = 0; i < found.labels.size(); ++i) found.labels[i] = fmt::format("state_{}", i);
  }
  return found;
}

Result<Findings> classify_bars(RegimeInput& input, const RegimesArguments& arguments, const regimes::ClassifierType& type,
                               const ParameterValues& values) {
  if (arguments.hindsight || !arguments.init.empty() || arguments.iterations) {
    return Error(Errc::usage, fmt::format("--hindsight, --init and --iterations are for hmm; {} is always causal", type.name),
                 "--classifier");
  }
  if (arguments.choose_states) return Error(Errc::usage, "--states auto is for hmm", "--states", "give a number, or use --classifier hmm");
  TRADEWIND_TRY(make_closes(input, arguments));
  Findings found;
  found.labels = type.labels(values);
  const auto classifier = type.make(values);
  found.states = regimes::classify_closes(*classifier, input.closes);
  if (!arguments.prices) found.states.erase(found.states.begin());  // the start of the path is no row
  found.diagnostics.assign(classifier->diagnostics().begin(), classifier->diagnostics().end());
  return found;
}

Result<Findings> classify(RegimeInput& input, const RegimesArguments& arguments, int threads) {
  TRADEWIND_ASSIGN(const auto* const type, regimes::ClassifierRegistry::instance().find(arguments.classifier));
  TRADEWIND_ASSIGN(const auto values, regimes::resolve(*type, arguments.parameters));
  TRADEWIND_TRY(regimes::check(arguments.hysteresis));
  if (arguments.hysteresis.any() && arguments.hindsight) {
    return Error(Errc::usage, "labels of hindsight are smooth already", "--hindsight", "leave out --dwell and --switch-above");
  }
  auto result = type->name == "hmm" ? classify_hmm(input, arguments, regimes::hmm_options(values), threads)
                                    : classify_bars(input, arguments, *type, values);
  if (!result || !arguments.hysteresis.any()) return result;
  Findings& found = *result;
  found.hysteresis.emplace(arguments.hysteresis);
  for (std::size_t t = 0; t < found.states.size(); ++t) {
    const std::span<const double> probabilities = found.probabilities.empty() ? std::span<const double>() : found.probabilities[t];
    found.states[t] = found.hysteresis->update(found.states[t], probabilities);
  }
  return result;
}

Json parameters_json(const HmmParameters& p) {
  return Json{{"start_probability", p.start_probability}, {"transition", p.transition}, {"means", p.means}, {"variances", p.variances}};
}

Json warnings_json(const std::vector<regimes::FitDiagnostic>& diagnostics) {
  Json warnings = Json::array();
  for (const auto& d : diagnostics) {
    Json one{{"code", enum_name(d.issue)}, {"message", regimes::describe(d)}, {"values", d.values}};
    if (d.state >= 0) one["state"] = d.state;
    warnings.push_back(std::move(one));
  }
  return warnings;
}

Json choice_json(const regimes::StateChoice& choice, std::size_t chosen) {
  Json table = Json::array();
  for (const auto& row : choice.table) {
    table.push_back(Json{{"states", row.states},
                         {"log_likelihood", number_or_null(row.log_likelihood)},
                         {"bic", number_or_null(row.bic)},
                         {"predictive_log_density", number_or_null(row.predictive)},
                         {"warnings", warnings_json(row.diagnostics)}});
  }
  return Json{{"chosen", chosen},
              {"by_bic", choice.by_bic},
              {"by_prediction", choice.by_prediction},
              {"predicted", choice.predicted},
              {"table", std::move(table)}};
}

/// What only some classifiers and options have to say; null otherwise.
void put_model(Json& json, const Findings& found, const RegimesArguments& arguments) {
  json["warnings"] = warnings_json(found.diagnostics);
  json["state_choice"] = found.choice ? choice_json(*found.choice, found.labels.size()) : Json(nullptr);
  Json optima = Json::array();
  for (const auto& optimum : found.optima) optima.push_back(Json{{"log_likelihood", optimum.log_likelihood}, {"starts", optimum.starts}});
  json["optima"] = found.optima.empty() ? Json(nullptr) : std::move(optima);
  json["hysteresis"] = nullptr;
  if (found.hysteresis) {
    json["hysteresis"] = Json{{"minimum_dwell", arguments.hysteresis.minimum_dwell},
                              {"switch_above", arguments.hysteresis.switch_above},
                              {"raw_switches", found.hysteresis->raw_switches()},
                              {"switches", found.hysteresis->switches()}};
  }
}

void put_statistics(Json& json, const Findings& found) {
  const auto s = regimes::state_statistics(found.states, found.labels.size());
  json["unknown_bars"] = s.unknown;
  json["state_changes"] = s.changes;
  Json counts = Json::object(), durations = Json::object(), transitions = Json::object();
  for (std::size_t i = 0; i < found.labels.size(); ++i) {
    counts[found.labels[i]] = s.counts[i];
    durations[found.labels[i]] = number_or_null(s.average_duration[i]);
    Json row = Json::object();
    for (std::size_t j = 0; j < s.transitions[i].size(); ++j) row[found.labels[j]] = s.transitions[i][j];
    transitions[found.labels[i]] = std::move(row);
  }
  json["counts"] = std::move(counts);
  json["average_duration"] = std::move(durations);
  json["transition_matrix"] = std::move(transitions);
}

}  // namespace

Result<CommandOutput> regimes_of_file(const RegimesArguments& arguments, const Context& context) {
  TRADEWIND_ASSIGN(RegimeInput input, read_regime_input(arguments));
  const Stopwatch watch;
  auto classified = classify(input, arguments, thread_count(context.threads));
  if (!classified) return locate(classified.error(), input.table, arguments.file);
  const Findings& found = *classified;
  const double milliseconds = watch.milliseconds();

  CommandOutput output{schema_object("regimes"), 0};
  Json& json = output.json;
  json["file"] = arguments.file.string();
  json["column"] = input.column;
  json["classifier"] = arguments.classifier;
  json["hindsight"] = arguments.hindsight;
  json["labels"] = found.labels;
  json["bars"] = found.states.size();
  json["nan_rows"] = input.missing.changed;
  put_statistics(json, found);
  json["log_likelihood"] = found.log_likelihood;
  json["parameters"] = found.parameters ? parameters_json(*found.parameters) : Json(nullptr);
  put_model(json, found, arguments);
  Json states = Json::array();
  for (const State state : of_file(input.missing, found.states, regimes::kUnknown))
    states.push_back(state == regimes::kUnknown ? Json(nullptr) : Json(state));
  json["states"] = std::move(states);
  Json probabilities = found.probabilities.empty() ? Json(nullptr) : Json(Json::array());
  if (!found.probabilities.empty())
    for (const auto& row : of_file(input.missing, found.probabilities, std::vector<double>()))
      probabilities.push_back(row.empty() ? Json(nullptr) : Json(row));
  json["probabilities"] = std::move(probabilities);
  Json notes = input.table.notes;
  for (const auto& note : found.notes) notes.push_back(note);
  json["notes"] = std::move(notes);
  json["milliseconds"] = milliseconds;
  return output;
}

}  // namespace tradewind::commands
