// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "tradewind/metrics/trade_account.hpp"
#include "tradewind/strategies/strategy.hpp"

namespace tradewind::sweep {

/// One strategy of a block: a rule, or a strategy written bar by bar.
struct SweepCandidate {
  const strategies::StrategyType* type = nullptr;
  strategies::Direction direction = strategies::Direction::long_only;
  ParameterValues parameters;
};

/// What a candidate did.
struct SweepOutcome {
  metrics::PerformanceMetrics performance;
  std::int64_t signal_changes = 0;
  std::int64_t rejected_orders = 0;
  std::vector<metrics::PositionChange> changes;  ///< empty unless kept
  std::vector<float> confidence;                 ///< beside changes; empty means 1 everywhere
};

/// Runs candidates over one price series together. Time is cut into tiles; in each tile every distinct indicator is computed once, the
/// rules compare rows 64 bars at a time, and only the changes of signal are looked at one by one: no bars × candidates matrix ever exists.
/// Memory: 4 KiB per distinct indicator plus about 300 bytes per candidate, plus the changes when `keep_changes`.
/// The outcome of a candidate does not depend on the others.
std::vector<SweepOutcome> run_candidates(const strategies::PriceHistory& history, const metrics::TradeTables& tables,
                                         std::span<const SweepCandidate> candidates, bool keep_changes);

}  // namespace tradewind::sweep
