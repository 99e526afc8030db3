// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/costs_config.hpp"

namespace tradewind::metrics {

ExecutionCosts read_costs(config::MapReader& section) {
  ExecutionCosts costs;
  costs.commission_rate = section.rate("commission", costs.commission_rate);
  if (const config::Value* slippage = section.value("slippage")) {
    config::MapReader model(*slippage, section.path_of("slippage"), section.complaints());
    costs.slippage_model = model.choice("model", costs.slippage_model);
    costs.slippage_bps = model.rate("rate", costs.slippage_bps);
    model.finish();
  }
  return costs;
}

}  // namespace tradewind::metrics
