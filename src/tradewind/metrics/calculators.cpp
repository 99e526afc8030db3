// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/calculators.hpp"

namespace tradewind::metrics {
namespace {

Error costs_without_signals() {
  return {Errc::usage, "costs are charged on position changes, but no signals are given", "execution_costs",
          "give the positions (-1, 0, 1) beside the returns"};
}

}  // namespace

Result<PerformanceMetrics> StandardPerformanceCalculator::calculate_metrics(std::span<const double> returns,
                                                                            std::span<const std::int8_t> signals,
                                                                            const std::optional<ExecutionCosts>& execution_costs) const {
  if (signals.empty()) {
    if (execution_costs && !returns.empty()) return costs_without_signals();
    return metrics::calculate_metrics(returns, options_);
  }
  return metrics::calculate_metrics(returns, signals, execution_costs.value_or(ExecutionCosts::none()), options_, returns_of_);
}

Result<RegimeReport> RegimeAwareCalculator::calculate_regime_metrics(std::span<const double> returns, std::span<const std::int8_t> signals,
                                                                     const RegimeLabels& regimes,
                                                                     const std::optional<ExecutionCosts>& execution_costs) const {
  if (signals.empty()) {
    if (execution_costs && !returns.empty()) return costs_without_signals();
    return regime_slices(returns, regimes, options_, bootstrap_);
  }
  TRADEWIND_TRY(check(options_));
  TRADEWIND_ASSIGN(const CostedReturns costed,
                   apply_costs(returns, signals, execution_costs.value_or(ExecutionCosts::none()), options_.periods_per_year, returns_of_));
  return regime_slices(costed.net, regimes, options_, bootstrap_);
}

}  // namespace tradewind::metrics
