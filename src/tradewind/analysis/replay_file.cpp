// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/replay_file.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/config/reader.hpp"
#include "tradewind/metrics/costs_config.hpp"
#include "tradewind/replay/adaptive_json.hpp"
#include "tradewind/replay/replay_strategy_json.hpp"

namespace tradewind::analysis {
namespace {

using config::Complaints;
using config::MapReader;

/// {strategy: weight} as one weight per strategy, in the order of `ids`.
std::vector<double> read_weights(const config::Value& map, const std::string& path, const std::vector<std::string>& ids,
                                 Complaints& complaints) {
  std::vector<double> weights(ids.size(), 0.0);
  if (map.kind != config::Value::Kind::map) {
    complaints.add(map.line, path, "must be a map of strategy to weight");
    return weights;
  }
  MapReader reader(map, path, complaints);
  for (std::size_t i = 0; i < ids.size(); ++i) weights[i] = reader.number(ids[i], 0, 0, 1);
  reader.finish();
  return weights;
}

UnixNanos read_time(MapReader& reader, const char* key, UnixNanos otherwise) {
  const std::string text = reader.text(key);
  if (text.empty()) return otherwise;
  if (const auto time = parse_time(text)) return time->nanos;
  reader.complain(key, fmt::format("'{}' is no time", printable(text)), "write 2021-03-31 or 2021-03-31T14:30:00Z");
  return otherwise;
}

/// One entry of a list of strategies, with the keys of replay/replay_strategy_json.hpp.
replay::ReplayStrategy read_held(const config::Value& entry, const std::string& path, const std::string& run, Complaints& complaints) {
  MapReader reader(entry, path, complaints);
  replay::ReplayStrategy held;
  held.run_id = reader.text("run_id", run);
  if (held.run_id.empty()) reader.complain("run_id", "is missing", "name the strategy's run here, or one for all by `run`");
  held.strategy_id = reader.required_text("strategy_id");
  held.weight = reader.number("weight", 0, 0, 1);
  const std::string classifier = reader.text("classifier_id");
  const config::Value* held_in = reader.value("held_in");
  const bool given = held_in != nullptr && held_in->kind != config::Value::Kind::null;
  if (given == classifier.empty())
    reader.complain("held_in", "goes with a classifier", "give both `classifier_id` and `held_in`, or neither");
  if (given && !classifier.empty()) held.gate = replay::RegimeGate{classifier, reader.text_list("held_in")};
  reader.finish();
  return held;
}

std::vector<replay::ReplayStrategy> read_strategies(MapReader& root, const std::string& run) {
  std::vector<replay::ReplayStrategy> all;
  const config::Value* given = root.require("strategies");
  if (given == nullptr) return all;
  if (given->kind == config::Value::Kind::map) {
    std::vector<std::string> ids;
    for (const auto& [id, weight] : given->entries) ids.push_back(id);
    const std::vector<double> weights = read_weights(*given, "strategies", ids, root.complaints());
    for (std::size_t i = 0; i < ids.size(); ++i) all.push_back({run, ids[i], weights[i], {}});
    if (run.empty()) root.complain("run", "is missing", "name the run whose strategies these are");
  } else if (given->kind == config::Value::Kind::list) {
    for (std::size_t i = 0; i < given->items.size(); ++i)
      all.push_back(read_held(given->items[i], fmt::format("strategies[{}]", i), run, root.complaints()));
  } else {
    root.complain("strategies", "must be a map of strategy to weight, or a list of {run_id, strategy_id, weight, classifier_id, held_in}");
  }
  return all;
}

std::optional<Verdict> read_verdict(MapReader& root) {
  const config::Value* given = root.value("verdict");
  if (given == nullptr || given->kind == config::Value::Kind::null) return std::nullopt;
  Verdict verdict;
  MapReader reader(*given, "verdict", root.complaints());
  verdict.level = reader.choice("level", VerdictLevel::nothing);
  verdict.confidence = reader.choice("confidence", Confidence::low);
  verdict.headline = reader.text("headline");
  reader.finish();
  return verdict;
}

/// How every strategy of the runs is traded. Their own costs must agree where the file names none.
Status take_execution(PreparedReplay& prepared, const std::optional<metrics::ExecutionCosts>& costs,
                      std::map<std::string, RunInput>& inputs, const RunData& data, const Path& workspace) {
  for (const std::string& run : prepared.runs()) {
    TRADEWIND_ASSIGN(RunInput input, RunInput::open(run, data, workspace));
    const auto& own = input.execution();
    auto& all = prepared.config.execution;
    if (inputs.empty()) {
      all = own;
    } else if (!costs && !(own.costs == all.costs)) {
      return Error(Errc::invalid_config, fmt::format("runs '{}' and '{}' are traded at different costs", prepared.run_id, run), "costs",
                   "say at which the whole is traded: costs: {commission: 10bps, slippage: {model: linear, rate: 5bps}}");
    }
    all.periods_per_year = std::max(all.periods_per_year, own.periods_per_year);
    inputs.emplace(run, std::move(input));
  }
  if (costs) prepared.config.execution.costs = *costs;
  return {};
}

/// The labels of a gate must be its classifier's.
Status check_gates(const PreparedReplay& prepared, const std::map<std::string, RunInput>& inputs) {
  for (const auto& held : prepared.config.strategies) {
    if (!held.gate) continue;
    TRADEWIND_ASSIGN(const auto labels, inputs.at(held.run_id).labels_of(held.gate->classifier_id));
    for (const std::string& label : held.gate->held_in)
      if (std::find(labels.begin(), labels.end(), label) == labels.end())
        return Error(Errc::unknown_name, fmt::format("classifier '{}' has no regime '{}'", held.gate->classifier_id, printable(label)),
                     "held_in", suggestion(label, labels));
  }
  return {};
}

}  // namespace

bool is_replay_file(const std::string& name) {
  const std::string extension = Path(name).extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

Json replay_file_json(const PreparedReplay& prepared) {
  const replay::SignalReplayConfig& config = prepared.config;
  const metrics::ExecutionCosts& costs = config.execution.costs;
  Json json = {{"run", prepared.run_id}, {"strategies", Json::array()}};
  for (const auto& held : config.strategies) json["strategies"].push_back(replay::strategy_json(held));
  if (!prepared.classifier_id.empty()) json["classifier"] = prepared.classifier_id;
  if (config.adaptive) {
    json["adaptive"] = replay::adaptive_json(*config.adaptive, config.regimes);
  } else if (!prepared.classifier_id.empty()) {
    json["weights"] = Json::object();
    for (std::size_t regime = 0; regime < config.regimes.size(); ++regime) {
      Json weights = Json::object();
      for (std::size_t i = 0; i < config.strategies.size(); ++i)
        if (config.regime_weights[regime][i] > 0) weights[config.strategies[i].strategy_id] = config.regime_weights[regime][i];
      json["weights"][config.regimes[regime]] = std::move(weights);
    }
  }
  if (config.from != std::numeric_limits<UnixNanos>::min()) json["from"] = format_time(config.from, true);
  if (config.to != std::numeric_limits<UnixNanos>::max()) json["to"] = format_time(config.to, true);
  json["confirm_bars"] = config.confirm_bars;
  json["costs"] = {{"commission", costs.commission_rate},
                   {"slippage", {{"model", enum_name(costs.slippage_model)}, {"rate", costs.slippage_bps}}}};
  if (!prepared.input_hash.empty()) json["input_hash"] = prepared.input_hash;
  if (prepared.verdict)
    json["verdict"] = {{"level", enum_name(prepared.verdict->level)},
                       {"confidence", enum_name(prepared.verdict->confidence)},
                       {"headline", prepared.verdict->headline}};
  return json;
}

Result<PreparedReplay> read_replay_file(const Path& path, const RunData& data, const Path& workspace) {
  TRADEWIND_ASSIGN(const config::Value document, config::load_config(path));
  Complaints complaints(path.string());
  MapReader root(document, "", complaints);
  PreparedReplay prepared;
  const std::string run = root.text("run");
  prepared.config.strategies = read_strategies(root, run);
  if (complaints.empty() && prepared.config.strategies.empty()) root.complain("strategies", "names no strategy");
  prepared.run_id = run.empty() && !prepared.config.strategies.empty() ? prepared.config.strategies.front().run_id : run;
  std::vector<std::string> ids;
  for (const auto& held : prepared.config.strategies) ids.push_back(held.strategy_id);
  prepared.classifier_id = root.text("classifier");
  prepared.input_hash = root.text("input_hash");
  prepared.verdict = read_verdict(root);
  const config::Value* weights = root.value("weights");
  if (weights != nullptr && weights->kind != config::Value::Kind::map)
    root.complain("weights", "must be a map of regime to {strategy: weight}");
  const config::Value* adaptive = root.value("adaptive");
  if ((weights != nullptr || adaptive != nullptr) != !prepared.classifier_id.empty())
    root.complain("weights", "go with a classifier", "give `classifier` with `weights` or `adaptive`, or none of them");
  if (weights != nullptr && adaptive != nullptr)
    root.complain("adaptive", "is given beside `weights`", "weights either adapt or are those of the regime in force");
  std::optional<metrics::ExecutionCosts> costs;
  if (const config::Value* given = root.value("costs")) {
    MapReader section(*given, "costs", complaints);
    costs = metrics::read_costs(section);
    section.finish();
  }
  prepared.config.from = read_time(root, "from", prepared.config.from);
  prepared.config.to = read_time(root, "to", prepared.config.to);
  prepared.config.confirm_bars = static_cast<int>(root.number("confirm_bars", 1, 1, 1e6));
  root.finish();
  TRADEWIND_TRY(complaints.status());

  std::map<std::string, RunInput> inputs;
  TRADEWIND_TRY(take_execution(prepared, costs, inputs, data, workspace));
  TRADEWIND_TRY(check_gates(prepared, inputs));
  if (prepared.classifier_id.empty()) return prepared;
  if (!inputs.contains(prepared.run_id))
    return Error(Errc::invalid_config, fmt::format("no strategy is of run '{}', whose classifier is named", prepared.run_id), "run");
  TRADEWIND_ASSIGN(prepared.config.regimes, inputs.at(prepared.run_id).labels_of(prepared.classifier_id));
  if (adaptive != nullptr) {
    TRADEWIND_ASSIGN(const Json rule, parse_json(config::to_json(*adaptive), "adaptive"));
    auto model = replay::adaptive_from_json(rule, prepared.config.regimes, ids.size());
    if (!model) return Error(Errc::invalid_config, model.error().message(), path.string() + ": adaptive", model.error().hint());
    prepared.config.adaptive = std::move(*model);
    return prepared;
  }
  MapReader by_regime(*weights, "weights", complaints);
  for (const std::string& regime : prepared.config.regimes) {
    const config::Value* own = by_regime.value(regime);
    prepared.config.regime_weights.push_back(own == nullptr ? std::vector<double>(ids.size(), 0.0)
                                                            : read_weights(*own, "weights." + regime, ids, complaints));
  }
  by_regime.finish();
  TRADEWIND_TRY(complaints.status());
  return prepared;
}

}  // namespace tradewind::analysis
