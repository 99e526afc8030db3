// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/telemetry/histogram.hpp"

namespace tradewind::telemetry {

enum class MetricType { counter, gauge, histogram, state_set, info };

/// What a family of metrics is called and means, known before there is a value.
struct MetricDeclaration {
  std::string_view name;  ///< without _total, _bucket, _sum, _count and _info
  MetricType type = MetricType::gauge;
  std::string_view unit;  ///< empty, or what the name ends with
  std::string_view help;
  std::string_view label = {};  ///< that tells samples apart; empty: one sample
};

using Labels = std::vector<std::pair<std::string, std::string>>;

struct MetricSample {
  std::string_view suffix;  ///< of the family's name
  Labels labels;
  double value = 0;
};

/// Samples of one name. Made from a declaration, filled by the functions below.
struct MetricFamily {
  std::string name;
  MetricType type = MetricType::gauge;
  std::string unit;
  std::string help;
  std::string label;
  std::vector<MetricSample> samples;

  explicit MetricFamily(const MetricDeclaration& declaration);
  /// A counter's, gauge's or info's sample. A value that is not finite does not exist and is left out.
  MetricFamily& add(double value, std::string_view label_value = {});
  /// A state set: 1 for the active state, 0 for the others.
  MetricFamily& add_states(std::span<const std::string> states, std::string_view active);
  /// A histogram in seconds, with bounds from 10 µs to 10 s.
  MetricFamily& add_histogram(const Histogram& durations, std::string_view label_value = {});
};

inline constexpr std::string_view kOpenMetricsContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The families in OpenMetrics 1.0 text, `# EOF` included [OpenMetrics, prometheus.io/docs/specs/om/open_metrics_spec]. Bytes of labels
/// that are no UTF-8 are written as \xNN. Errors: Errc::usage for a name or unit that breaks the format, two families or samples of one
/// name, a counter below 0.
Result<std::string> open_metrics_text(std::span<const MetricFamily> families);

/// The names a declaration's samples have, e.g. tradewind_cycles_total.
std::vector<std::string> sample_names(const MetricDeclaration& declaration);

}  // namespace tradewind::telemetry
