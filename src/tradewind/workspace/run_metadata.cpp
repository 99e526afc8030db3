// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/run_execution_internal.hpp"

namespace tradewind::workspace {
namespace {

constexpr std::string_view kChecksumKey = "\"checksum\": \"";
constexpr std::size_t kDigits = 64;
constexpr std::string_view kRebuild = "`tradewind reindex RUN` rebuilds it";

/// Where the digits of the text's own checksum start; npos when it has none.
std::size_t checksum_place(std::string_view text) {
  const auto key = text.rfind(kChecksumKey);
  if (key == std::string_view::npos || text.size() < key + kChecksumKey.size() + kDigits) return std::string_view::npos;
  return key + kChecksumKey.size();
}

UnixNanos time_from(const Json& in, const char* key) {
  const auto it = in.find(key);
  if (it == in.end() || !it->is_string()) return 0;
  const auto parsed = parse_time(it->get<std::string>());
  return parsed ? parsed->nanos : 0;
}

RunMetadata metadata_from(const Json& in) {
  RunMetadata m;
  m.run_id = in.at("run_id");
  m.created_at = time_from(in, "created_at");
  m.workflow_type = in.value("workflow_type", m.workflow_type);
  m.total_strategies = in.value("total_strategies", m.total_strategies);
  m.total_classifiers = in.value("total_classifiers", m.total_classifiers);
  m.total_events = in.value("total_events", m.total_events);
  const auto best = in.find("best_sharpe");
  m.best_sharpe = best != in.end() && best->is_number() ? best->get<double>() : std::numeric_limits<double>::quiet_NaN();
  m.best_strategy = in.value("best_strategy", "");
  m.best_classifier = in.value("best_classifier", "");
  m.commission_model = in.value("commission_model", "");
  m.slippage_model = in.value("slippage_model", "");
  m.start_date = time_from(in, "start_date");
  m.end_date = time_from(in, "end_date");
  m.symbols = in.value("symbols", m.symbols);
  m.signal_files = in.value("signal_files", m.signal_files);
  m.classifier_files = in.value("classifier_files", m.classifier_files);
  m.event_trace_file = in.value("event_trace_file", "");
  m.status = in.value("status", m.status);
  m.periods_per_year = in.value("periods_per_year", 0.0);
  m.layout = in.value("layout", "");
  const auto config = in.find("config");
  if (config != in.end()) m.config = config->is_string() ? config->get<std::string>() : dump_json(*config);
  m.data_hashes = in.value("data_hashes", m.data_hashes);
  m.data_files = in.value("data_files", m.data_files);
  m.conditions = in.value("conditions", m.conditions);
  if (const auto configs = in.find("configs"); configs != in.end())
    for (const auto& [writer, text] : configs->items()) m.configs[writer] = text.is_string() ? text.get<std::string>() : dump_json(text);
  m.catalog = in.value("catalog", m.catalog);
  m.tradewind_version = in.value("tradewind_version", "");
  m.execution = execution_from(in, m);
  return m;
}

/// A configuration as the object it is; as text when it is none.
Json config_json(const std::string& text) {
  Json config = read_json(text);
  return config.is_object() ? config : Json(text);
}

}  // namespace

std::string run_metadata_json(const RunMetadata& m, const std::map<std::string, std::string>& checksums) {
  Json configs = Json::object();
  for (const auto& [writer, text] : m.configs) configs[writer] = config_json(text);
  const Json out = {{"format_version", kFormatVersion},
                    {"run_id", m.run_id},
                    {"created_at", format_time(m.created_at)},
                    {"workflow_type", m.workflow_type},
                    {"status", m.status},
                    {"total_strategies", m.total_strategies},
                    {"total_classifiers", m.total_classifiers},
                    {"total_events", m.total_events},
                    {"best_sharpe", std::isfinite(m.best_sharpe) ? Json(m.best_sharpe) : Json(nullptr)},
                    {"best_strategy", m.best_strategy},
                    {"best_classifier", m.best_classifier},
                    {"commission_model", m.commission_model},
                    {"slippage_model", m.slippage_model},
                    {"start_date", format_time(m.start_date)},
                    {"end_date", format_time(m.end_date)},
                    {"symbols", m.symbols},
                    {"signal_files", m.signal_files},
                    {"classifier_files", m.classifier_files},
                    {"event_trace_file", m.event_trace_file},
                    {"execution", execution_json(m.execution)},
                    {"periods_per_year", m.periods_per_year},
                    {"layout", m.layout},
                    {"config", config_json(m.config)},
                    {"configs", configs},
                    {"conditions", m.conditions},
                    {"data_hashes", m.data_hashes},
                    {"data_files", m.data_files},
                    {"catalog", m.catalog},
                    {"tradewind_version", m.tradewind_version},
                    {"checksums", checksums},
                    {"checksum", std::string(kDigits, '0')}};
  std::string text = dump_json(out, 2) + "\n";
  text.replace(checksum_place(text), kDigits, sha256_hex(text));
  return text;
}

Result<ParsedRunMetadata> parse_run_metadata(std::string_view json) {
  auto parsed = parse_unchecked_run_metadata(json);  // the version first: a newer one may be checked in another way
  if (parsed && !is_intact(json))
    return Error(Errc::corrupt, "the run's metadata is damaged: its bytes are not what was written", {},
                 "restore the file from a copy, or `tradewind reindex RUN` keeps what can be read of it");
  return parsed;
}

Result<ParsedRunMetadata> parse_unchecked_run_metadata(std::string_view json) {
  try {
    const auto parsed = parse_json(json, "the run's metadata");
    if (!parsed) return parsed.error().with_hint(std::string(kRebuild));
    const Json& in = *parsed;
    const int version = in.value("format_version", kFormatVersion);
    if (version > kFormatVersion)
      return Error(Errc::newer_format,
                   "the run is in format " + std::to_string(version) + ", this version reads up to " + std::to_string(kFormatVersion), {},
                   "use a newer tradewind");
    return ParsedRunMetadata{metadata_from(in), in.value("checksums", std::map<std::string, std::string>())};
  } catch (const std::exception& fault) {
    return Error(Errc::corrupt, std::string("the run's metadata cannot be read: ") + printable(fault.what(), 200), {},
                 std::string(kRebuild));
  }
}

bool is_intact(std::string_view json) {
  const auto place = checksum_place(json);
  if (place == std::string_view::npos) return false;
  std::string text(json);
  text.replace(place, kDigits, kDigits, '0');
  return sha256_hex(text) == json.substr(place, kDigits);
}

}  // namespace tradewind::workspace
