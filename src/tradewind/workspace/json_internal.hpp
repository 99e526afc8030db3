// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/workspace/schemas.hpp"

namespace tradewind::workspace {

/// Parameters as one JSON object on one line; the exact types come back by parse_parameters.
std::string parameters_json(std::span<const Parameter> parameters);
Result<std::vector<Parameter>> parse_parameters(std::string_view json);

/// A column `regime.<classifier>.<label>.<metric>`; classifier ids may hold dots, so it is split from the right.
struct RegimeColumn {
  std::string classifier;
  std::string label;
  std::string metric;
};
bool split_regime_column(std::string_view column, RegimeColumn& out);
/// {"classifier": {"label": {"metric": value}}} of the regime columns that have a value; "{}" without any.
std::string regime_performance_json(const SignalMetadata& metadata, std::span<const std::string> metric_columns);

/// signals/{id}/metadata.json and performance.json.
std::string signal_metadata_json(const SignalMetadata& metadata, std::span<const std::string> metric_columns);
std::string performance_json(const SignalMetadata& metadata, std::span<const std::string> metric_columns);

/// classifiers/{id}/metadata.json and transitions.json.
std::string classifier_json(const ClassifierMetadata& metadata);
Result<ClassifierMetadata> parse_classifier(std::string_view json);
std::string transitions_json(const ClassifierMetadata& metadata, const std::vector<std::pair<UnixNanos, int>>& changes);

/// metadata.json of a run; `checksums` of the files beside the catalog. The text carries its own checksum.
std::string run_metadata_json(const RunMetadata& metadata, const std::map<std::string, std::string>& checksums);
struct ParsedRunMetadata {
  RunMetadata metadata;
  std::map<std::string, std::string> checksums;
};
/// Errc::newer_format; Errc::corrupt for a text that cannot be read, or that its own checksum does not hold for.
Result<ParsedRunMetadata> parse_run_metadata(std::string_view json);
/// The same whether or not the checksum holds: for those that tell what is damaged or make the file anew.
Result<ParsedRunMetadata> parse_unchecked_run_metadata(std::string_view json);
/// Whether the text's own checksum holds.
bool is_intact(std::string_view run_metadata_json);

}  // namespace tradewind::workspace
