// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "tradewind/metrics/positions.hpp"
#include "tradewind/metrics/regime_slices.hpp"

namespace tradewind::metrics {

/// PerformanceCalculator of the analytics document: the metrics of returns, with positions and costs where they are known.
class StandardPerformanceCalculator {
 public:
  explicit StandardPerformanceCalculator(ReturnOptions options, ReturnsOf returns_of = ReturnsOf::strategy)
      : options_(options), returns_of_(returns_of) {}

  /// Without signals the unit is bar and costs are refused (`usage`): what is not traded costs nothing. Otherwise as the function
  /// calculate_metrics of positions.hpp; no costs mean none.
  Result<PerformanceMetrics> calculate_metrics(std::span<const double> returns, std::span<const std::int8_t> signals = {},
                                               const std::optional<ExecutionCosts>& execution_costs = {}) const;

 private:
  ReturnOptions options_;
  ReturnsOf returns_of_;
};

/// Slices by regime of the same returns, net of costs when signals and costs are given.
class RegimeAwareCalculator {
 public:
  explicit RegimeAwareCalculator(ReturnOptions options, BootstrapOptions bootstrap = {}, ReturnsOf returns_of = ReturnsOf::strategy)
      : options_(options), bootstrap_(bootstrap), returns_of_(returns_of) {}

  /// Errors as regime_slices and apply_costs.
  Result<RegimeReport> calculate_regime_metrics(std::span<const double> returns, std::span<const std::int8_t> signals,
                                                const RegimeLabels& regimes,
                                                const std::optional<ExecutionCosts>& execution_costs = {}) const;

 private:
  ReturnOptions options_;
  BootstrapOptions bootstrap_;
  ReturnsOf returns_of_;
};

}  // namespace tradewind::metrics
