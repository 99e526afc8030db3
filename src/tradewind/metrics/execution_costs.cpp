// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/execution_costs.hpp"

#include <cmath>

#include "tradewind/base/text.hpp"

namespace tradewind::metrics {

double ExecutionCosts::slippage(double volatility) const noexcept {
  return slippage_model == SlippageModel::linear ? slippage_bps : slippage_bps * std::sqrt(volatility);
}

std::string ExecutionCosts::commission_text() const { return number_text(commission_rate) + " of notional per fill"; }

std::string ExecutionCosts::slippage_text() const { return std::string(enum_name(slippage_model)) + " " + number_text(slippage_bps); }

double ExecutionCosts::calculate_cost(double trade_value, double volatility) const noexcept {
  return trade_value * (commission_rate + slippage(volatility));
}

}  // namespace tradewind::metrics
