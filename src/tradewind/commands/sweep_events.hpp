// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/notifications/analytics_events.hpp"
#include "tradewind/sweep/run_sweep.hpp"

namespace tradewind::commands {

/// What the bus is told when a sweep ends.
inline notifications::SweepCompleted sweep_completed(const sweep::SweepSummary& summary) {
  notifications::SweepCompleted completed;
  completed.run_id = summary.run_id;
  completed.status = summary.interrupted ? "interrupted" : "complete";
  completed.strategies = summary.strategies;
  completed.classifiers = summary.classifiers;
  completed.bars = summary.bars;
  completed.seconds = summary.seconds.total;
  return completed;
}

}  // namespace tradewind::commands
