// SPDX-License-Identifier: Apache-2.0
#include "tradewind/execution/state.hpp"

namespace tradewind::execution {

void StrategyLedger::contribute(Money given, UnixNanos time) {
  if (time > capital_since) capital_time += contributed.to_double() * (static_cast<double>(time) - static_cast<double>(capital_since));
  capital_since = std::max(capital_since, time);
  contributed += given;
}

std::optional<double> StrategyLedger::money_weighted(Money equity, UnixNanos started, UnixNanos now) const {
  if (now <= started) return std::nullopt;
  const double since = std::max(0.0, static_cast<double>(now) - static_cast<double>(capital_since));
  const double mean = (capital_time + contributed.to_double() * since) / (static_cast<double>(now) - static_cast<double>(started));
  return mean > 0 ? std::optional((equity - contributed).to_double() / mean) : std::nullopt;
}

}  // namespace tradewind::execution
