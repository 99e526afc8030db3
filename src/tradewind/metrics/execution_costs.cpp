// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/execution_costs.hpp"

#include <cmath>

namespace tradewind::metrics {

std::string_view slippage_model_name(SlippageModel model) noexcept { return model == SlippageModel::linear ? "linear" : "sqrt"; }

std::optional<SlippageModel> slippage_model_from_name(std::string_view name) noexcept {
  if (name == "linear") return SlippageModel::linear;
  if (name == "sqrt") return SlippageModel::sqrt;
  return std::nullopt;
}

double ExecutionCosts::slippage(double volatility) const noexcept {
  return slippage_model == SlippageModel::linear ? slippage_bps : slippage_bps * std::sqrt(volatility);
}

double ExecutionCosts::calculate_cost(double trade_value, double volatility) const noexcept {
  return trade_value * (commission_rate + slippage(volatility));
}

}  // namespace tradewind::metrics
