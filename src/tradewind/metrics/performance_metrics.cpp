// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/performance_metrics.hpp"

#include <algorithm>

namespace tradewind::metrics {
std::string undefined_text(const PerformanceMetrics& performance) {
  std::string text;
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    if (performance.reason[i] == Undefined::defined) continue;
    if (!text.empty()) text += ';';
    text += enum_name(static_cast<Metric>(i));
    text += ':';
    text += enum_name(performance.reason[i]);
  }
  return text;
}

}  // namespace tradewind::metrics
