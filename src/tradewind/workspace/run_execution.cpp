// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/run_execution.hpp"

#include <algorithm>

#include "tradewind/base/text.hpp"
#include "tradewind/workspace/run_execution_internal.hpp"

namespace tradewind::workspace {
namespace {

/// A member of an object that may be none and may lack it.
const Json& member(const Json& object, const char* key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

std::string text_of(const Json& object, const char* key, std::string otherwise = {}) {
  const Json& value = member(object, key);
  return value.is_string() ? value.get<std::string>() : otherwise;
}

double number_of(const Json& object, const char* key, double otherwise) {
  const Json& value = member(object, key);
  return value.is_number() ? value.get<double>() : otherwise;
}

/// A rate as a configuration has it: 0.001, "0.001", "10bps".
double rate_of(const Json& object, const char* key, double otherwise) {
  const Json& value = member(object, key);
  if (value.is_string()) return parse_rate(value.get<std::string>()).value_or(otherwise);
  return value.is_number() ? value.get<double>() : otherwise;
}

/// A number as a configuration has it: 252 or "252".
double configured_number(const Json& object, const char* key, double otherwise) {
  const Json& value = member(object, key);
  if (value.is_string()) return parse_number(value.get<std::string>()).value_or(otherwise);
  return value.is_number() ? value.get<double>() : otherwise;
}

void add(RunExecution& execution, SymbolPrices data) {
  if (!data.symbol.empty() && !data.path.empty() && execution.find(data.symbol) == nullptr) execution.data.push_back(std::move(data));
}

void lift_data(const Json& config, const RunMetadata& run, RunExecution& execution) {
  const Json& list = member(config, "data");
  if (!list.is_array()) return;
  for (const Json& entry : list) {
    const std::string configured = text_of(entry, "path");
    SymbolPrices data{text_of(entry, "symbol"), configured, text_of(entry, "zone"), {}, run.periods_per_year, execution.fill};
    if (const auto hash = run.data_hashes.find(configured); hash != run.data_hashes.end()) data.sha256 = hash->second;
    if (const auto file = run.data_files.find(data.symbol); file != run.data_files.end()) data.path = file->second;
    add(execution, std::move(data));
  }
}

/// What a run of before says in its configurations.
RunExecution lifted(const RunMetadata& run) {
  RunExecution out;
  const Json config = read_json(run.config);
  const Json& execution = member(config, "execution");
  out.fill = text_of(execution, "fill", out.fill);
  out.commission_rate = rate_of(execution, "commission", out.commission_rate);
  const Json& slippage = member(execution, "slippage");
  out.slippage_model = text_of(slippage, "model", out.slippage_model);
  out.slippage_rate = rate_of(slippage, "rate", out.slippage_rate);
  out.risk_free = configured_number(member(config, "annualization"), "risk_free", out.risk_free);
  lift_data(config, run, out);
  for (const auto& [writer, text] : run.configs) lift_data(read_json(text), run, out);
  return out;
}

}  // namespace

Json execution_json(const RunExecution& execution) {
  if (execution.data.empty()) return nullptr;
  Json data = Json::array();
  for (const SymbolPrices& one : execution.data) {
    Json entry = {{"symbol", one.symbol}, {"path", one.path}, {"sha256", one.sha256}, {"periods_per_year", one.periods_per_year}};
    if (!one.zone.empty()) entry["zone"] = one.zone;
    if (!one.reading.empty()) entry["reading"] = one.reading;
    if (!one.fill.empty() && one.fill != execution.fill) entry["fill"] = one.fill;
    data.push_back(std::move(entry));
  }
  Json out = {{"data", std::move(data)},
              {"fill", execution.fill},
              {"commission_rate", execution.commission_rate},
              {"slippage_model", execution.slippage_model},
              {"slippage_rate", execution.slippage_rate},
              {"risk_free", execution.risk_free}};
  if (execution.accounts) out["accounts"] = true;
  return out;
}

RunExecution execution_from(const Json& metadata, const RunMetadata& run) {
  if (!metadata.contains("execution")) {
    RunExecution out = lifted(run);
    out.accounts = run.workflow_type == "live";
    return out;
  }
  const Json& stored = metadata["execution"];
  RunExecution out;
  out.fill = text_of(stored, "fill", out.fill);
  out.commission_rate = number_of(stored, "commission_rate", out.commission_rate);
  out.slippage_model = text_of(stored, "slippage_model", out.slippage_model);
  out.slippage_rate = number_of(stored, "slippage_rate", out.slippage_rate);
  out.risk_free = number_of(stored, "risk_free", out.risk_free);
  const Json& accounts = member(stored, "accounts");
  out.accounts = accounts.is_boolean() ? accounts.get<bool>() : run.workflow_type == "live";
  const Json& list = member(stored, "data");
  if (!list.is_array()) return out;
  for (const Json& entry : list) {
    SymbolPrices data{text_of(entry, "symbol"),
                      text_of(entry, "path"),
                      text_of(entry, "zone"),
                      text_of(entry, "sha256"),
                      number_of(entry, "periods_per_year", run.periods_per_year),
                      text_of(entry, "fill", out.fill)};
    if (const Json& reading = member(entry, "reading"); reading.is_object())
      for (const auto& [name, value] : reading.items())
        if (value.is_string()) data.reading[name] = value.get<std::string>();
    add(out, std::move(data));
  }
  return out;
}

}  // namespace tradewind::workspace
