// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/holding.hpp"

#include <algorithm>

#include "tradewind/metrics/trade_path.hpp"

namespace tradewind::analysis {

Result<std::vector<double>> holding_returns(RunInput& input, const std::string& symbol, std::span<const UnixNanos> timeline) {
  TRADEWIND_ASSIGN(const market::Bars* const bars, input.series(symbol));
  TRADEWIND_ASSIGN(const auto tables, metrics::TradeTables::make(bars->open, bars->close, input.execution_of(symbol)));
  const metrics::PositionChange bought{0, 1};
  const metrics::EquityPath path = metrics::equity_path(tables, std::span(&bought, 1));
  std::vector<double> placed(timeline.size(), 0.0);
  for (std::size_t i = 0; i < path.returns.size() && i < bars->timestamp.size(); ++i) {
    const auto at = std::lower_bound(timeline.begin(), timeline.end(), bars->timestamp[i]);
    if (at != timeline.end() && *at == bars->timestamp[i]) placed[static_cast<std::size_t>(at - timeline.begin())] = path.returns[i];
  }
  return placed;
}

}  // namespace tradewind::analysis
