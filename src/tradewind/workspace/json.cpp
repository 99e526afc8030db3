// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <set>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/workspace/json_internal.hpp"

namespace tradewind::workspace {
namespace {

Json value_json(const ParameterValue& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

Json parameters_object(std::span<const Parameter> parameters) {
  Json out = Json::object();
  for (const Parameter& parameter : parameters) out[parameter.name] = value_json(parameter.value);
  return out;
}

std::vector<Parameter> parameters_from(const Json& object) {
  std::vector<Parameter> out;
  for (const auto& [name, value] : object.items()) {
    if (value.is_boolean())
      out.push_back({name, value.get<bool>()});
    else if (value.is_number_integer())
      out.push_back({name, value.get<std::int64_t>()});
    else if (value.is_number())
      out.push_back({name, value.get<double>()});
    else
      out.push_back({name, value.is_string() ? value.get<std::string>() : dump_json(value)});
  }
  return out;
}

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json regime_performance(const SignalMetadata& metadata, std::span<const std::string> metric_columns, bool with_undefined) {
  Json out = Json::object();
  RegimeColumn parts;
  for (std::size_t i = 0; i < metric_columns.size(); ++i)
    if (split_regime_column(metric_columns[i], parts) && (with_undefined || std::isfinite(metadata.values[i])))
      out[parts.classifier][parts.label][parts.metric] = number_or_null(metadata.values[i]);
  return out;
}

Json undefined_object(const std::string& text) {
  Json out = Json::object();
  for (const std::string& item : split(text, ';')) {
    const auto colon = item.rfind(':');
    if (colon != std::string::npos) out[item.substr(0, colon)] = item.substr(colon + 1);
  }
  return out;
}

std::string lines(const Json& json) { return dump_json(json, 2) + "\n"; }

}  // namespace

std::string parameters_json(std::span<const Parameter> parameters) { return dump_json(parameters_object(parameters)); }

Result<std::vector<Parameter>> parse_parameters(std::string_view json) {
  const Json object = read_json(json);
  if (!object.is_object()) return Error(Errc::corrupt, "parameters are not a JSON object: " + printable(json));
  return parameters_from(object);
}

bool split_regime_column(std::string_view column, RegimeColumn& out) {
  constexpr std::string_view kPrefix = "regime.";
  if (!column.starts_with(kPrefix)) return false;
  column.remove_prefix(kPrefix.size());
  const auto metric = column.rfind('.');
  if (metric == std::string_view::npos || metric == 0) return false;
  const auto label = column.rfind('.', metric - 1);
  if (label == std::string_view::npos) return false;
  out = {std::string(column.substr(0, label)), std::string(column.substr(label + 1, metric - label - 1)),
         std::string(column.substr(metric + 1))};
  return true;
}

std::string regime_performance_json(const SignalMetadata& metadata, std::span<const std::string> metric_columns) {
  return dump_json(regime_performance(metadata, metric_columns, false));
}

std::string signal_metadata_json(const SignalMetadata& m, std::span<const std::string> metric_columns) {
  Json out = {{"strategy_id", m.strategy_id},
              {"strategy_type", m.strategy_type},
              {"symbol", m.symbol},
              {"parameters", parameters_object(m.parameters)},
              {"total_signals", m.total_signals},
              {"signal_changes", m.signal_changes},
              {"compression_ratio", m.compression_ratio}};
  for (std::size_t i = 0; i < metric_columns.size(); ++i)
    if (!metric_columns[i].starts_with("regime.")) out[metric_columns[i]] = number_or_null(m.values[i]);
  out["total_trades"] = m.total_trades;
  out["total_fills"] = m.total_fills;
  out["rejected_orders"] = m.rejected_orders;
  out["regime_performance"] = regime_performance(m, metric_columns, true);
  out["undefined"] = undefined_object(m.undefined);
  out["parameter_hash"] = std::to_string(m.parameter_hash);  // text: beyond what JSON numbers carry exactly
  out["data_hash"] = m.data_hash;
  out["format_version"] = kFormatVersion;
  return lines(out);
}

std::string performance_json(const SignalMetadata& m, std::span<const std::string> metric_columns) {
  Json metrics = Json::object();
  for (std::size_t i = 0; i < metric_columns.size(); ++i) metrics[metric_columns[i]] = number_or_null(m.values[i]);
  return lines({{"strategy_id", m.strategy_id},
                {"total_trades", m.total_trades},
                {"total_fills", m.total_fills},
                {"rejected_orders", m.rejected_orders},
                {"metrics", metrics},
                {"undefined", undefined_object(m.undefined)}});
}

std::string classifier_json(const ClassifierMetadata& m) {
  return lines({{"classifier_id", m.classifier_id},
                {"classifier_type", m.classifier_type},
                {"symbol", m.symbol},
                {"parameters", parameters_object(m.parameters)},
                {"labels", m.labels},
                {"total_states", m.total_states},
                {"state_changes", m.state_changes},
                {"compression_ratio", m.compression_ratio},
                {"hindsight", m.hindsight},
                {"regime_counts", m.regime_counts},
                {"avg_regime_duration", m.avg_regime_duration},
                {"transition_matrix", m.transition_matrix},
                {"diagnostics", m.diagnostics},
                {"format_version", kFormatVersion}});
}

Result<ClassifierMetadata> parse_classifier(std::string_view json) {
  try {
    TRADEWIND_ASSIGN(const Json in, parse_json(json, "the classifier's metadata"));
    ClassifierMetadata m;
    m.classifier_id = in.at("classifier_id");
    m.classifier_type = in.at("classifier_type");
    m.symbol = in.value("symbol", "");
    m.parameters = parameters_from(in.at("parameters"));
    m.labels = in.at("labels").get<std::vector<std::string>>();
    m.total_states = in.at("total_states");
    m.state_changes = in.at("state_changes");
    m.compression_ratio = in.at("compression_ratio");
    m.hindsight = in.value("hindsight", false);
    m.regime_counts = in.at("regime_counts").get<decltype(m.regime_counts)>();
    m.avg_regime_duration = in.at("avg_regime_duration").get<decltype(m.avg_regime_duration)>();
    m.transition_matrix = in.at("transition_matrix").get<decltype(m.transition_matrix)>();
    m.diagnostics = in.value("diagnostics", m.diagnostics);
    if (std::set<std::string>(m.labels.begin(), m.labels.end()).size() != m.labels.size())
      return Error(Errc::corrupt, "classifier metadata cannot be read: two states have one label");
    return m;
  } catch (const std::exception& fault) {
    return Error(Errc::corrupt, std::string("classifier metadata cannot be read: ") + printable(fault.what(), 200));
  }
}

std::string transitions_json(const ClassifierMetadata& m, const std::vector<std::pair<UnixNanos, int>>& changes) {
  Json list = Json::array();
  const auto label = [&](int state) { return state < 0 ? Json(nullptr) : Json(m.labels[static_cast<std::size_t>(state)]); };
  int from = -1;
  for (const auto& [time, state] : changes) {
    list.push_back({{"timestamp", format_time(time)}, {"from", label(from)}, {"to", label(state)}});
    from = state;
  }
  return lines({{"classifier_id", m.classifier_id},
                {"transition_matrix", m.transition_matrix},
                {"regime_counts", m.regime_counts},
                {"avg_regime_duration", m.avg_regime_duration},
                {"transitions", list}});
}

}  // namespace tradewind::workspace
