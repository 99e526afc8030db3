// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "tradewind/base/json.hpp"
#include "tradewind/telemetry/optimizer/performance_optimizer.hpp"

namespace tradewind::live {

/// Carries out what the optimizer suggests, one change of the configuration at a time, measures each, and takes back what does not help.
class Tuner {
 public:
  /// To be called between cycles. True when a setting of the optimizer was changed.
  bool review(const telemetry::Suggestions& suggestions, telemetry::PerformanceOptimizer& optimizer,
              const telemetry::PerformanceMonitor& monitor);
  /// [{change, key, verdict, ratio, …, kept}], in the order applied.
  Json report() const;

 private:
  struct Trial {
    telemetry::ConfigChange change;
    std::variant<bool, std::int64_t> before;
    telemetry::Effect effect;  ///< too_few_cycles while it is being measured
    bool kept = true;
  };
  bool judge(Trial& trial, telemetry::PerformanceOptimizer& optimizer, const telemetry::PerformanceMonitor& monitor);

  std::vector<Trial> trials_;
};

}  // namespace tradewind::live
