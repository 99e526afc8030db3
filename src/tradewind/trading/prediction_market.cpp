// SPDX-License-Identifier: Apache-2.0
#include "tradewind/trading/prediction_market.hpp"

namespace tradewind::trading {

std::optional<FeeSchedule> PredictionMarket::fees_at(UnixNanos time) const noexcept {
  if (!fee_changes.empty()) return fees_in_force(fee_changes, time);
  return fees_known ? std::optional(fees) : std::nullopt;
}

void PredictionMarket::apply_fees(UnixNanos time) noexcept {
  const auto now = fees_at(time);
  fees_known = now.has_value();
  fees = now.value_or(FeeSchedule{});
}

}  // namespace tradewind::trading
